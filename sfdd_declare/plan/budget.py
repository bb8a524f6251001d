"""The ceiling of this tool's own Salesforce calls: counted by UTC day in a mark of the state, held as a guard.

What would go over it is blocked before anything is written, consent excepted. Reads are never refused: without them
nobody would know who has opted out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sfdd_declare.model.operation import Blocked, Operation, Stage
from sfdd_declare.model.plan import CallBudget
from sfdd_declare.plan import cost

GUARD = "daily_call_budget"
MARK = "salesforce_calls"


def used_today(marks: Mapping[str, str], now: datetime) -> int:
    """Calls that earlier applies of the same UTC day have made."""
    day, _, calls = marks.get(MARK, "").partition(" ")
    return int(calls) if day == _day(now) and calls.isdecimal() else 0


def mark(marks: Mapping[str, str], now: datetime, calls: int) -> tuple[str, str]:
    """The mark to store once this run has made so many calls; `marks` are those from before it."""
    return MARK, f"{_day(now)} {used_today(marks, now) + calls}"


def today(ceiling: int | None, marks: Mapping[str, str], now: datetime, calls: int) -> CallBudget | None:
    """The budget once this run has made so many calls; None when none is declared."""
    return None if ceiling is None else CallBudget(ceiling, used_today(marks, now) + calls)


def verdict(
    operations: tuple[Operation, ...], budget: CallBudget | None, allow: Collection[str]
) -> tuple[Blocked, ...]:
    """Whether what is left of the budget is enough, with both numbers; `allow` may lift it."""
    if budget is None or GUARD in allow:
        return ()
    needed = cost.total(operations, salesforce_left=None, dotdigital_left=None).salesforce
    costly = tuple(
        op.id for op in operations if op.cost.salesforce and op.stage is not Stage.CONSENT and not op.blocked_by
    )
    if needed <= budget.left or not costly:
        return ()
    limit = f"{budget.left:,} ({budget.ceiling:,} a day, {budget.used:,} used)"
    return (Blocked(GUARD, "salesforce", needed, limit, 0, costly),)


def _day(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%d}"
