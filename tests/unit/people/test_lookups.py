"""What the first read leaves open: whom to look up, and whose fate to ask (ID-2, ID-5 to ID-7, CON-7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.people.worlds import CONTACT, a_world, asked, h


def a_ticked(sf_id: str, email_key: str | None) -> dict[str, Any]:
    return {"record_type": "contact", "sf_id": sf_id, "email_key": email_key}


def test_ID_2_records_without_a_pair_are_looked_up_unless_a_page_has_shown_them() -> None:
    world = a_world()
    for name in ("new", "seen"):
        world.record(f"003-{name}", f"{name}@x.com")
    world.contact(1, "seen@x.com", books=["news"])

    assert asked(world).emails == {"main": ("new@x.com",)}


@pytest.mark.parametrize("reason", ["unsubscribed", "hardbounced", "list"])
def test_CON_7_whom_an_earlier_run_saw_suppressed_is_looked_up_again(reason: str) -> None:
    world = a_world()
    world.add("opted_out", **a_ticked("003-ada", "ada@x.com"))
    world.add("remembered.main", email_hash=h("ada@x.com"), reason=reason)

    assert asked(world).emails == {"main": ("ada@x.com",)}


@pytest.mark.parametrize(("reason", "expected"), [("unsubscribed", ()), ("hardbounced", ("ada@x.com",))])
def test_CON_7_only_whom_the_account_just_named_as_opted_out_is_not_looked_up(
    reason: str, expected: tuple[str, ...]
) -> None:
    world = a_world()
    world.add("opted_out", **a_ticked("003-ada", "ada@x.com"))
    world.add("suppressed.main", email_key="ada@x.com", contact_id=None, reason=reason, removed="")

    assert asked(world).emails == {"main": expected}


def test_CON_7_contacts_of_opted_out_pairs_are_looked_up_by_id_wherever_the_record_is() -> None:
    world = a_world()
    world.pair("003-out", 1, "out@x.com")
    world.add("opted_out", **a_ticked("003-out", None))
    world.pair("003-in", 2, "in@x.com")
    world.record("003-here", "here@x.com", opted_out=True)
    world.pair("003-here", 3, "here@x.com")
    world.pair("003-shown", 4, "shown@x.com")
    world.add("opted_out", **a_ticked("003-shown", "shown@x.com"))
    world.contact(4, "shown@x.com")

    found = asked(world)

    assert found.contact_ids == {"main": (1, 3)}
    assert found.emails == {"main": ("here@x.com",)}


def test_ID_7_whose_address_may_be_that_of_a_contact_that_is_gone_is_looked_up_by_id() -> None:
    world = a_world()
    world.pair("003-gone", 1, "ada@x.com", email_d="ada.there@x.com")
    world.pair("003-other", 2, "other@x.com")
    world.record("003-new", "ada.there@x.com")

    assert asked(world).contact_ids == {"main": (1,)}


def test_ID_5_ID_6_fates_are_asked_of_departed_records_whose_contact_somebody_was_wanted_with_or_shares() -> None:
    world = a_world()
    for number, name in enumerate(("wanted", "shared", "address", "hash", "nobody"), start=1):
        world.pair(f"003-{name}", number, f"{name}@x.com")
    world.membership(1, "wanted,on")
    world.membership(5, "on")
    world.record("003-peer", "peer@x.com")
    world.pair("003-peer", 2, "peer@x.com")
    world.contact(3, "address.new@x.com")
    world.record("003-new", "address.new@x.com")
    world.record("003-again", "hash@x.com")

    assert asked(world).departed == {CONTACT: ("003-address", "003-hash", "003-shared", "003-wanted")}
