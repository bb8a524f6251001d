"""Who is on which book (MEM, CON-5, RUN-1): one cast under different rules of its book."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

import pytest

from sfdd_declare.model.declared import Removals
from sfdd_declare.people import columns
from sfdd_declare.people.question import LinkRules
from tests.unit.people.worlds import CONTACT, Decision, World, a_world, decided, h

SENT_ONLY = (LinkRules("link.spring.news", "spring", "news", ("Sent",)),)


class Cast:
    """Adds people by name; ids follow."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = count(1)

    def add(
        self,
        name: str,
        *,
        member: str | None = "Sent",
        on: bool = False,
        base: str | None = None,
        base_member: str | None = None,
        fate: str | None = None,
        pair: bool = True,
        **contact: Any,
    ) -> int:
        """A member of status `member` (None: of no campaign), on the book or not, with the base's flags."""
        number, sf_id, email = next(self.numbers), f"003-{name}", f"{name}@x.com"
        self.world.contact(number, email, "a", "b", books=["news"] if on else [], **contact)
        if member:
            self.world.record(sf_id, email, "a", "b")
            self.world.member(sf_id, status=member)
        if pair:
            self.world.pair(sf_id, number, email, "a", "b")
        if base is not None:
            self.world.membership(number, base, member=base_member)
        if fate:
            self.world.fate(sf_id, fate)
        return number


@cache
def story(**book: Any) -> Decision:
    world = a_world()
    world.book(**book)
    world.links[:] = SENT_ONLY
    cast = Cast(world)
    cast.add("new")
    cast.add("there", on=True)
    cast.add("known", on=True, base="wanted,on,ours")
    cast.add("left", base="wanted,on,ours")
    cast.add("stays-left", base="wanted,left", base_member="00v-spring-003-stays-left")
    cast.add("released", base="wanted,left", base_member="00v-another")
    cast.add("predicted", base="wanted,left", base_member="")
    cast.add("went", member=None, on=True, base="wanted,on,ours", fate="there")
    cast.add("went-not-ours", member=None, on=True, base="wanted,on", fate="there")
    cast.add("went-both", member=None, base="wanted,on,ours", fate="there")
    cast.add("turned-down", member="Planned", on=True, base="wanted,on,ours")
    cast.add("deleted", member=None, on=True, base="wanted,on,ours", fate="deleted")
    cast.add("merged", member=None, on=True, base="wanted,on,ours", fate="merged")
    cast.add("invisible", member=None, on=True, base="wanted,on,ours")
    cast.add("bystander", member=None, on=True, base="on", pair=False)
    cast.add("bystander-ours", member=None, on=True, base="on,ours", pair=False)
    cast.add("newcomer", member=None, on=True, pair=False)
    told = cast.add("told")
    world.add(
        "list_optouts.main", address_book="news", email_key=None, contact_id=told, reason="unsubscribed", removed=""
    )
    cast.add("remembered", base="wanted,optout")
    world.on_book(cast.add("list-status"), status="suppressed")
    cast.add("interrupted", on=True)
    world.add("intents.main", address_book="news", email_hash=h("interrupted@x.com"))
    cast.add("hidden", base="wanted,on,ours", channel="pendingoptin")
    return decided(world)


def fate_of(name: str, found: Decision) -> tuple[str, str, str | None, str | None] | None:
    """(decision, rule, expect_s, expect_d) of the person's list row, wherever it is."""
    is_record = [r for r in (*found.changes, *found.moves) if r["aspect"] == "list" and name in (r["sf_id"] or "")[4:]]
    exact = [r for r in is_record if r["sf_id"] == f"003-{name}"]
    assert len(exact) <= 1
    return next(((r["decision"], r["reason"], r["expect_s"], r["expect_d"]) for r in exact), None)


def of_contact(number: int, found: Decision) -> tuple[str, str] | None:
    rows = [r for r in (*found.changes, *found.moves) if r["aspect"] == "list" and r["person"] == f"contact {number}"]
    return next(((r["decision"], r["reason"]) for r in rows), None)


def test_MEM_1_who_is_wanted_and_not_there_is_added() -> None:
    assert fate_of("new", story()) == ("add", "MEM-1", "wanted", "on,ours")


def test_MEM_2_who_left_by_hand_is_not_added_again_and_remembered() -> None:
    assert fate_of("left", story()) == ("left", "MEM-2", "wanted", "left")
    assert fate_of("stays-left", story()) is None


