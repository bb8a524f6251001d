"""Consent: whom the closure takes in, who is suppressed, and what waits (CON)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from sfdd_declare.model.declared import Consent
from sfdd_declare.model.rules import OPT_OUT_REASONS, SUPPRESSIBLE
from sfdd_declare.people.question import AccountRules
from tests.unit.people.worlds import CONTACT, LEAD, Decision, World, a_field, a_set, a_world, decided, h


def a_member(world: World, name: str, **record: Any) -> str:
    world.record(f"003-{name}", f"{name}@x.com", "new", **record)
    world.member(f"003-{name}")
    return f"{name}@x.com"


@cache
def story(*, opt_out: bool = True, tick: tuple[Any, ...] = (CONTACT, LEAD)) -> Decision:
    world = a_world()
    world.rules(consent=Consent(opt_out, tick))
    for number, channel in enumerate((*SUPPRESSIBLE, "hardbounced", "unsubscribed"), start=1):
        world.contact(number, a_member(world, f"out-{channel}", opted_out=True), "old", channel=channel)
    # no contact
    a_member(world, "out-new", opted_out=True)
    a_member(world, "out-both", opted_out=True)
    world.add("suppressed.main", email_key="out-both@x.com", contact_id=None, reason="unsubscribed", removed="")
    # opted out elsewhere in the org: a record that is no member, a shadowed lead, a bystander
    world.contact(10, a_member(world, "elsewhere"), "old")
    world.add("opted_out", record_type="contact", sf_id="003-other", email_key="elsewhere@x.com")
    world.contact(11, a_member(world, "shadowed"), "old")
    world.record("00Q-shadowed", "Shadowed@x.com", "lead", record_type=LEAD, opted_out=True)
    world.contact(12, "bystander@x.com", "old", books=["news"])
    world.add("opted_out", record_type="lead", sf_id="00Q-any", email_key="bystander@x.com")
    # a pair whose record went elsewhere with its opt-out
    world.contact(13, "moved.old@x.com", "old")
    world.pair("003-moved", 13, "moved.old@x.com", "old")
    world.record("003-moved", "moved.new@x.com", "new", opted_out=True)
    # opted out in Dotdigital
    for number, reason in enumerate((*OPT_OUT_REASONS, "hardbounced", "softbounced"), start=20):
        world.contact(number, a_member(world, f"there-{reason}"), "old", channel=reason)
    a_member(world, "remembered")
    world.add("remembered.main", email_hash=h("remembered@x.com"), reason="unsubscribed")
    a_member(world, "told")
    world.add("suppressed.main", email_key="told@x.com", contact_id=None, reason="directcomplaint", removed="")
    world.contact(30, a_member(world, "came-back"), "old")
    world.add("remembered.main", email_hash=h("came-back@x.com"), reason="unsubscribed")
    a_member(world, "bounced-once")
    world.add("remembered.main", email_hash=h("bounced-once@x.com"), reason="hardbounced")
    # against the base
    world.contact(31, a_member(world, "re-consented"), "new", channel="unsubscribed")
    world.pair("003-re-consented", 31, "re-consented@x.com", "new", out_s=True, out_d=True)
    world.contact(32, a_member(world, "resubscribed", opted_out=True), "new")
    world.pair("003-resubscribed", 32, "resubscribed@x.com", "new", out_s=True, out_d=True)
    world.contact(33, a_member(world, "agreed", opted_out=True), "new", channel="suppressed")
    world.pair("003-agreed", 33, "agreed@x.com", "new")
    return decided(world)


def suppressed(found: Decision) -> set[int]:
    return {row["contact_id"] for row in found.rows(decision="suppress")}


def added(found: Decision) -> set[str]:
    return {row["sf_id"] for row in found.rows(aspect="list", decision="add")}


def test_CON_1_subscribed_is_never_written() -> None:
    assert "subscribed" not in {row["new"] for row in story().changes}


def test_CON_2_only_statuses_that_may_be_replaced_are_suppressed() -> None:
    assert {1, 2, 3, 4} <= suppressed(story())
    assert not {5, 6} & suppressed(story())


def test_CON_2_every_record_with_the_address_counts_and_every_contact_read_is_suppressed() -> None:
    assert {10, 11, 12, 13} <= suppressed(story())
    [row] = story().rows(contact_id=12)
    assert (row["person"], row["operation"], row["email"]) == ("contact 12", "suppress:main", "bystander@x.com")


def test_nobody_opted_out_is_added_to_a_book() -> None:
    opted_out = {f"003-out-{channel}" for channel in SUPPRESSIBLE} | {"003-elsewhere", "003-shadowed", "003-out-new"}
    there = {f"003-there-{reason}" for reason in OPT_OUT_REASONS} | {"003-remembered", "003-told", "003-resubscribed"}
    assert not (opted_out | there | {"003-re-consented", "003-agreed"}) & added(story())


def test_values_of_opted_out_people_still_travel() -> None:
    assert [row["new"] for row in story().rows(sf_id="003-there-unsubscribed", aspect="value")] == ["new"]
    assert [row["new"] for row in story().rows(sf_id="003-out-hardbounced")] == ["new"]


def test_CON_3_a_wanted_person_without_contact_is_created_opted_out_and_without_lists() -> None:
    rows = story().rows(operation="import_opted_out:main", sf_id="003-out-new")
    assert [(row["aspect"], row["decision"]) for row in rows] == [
        ("consent", "create_opted_out"),
        ("identity", "create"),
        ("value", "fill"),
    ]
    assert story().rows(sf_id="003-out-both", decision="create_opted_out")


def test_CON_3_with_the_switch_off_nobody_is_created_or_suppressed() -> None:
    found = story(opt_out=False)
    assert suppressed(found) == set()
    assert found.rows(sf_id="003-out-new") == []
    assert not {"003-out-subscribed", "003-out-new"} & added(found)


def test_CON_3_nobody_is_created_because_dotdigital_has_them_opted_out() -> None:
    assert [*story().rows(sf_id="003-remembered"), *story().rows(sf_id="003-told")] == []
    assert story().held()["people opted out in Dotdigital"] == 2


def test_CON_4_bounces_are_no_opt_outs() -> None:
    assert {"003-there-hardbounced", "003-there-softbounced", "003-bounced-once"} <= added(story())


def test_CON_4_a_contact_that_is_there_speaks_for_itself() -> None:
    assert "003-came-back" in added(story())


def test_CON_4_reasons_can_be_replaced() -> None:
    world = a_world()
    world.rules(consent=Consent(reasons=("hardbounced",)))
    world.contact(1, a_member(world, "bounced"), "old", channel="hardbounced")
    world.contact(2, a_member(world, "unsubscribed"), "old", channel="unsubscribed")

    assert added(decided(world)) == {"003-unsubscribed"}


def test_CON_7_a_suppression_settles_both_sides_and_says_who_came_back() -> None:
    [row] = story().rows(sf_id="003-resubscribed")
    assert (row["reason"], row["expect_s"], row["expect_d"]) == ("CON-7", "1", "1")
    [held] = [held for held in story().answer.people.held if held.reason == "CON-7"]
    assert (held.people, held.headline) == (1, True)


def test_CON_8_unsubscribes_tick_salesforce_by_the_switch() -> None:
    assert {row["sf_id"] for row in story().rows(decision="tick")} == {f"003-there-{r}" for r in OPT_OUT_REASONS}
    assert story(tick=(LEAD,)).rows(decision="tick") == []


def test_CON_9_a_re_consent_in_salesforce_writes_nothing_and_is_listed() -> None:
    assert [*story().rows(sf_id="003-re-consented"), *story().moved(sf_id="003-re-consented", aspect="consent")] == []
    assert story().held()["people re-consented in Salesforce"] == 1


def test_CON_10_where_both_sides_agree_the_base_moves() -> None:
    [row] = story().moved(sf_id="003-agreed", aspect="consent")
    assert (row["decision"], row["field"], row["expect_s"], row["expect_d"]) == ("known", "opted_out", "1", "1")


def test_suppressions_are_stage_zero_for_people_whose_email_changed_too() -> None:
    operations = {row["decision"]: row["operation"] for row in story().rows(sf_id="003-moved")}
    assert (operations["suppress"], operations["rename"]) == ("suppress:main", "rename:main")


@pytest.mark.parametrize(("switch", "expected"), [((CONTACT,), set()), ((LEAD,), {"003-ada"})])
def test_an_opt_out_in_another_account_counts_if_that_account_tells_salesforce(
    switch: tuple[Any, ...], expected: set[str]
) -> None:
    world = a_world()
    other = AccountRules("other", (a_set(a_field(0), account="other"),), Consent(True, switch), ())
    world.accounts.append(other)
    world.books.append(replace(world.books[0], key="gala", account="other"))
    world.contact(1, a_member(world, "ada"), "old")
    world.record("003-ada", "ada@x.com", "new", account="other")
    world.contact(7, "ada@x.com", account="other", channel="unsubscribed")

    assert added(decided(world)) == expected


def test_creations_can_be_held_in_an_operation_of_their_own() -> None:
    world = a_world()
    world.rules(hold_creations=True)
    a_member(world, "new")
    a_member(world, "out", opted_out=True)
    world.contact(1, a_member(world, "old"), "x")

    found = decided(world)

    assert {row["operation"] for row in found.rows(sf_id="003-new")} == {"create:main"}
    assert {row["operation"] for row in found.rows(sf_id="003-out")} == {"import_opted_out:main"}
    assert {row["operation"] for row in found.rows(sf_id="003-old")} == {"import:main"}
    assert found.answer.creations == (("main", 1),)
