"""A plan taken apart: what undoes somebody's hand, and what is merged but not applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sfdd_declare.model.drift import Drift, PeopleDrifts, System
from sfdd_declare.model.operation import Action, Cause, FieldChange, Operation, Task
from sfdd_declare.model.plan import After, FieldCount, PeoplePlan
from sfdd_declare.plan.drift import drift_of
from tests.golden import builders

TITLE = "field_mapping.main.contacts.Title"
MINE, THEIRS, OURS = (FieldChange(name, "a", "b", cause=cause) for name, cause in zip("abc", Cause, strict=True))


def thing(address: str = "campaign.spring", **rest: Any) -> Operation:
    operation: Operation = builders.a_thing(address, **rest)
    return operation


def taken_apart(
    *operations: Operation, drifts: PeopleDrifts | None = None, fields: tuple[FieldCount, ...] = ()
) -> Drift:
    plan = builders.a_plan(*operations, people_plan=PeoplePlan(fields=fields))
    plan = replace(plan, after=After(looked_at=("main",)))
    return drift_of(plan, drifts or PeopleDrifts(), ("main", "events"))


def test_an_operation_that_undoes_a_hand_edit_is_drift_and_not_pending() -> None:
    edited = thing(fields=(THEIRS,), drift=True, drift_by="005x at 2026-03-02T09:58:00Z")
    drift = taken_apart(edited)
    (found,) = drift.things
    assert (found.fields, found.by, found.at, found.system) == (
        (THEIRS,), "005x", "2026-03-02T09:58:00Z", System.SALESFORCE,
    )  # fmt: skip
    assert drift.pending == ()


def test_a_change_of_the_configuration_is_pending_and_no_drift() -> None:
    drift = taken_apart(thing(fields=(MINE,)), thing("campaign.new", action=Action.CREATE), thing(action=Action.MOVE))
    assert drift.things == ()
    assert [operation.action for operation in drift.pending] == [Action.UPDATE, Action.CREATE, Action.MOVE]


def test_where_both_changed_each_field_stands_where_it_belongs() -> None:
    drift = taken_apart(thing(fields=(MINE, THEIRS, OURS)))
    assert drift.things[0].fields == (THEIRS, OURS)
    assert drift.things[0].by == ""
    assert drift.pending[0].fields == (MINE, OURS)


def test_what_was_deleted_by_hand_is_drift_in_the_system_where_it_was() -> None:
    made = FieldChange("name", None, "News")
    gone = thing("address_book.news", action=Action.CREATE, fields=(made,), task=Task.ADDRESS_BOOK, drift=True)
    (found,) = taken_apart(gone).things
    assert (found.action, found.system, found.fields) == (Action.CREATE, System.DOTDIGITAL, ())


def test_people_of_an_operation_are_those_whom_it_does_more_to_than_undo() -> None:
    one, other = (
        builders.a_people_operation(people=9, id=id, counts=(("A:fill", 9),)) for id in ("import:a", "import:b")
    )
    drift = taken_apart(one, other, drifts=PeopleDrifts(others=(("import:b", 2, 3),)))
    (pending,) = drift.pending
    assert pending.rows is not None
    assert (pending.id, pending.rows.people, pending.rows.rows, pending.rows.counts) == ("import:b", 2, 3, ())


def test_a_turned_direction_says_whom_it_concerns() -> None:
    count: FieldCount = builders.a_field("Title", "JOB_TITLE", carriers=7)
    other: FieldCount = builders.a_field("Phone", "PHONE", carriers=5)
    turned = FieldChange("Direction__c", "two_way", "salesforce_to_dotdigital", cause=Cause.DRIFT)
    operations = (thing(TITLE, fields=(turned,), drift=True), thing(TITLE, fields=(THEIRS,), drift=True))
    assert [found.people for found in taken_apart(*operations, fields=(count, other)).things] == [7, 0]


def test_accounts_of_which_not_everybody_was_looked_at_are_named() -> None:
    drift = taken_apart()
    assert (drift.unread, drift.is_complete) == (("events",), False)