def test_MEM_2_another_campaign_member_releases_whoever_left() -> None:
    assert fate_of("released", story()) == ("add", "MEM-2", "wanted", "on,ours")


def test_MEM_2_a_member_that_was_only_predicted_gets_its_id_and_releases_nobody() -> None:
    [row] = story().moved(sf_id="003-predicted", aspect="list")
    assert (row["decision"], row["field"]) == ("left", "00v-spring-003-predicted")


@pytest.mark.parametrize(
    ("was", "autumn", "expected"),
    [
        ("00v-autumn-0031;00v-spring-0031", "00v-autumn-0031", None),  # both wanted them when they left
        ("00v-spring-0031", "00v-autumn-0031", "add"),
        ("00v-spring-0031", "", "add"),
        (";00v-spring-0031", "00v-autumn-0031", "00v-autumn-0031;00v-spring-0031"),  # it was only predicted then
        (";00v-spring-0031", "", None),
    ],
)
def test_MEM_2_only_a_membership_that_is_new_since_releases_whoever_left(
    was: str, autumn: str, expected: str | None
) -> None:
    world = a_world()
    world.links.append(LinkRules("link.autumn.news", "autumn", "news", ()))
    world.record("0031", "ada@x.com")
    world.member("0031")
    if autumn:
        world.member("0031", "autumn", id=autumn)
    else:
        world.selected("0031", "autumn")
    world.contact(1, "ada@x.com")
    world.membership(1, "wanted,left", member=was)

    found = decided(world)

    assert [r["decision"] for r in found.rows(aspect="list")] == (["add"] if expected == "add" else [])
    moved = [r["field"] for r in found.moved(decision="left")]
    assert moved == ([] if expected in (None, "add") else [expected])


def test_MEM_2_all_memberships_that_wanted_whoever_left_are_remembered() -> None:
    world = a_world()
    world.links.append(LinkRules("link.autumn.news", "autumn", "news", ()))
    world.record("0031", "ada@x.com")
    for campaign in ("spring", "autumn"):
        world.member("0031", campaign)
    world.contact(1, "ada@x.com")
    world.membership(1, "wanted,on,ours")

    [row] = decided(world).moved(decision="left")
    assert row["field"] == "00v-autumn-0031;00v-spring-0031"


def test_MEM_1_an_addition_says_which_memberships_to_come_it_rests_on() -> None:
    world = a_world()
    world.links.append(LinkRules("link.autumn.news", "autumn", "news", ()))
    for name in ("new", "old"):
        if name == "old":
            world.contact(1, "old@x.com")
        for sf_id in (f"003-{name}-b", f"003-{name}-a"):
            world.record(sf_id, f"{name}@x.com")
            world.selected(sf_id)
        world.selected(f"003-{name}-a", "autumn")
    for sf_id, email in (("003-live", "live@x.com"), ("003-live-too", "live.too@x.com")):
        world.record(sf_id, email)
        world.selected(sf_id)
        world.member(sf_id, "autumn")
    world.contact(2, "live@x.com")

    rests_on = {r["sf_id"]: r["old"] for r in decided(world).rows(aspect="list", decision="add")}

    assert rests_on == {
        "003-new-a": "003-new-a;003-new-b",
        "003-old-a": "003-old-a;003-old-b",
        "003-live": None,
        "003-live-too": None,
    }


def test_MEM_2_a_release_rests_on_the_membership_that_is_new_alone() -> None:
    world = a_world()
    world.links.append(LinkRules("link.autumn.news", "autumn", "news", ()))
    world.record("0031", "ada@x.com")
    world.member("0031")
    world.selected("0031", "autumn")
    world.contact(1, "ada@x.com")
    world.membership(1, "wanted,left", member="00v-spring-0031")

    [row] = decided(world).rows(aspect="list")
    assert (row["decision"], row["old"]) == ("add", "0031")


def test_MEM_2_left_restore_puts_them_back() -> None:
    found = story(restore_left=True)
    assert fate_of("left", found) == fate_of("stays-left", found) == ("add", "MEM-2", "wanted", "on,ours")


def test_MEM_2_who_left_waits_for_a_human() -> None:
    [held] = [held for held in story().answer.people.held if held.reason == "MEM-2"]
    assert (held.people, held.headline) == (3, True)


