"""What an apply is estimated to cost, and what the call budget makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sfdd_declare.model.address import account, campaign
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Cost, Operation, RowSet, Stage, Task
from sfdd_declare.model.plan import CallBudget
from sfdd_declare.plan import budget
from sfdd_declare.plan.cost import people_cost, write_calls

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC)


def an_operation(name: str, calls: int, stage: Stage = Stage.MEMBERS) -> Operation:
    return Operation(
        OperationId(name), campaign("a"), stage, Action.PEOPLE, Task.ADD_MEMBERS, cost=Cost(salesforce=calls)
    )


@pytest.mark.parametrize(
    ("rows", "calls"),
    [(1, 1), (200, 1), (201, 2), (2_000, 10), (2_001, 7), (10_000, 7), (10_200, 8), (13_000, 14), (100_000, 70)],
)
def test_writes_are_estimated_by_the_way_they_take(rows: int, calls: int) -> None:
    assert write_calls(rows) == calls
    for task in (Task.ADD_MEMBERS, Task.UPDATE_RECORDS, Task.OPT_OUT_RECORDS):
        assert people_cost(task, RowSet(rows, rows, "")) == Cost(salesforce=calls)


def test_records_whose_filled_values_are_replaced_are_read_again_on_both_sides() -> None:
    rows = RowSet(1_500, 3_000, "", (("Title:overwrite", 1_200), ("Title:fill", 300)))
    assert people_cost(Task.UPDATE_RECORDS, rows) == Cost(salesforce=2 + 8, dotdigital=2)


def test_calls_of_a_day_add_up_and_the_next_day_begins_at_none() -> None:
    marks = dict([budget.mark({}, NOON, 30)])
    assert budget.used_today(marks, NOON) == 30
    marks = dict([budget.mark(marks, NOON, 12)])
    assert budget.used_today(marks, NOON) == 42
    assert budget.used_today(marks, MIDNIGHT) == 0
    assert dict([budget.mark(marks, MIDNIGHT, 5)]) == {budget.MARK: "2026-11-24 5"}


@pytest.mark.parametrize("text", ["", "2026-11-23", "2026-11-23 many", "nonsense"])
def test_a_mark_that_cannot_be_read_counts_as_none(text: str) -> None:
    assert budget.used_today({budget.MARK: text}, NOON) == 0


def test_what_fits_the_budget_is_not_blocked() -> None:
    operations = (an_operation("a", 30), an_operation("b", 20))
    assert budget.verdict(operations, CallBudget(100, 50), ()) == ()
    assert budget.verdict(operations, None, ()) == ()


def test_what_does_not_fit_is_blocked_with_both_numbers_and_consent_is_not() -> None:
    ticks = replace(an_operation("ticks", 40, Stage.CONSENT), address=account("main"))
    operations = (ticks, an_operation("a", 30), an_operation("free", 0))
    (blocked,) = budget.verdict(operations, CallBudget(100, 50), ())
    assert (blocked.guard, blocked.count, blocked.operations) == ("daily_call_budget", 70, ("a",))
    assert blocked.limit == "50 (100 a day, 50 used)"
    assert budget.verdict(operations, CallBudget(100, 50), ("daily_call_budget",)) == ()


def test_consent_alone_is_never_blocked_however_little_is_left() -> None:
    assert budget.verdict((an_operation("ticks", 40, Stage.CONSENT),), CallBudget(10, 99), ()) == ()


def test_what_another_guard_blocks_already_costs_nothing() -> None:
    held = replace(an_operation("a", 500), blocked_by="max_removals")
    assert budget.verdict((held, an_operation("b", 1)), CallBudget(100, 50), ()) == ()
