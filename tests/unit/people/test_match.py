"""Who is who (ID-1 to ID-3), and what is held up (ID-4 to ID-7)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from sfdd_declare.model.declared import Removals
from sfdd_declare.model.mapping import ConflictRule, Direction
from tests.unit.people.worlds import CONTACT, LEAD, Decision, World, a_field, a_world, decided, h

BOTH = Direction.TWO_WAY


class Story:
    """A world with members."""

    def __init__(self) -> None:
        self.world = a_world()

    def lead(self, sf_id: str, email: str | None, *values: str, **given: Any) -> None:
        self.world.record(sf_id, email, *values, record_type=LEAD, **given)
        self.world.member(sf_id, record_type=LEAD)

    def contact(self, sf_id: str, email: str | None, *values: str, modified: int = 0, member: bool = True) -> None:
        self.world.record(sf_id, email, *values, modified=modified)
        if member:
            self.world.member(sf_id)


@cache
def story() -> Decision:
    told = Story()
    _matched(told)
    _held_up(told)
    return decided(told.world)


def _matched(told: Story) -> None:
    world, lead, contact = told.world, told.lead, told.contact
    # a pair is still the pair, whoever else has the address
    contact("003-pair", "pair@x.com", "new")
    world.pair("003-pair", 2, "pair@x.com", "old")
    world.contact(1, "pair@x.com", "old")
    world.contact(2, "Pair@x.com", "old")
    # found by its address, whatever the case
    contact("003-address", "Address@X.com", "new")
    world.contact(3, "address@x.com", "old", looked_up=True)
    # nobody in the account
    contact("003-nobody", "nobody@x.com", "new")
    # a lead and a contact with one address: precedence
    contact("003-both", "both@x.com", "from contact")
    lead("00Q-both", "both@x.com", "from lead", modified=9)
    world.contact(4, "both@x.com", "old")
    # two contacts: the latest, then the lowest id
    contact("003-late", "late@x.com", "late", modified=2)
    contact("003-early", "late@x.com", "early", modified=1)
    world.contact(5, "late@x.com", "old")
    contact("003-b", "same@x.com", "b")
    contact("003-a", "same@x.com", "a")
    world.contact(6, "same@x.com", "old")
    # the writer stays the writer
    contact("003-older", "sticky@x.com", "older", modified=1)
    contact("003-newer", "sticky@x.com", "newer", modified=2)
    world.pair("003-older", 7, "sticky@x.com", "old")
    world.contact(7, "sticky@x.com", "old")
    # until a higher class joins
    lead("00Q-class", "class@x.com", "lead")
    world.pair("00Q-class", 8, "class@x.com", "old", record_type=LEAD)
    contact("003-class", "class@x.com", "contact")
    world.contact(8, "class@x.com", "old")
    # a pair of ours that is wanted nowhere any more, and a stranger who is wanted nowhere
    contact("003-unwanted", "unwanted@x.com", "new", member=False)
    world.pair("003-unwanted", 14, "unwanted@x.com", "old")
    world.contact(14, "unwanted@x.com", "old")
    contact("003-stranger", "stranger@x.com", "new", member=False)
    world.contact(15, "stranger@x.com", "old")


def _held_up(told: Story) -> None:
    world, lead, contact = told.world, told.lead, told.contact
    contact("003-changed", "changed.new@x.com", "new")
    world.pair("003-changed", 9, "changed.old@x.com", "old")
    world.contact(9, "changed.old@x.com", "old", books=["news"])
    world.membership(9, "wanted,on")
    contact("003-changed-friend", "changed.new@x.com", "new")
    lead("00Q-converted", "converted@x.com", "new", converted=True)
    world.pair("00Q-converted", 10, "converted@x.com", "old", record_type=LEAD)
    world.contact(10, "converted@x.com", "old", books=["news"])
    world.membership(10, "wanted,on,ours")
    contact("003-deleted", "deleted@x.com", "new")
    world.pair("003-deleted", 11, "deleted@x.com", "old")
    contact("003-deleted-friend", "deleted@x.com", "new")
    contact("003-binned", "binned@x.com", "new")
    world.pair("003-binned", 12, "binned@x.com", "old")
    world.contact(12, "binned@x.com", "old", status="binned")
    contact("003-emptied", None, "new")
    world.pair("003-emptied", 13, "emptied@x.com", "old")
    world.contact(13, "emptied@x.com", "old")
    contact("003-without", None, "new")


def written(sf_id: str) -> list[tuple[int | None, str, str | None]]:
    return [(r["contact_id"], r["aspect"], r["new"]) for r in story().rows(sf_id=sf_id) if r["aspect"] == "value"]


def test_ID_1_a_pair_is_matched_by_its_ids() -> None:
    assert written("003-pair") == [(2, "value", "new")]


def test_ID_1_others_are_matched_by_their_folded_address_and_become_pairs() -> None:
    assert written("003-address") == [(3, "value", "new")]
    [row] = story().moved(sf_id="003-address", aspect="identity")
    assert (row["decision"], row["field"], row["contact_id"]) == ("pair", "email", 3)


def test_ID_2_a_contact_found_elsewhere_in_the_account_is_an_update() -> None:
    assert story().rows(sf_id="003-address", aspect="identity") == []
    [row] = story().moved(sf_id="003-address", aspect="identity")
    assert row["reason"] == "ID-2"


def test_ID_2_only_who_is_found_nowhere_is_created() -> None:
    [row] = story().rows(sf_id="003-nobody", aspect="identity")
    assert (row["decision"], row["new"], row["contact_id"]) == ("create", "nobody@x.com", None)


def test_an_existing_contact_is_sent_with_its_own_spelling_of_the_address() -> None:
    assert {row["email"] for row in story().rows(sf_id="003-address")} == {"address@x.com"}


def test_ID_3_precedence_then_modified_then_id_chooses_the_writer() -> None:
    assert written("003-both") == [(4, "value", "from contact")]
    assert written("003-late") == [(5, "value", "late")]
    assert written("003-a") == [(6, "value", "a")]
    assert written("00Q-both") == written("003-early") == written("003-b") == []


def test_ID_3_the_writer_stays_until_a_higher_class_joins() -> None:
    assert written("003-older") == [(7, "value", "older")]
    assert written("003-class") == [(8, "value", "contact")]
    assert story().held()["people whose values come from another record now"] == 1


def test_ID_3_shadowed_records_are_counted() -> None:
    assert story().held()["records shadowed"] == 6


def test_ID_4_a_changed_email_renames_the_contact_whose_values_follow_by_its_id() -> None:
    [row] = story().rows(sf_id="003-changed", aspect="identity")
    assert (row["operation"], row["decision"], row["contact_id"]) == ("rename:main", "rename", 9)
    assert (row["old"], row["new"]) == ("changed.old@x.com", "changed.new@x.com")
    assert written("003-changed") == [(9, "value", "new")]


def test_ID_4_a_record_without_a_pair_matches_addresses_as_they_are_after_the_renames() -> None:
    assert [*story().rows(sf_id="003-changed-friend"), *story().moved(sf_id="003-changed-friend")] == []


def test_ID_4_without_a_usable_address_nothing_is_written() -> None:
    assert [*story().rows(sf_id="003-emptied"), *story().rows(sf_id="003-without")] == []
    assert story().held()["people with no address"] == 2


def test_ID_4_an_email_that_changed_in_dotdigital_is_listed_and_the_pair_goes_on() -> None:
    world = a_world()
    world.record("003-pair", "ada@x.com", "new")
    world.pair("003-pair", 1, "ada@x.com", "old")
    world.contact(1, "ada.new@x.com", "old")
    world.record("003-other", "ada.new@x.com", "other")
    world.member("003-pair")
    world.member("003-other")

    found = decided(world)

    assert {row["contact_id"] for row in found.changes} == {1}
    assert found.rows(aspect="identity") == found.moved(aspect="identity") == []
    assert found.held()["people whose email changed in Dotdigital"] == 1


@pytest.mark.parametrize("fate", ["merged", "deleted", "invisible", None, "there"])
def test_ID_6_a_departed_record_stops_nobody_who_shares_its_contact(fate: str | None) -> None:
    world = a_world()
    world.pair("003-gone", 1, "ada@x.com", "old")
    world.contact(1, "ada@x.com", "old")
    if fate:
        world.fate("003-gone", fate)
    world.record("003-stays", "ada@x.com", "new")
    world.member("003-stays")

    found = decided(world)

    assert [row["new"] for row in found.rows(aspect="value")] == ["new"]
    assert len(found.rows(aspect="list")) == 1


def test_ID_7_an_address_of_a_contact_that_is_gone_is_not_created_again() -> None:
    world = a_world()
    world.pair("003-gone", 1, "ada@x.com", "old", email_d="ada.there@x.com")
    world.fate("003-gone", "there")
    for name in ("ada", "ada.there", "eve"):
        world.record(f"003-{name}", f"{name}@x.com", "new")
        world.member(f"003-{name}")

    found = decided(world)

    assert {row["sf_id"] for row in found.changes} == {"003-eve"}
    assert found.held()["people deleted in Dotdigital"] == 2


def test_ID_5_a_converted_lead_is_left_alone_and_stays_on_its_book() -> None:
    assert [*story().rows(sf_id="00Q-converted"), *story().moved(sf_id="00Q-converted")] == []
    assert story().held()["leads converted"] == 1


def test_ID_7_who_was_deleted_in_dotdigital_is_not_created_again() -> None:
    for name in ("003-deleted", "003-deleted-friend", "003-binned"):
        assert story().rows(sf_id=name) == []
    assert story().held()["people deleted in Dotdigital"] == 2


def test_values_travel_for_pairs_wherever_they_are_but_not_to_strangers() -> None:
    assert written("003-unwanted") == [(14, "value", "new")]
    assert [*story().rows(sf_id="003-stranger"), *story().moved(sf_id="003-stranger")] == []


def test_a_record_read_twice_counts_as_it_was_modified_last() -> None:
    world = a_world()
    world.record("0031", "ada@x.com", "old", modified=1)
    world.record("0031", "ada@x.com", "new", modified=2)
    world.record("0031", "ada@x.com", "old", modified=1)
    world.member("0031")
    world.contact(1, "ada@x.com", "x")
    world.contact(1, "ada@x.com", "x", looked_up=True)

    found = decided(world, seed=1)

    assert [row["new"] for row in found.rows(aspect="value")] == ["new"]


def test_the_order_of_precedence_is_a_setting() -> None:
    world = a_world()
    world.precedence = (LEAD, CONTACT)
    world.record("0031", "ada@x.com", "contact")
    world.record("00Q1", "ada@x.com", "lead", record_type=LEAD)
    world.member("0031")
    world.contact(1, "ada@x.com", "x")

    assert [row["new"] for row in decided(world).rows(aspect="value")] == ["lead"]


def test_ID_1_addresses_are_lower_cased_and_not_case_folded() -> None:
    world = a_world()
    world.record("0031", "Straße@example.com")
    world.member("0031")
    world.contact(1, "strasse@example.com", looked_up=True)
    found = decided(world)
    assert [row["decision"] for row in found.rows(aspect="identity")] == ["create"]
    world.contact(2, "STRAßE@example.com", looked_up=True)
    assert [(row["contact_id"], row["decision"]) for row in decided(world).moved(aspect="identity")] == [(2, "pair")]


@pytest.mark.parametrize(
    ("remembered", "reason", "held"),
    [
        ("news\x1fstrasse@example.com", "list", "people unsubscribed from the book"),
        ("strasse@example.com", "unsubscribed", "people opted out in Dotdigital"),
    ],
)
def test_ID_1_what_an_older_state_remembers_of_opt_outs_is_found_under_its_old_hash(
    remembered: str, reason: str, held: str
) -> None:
    world = a_world()
    world.record("0031", "straße@example.com")
    world.member("0031")
    world.add("remembered.main", email_hash=h(remembered), reason=reason)
    found = decided(world)
    assert found.rows(aspect="list") == []
    assert found.held()[held] == 1


def a_change_of_writer() -> World:
    """A contact that a record wrote which is gone; a lead with the same address takes over, with stale values."""
    world = a_world(a_field(0, "TITLE", direction=BOTH, conflict=ConflictRule.SALESFORCE), a_field(1, "ONE_WAY"))
    world.contact(1, "ada@example.com", "typed by a marketer", "there", books=["news"])
    world.pair("0030", 1, "ada@example.com", "known", "there")
    world.membership(1, "wanted,on,ours")
    world.fate("0030", "deleted")
    world.record("00Q1", "ada@example.com", "stale", "here", record_type=LEAD)
    world.member("00Q1", record_type=LEAD)
    return world


def test_ID_3_what_a_new_writer_brings_is_held_where_a_two_way_value_differs_and_one_way_fields_follow_it() -> None:
    found = decided(a_change_of_writer())
    assert [(row["field"], row["decision"], row["new"]) for row in found.rows(aspect="value")] == [
        ("ONE_WAY", "overwrite", "here")
    ]
    assert found.held()["people whose values come from another record now"] == 1
    assert found.held()["conflicts held since the first sync"] == 1
    assert [row["decision"] for row in found.moved(aspect="value")] == ["held"]
    assert {h.what for h in found.answer.people.held if h.headline} >= {
        "people whose values come from another record now",
        "conflicts held since the first sync",
    }


def test_ID_3_a_blank_of_a_new_writer_is_filled_and_what_was_accepted_is_settled() -> None:
    world = a_change_of_writer()
    world.accept_first_sync = True
    assert ("import:main", "stale") in [(r["operation"], r["new"]) for r in decided(world).rows(aspect="value")]
    record = world.rows["records.main.lead"][0]
    record["c0"] = record["r0"] = None
    rows = decided(world).rows(operation="update_records:main")
    assert [(row["decision"], row["new"], row["reason"]) for row in rows] == [("fill", "typed by a marketer", "VAL-11")]


@pytest.mark.parametrize(("removals", "left"), [(Removals.KEEP, 1), (Removals.MANAGED, 0)])
def test_ID_4_a_contact_that_its_member_left_is_listed_where_the_book_keeps_it(removals: Removals, left: int) -> None:
    world = a_world(removals=removals)
    world.record("003a", "known@example.com")
    world.member("003a")
    world.contact(1, "old@example.com", books=["news"])
    world.contact(2, "known@example.com", looked_up=True)
    world.pair("003a", 1, "old@example.com", None, None)
    world.membership(1, "wanted,on,ours")
    found = decided(world)
    assert found.held().get("contacts left behind on an address book", 0) == left
    assert len(found.rows(aspect="list", decision="remove")) == 1 - left


def test_INV_1_ID_3_who_leaves_with_this_apply_writes_no_more_where_another_record_stays() -> None:
    world = a_world()
    world.campaigns = [replace(world.campaigns[0], exact=True, selects=True)]
    world.record("003a", "ada@example.com", "Ada", "of the contact")
    world.record("00Q1", "ada@example.com", "Ada", "of the lead", record_type=LEAD)
    world.member("003a")
    world.member("00Q1", record_type=LEAD)
    world.selected("00Q1", record_type=LEAD)
    world.contact(1, "ada@example.com", "Ada", "of the contact", books=["news"])
    world.pair("003a", 1, "ada@example.com", "Ada", "of the contact")
    world.membership(1, "wanted,on,ours")
    found = decided(world)
    assert [row["person"] for row in found.rows(operation="remove_members:spring")] == ["003a"]
    assert [(row["sf_id"], row["new"]) for row in found.rows(aspect="value")] == [("00Q1", "of the lead")]