def test_MEM_3_who_is_there_is_only_remembered() -> None:
    assert fate_of("there", story()) == ("on", "MEM-3", "wanted", "on")
    assert fate_of("known", story()) is None


def test_MEM_3_an_interrupted_addition_is_still_ours() -> None:
    assert fate_of("interrupted", story()) == ("on", "MEM-3", "wanted", "on,ours")


def test_MEM_4_keep_takes_nobody_off() -> None:
    assert fate_of("went", story()) == ("bystander", "MEM-4", None, "on,ours")


def test_MEM_4_managed_takes_off_whom_we_added() -> None:
    found = story(removals=Removals.MANAGED)
    assert fate_of("went", found) == ("remove", "MEM-4", None, None)
    assert fate_of("went-not-ours", found) == ("bystander", "MEM-4", None, "on")


def test_MEM_4_mirror_takes_off_everybody() -> None:
    assert fate_of("went-not-ours", story(removals=Removals.MIRROR)) == ("remove", "MEM-4", None, None)


def test_MEM_5_who_left_both_is_forgotten() -> None:
    assert fate_of("went-both", story()) == ("forget", "MEM-5", None, None)


def test_MEM_6_bystanders_stay_unless_we_put_them_there() -> None:
    managed, mirror = story(removals=Removals.MANAGED), story(removals=Removals.MIRROR)
    assert of_contact(15, managed) is None
    assert of_contact(16, managed) == ("remove", "MEM-6")
    assert of_contact(15, mirror) == ("remove", "MEM-6")


def test_MEM_7_newcomers_are_remembered_or_mirrored_away() -> None:
    assert of_contact(17, story()) == ("bystander", "MEM-7")
    assert of_contact(17, story(removals=Removals.MIRROR)) == ("remove", "MEM-7")


def test_MEM_8_a_book_that_was_not_read_completely_decides_nothing_but_opt_outs() -> None:
    found = story(complete=False, removals=Removals.MIRROR)
    assert {row["decision"] for row in found.rows(aspect="list")} == set()
    assert {row["decision"] for row in found.moved(aspect="list")} == {"on", "optout"}


def test_MEM_8_who_may_only_not_be_shown_has_not_left() -> None:
    assert fate_of("hidden", story()) is None


def test_MEM_9_a_removal_names_book_and_contact_in_an_operation_of_its_own() -> None:
    [row] = story(removals=Removals.MANAGED).rows(sf_id="003-went")
    assert (row["operation"], row["address_book"], row["contact_id"]) == ("remove:main:news", "news", 8)


def test_MEM_10_lists_are_sent_only_where_somebody_is_added() -> None:
    adds = [row["sf_id"] for row in story().rows(operation="import:main", aspect="list")]
    assert sorted(adds) == ["003-new", "003-released"]


def test_MEM_11_leaving_a_status_filter_is_shown_apart() -> None:
    assert fate_of("turned-down", story(removals=Removals.MANAGED)) == ("remove", "MEM-11", None, None)


def test_MEM_12_CON_5_list_opt_outs_are_remembered_and_never_added() -> None:
    assert fate_of("told", story(restore_left=True)) == ("optout", "CON-5", "wanted", "optout")
    assert fate_of("list-status", story()) == ("optout", "CON-5", "wanted", "optout")
    assert fate_of("remembered", story(restore_left=True)) is None


@pytest.mark.parametrize("contact", [1, 7, None])
def test_CON_5_a_list_opt_out_is_remembered_by_address_when_the_contact_went(contact: int | None) -> None:
    world = a_world()
    world.record("0031", "ada@x.com")
    world.member("0031")
    world.add("remembered.main", email_hash=h("news\x1fada@x.com"), reason="list")
    world.add("remembered.main", email_hash=h("gala\x1feve@x.com"), reason="list")
    world.record("0032", "eve@x.com")
    world.member("0032")
    if contact:
        world.contact(contact, "Ada@x.com")

    found = decided(world)

    assert {row["sf_id"] for row in found.changes} == {"0032"}
    assert found.held()["people unsubscribed from the book"] == 1
    assert [r["expect_d"] for r in found.moved(aspect="list")] == (["optout"] if contact else [])


