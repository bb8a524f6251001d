"""What a plan file says besides the meanings of its rows: the plan as it was shown, and what it was asked with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfdd_declare.model.errors import BugError
from sfdd_declare.model.operation import Operation
from sfdd_declare.model.plan import After, Plan

#: A newer program may write more; it writes another number when older ones must not read it.
FORMAT = 1

LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that shaped a plan. An apply of its file is asked with the same, and with no others.

    `confirmed`: names that were typed for things that go.
    """

    env: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    accept_first_sync: bool = False
    adopt_lineage: str = ""
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanFile:
    """`plan.json` of a plan file. `rows`: changes of people that were approved, those of blocked operations not; `ids`:
    by `@kind.key`, of what existed.
    """

    format: int
    plan: Plan
    asked: Asked
    rows: int
    expires: datetime
    ids: tuple[tuple[str, str], ...] = ()


def plan_file(plan: Plan, asked: Asked) -> PlanFile:
    """The file of a plan: what is shown of it, without what only an apply needs. Raises BugError for one in clear."""
    if plan.people.revealed:
        raise BugError("SFDD-E9942", "A plan whose samples are in clear was to be written to a file.")
    shown = replace(plan, operations=tuple(map(_shown, plan.operations)), sets=(), after=After())
    return PlanFile(FORMAT, shown, asked, _rows(plan), plan.header.created + LIFETIME, plan.after.ids)


def _shown(operation: Operation) -> Operation:
    return replace(operation, payload=(), applied=(), precondition=None)


def _rows(plan: Plan) -> int:
    return sum(op.rows.rows for op in plan.operations if op.rows is not None and not op.blocked_by)
