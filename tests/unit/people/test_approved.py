"""CON-16: what a plan file holds and is due is done, opt-outs always; what rests on something else is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.model.declared import Removals
from tests.property.oracle_approved import meaning
from tests.unit.people.worlds import KEY, LEAD, Decision, World, a_world, decided

NEW, WAITS = (
    "people with changes that the plan file does not hold",
    "people whose approved changes wait for one that the plan file does not hold",
)


def a_team() -> World:
    """Ada is on the book with another name, Bob is about to be made, Cy is about to join."""
    world = a_world(removals=Removals.MANAGED)
    world.record("003-ada", "ada@x.com", "Ada", "Dr")
    world.record("003-bob", "bob@x.com", "Bob", "Sir")
    world.record("003-cy", "cy@x.com", "Cy", "Mx")
    for sf_id in ("003-ada", "003-bob", "003-cy"):
        world.member(sf_id)
    world.contact(1, "ada@x.com", "Eve", "Mrs", books=("news",))
    world.pair("003-ada", 1, "ada@x.com", "Eve", "Mrs")
    world.contact(3, "cy@x.com", "Cy", "Mx")
    return world


def applied(plan: World, now: World) -> Decision:
    """What is done now of all that was planned then."""
    return decided(replace(now, approved=decided(plan).meanings))


def people(found: Decision) -> set[str]:
    return {row["person"] for row in found.changes}


def left_out(found: Decision) -> tuple[int, int]:
    return found.held().get(NEW, 0), found.held().get(WAITS, 0)


def test_what_was_planned_and_is_still_due_is_done_as_if_nobody_had_looked() -> None:
    alone, again = decided(a_team()), applied(a_team(), a_team())
    assert again.changes == alone.changes
    assert again.moves == alone.moves
    assert again.answer.people.due == len(alone.changes)
    assert replace(again.answer, people=replace(again.answer.people, due=None)) == alone.answer


def test_who_came_after_the_review_is_left_out_and_counted_at_the_link() -> None:
    now = a_team()
    now.record("003-dee", "dee@x.com", "Dee", "Ms")
    now.member("003-dee")
    found = applied(a_team(), now)
    assert people(found) == {"003-ada", "003-bob", "003-cy"}
    assert left_out(found) == (1, 0)
    [link] = found.answer.people.links
    assert ("not in the plan file", 1) in link.skipped
    assert link.members == link.on_book + link.add + sum(count for _, count in link.skipped)
    assert found.answer.left_out == 1


def test_a_value_that_is_another_now_stays_while_the_others_go() -> None:
    now = a_team()
    now.rows["records.main.contact"][0] |= {"c1": "Prof", "r1": "Prof"}
    found = applied(a_team(), now)
    assert [row["field"] for row in found.rows(person="003-ada")] == ["FIRSTNAME"]
    assert left_out(found) == (1, 0)


def test_a_value_whose_target_was_edited_meanwhile_is_not_overwritten() -> None:
    now = a_team()
    now.rows["contacts.main"][0] |= {"c0": "Eva", "r0": "Eva"}
    assert [row["field"] for row in applied(a_team(), now).rows(person="003-ada")] == ["TITLE"]


def test_a_creation_is_carried_whole_or_not_at_all() -> None:
    now = a_team()
    now.rows["records.main.contact"][1] |= {"c1": "Lord", "r1": "Lord"}
    found = applied(a_team(), now)
    assert people(found) == {"003-ada", "003-cy"}
    assert left_out(found) == (1, 0)


def test_nothing_is_remembered_of_who_is_left_out() -> None:
    found = decided(replace(a_team(), approved=frozenset()))
    assert found.changes == []
    assert found.moves == []
    assert decided(a_team()).moved(person="003-cy")


def test_opt_outs_are_always_carried() -> None:
    now = a_team()
    now.add("opted_out", record_type="contact", sf_id="003-ada", email_key="ada@x.com")
    now.rows["records.main.contact"][0]["opted_out"] = True
    found = decided(replace(now, approved=frozenset()))
    assert {row["decision"] for row in found.changes} == {"suppress"}


def renamed(world: World, sf_id: str, email: str) -> None:
    row = next(row for row in world.rows["records.main.contact"] if row["sf_id"] == sf_id)
    row |= {"email": email, "email_key": email}


def test_nobody_takes_an_address_that_is_not_freed() -> None:
    """Ada moves on, and Bob, whose contact is there, gets her address; nobody approved that she does."""
    world, only_ada, before = a_pair(), a_pair(), a_pair()
    for each in (world, only_ada):
        renamed(each, "003-ada", "ada@new.com")
    renamed(world, "003-bob", "ada@x.com")
    rename = decided(only_ada).meanings - decided(before).meanings
    assert len(rename) == 1
    planned = decided(world)
    assert {row["person"] for row in planned.rows(decision="rename")} == {"003-ada", "003-bob"}
    found = decided(replace(world, approved=planned.meanings - rename))
    assert people(found) == {"003-cy"}
    assert left_out(found) == (1, 1)


def a_pair() -> World:
    world = a_team()
    world.contact(2, "bob@x.com", "Rob", "Sir", books=("news",))
    world.pair("003-bob", 2, "bob@x.com", "Rob", "Sir")
    return world


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_pair_without_anything_to_write_needs_no_approval(is_approved: bool) -> None:
    world = a_world()
    world.record("003-ada", "ada@x.com", "Ada", "Dr")
    world.member("003-ada")
    world.contact(1, "ada@x.com", "Ada", "Dr", books=("news",))
    found = decided(replace(world, approved=decided(world).meanings if is_approved else frozenset()))
    assert found.moved(decision="pair")
    assert left_out(found) == (0, 0)


def two_records(*, is_known: bool) -> World:
    """Ada is a record that writes, and a lead that is about to become the campaign member."""
    world = a_world()
    world.record("003-ada", "ada@x.com", "Ada", "Dr")
    world.record("00Q-ada", "ada@x.com", "Ada", "Dr", record_type=LEAD)
    world.selected("00Q-ada", record_type=LEAD)
    if is_known:
        world.contact(1, "ada@x.com", "Eve", "Mrs")
        world.pair("003-ada", 1, "ada@x.com", "Eve", "Mrs")
    return world


@pytest.mark.parametrize(("is_known", "fields"), [(True, {"FIRSTNAME", "TITLE"}), (False, set())])
def test_a_list_waits_for_the_membership_that_it_rests_on_and_a_creation_for_its_only_list(
    is_known: bool, fields: set[str]
) -> None:
    world = two_records(is_known=is_known)
    planned = decided(world)
    [member] = planned.rows(aspect="member")
    [join] = planned.rows(aspect="list")
    assert (join["person"], join["old"]) == ("003-ada", "00Q-ada")
    found = decided(replace(world, approved=planned.meanings - {meaning(member, KEY, set())}))
    assert {row["field"] for row in found.changes} == fields
    assert left_out(found) == (1, 1)
