"""What `drift.sql` takes for changed by hand, what it does not, and how it is counted and masked."""

from __future__ import annotations

from typing import Any

import pytest

from sfdd_declare.model.drift import DriftKind, PeopleDrift, PeopleDrifts, System
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, Flow, MappedField, OnBlank
from sfdd_declare.people.parked import refused_hash
from sfdd_declare.people.question import CampaignRules, LinkRules
from tests.unit.people.worlds import KEY, World, a_field, a_world, decided

Values = tuple[str | None, ...]

BACK, BOTH = Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY
FIELDS = (
    a_field(0, "TITLE"),
    a_field(1, "STAGE", choices=("Hot", "Cold")),
    a_field(2, "VIP", kind=DataFieldType.BOOLEAN),
    a_field(3, "SIZE", kind=DataFieldType.NUMERIC),
    a_field(4, "BACK", direction=BACK),
    a_field(5, "BOTH", direction=BOTH),
)
KNOWN: Values = ("Boss", "Hot", "true", "1", "back", "both")
TITLE = "field_mapping.main.contacts.Title"


def drifting(*fields: MappedField) -> World:
    world = a_world(*(fields or FIELDS), leads=False)
    world.asks_drift = True
    return world


def person(
    world: World, number: int, *, here: Values = KNOWN, there: Values = KNOWN, base: Values = KNOWN, **record: Any
) -> None:
    """Somebody in step but for what is said."""
    sf_id, email = f"003{number}", f"p{number}@x.com"
    world.record(sf_id, email, *here, **record)
    world.member(sf_id)
    world.contact(number, email, *there, books=("news",))
    world.pair(sf_id, number, email, *base)
    world.membership(number)


def edited(index: int, value: str | None) -> Values:
    return (*KNOWN[:index], value, *KNOWN[index + 1 :])


def found(world: World) -> PeopleDrifts:
    drift = decided(world).answer.drift
    assert drift is not None
    return drift


def groups(world: World) -> list[tuple[DriftKind, str, str, str | None, int]]:
    return [(g.kind, g.address, g.field, g.value, g.people) for g in found(world).groups]


def test_an_unchanged_world_has_none_and_nobody_asks_unless_drift_is_wanted() -> None:
    world = drifting()
    person(world, 1)
    assert found(world) == PeopleDrifts()
    world.asks_drift = False
    assert decided(world).answer.drift is None


def test_the_same_edit_of_several_people_is_one_group_and_another_value_is_another() -> None:
    world = drifting()
    for number in (1, 2, 3):
        person(world, number, there=edited(0, "Director"))
    person(world, 4, there=edited(0, "Doctor"))
    person(world, 5, there=edited(0, None))
    assert found(world).groups == (
        PeopleDrift(DriftKind.VALUE, TITLE, System.DOTDIGITAL, 3, "TITLE", "D•••"),
        PeopleDrift(DriftKind.VALUE, TITLE, System.DOTDIGITAL, 1, "TITLE", None),
        PeopleDrift(DriftKind.VALUE, TITLE, System.DOTDIGITAL, 1, "TITLE", "D•••"),
    )
    assert found(world).others == ()


def test_values_are_masked_by_the_class_of_their_field() -> None:
    world = drifting()
    person(world, 1, there=("Boss", "Cold", "false", "7", "back", "both"))
    assert {field: value for _, _, field, value, _ in groups(world)} == {"STAGE": "Cold", "VIP": "false", "SIZE": "•••"}


def test_an_edit_in_salesforce_of_what_dotdigital_rules_says_who_and_when() -> None:
    world = drifting()
    person(world, 1, here=edited(4, "mine"), modified=1_700_000_000, modified_by="005-eve")
    person(world, 2, here=edited(4, "mine"), modified=1_600_000_000, modified_by="005-eve")
    person(world, 3, here=edited(4, "yours"), modified_by="005-eve")
    person(world, 4, here=edited(4, "yours"), modified_by="005-bob")
    mine, yours = found(world).groups
    assert (mine.system, mine.field, mine.people) == (System.SALESFORCE, "Back", 2)
    assert (mine.by, mine.at) == ("005-eve", "2023-11-14T22:13:20Z")
    assert (yours.by, yours.people) == ("", 2)


@pytest.mark.parametrize(
    ("here", "there", "base"),
    [
        (edited(0, "Chief"), KNOWN, KNOWN),  # the source moved
        (edited(0, "Chief"), edited(0, "Director"), KNOWN),  # both moved: a change of the source goes
        (KNOWN, edited(5, "other"), KNOWN),  # two_way has no side that is not a source
        (KNOWN, edited(4, "other"), KNOWN),  # it is the source
        (edited(0, None), edited(0, "Director"), edited(0, None)),  # a blank is not put back
        (KNOWN, edited(0, None), ()),  # seen for the first time
    ],
)
def test_what_a_source_says_is_no_drift(here: Values, there: Values, base: Values) -> None:
    world = drifting()
    person(world, 1, here=here, there=there, base=base)
    assert found(world).groups == ()


def test_what_an_old_direction_still_owes_is_no_drift() -> None:
    old = Flow(BACK, ConflictRule.SALESFORCE, OnBlank.PROPAGATE)
    world = drifting(a_field(0, "TITLE", before=old))
    person(world, 1, here=("a",), there=("b",), base=("a",))
    assert found(world).groups == ()


def test_who_is_edited_and_changes_otherwise_counts_on_both_sides() -> None:
    world = drifting()
    person(world, 1, here=edited(3, "2"), there=edited(0, "Director"))
    person(world, 2, there=edited(0, "Director"))
    drift = found(world)
    assert [group.people for group in drift.groups] == [2]
    assert drift.others == (("import:main", 1, 1),)