@pytest.mark.parametrize(
    ("channel", "status", "is_on"),
    [
        ("unsubscribed", "unsubscribed", False),
        ("unsubscribed", "subscribed", False),
        ("subscribed", "unsubscribed", False),
        ("subscribed", "subscribed", True),
    ],
)
def test_CON_5_only_the_list_itself_ends_an_opt_out_from_it_and_not_while_the_channel_is_out(
    channel: str, status: str, is_on: bool
) -> None:
    world = a_world()
    world.record("0031", "ada@x.com")
    world.member("0031")
    world.contact(1, "ada@x.com", channel=channel)
    world.on_book(1, status=status)
    world.membership(1, "wanted,optout")

    found = decided(world)

    assert found.rows(aspect="list") == []
    assert [r["decision"] for r in found.moved(aspect="list")] == (["on"] if is_on else [])


def test_ID_5_ID_6_who_was_deleted_or_merged_counts_as_having_left_and_who_is_invisible_does_not() -> None:
    found = story(removals=Removals.MIRROR)
    decisions = [fate_of(name, found) for name in ("deleted", "merged", "invisible")]
    assert decisions == [("remove", "MEM-4", None, None), ("remove", "MEM-4", None, None), None]
    assert "people not visible any more in Salesforce" in found.held()


def test_RUN_1_nothing_is_removed_on_a_first_run() -> None:
    found = story(first_run=True, removals=Removals.MIRROR)
    assert found.rows(decision="remove") == []
    assert of_contact(17, found) == ("bystander", "RUN-1")
    assert found.held()["removals due after the first run"] > 0


def test_the_book_is_counted_for_the_guards() -> None:
    [book] = story(removals=Removals.MANAGED).answer.books
    assert (book.wanted, book.on_book, book.remove) == (12, 12, 5)


def test_MEM_14_members_of_an_unmapped_type_are_not_imported() -> None:
    world = a_world(leads=False)
    world.member("00Q1", record_type=next(t for t in type(CONTACT) if t.value == "lead"))

    found = decided(world)

    assert found.changes == []
    assert found.answer.people.links[0].skipped == (("no mapping for leads", 1),)


def test_MEM_14_an_empty_mapping_adds_by_email_alone() -> None:
    world = a_world()
    world.rules(sets=tuple(type(s)(s.account, s.record_type, ()) for s in world.accounts[0].sets))
    world.record("0031", "ada@x.com")
    world.member("0031")

    assert [row["aspect"] for row in decided(world).changes] == ["identity", "list"]


def test_a_person_counts_at_the_first_link_that_wants_them() -> None:
    world = a_world()
    world.links.append(LinkRules("link.autumn.news", "autumn", "news", ()))
    for number, campaigns in enumerate((("spring", "autumn"), ("autumn",))):
        world.record(f"003{number}", f"p{number}@x.com", "a")
        for campaign in campaigns:
            world.member(f"003{number}", campaign)

    found = decided(world)

    assert [(link.link, link.members, link.add) for link in found.answer.people.links] == [
        ("link.spring.news", 1, 1),
        ("link.autumn.news", 2, 1),
    ]
    assert found.answer.people.totals.add == 2


def test_INV_11_whoever_shares_the_contact_of_another_member_is_named_in_the_line_of_the_link() -> None:
    world = a_world()
    world.record("003a", "a@example.com")
    world.record("003b", "b@example.com")
    for sf_id in ("003a", "003b"):
        world.member(sf_id)
    world.contact(1, "b@example.com", books=["news"])  # a's contact: its address was changed in Dotdigital
    world.pair("003a", 1, "a@example.com", None, None)
    world.membership(1, "wanted,on,ours")
    (link,) = decided(world).answer.people.links
    assert (link.members, link.on_book, link.add) == (2, 1, 0)
    assert link.skipped == (("same contact as another member", 1),)


@pytest.mark.parametrize("is_known", [True, False], ids=["a contact", "no contact any more"])
def test_CON_5_who_opted_out_of_a_book_is_not_put_on_the_one_that_took_its_place(is_known: bool) -> None:
    world = a_world()
    world.book(predecessors=("older", "old"))
    for name in "ab":
        world.record(f"003{name}", f"{name}@example.com")
        world.member(f"003{name}")
    if is_known:
        world.contact(1, "a@example.com", looked_up=True)
        world.membership(1, "optout", "old")
    else:
        world.add(columns.remembered("main"), email_hash=h("old\x1fa@example.com"), reason="list")
    found = decided(world)
    assert [row["sf_id"] for row in found.rows(aspect="list", decision="add")] == ["003b"]
    assert found.held()["people unsubscribed from the book"] == 1
