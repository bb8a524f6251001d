"""What an apply works with, what it has learnt so far, and the one place where a batch is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr

from sfdd_declare.model.errors import DeclareError, Interrupted, Transient
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.outcome import OperationResult, Problem, Status
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.ports import Batch, Event, ItemResult, Journal, Results, Settlement, Spool, Watch, Writer
from sfdd_declare.model.state import JournalEntry, Resource
from sfdd_declare.run.batches import PeopleBatch
from sfdd_declare.run.counted import Counted


class Stop(Protocol):
    """Answers with the number of a signal that arrived, or 0; inside `owing` with 0 (CON-3)."""

    def __call__(self) -> int: ...
    def owing(self) -> AbstractContextManager[None]: ...


class Recheck(Protocol):
    """Looks once more just before a batch is sent: which of its persons must not go out as the plan has them.

    `what` became of them since the plan was read, for the reader of the outcome.
    """

    @property
    def what(self) -> str: ...
    def __call__(self, operation: Operation, batch: PeopleBatch) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything an apply uses of the outside.

    `calls`: calls used so far by (Salesforce, Dotdigital); `call_mark`: how the state remembers the first of them.
    `rechecks` are asked in order before every batch of people; the last look is the freshest. `unfinished`: batches of
    earlier runs, already waited for.
    """

    writer: Callable[[Operation], Writer]
    journal: Journal
    spool: Spool
    resources: tuple[Resource, ...]
    unfinished: tuple[JournalEntry, ...]
    hash_key: SecretStr
    calls: Callable[[], tuple[int, int]]
    call_mark: Callable[[int], tuple[str, str]]
    stop: Stop
    watch: Watch
    rechecks: tuple[Recheck, ...]


@dataclass(slots=True)
class Run:
    """One apply under way: what became of each operation so far, and what was learnt on the way."""

    plan: Plan
    tools: Tools
    start: tuple[int, int]
    ids: dict[str, str]
    resources: dict[str, Resource]
    results: dict[OperationId, OperationResult] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unconfirmed: set[str] = field(default_factory=set)  # persons whose campaign membership was not made
    removed: set[str] = field(default_factory=set)  # campaign members that are gone
    unrenamed: set[str] = field(default_factory=set)  # persons whose contact still has its old address (ID-4)
    joined: Counter[str] = field(default_factory=Counter)  # people on address books by us, less those taken off
    counted: Counted = field(default_factory=Counted)
    has_sent: bool = False  # something to a vendor, which may have taken effect

    def used(self) -> tuple[int, int]:
        """Calls since this apply began."""
        now = self.tools.calls()
        return now[0] - self.start[0], now[1] - self.start[1]

    def remember_calls(self) -> None:
        """Calls are remembered as they are made: an apply that is killed has made them too."""
        made, _ = self.tools.calls()
        self.tools.journal.record(Settlement(marks=(self.tools.call_mark(made),)))

    def report(self, phase: str, name: str, done: int = 0, total: int | None = None) -> None:
        self.tools.watch(Event(phase, name, done, total, *self.used()))

    def went_through(self, needed: OperationId) -> bool:
        result = self.results.get(needed)
        return result is not None and result.status in (Status.DONE, Status.PARTIAL)


def send(batch: Batch, run: Run, report: Callable[[int], None]) -> Results:
    """Send one batch. A definite refusal closes its journal entry; a lost answer leaves it open for the next run."""
    first = batch.operations[0]
    if first.task is Task.STATE_ONLY:
        return Results(items=tuple(ItemResult(op.id, ok=True, live_id=op.prior_id) for op in batch.operations))
    run.has_sent = True
    try:
        return run.tools.writer(first).send(
            batch, lambda job: run.tools.journal.sent(first.id, batch.number, job), report
        )
    except (Interrupted, Transient):
        raise
    except DeclareError:
        run.tools.journal.settle(first.id, batch.number, Settlement())
        raise


def result_of(
    op: Operation, status: Status, *, message: str = "", hint: str = "", done: int = 0, failed: int = 0
) -> OperationResult:
    """The result of one operation; whoever is neither done nor failed was skipped."""
    total = op.rows.people if op.rows else 1
    return OperationResult(
        op.id,
        str(op.address),
        status,
        done=done,
        failed=failed,
        skipped=max(total - done - failed, 0) if status is not Status.FAILED or op.rows else 0,
        message=message,
        hint=hint,
    )