def gone(world: World, number: int, flags: str = "wanted,on") -> None:
    """Somebody wanted who is not on the book."""
    sf_id, email = f"003{number}", f"p{number}@x.com"
    world.record(sf_id, email, *KNOWN)
    world.member(sf_id)
    world.contact(number, email, *KNOWN)
    world.pair(sf_id, number, email, *KNOWN)
    world.membership(number, flags, member=f"00v-spring-{sf_id}")


@pytest.mark.parametrize("restore", [False, True])
def test_MEM_2_who_was_taken_off_a_book_is_told_until_an_apply_has_recorded_it(restore: bool) -> None:
    world = drifting()
    world.book(restore_left=restore)
    gone(world, 1)
    gone(world, 2)
    gone(world, 3, "wanted,left")
    drift = found(world)
    assert [(g.kind, g.address, g.system, g.people) for g in drift.groups] == [
        (DriftKind.LEFT, "address_book.news", System.DOTDIGITAL, 2)
    ]
    assert drift.others == ((("import:main", 1, 1),) if restore else ())


def test_an_unsubscribe_from_a_book_is_the_persons_own_and_no_drift() -> None:
    world = drifting()
    gone(world, 1)
    world.add("list_optouts.main", address_book="news", email_key="p1@x.com", contact_id=1, reason="unsubscribed")
    assert found(world).groups == ()


def test_CON_7_CON_9_who_was_let_in_again_by_hand() -> None:
    world = drifting()
    for number in (1, 2):
        world.record(f"003{number}", f"p{number}@x.com", *KNOWN, opted_out=number == 1)
        world.member(f"003{number}")
        channel = "subscribed" if number == 1 else "unsubscribed"
        world.contact(number, f"p{number}@x.com", *KNOWN, channel=channel)
        world.pair(f"003{number}", number, f"p{number}@x.com", *KNOWN, out_s=True, out_d=True)
    world.add("opted_out", record_type="contact", sf_id="0031", email_key="p1@x.com")
    drift = found(world)
    assert [(g.kind, g.address, g.system, g.people) for g in drift.groups] == [
        (DriftKind.RESUBSCRIBED, "account.main", System.DOTDIGITAL, 1),
        (DriftKind.RECONSENTED, "account.main", System.SALESFORCE, 1),
    ]
    assert drift.others == ()


def exact() -> World:
    world = drifting()
    world.campaigns[0] = CampaignRules("spring", exists=True, default_status="Sent", exact=True, selects=True)
    return world


def test_MEM_13_members_that_somebody_added_and_took_off() -> None:
    world = exact()
    for number in (1, 2, 3):
        person(world, number)
        world.selected(f"003{number}")
    world.rows["members"] = [row for row in world.rows["members"] if row["sf_id"] != "0031"]  # taken off
    world.record("003-new", "new@x.com", *KNOWN)  # added, and unknown to the last apply
    world.member("003-new")
    world.record("003-none", None, *KNOWN)  # nobody could tell of them
    world.member("003-none")
    person(world, 4)  # was wanted: the selection lost them
    world.record("003-fresh", "fresh@x.com", *KNOWN)  # selected for the first time
    world.selected("003-fresh")
    drift = found(world)
    assert {(g.kind, g.address, g.people) for g in drift.groups} == {
        (DriftKind.MEMBER_ADDED, "campaign.spring", 1),
        (DriftKind.MEMBER_REMOVED, "campaign.spring", 1),
    }
    others = {operation: people for operation, people, _ in drift.others}
    assert (others["remove_members:spring"], others["members:spring"]) == (2, 1)


def test_MEM_13_nothing_is_told_of_a_campaign_whose_books_have_no_base() -> None:
    world = exact()
    world.book(first_run=True)
    world.record("003-new", "new@x.com", *KNOWN)
    world.member("003-new")
    assert found(world).groups == ()


def test_MEM_13_whom_another_campaign_of_the_book_wants_says_nothing() -> None:
    world = exact()
    world.campaigns.append(CampaignRules("autumn", exists=True, default_status="Sent"))
    world.links.append(LinkRules("link.autumn.news", "autumn", "news", ()))
    person(world, 1)
    world.member("0031", "autumn")
    world.rows["members"] = [row for row in world.rows["members"] if row["campaign"] == "autumn"]
    world.selected("0031")
    assert found(world).groups == ()


def test_fifty_groups_of_a_kind_are_listed_those_of_most_people_and_the_rest_is_counted() -> None:
    world = drifting()
    for number in range(60):
        person(world, number + 1, there=edited(0, f"Title {number}"))
    person(world, 100, there=edited(0, "Title 59"))
    gone(world, 200)
    drift = found(world)
    assert len([g for g in drift.groups if g.kind is DriftKind.VALUE]) == 50
    assert [g.people for g in drift.groups if g.people > 1] == [2]
    assert [g.kind for g in drift.groups if g.kind is not DriftKind.VALUE] == [DriftKind.LEFT]
    (more,) = drift.more
    assert (more.address, more.field, more.groups, more.people) == (TITLE, "TITLE", 10, 10)


def test_what_is_parked_is_not_put_back_and_no_drift() -> None:
    world = drifting()
    person(world, 1, there=edited(0, "Director"))
    refused = decided(world)
    assert refused.answer.drift is not None
    assert len(refused.answer.drift.groups) == 1
    world.add("parked.main", operation="import:main", person="0031", hash=refused_hash(KEY, refused.changes))
    assert found(world) == PeopleDrifts()
