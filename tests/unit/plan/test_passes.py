"""Full pass or delta (RUN-3): each reason for a full pass alone, and what a delta says about everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sfdd_declare.model import address
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.ids import ListId, SalesforceId
from sfdd_declare.model.live import FieldInfo, ObjectInfo
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.operation import Action, Task
from sfdd_declare.model.plan import FieldCount, Held, PeoplePlan
from sfdd_declare.model.state import BookState
from sfdd_declare.people.question import Answer, BookCount
from sfdd_declare.plan import passes
from sfdd_declare.plan.identify import Identities, Identity
from sfdd_declare.plan.passes import OF_A_PASS, Counted, Pass
from sfdd_declare.plan.scope import Reading
from tests.unit.plan.builders import a_live_campaign, desired, world
from tests.unit.run.builders import thing
from tests.unit.store.builders import a_book, a_field, a_mapping

FULL_AT, NOW = "2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z"
MAPPING = a_mapping("Title>JOB")
READING = Reading(
    campaigns=(("spring", SalesforceId("701")), ("autumn", SalesforceId("702"))),
    selections=(),
    lists={"main": (("news", ListId(7), 10),)},
    sets=(MAPPING,),
    record_types=(RecordType.CONTACT,),
)
TITLE = FieldInfo("Title", "string")


@dataclass
class Life:
    """A state of the world in which a delta is enough; each test changes one thing about it."""

    desired: Desired = field(default_factory=desired)
    reading: Reading = READING
    fields: dict[str, FieldInfo] = field(default_factory=lambda: {"Title": TITLE})
    books: dict[str, BookState] = field(default_factory=lambda: {"news": a_book("news", list_id=7)})
    operations: tuple[Any, ...] = ()
    unfinished: tuple[Any, ...] = ()
    asked: bool = True
    clock: str = NOW
    marks: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.marks = {
            "full_pass": FULL_AT,
            "people_since": NOW,
            "contacts_since:main": NOW,
            "counted:spring": f"{NOW}|3",
            "counted:autumn": f"{NOW}|3",
            "basis": passes.basis(self.desired, READING.sets),
        }

    def chosen(self) -> Pass:
        live = world()
        info = ObjectInfo("Contact", createable=True, updateable=True, deletable=False, fields=self.fields)
        return passes.choose(
            self.desired,
            replace(live, salesforce=replace(live.salesforce, describes={"Contact": info})),
            self.reading,
            self.reading,
            marks=self.marks,
            books=self.books,
            operations=self.operations,
            unfinished=self.unfinished,
            asked=self.asked,
            clock=self.clock,
        )


def is_full(life: Life, why: str) -> bool:
    return life.chosen() == Pass(is_delta=False, why=why, last_full=life.marks.get("full_pass", ""))


def test_where_nothing_speaks_against_it_a_delta_is_read() -> None:
    assert Life().chosen() == Pass(is_delta=True, last_full=FULL_AT)


def test_a_delta_has_to_be_asked_for() -> None:
    assert is_full(Life(asked=False), "not asked for")


@pytest.mark.parametrize("name", list(Life().marks))
def test_a_mark_that_is_missing_takes_a_full_pass(name: str) -> None:
    life = Life()
    del life.marks[name]
    assert is_full(life, "the configuration changed" if name == "basis" else "first run")


def test_an_interrupted_run_takes_a_full_pass() -> None:
    assert is_full(Life(unfinished=("entry",)), "the last run was interrupted")


def test_another_configuration_takes_a_full_pass() -> None:
    life = Life()
    life.desired = desired(digest="e" * 64)
    assert is_full(life, "the configuration changed")


def test_another_mapping_takes_a_full_pass_although_the_files_are_the_same() -> None:
    life = Life()
    other = replace(MAPPING, fields=(replace(MAPPING.fields[0], salesforce_length=40),))
    life.reading = replace(READING, sets=(other,))
    assert is_full(life, "the configuration changed")


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Action.CREATE, "the set-up changes"),
        (Action.REPLACE, "the set-up changes"),
        (Action.DELETE, "the set-up changes"),
        (Action.FORGET, "the set-up changes"),
        (Action.MOVE, "the set-up changes"),
        (Action.IMPORT, "the set-up changes"),
        (Action.UPDATE, ""),
        (Action.ADOPT, ""),
    ],
)
def test_set_up_that_moves_people_takes_a_full_pass(action: Action, why: str) -> None:
    quiet, op = thing("campaign.quiet", action=Action.UPDATE), thing("campaign.a", Task.CAMPAIGN, action)
    assert Life(operations=(quiet, op)).chosen().why == why


HIDDEN = "a mapped field changes without a stamp"


def with_field(name: str) -> Reading:
    mapping = MappingSet("main", RecordType.CONTACT, (a_field(0, "Title", "JOB"), a_field(1, name, "OTHER")))
    return replace(READING, sets=(mapping,))


@pytest.mark.parametrize(
    ("name", "fields", "why"),
    [
        ("Tier__c", {"Tier__c": TITLE}, ""),
        ("Tier__c", {"Tier__c": FieldInfo("Tier__c", "string", calculated=True)}, HIDDEN),
        ("Tier__c", {}, HIDDEN),
        ("Account.Name", {"Account.Name": TITLE}, HIDDEN),
    ],
    ids=["a field", "a formula", "not described", "a path"],
)
def test_a_source_that_changes_without_a_stamp_takes_a_full_pass(
    name: str, fields: dict[str, FieldInfo], why: str
) -> None:
    life = Life(reading=with_field(name), fields={"Title": TITLE, **fields})
    life.marks["basis"] = passes.basis(life.desired, life.reading.sets)
    assert life.chosen().why == why


def test_person_accounts_take_a_full_pass() -> None:
    person = a_mapping(record_type=RecordType.PERSON_ACCOUNT)
    life = Life(reading=replace(READING, sets=(MAPPING, person)))
    life.marks["basis"] = passes.basis(life.desired, life.reading.sets)
    assert is_full(life, HIDDEN)


@pytest.mark.parametrize(
    ("clock", "is_due"),
    [
        ("2026-03-01T23:59:59Z", False),
        ("2026-03-02T00:00:00Z", True),
        ("2026-03-02T00:59:59+01:00", False),
        ("2026-03-02T01:00:00+01:00", True),
        ("", True),
    ],
)
def test_a_full_pass_is_due_after_so_many_hours_by_the_clock_of_salesforce(clock: str, *, is_due: bool) -> None:
    life = Life(clock=clock)
    assert life.desired.full_every_hours == 24
    assert life.chosen().why == ("due" if is_due else "")
    hourly = Life(desired=replace(desired(), full_every_hours=1))
    assert hourly.chosen().why == "due"


LOST = "an address book has gained or lost people"


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"news": replace(a_book("news", list_id=7), baseline=False)},
        {"news": a_book("news", list_id=8)},
        {"news": replace(a_book("news", list_id=7), count_seen=11)},
        {"news": replace(a_book("news", list_id=7), count_seen=9)},
    ],
    ids=["not known", "without a baseline", "another list", "one lost", "one gained"],
)
def test_a_book_that_is_not_as_it_was_left_takes_a_full_pass(known: dict[str, BookState]) -> None:
    assert is_full(Life(books=known), LOST)


def test_the_second_book_is_looked_at_as_well() -> None:
    two = replace(READING, lists={"main": (("news", ListId(7), 10), ("offers", ListId(8), 3))})
    assert is_full(Life(reading=two), LOST)


def test_the_first_reason_is_the_one_that_is_told() -> None:
    life = Life(asked=False, unfinished=("entry",), books={})
    assert life.chosen().why == "not asked for"
    life.asked = True
    assert life.chosen().why == "the last run was interrupted"


# --- campaigns ----------------------------------------------------------------------------------------------------


def campaigns(**members: int | None) -> Identities:
    live = {key: None if n is None else a_live_campaign(members=n) for key, n in members.items()}
    return Identities({key: Identity(address.campaign(key), one) for key, one in live.items()}, {}, {}, ())


@pytest.mark.parametrize(
    ("autumn", "created", "is_lost"),
    [(3, 0, False), (5, 2, False), (2, 0, True), (4, 0, True), (4, 2, True), (None, 0, True)],
)
def test_a_campaign_whose_count_its_new_members_do_not_explain_has_lost_some(
    autumn: int | None, created: int, *, is_lost: bool
) -> None:
    found = campaigns(spring=3, autumn=autumn)
    assert passes.campaigns_lost_members(found, READING, Life().marks, {"autumn": created}) is is_lost


def test_counts_are_remembered_with_their_moment_and_read_back() -> None:
    marks = passes.counted(campaigns(spring=3, autumn=None), READING, NOW)
    assert marks == {"counted:spring": f"{NOW}|3"}
    assert Counted.parse(marks["counted:spring"]) == Counted(NOW, 3)


# --- what a delta says about everybody ----------------------------------------------------------------------------


def an_answer(*held: Held, scope: tuple[tuple[str, int], ...] = ()) -> Answer:
    people = PeoplePlan(held=held, scope=scope)
    return Answer(people, (), (BookCount("main", "news", 1, 1, 1, 1),), (), ())


WAITS = Held("values that differ", 4, "RUN-1", headline=True, detail="`--accept-first-sync`")
NOT_SAID = Held("people without an address", 2, "MEM-1")


def test_what_waited_at_the_last_full_pass_still_waits_in_a_delta() -> None:
    marks = {"held": passes.held_mark(an_answer(WAITS, NOT_SAID)), "people_since": NOW}
    found = Held("people on the other list", 1, "MEM-2")
    delta = passes.as_delta(an_answer(found), Pass(is_delta=True, last_full=FULL_AT), {}, marks)
    assert delta.people.held == (WAITS, found)
    assert (delta.people.since, delta.people.last_full, delta.books) == (NOW, FULL_AT, ())


def test_what_a_delta_found_anew_is_told_as_it_is_now() -> None:
    now = replace(WAITS, people=1)
    marks = {"held": passes.held_mark(an_answer(WAITS)), "people_since": NOW}
    delta = passes.as_delta(an_answer(now), Pass(is_delta=True), {}, marks)
    assert delta.people.held == (now,)


def test_shares_of_a_delta_are_of_everybody() -> None:
    answer = an_answer(scope=(("main", 3), ("other", 9), ("new", 2)))
    delta = passes.as_delta(answer, Pass(is_delta=True), {"main": 100, "other": 5}, {"people_since": NOW})
    assert delta.people.scope == (("main", 100), ("other", 9), ("new", 2))


def test_how_many_values_each_field_holds_is_remembered_by_account_and_side() -> None:
    counts = {"to_dotdigital": 0, "to_salesforce": 0, "overwritten": 0, "blanked": 0, "blanks_kept": 0}
    fields = (
        FieldCount("main", "contact", "Title", "Job", "two_way", **counts, filled_here=5, filled_there=4),
        FieldCount("main", "lead", "Title", "Job", "two_way", **counts, filled_here=3, filled_there=2),
        FieldCount("other", "contact", "Title", "Job", "two_way", **counts, filled_here=1, filled_there=0),
    )
    marks = passes.filled_marks(replace(an_answer(), people=PeoplePlan(fields=fields)))
    assert {name: json.loads(value) for name, value in marks.items()} == {
        "filled:main": {
            "contact Title>JOB s": 5,
            "contact Title>JOB d": 4,
            "lead Title>JOB s": 3,
            "lead Title>JOB d": 2,
        },
        "filled:other": {"contact Title>JOB s": 1, "contact Title>JOB d": 0},
    }


@pytest.mark.parametrize("name", [*Life().marks, "held", "filled:main", "selected:spring", "suppressed_since:main"])
def test_every_mark_a_delta_rests_on_is_one_of_a_pass(name: str) -> None:
    assert name.startswith(OF_A_PASS)
