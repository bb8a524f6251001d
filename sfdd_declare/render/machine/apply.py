"""The end of an apply as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.outcome import OperationResult, Outcome, Status, exit_code
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled
from sfdd_declare.render.machine.plan import calls, most, plan_document, things
from sfdd_declare.render.machine.plan_shapes import Calls, Most, PlanDocument, Things


@dataclass(frozen=True, slots=True)
class Result(Shape):
    """What became of one operation. Of one without rows, the thing itself is counted."""

    operation: str
    """Id of an operation of the plan."""
    address: str
    status: Status
    done: int
    failed: int
    skipped: int
    """Done, failed and skipped are together all that was planned."""
    unknown: int
    """Skipped: sent, and the answer was lost."""
    left_out: dict[str, int]
    """Skipped on purpose, by the reason."""
    refused: bool
    """As a whole; sending it again would not help."""
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ProblemPart(Shape):
    """One row that did not go through. Values are never shown."""

    operation: str
    account: str
    record: str
    """An id, never an address."""
    field: str
    code: str
    """The vendor's."""
    message: str
    """The vendor's."""
    permanent: bool
    """Not tried again until something changes."""


@dataclass(frozen=True, slots=True)
class OutcomePart(Shape):
    """What was carried out."""

    exit_code: int
    """0 done, 1 failed, 5 done but for what a guard blocks, 6 in part, 130 or 143 interrupted."""
    things: Things
    """Those that were done."""
    people: Most
    """Whom the vendors' answers confirmed, each once per number."""
    results: tuple[Result, ...]
    problems: tuple[ProblemPart, ...]
    used: Calls
    interrupted: int
    """Number of the signal, or 0."""


@dataclass(frozen=True, slots=True)
class ApplyDocument(Shape):
    """What an apply planned and did: `sfdd apply --json` and `sfdd sync --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["apply"]
    plan: PlanDocument
    """As `sfdd plan --json` prints it."""
    outcome: OutcomePart


def apply_document(outcome: Outcome) -> ApplyDocument:
    """Raises BugError for a plan with people in clear."""
    done = {result.operation for result in outcome.results if result.status is Status.DONE}
    return ApplyDocument(
        format_version=FORMAT_VERSION,
        kind="apply",
        plan=plan_document(outcome.plan),
        outcome=OutcomePart(
            exit_code=int(exit_code(outcome)),
            things=things(tuple(op for op in outcome.plan.operations if op.id in done)),
            people=most(outcome.people),
            results=tuple(_result(result) for result in outcome.results),
            problems=tuple(filled(ProblemPart, problem) for problem in outcome.problems),
            used=calls(outcome.used),
            interrupted=outcome.interrupted,
        ),
    )


def _result(result: OperationResult) -> Result:
    return filled(Result, result, left_out=dict(result.left_out))
