"""The order of operations and the guards."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import Guards, Limit
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Blocked, Operation, RowSet, Stage, Task
from sfdd_declare.model.plan import FieldCount, PeoplePlan
from sfdd_declare.people.question import Answer, BookCount, CampaignCount
from sfdd_declare.plan import guards
from sfdd_declare.plan.order import ordered
from tests.unit.plan.builders import a_book, a_link, desired


def an_operation(id: str, stage: Stage = Stage.SETUP, task: Task = Task.CAMPAIGN, **changes: object) -> Operation:
    address = Address.parse("campaign.x")
    values = {"id": OperationId(id), "address": address, "stage": stage, "action": Action.CREATE, "task": task}
    return Operation(**{**values, **changes})  # type: ignore[arg-type]


def test_stages_come_in_order_and_needs_before_what_needs_them() -> None:
    operations = [
        an_operation("remove", Stage.REMOVALS, Task.REMOVE_FROM_LIST),
        an_operation("row", needs=(OperationId("book"),), task=Task.REGISTRY_ROW),
        an_operation("book", task=Task.ADDRESS_BOOK),
        an_operation("suppress", Stage.CONSENT, Task.SUPPRESS),
        an_operation("delete", action=Action.DELETE),
    ]
    expected = ["suppress", "book", "row", "delete", "remove"]
    for seed in range(20):
        random.Random(seed).shuffle(operations)
        assert [op.id for op in ordered(operations)] == expected


def test_needs_of_operations_that_are_not_there_are_dropped() -> None:
    (op,) = ordered([an_operation("a", needs=(OperationId("gone"),))])
    assert op.needs == ()


def test_a_circle_of_needs_is_a_bug() -> None:
    circle = [an_operation("a", needs=(OperationId("b"),)), an_operation("b", needs=(OperationId("a"),))]
    with pytest.raises(BugError):
        ordered(circle)


REMOVE = an_operation("remove:main:spring", Stage.REMOVALS, Task.REMOVE_FROM_LIST, rows=RowSet(5, 5, ""))
IMPORT = an_operation("import:main", Stage.CONTACTS, Task.IMPORT_CONTACTS, rows=RowSet(5, 5, ""))


def an_answer(
    *, remove: int = 0, on_book: int = 100, wanted: int = 100, before: int = 100, overwrites: int = 0
) -> Answer:
    books = (BookCount("main", "spring", wanted, before, on_book, remove),)
    people = PeoplePlan(scope=(("main", 100),))
    return Answer(people, (), books, (("main", overwrites),), ())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (an_answer(remove=10), set()),
        (an_answer(remove=11), {"max_removals"}),
        (an_answer(remove=1, on_book=3), {"max_removals"}),
        (an_answer(remove=1, on_book=2), set()),
        (an_answer(remove=2, on_book=2), {"max_removals"}),
        (an_answer(remove=1, on_book=1), {"max_removals"}),
        (an_answer(overwrites=10), set()),
        (an_answer(overwrites=11), {"max_overwrites"}),
    ],
)
def test_a_guard_blocks_beyond_its_limit_and_whoever_takes_everybody_off(answer: Answer, expected: set[str]) -> None:
    blocked = guards.verdicts((REMOVE, IMPORT), answer, Guards(), ())
    assert {verdict.guard for verdict in blocked} == expected


def test_a_limit_of_nothing_holds_for_a_single_person() -> None:
    none = Guards(max_removals=Limit(percent=0.0), max_overwrites=Limit(percent=0.0))
    blocked = guards.verdicts((REMOVE, IMPORT), an_answer(remove=1, on_book=2, overwrites=1), none, ())
    assert {verdict.guard for verdict in blocked} == {"max_removals", "max_overwrites"}


def test_all_of_a_book_is_asked_about_whatever_the_limit() -> None:
    blocked = guards.verdicts((REMOVE,), an_answer(remove=9, on_book=9), Guards(max_removals=Limit(percent=100.0)), ())
    assert [verdict.guard for verdict in blocked] == ["max_removals"]


def a_field(**counts: int) -> FieldCount:
    given = {"to_dotdigital": 0, "to_salesforce": 0, "overwritten": 0, "blanked": 0, "blanks_kept": 0, **counts}
    return FieldCount("main", "contact", "Title", "JOB_TITLE", "two_way", **given)


BACK = an_operation("update_records:main", Stage.RECORDS, Task.UPDATE_RECORDS, rows=RowSet(5, 5, ""))


@pytest.mark.parametrize(
    ("field", "blocked"),
    [
        (a_field(replaced_there=2, filled_there=10), ["import:main"]),
        (a_field(replaced_there=1, filled_there=10), []),
        (a_field(replaced_there=9, filled_there=9), []),
        (a_field(replaced_here=2, filled_here=10, filled_there=1000), ["update_records:main"]),
    ],
    ids=["towards Dotdigital", "within the limit", "too few to count", "towards Salesforce"],
)
def test_overwrites_are_measured_against_the_filled_values_of_each_field(field: FieldCount, blocked: list[str]) -> None:
    answer = replace(an_answer(), people=PeoplePlan(scope=(("main", 1000),), fields=(field,)))
    found = guards.verdicts((IMPORT, BACK), answer, Guards(), ())
    assert [op for verdict in found for op in verdict.operations] == blocked
    assert {verdict.address for verdict in found} <= {"field_mapping.main.contacts.Title"}


@pytest.mark.parametrize(
    ("now", "before", "is_lost"),
    [(0, 2, True), (0, 1, False), (1, 2, False), (4, 9, False), (4, 10, True), (5, 10, False), (49, 100, True)],
)
def test_RUN_6_a_source_that_lost_its_people_blocks_removals_until_it_is_allowed(
    now: int, before: int, is_lost: bool
) -> None:
    members = an_operation("remove_members:x", Stage.REMOVALS, Task.REMOVE_MEMBERS, rows=RowSet(1, 1, ""))
    declared = desired(links=(a_link("x", "spring"),), address_books=(a_book("spring"),))
    for answer, marks in (
        (replace(an_answer(wanted=now, before=before)), {}),
        (replace(an_answer(), selected=(("x", now),)), {"selected:x": str(before)}),
    ):
        losses = guards.losses((REMOVE, members), answer, declared, marks)
        found = guards.verdicts((REMOVE, members), answer, Guards(), (), losses)
        expected = (["remove:main:spring"] if not marks else ["remove_members:x", "remove:main:spring"]) * is_lost
        assert sorted(op for verdict in found for op in verdict.operations) == sorted(expected)
        assert guards.verdicts((REMOVE, members), answer, Guards(), ("sudden_loss",), losses) == ()
        (said,) = guards.losses((), answer, declared, marks) or (None,)
        assert (said is not None and f"{now} people are left of {before}" in said.warning) == is_lost


def test_an_allowed_guard_blocks_nothing() -> None:
    assert guards.verdicts((REMOVE,), an_answer(remove=50), Guards(), ("max_removals",)) == ()


def test_an_absolute_limit_counts_people() -> None:
    few = Guards(max_removals=Limit(count=3))
    assert guards.verdicts((REMOVE,), an_answer(remove=3, on_book=4), few, ()) == ()
    assert [v.limit for v in guards.verdicts((REMOVE,), an_answer(remove=4, on_book=4), few, ())] == ["3"]


def test_a_guard_never_holds_back_consent() -> None:
    suppress = an_operation("suppress:main", Stage.CONSENT, Task.SUPPRESS, address=Address.parse("account.main"))
    verdict = Blocked("protect", "account.main", 1, "0", 1, (suppress.id, REMOVE.id))
    marked = guards.with_verdicts((suppress, REMOVE), (verdict,))
    assert [op.blocked_by for op in marked] == [None, "protect"]


def test_protect_blocks_removals_from_the_book() -> None:
    book = an_operation(
        "remove:main:spring",
        Stage.REMOVALS,
        Task.REMOVE_FROM_LIST,
        address=Address.parse("address_book.spring"),
        rows=RowSet(2, 2, ""),
    )
    protect = Guards(protect=(Address.parse("address_book.spring"),))
    (verdict,) = guards.verdicts((book,), an_answer(remove=2), protect, ())
    assert (verdict.guard, verdict.count) == ("protect", 2)
    (marked,) = guards.with_verdicts((book,), (verdict,))
    assert marked.blocked_by == "protect"


def blocked_by(guard: str, found: tuple[Blocked, ...]) -> list[tuple[OperationId, ...]]:
    return [verdict.operations for verdict in found if verdict.guard == guard]


@pytest.mark.parametrize(("action", "blocks"), [(Action.DELETE, True), (Action.REPLACE, True), (Action.UPDATE, False)])
def test_protect_blocks_whatever_takes_the_thing_away(action: Action, *, blocks: bool) -> None:
    op, other = an_operation("it", action=action), an_operation("y", address=Address.parse("campaign.y"), action=action)
    found = guards.verdicts((op, other), an_answer(), Guards(protect=(op.address,)), ())
    assert blocked_by("protect", found) == [("it",)] * blocks


def test_RUN_6_only_removals_that_follow_from_the_loss_are_blocked_and_without_any_it_is_only_said() -> None:
    declared = desired(
        links=(a_link("x", "spring"), a_link("y", "other")), address_books=(a_book("spring"), a_book("other"))
    )
    elsewhere = replace(REMOVE, id=OperationId("remove:main:other"))
    answer = replace(an_answer(), selected=(("x", 0),))
    for operations, expected in (((REMOVE, elsewhere), [(REMOVE.id,)]), ((), [])):
        losses = guards.losses(operations, answer, declared, {"selected:x": "50"})
        assert len(losses) == 1
        assert blocked_by("sudden_loss", guards.verdicts(operations, answer, Guards(), (), losses)) == expected


def test_each_replacement_is_asked_about() -> None:
    operations = (an_operation("a", action=Action.REPLACE), an_operation("b", action=Action.DELETE))
    assert blocked_by("replace", guards.verdicts(operations, an_answer(), Guards(), ())) == [("a",)]


def test_CON_15_held_creations_are_blocked_where_there_are_any() -> None:
    create = an_operation("create:main", Stage.CONTACTS, Task.IMPORT_CONTACTS, rows=RowSet(5, 5, ""))
    answer = replace(an_answer(), creations=(("main", 5), ("other", 2)))
    (verdict,) = guards.verdicts((create, IMPORT), answer, Guards(), ())
    assert (verdict.guard, verdict.address, verdict.count, verdict.operations) == (
        "double_opt_in",
        "account.main",
        5,
        ("create:main",),
    )


@pytest.mark.parametrize(("limit", "blocks"), [(5, False), (4, True)])
def test_new_leads_and_adopted_members_are_counted_together(limit: int, *, blocks: bool) -> None:
    rows = (("create_leads:main", RowSet(3, 9, "")), ("adopt:x", RowSet(2, 2, "")), ("import:main", RowSet(9, 9, "")))
    answer = replace(an_answer(), operations=rows)
    operations = (
        an_operation("create_leads:main", Stage.NEWCOMERS, Task.CREATE_LEADS),
        an_operation("adopt:x", Stage.NEWCOMERS, Task.ADOPT),
        IMPORT,
    )
    found = guards.verdicts(operations, answer, Guards(max_new_records=limit), ())
    assert blocked_by("max_new_records", found) == [("create_leads:main", "adopt:x")] * blocks


def test_too_many_overwrites_block_both_directions() -> None:
    found = guards.verdicts((REMOVE, IMPORT, BACK), an_answer(overwrites=11), Guards(), ())
    assert blocked_by("max_overwrites", found) == [("import:main", "update_records:main")]


def test_where_nothing_is_removed_or_written_nothing_is_blocked() -> None:
    field = a_field(replaced_there=9, filled_there=10)
    answer = replace(an_answer(remove=0, on_book=0), people=PeoplePlan(scope=(("main", 100),), fields=(field,)))
    assert guards.verdicts((REMOVE, BACK), answer, Guards(), ()) == ()


def test_members_are_removed_from_their_campaign_before_books_lose_people() -> None:
    operations = [
        an_operation("remove:main:x", Stage.REMOVALS, Task.REMOVE_FROM_LIST),
        an_operation("remove_members:x", Stage.REMOVALS, Task.REMOVE_MEMBERS),
    ]
    assert [op.id for op in ordered(operations)] == ["remove_members:x", "remove:main:x"]


@pytest.mark.parametrize(("remove", "blocks"), [(3, False), (4, True)])
def test_removals_are_counted_against_the_members_of_the_campaign(remove: int, blocks: bool) -> None:
    rows = RowSet(people=remove, rows=remove, digest="")
    op = an_operation("remove_members:x", Stage.REMOVALS, Task.REMOVE_MEMBERS, action=Action.PEOPLE, rows=rows)
    answer = Answer(PeoplePlan(), (), (), (), (), campaigns=(CampaignCount("x", 30, remove),))
    found = guards.verdicts((op,), answer, Guards(), ())
    assert [(v.guard, v.address, v.count, v.of) for v in found] == [("max_removals", "campaign.x", 4, 30)] * blocks
    protected = guards.verdicts((op,), answer, Guards(protect=(Address.parse("campaign.x"),)), ("max_removals",))
    assert [(v.guard, v.operations) for v in protected] == [("protect", ("remove_members:x",))]
