"""Unsubscribes in Dotdigital: whose records are looked up and ticked, what follows in other accounts, what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sfdd_declare.model.declared import Consent
from sfdd_declare.people.lookups import addresses_to_tick, open_questions
from sfdd_declare.people.question import AccountRules
from tests.unit.people.worlds import (
    CONTACT,
    LEAD,
    PERSON,
    Decision,
    World,
    a_field,
    a_set,
    a_world,
    asked,
    decided,
    h,
    question_of,
)

MEMORY = h("\x1f\x1fada@x.com")


def an_unsubscriber(world: World, *, base: bool = True, **pair: Any) -> None:
    """Ada, a campaign member who has unsubscribed in Dotdigital."""
    world.record("003-ada", "ada@x.com", "a")
    world.member("003-ada")
    world.contact(1, "ada@x.com", "a", channel="unsubscribed")
    if base:
        world.pair("003-ada", 1, "ada@x.com", "a", **pair)


def two_accounts(*, tells: tuple[Any, ...] = (CONTACT, LEAD)) -> World:
    """Ada is in `main`, and has unsubscribed in `other`, which tells Salesforce about these record types."""
    world = a_world()
    world.accounts.append(AccountRules("other", (a_set(a_field(0), account="other"),), Consent(True, tells), ()))
    world.books.append(replace(world.books[0], key="gala", account="other"))
    world.record("003-ada", "ada@x.com", "a")
    world.record("003-ada", "ada@x.com", "a", account="other")
    world.member("003-ada")
    world.contact(7, "ada@x.com", "a", account="other", channel="unsubscribed")
    return world


def ticked(found: Decision) -> set[str]:
    return {row["sf_id"] for row in found.rows(decision="tick")}


def asked_of_salesforce(world: World) -> dict[Any, tuple[str, ...]]:
    return dict(question_of(world, addresses_to_tick))


def test_CON_4_the_address_is_looked_up_in_the_whole_org_by_switch() -> None:
    world = a_world()
    an_unsubscriber(world)
    assert asked_of_salesforce(world) == dict.fromkeys((CONTACT, LEAD, PERSON), ("ada@x.com",))
    world.rules(consent=Consent(unsubscribe_to_salesforce=(LEAD,)))
    assert asked_of_salesforce(world) == {LEAD: ("ada@x.com",)}


def test_CON_4_addresses_are_told_with_the_open_questions_unless_contacts_are_looked_up_first() -> None:
    world = a_world()
    an_unsubscriber(world)
    assert asked(world).to_tick == asked_of_salesforce(world)
    world.record("003-bob", "bob@x.com", "b")
    world.member("003-bob")
    assert asked(world).emails == {"main": ("bob@x.com",)}
    assert asked(world).to_tick is None
    in_all_accounts = question_of(world, lambda question, spool: open_questions(question, spool, {"main"}))
    assert (in_all_accounts.emails, in_all_accounts.to_tick) == ({}, asked_of_salesforce(world))


@pytest.mark.parametrize("known", ["pair", "memory", "re-consent"])
def test_CON_10_whom_the_base_has_out_on_both_sides_is_not_looked_up(known: str) -> None:
    world = a_world()
    an_unsubscriber(world, out_s=known != "memory", out_d=known == "pair")
    if known != "re-consent":
        world.add("opted_out", record_type="contact", sf_id="003-ada", email_key="ada@x.com")
    if known == "memory":
        world.add("remembered.main", email_hash=MEMORY, reason="settled")
    assert asked_of_salesforce(world) == {}
    assert ticked(decided(world)) == set()


def test_CON_4_whom_no_page_shows_any_more_is_looked_up_by_id_when_the_account_tells() -> None:
    world = a_world()
    for number, name in enumerate(("told", "remembered", "settled", "bystander", "bounced"), start=1):
        if name != "bystander":
            out = name == "settled"
            world.pair(f"003-{name}", number, f"{name}@x.com", out_s=out, out_d=out)
        else:
            world.membership(number, "on")
        reason = "hardbounced" if name == "bounced" else "unsubscribed"
        if name == "remembered":
            world.add("remembered.main", email_hash=h(f"{name}@x.com"), reason=reason)
        else:
            world.add("suppressed.main", email_key=f"{name}@x.com", contact_id=number, reason=reason, removed="")

    assert asked(world).contact_ids == {"main": (1, 2, 4)}


def test_CON_8_every_record_follows_and_only_a_lone_one_settles_both_sides() -> None:
    world = a_world()
    an_unsubscriber(world)
    [lone] = decided(world).rows(decision="tick")
    assert (lone["contact_id"], lone["field"], lone["expect_s"], lone["expect_d"]) == (
        1,
        "HasOptedOutOfEmail",
        "1",
        "1",
    )

    world.add("not_ticked", record_type="lead", sf_id="00Q-ada", email_key="ada@x.com")
    rows = decided(world).rows(decision="tick")
    facts = {(row["sf_id"], row["contact_id"], row["expect_s"], row["expect_d"]) for row in rows}
    assert facts == {("003-ada", 1, "1", None), ("00Q-ada", None, "1", None)}


def test_CON_8_a_refused_record_is_tried_again_and_the_base_waits() -> None:
    world = a_world()
    an_unsubscriber(world, out_s=True)
    world.add("opted_out", record_type="contact", sf_id="003-ada", email_key="ada@x.com")
    world.add("not_ticked", record_type="lead", sf_id="00Q-ada", email_key="ada@x.com")
    found = decided(world)
    assert ticked(found) == {"00Q-ada"}
    assert found.moved(aspect="consent") == []


def test_CON_8_a_person_account_has_a_field_of_its_own() -> None:
    world = a_world()
    an_unsubscriber(world)
    world.add("not_ticked", record_type="person_account", sf_id="001-ada", email_key="ada@x.com")
    [row] = decided(world).rows(sf_id="001-ada")
    assert row["field"] == "PersonHasOptedOutOfEmail"


def test_CON_10_what_both_sides_know_of_somebody_without_a_pair_is_remembered_until_neither_does() -> None:
    world = a_world()
    world.contact(1, "ada@x.com", channel="unsubscribed", books=["news"])
    world.add("opted_out", record_type="lead", sf_id="00Q-ada", email_key="ada@x.com")
    [row] = decided(world).moved(aspect="consent")
    assert (row["person"], row["email"], row["expect_s"], row["expect_d"]) == ("contact 1", "ada@x.com", "1", "1")

    again = a_world()
    again.contact(1, "ada@x.com", books=["news"])
    again.add("remembered.main", email_hash=MEMORY, reason="settled")
    [row] = decided(again).moved(aspect="consent")
    assert (row["expect_s"], row["expect_d"]) == ("0", "0")


def test_what_one_account_tells_salesforce_suppresses_in_the_others_in_the_same_plan() -> None:
    world = two_accounts()
    world.contact(1, "ada@x.com", "a")
    found = decided(world)
    assert ticked(found) == {"003-ada"}
    assert [row["contact_id"] for row in found.rows(decision="suppress")] == [1]


def test_what_one_account_tells_salesforce_creates_opted_out_in_the_others_in_the_same_plan() -> None:
    found = decided(two_accounts())
    assert ticked(found) == {"003-ada"}
    assert [row["operation"] for row in found.rows(decision="create_opted_out")] == ["import_opted_out:main"]


def test_an_account_whose_switch_is_off_tells_nobody() -> None:
    world = two_accounts(tells=())
    world.contact(1, "ada@x.com", "a")
    found = decided(world)
    assert ticked(found) == set()
    assert found.rows(decision="suppress") == []


def test_INV_1_when_the_ticks_are_made_nothing_is_left_to_do_in_any_account() -> None:
    world = two_accounts()
    world.contact(1, "ada@x.com", "a", channel="suppressed")  # as the first plan has left it
    world.pair("003-ada", 1, "ada@x.com", "a", out_s=True, out_d=True)
    world.pair("003-ada", 7, "ada@x.com", "a", account="other", out_s=True, out_d=True)
    world.add("opted_out", record_type="contact", sf_id="003-ada", email_key="ada@x.com")
    assert [row for row in decided(world).changes if row["aspect"] == "consent"] == []


def test_ID_5_whoever_lives_on_as_another_record_follows_an_unsubscribe_of_the_former_self() -> None:
    """A converted lead's contact has another address: it is ticked as the heir of the lead's pair."""
    world = a_world()
    world.record("00Q-ada", "ada@x.com", "a", record_type=LEAD, converted=True)
    world.rows["records.main.lead"][-1]["converted_to"] = "003-ada"
    world.record("003-ada", "ada@new.com", "a")
    world.contact(1, "ada@x.com", "a", channel="unsubscribed")
    world.pair("00Q-ada", 1, "ada@x.com", "a", record_type=LEAD)
    assert ticked(decided(world)) == {"003-ada"}
