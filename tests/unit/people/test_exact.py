"""MEM-13 and members by address: who is removed from an exact campaign, what rests on it, who stands for an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.model.declared import Removals
from tests.unit.people.worlds import LEAD, World, a_world, decided


def exact(removals: Removals = Removals.MANAGED) -> World:
    """Ada and Bea are members and on the book; a selection names Ada alone."""
    world = a_world(removals=removals)
    world.campaigns[0] = replace(world.campaigns[0], exact=True)
    for number, name in enumerate(("ada", "bea"), start=1):
        email = f"{name}@x.com"
        world.record(f"003{name}", email)
        world.member(f"003{name}")
        world.contact(number, email, books=["news"])
        world.pair(f"003{name}", number, email, None, None)
        world.membership(number, "wanted,on,ours")
    world.selected("003ada")
    return world


def test_MEM_13_a_member_whom_no_selection_names_leaves_campaign_and_book() -> None:
    found = decided(exact())
    (member,) = found.rows(aspect="member")
    assert (member["operation"], member["sf_id"], member["decision"]) == ("remove_members:spring", "003bea", "remove")
    assert (member["field"], member["old"]) == ("00v-spring-003bea", "Sent")
    (row,) = found.rows(aspect="list")
    assert (row["contact_id"], row["decision"], row["old"]) == (2, "remove", "00v-spring-003bea")
    assert [(c.campaign, c.members, c.remove) for c in found.answer.campaigns] == [("spring", 2, 1)]
    assert found.answer.people.totals.remove == 1


def test_MEM_13_nothing_is_remembered_of_a_leave_before_it_is_done() -> None:
    found = decided(exact(Removals.KEEP))
    assert found.rows(aspect="list") == []
    assert found.moved(contact_id=2, aspect="list") == []


STAY = {
    "mode add": lambda w: w.campaigns.__setitem__(0, replace(w.campaigns[0], exact=False)),
    "members not read to the end": lambda w: w.campaigns.__setitem__(0, replace(w.campaigns[0], complete=False)),
    "newcomer of a link": lambda w: w.protected("003bea"),
    "survivor of a merge": lambda w: w.fate("003old", "merged", survivor="003bea"),
    "converted lead": lambda w: w.rows["members"][1].update(record_type="lead", converted_to="003else"),
    "named by address": lambda w: w.selected("003bea", address="bea@x.com"),
}


@pytest.mark.parametrize("change", STAY.values(), ids=STAY)
def test_MEM_13_who_may_not_be_removed_stays(change: object) -> None:
    world = exact()
    change(world)  # type: ignore[operator]
    found = decided(world)
    assert found.rows(aspect="member") == []
    assert found.rows(decision="remove", aspect="list") == [] or change is STAY["converted lead"]


def test_an_account_that_is_a_member_itself_stays() -> None:
    world = exact()
    world.add("members", campaign="spring", member_id="00vA", record_type="contact", sf_id=None, status="Sent")
    assert [row["sf_id"] for row in decided(world).rows(aspect="member")] == ["003bea"]


def test_whom_another_campaign_wants_stays_on_the_book() -> None:
    world = exact()
    world.campaigns.append(replace(world.campaigns[0], key="autumn", exact=False))
    world.links.append(replace(world.links[0], address="link.autumn.news", campaign="autumn"))
    world.member("003bea", "autumn")
    found = decided(world)
    assert len(found.rows(aspect="member")) == 1
    assert found.rows(aspect="list") == []


def test_ID_3_of_several_records_with_one_address_the_last_modified_becomes_the_member() -> None:
    world = a_world()
    for sf_id, modified in (("003a", 1), ("003b", 2), ("003c", 2)):
        world.record(sf_id, "ada@x.com", modified=modified)
        world.selected(sf_id, address="ada@x.com", modified=modified)
    world.selected("00Qa", address="ada@x.com", record_type=LEAD)
    world.record("00Qa", "ada@x.com", record_type=LEAD)
    assert sorted(row["sf_id"] for row in decided(world).rows(aspect="member")) == ["003b", "00Qa"]


def test_ID_3_whoever_is_a_member_already_stands_for_the_address() -> None:
    world = a_world()
    for sf_id, modified in (("003a", 1), ("003b", 2)):
        world.record(sf_id, "ada@x.com", modified=modified)
        world.selected(sf_id, address="ada@x.com", modified=modified)
    world.member("003a")
    assert decided(world).rows(aspect="member") == []
