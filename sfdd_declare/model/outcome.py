"""What an apply did, and the one function from an outcome to an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from sfdd_declare.model.errors import DeclareError, ErrorList, GuardError, Interrupted, Locked, Stale
from sfdd_declare.model.figures import NOBODY, Figures
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.plan import Plan, Usage


class Exit(IntEnum):
    """Exit codes (design 5)."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    NOT_APPLICABLE = 3
    LOCKED = 4
    BLOCKED = 5
    PARTIAL = 6


class Status(StrEnum):
    DONE = "done"
    PARTIAL = "partial"  # some rows failed
    FAILED = "failed"
    SKIPPED = "skipped"  # something it needs failed or is blocked
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that did not go through; goes to the ledger. `record` is an id, never an address; `message` is the
    vendor's, scrubbed.
    """

    operation: OperationId
    account: str
    record: str
    field: str
    code: str
    message: str
    refused: str = ""  # keyed hash of everything that was refused together (RUN-4)
    permanent: bool = False  # never tried again until something changes (WIRE-1)


@dataclass(frozen=True, slots=True)
class Findings:
    """Problems that planning found in one account, so that nothing was sent (VAL-23, WIRE-1).

    `is_whole`: everybody was looked at, so whoever is not named has none. `fresh`: (record, field) of rows that failed
    in this very run, of which planning could not know.
    """

    account: str
    operation: OperationId
    problems: tuple[Problem, ...]
    is_whole: bool
    fresh: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one operation: planned = done + failed + skipped.

    Of the skipped, `unknown` were sent and the answer was lost (WIRE-1), `left_out` were left alone on purpose, by what
    became of them; the rest was not reached.
    """

    operation: OperationId
    address: str
    status: Status
    done: int = 0
    failed: int = 0
    skipped: int = 0
    message: str = ""
    hint: str = ""
    unknown: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    refused: bool = False  # as a whole, for a reason that sending it once more does not remove

    @property
    def not_reached(self) -> int:
        return self.skipped - self.unknown - sum(count for _, count in self.left_out)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an apply."""

    plan: Plan
    results: tuple[OperationResult, ...]
    problems: tuple[Problem, ...]
    used: Usage
    interrupted: int = 0  # signal number
    people: Figures = NOBODY  # whom the answers confirmed, each once
    overtaken: bool = False  # somebody else has the state by now: what was left was not tried


def exit_code(outcome: Outcome) -> int:
    """5 wins over 6, unless the state was lost on the way; a signal wins over both."""
    if outcome.interrupted:
        return 128 + outcome.interrupted
    states = {result.status for result in outcome.results}
    if outcome.overtaken:
        return Exit.PARTIAL
    if Status.BLOCKED in states:
        return Exit.BLOCKED
    if states & {Status.FAILED, Status.PARTIAL, Status.SKIPPED}:
        return Exit.PARTIAL if states & {Status.DONE, Status.PARTIAL} else Exit.ERROR
    return Exit.OK


def exit_code_of_error(error: DeclareError) -> int:
    """The exit code of a command that ended in an error."""
    if isinstance(error, ErrorList):
        return exit_code_of_error(error.errors[0])
    if isinstance(error, Stale):
        return Exit.NOT_APPLICABLE
    if isinstance(error, Locked):
        return Exit.LOCKED
    if isinstance(error, GuardError):
        return Exit.BLOCKED
    if isinstance(error, Interrupted):
        return 128 + error.signal
    return Exit.ERROR
