"""New leads (NEW): who becomes one, and who waits because Salesforce would refuse them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.model.declared import NewLeads
from sfdd_declare.model.mapping import Direction
from sfdd_declare.people.question import NewLeadRules
from tests.unit.people.worlds import LEAD, World, a_field, a_world, decided


def a_sign_up(email: str) -> World:
    """Somebody joined the book in Dotdigital; everything that a lead needs is there."""
    world = a_world(a_field(0, "LASTNAME", direction=Direction.TWO_WAY))
    world.links = [replace(world.links[0], new_leads=NewLeads("Sent"))]
    world.leads = NewLeadRules(required=("Lastname",))
    world.contact(1, email, "Lovelace", books=["news"])
    return world


def test_NEW_3_whoever_has_what_a_lead_needs_becomes_one() -> None:
    found = decided(a_sign_up("ada@example.com"))
    assert {row["person"] for row in found.rows(operation="create_leads:main")} == {"contact 1"}


@pytest.mark.parametrize(
    ("email", "why"),
    [("a\\b@example.com", "invalid_email"), ("ada@example", "invalid_email"), ("a" * 80 + "@b.co", "email_too_long")],
)
def test_NEW_4_an_address_that_salesforce_refuses_is_pending_with_its_reason(email: str, why: str) -> None:
    found = decided(a_sign_up(email))
    assert found.rows(operation="create_leads:main") == []
    assert [row["decision"] for row in found.rows(operation="pending:main")] == [why]
    assert found.held()["leads pending"] == 1


@pytest.mark.parametrize(
    ("fate", "adopted"),
    [(None, ["0031"]), ("there", ["0031"]), ("merged", ["0039"]), ("deleted", []), ("invisible", [])],
)
def test_ID_5_a_converted_lead_stands_for_its_contact_only_while_that_is_there(
    fate: str | None, adopted: list[str]
) -> None:
    world = a_sign_up("ada@example.com")
    world.found("00Q1", "ada@example.com", LEAD, converted=True, converted_to="0031")
    if fate:
        world.fate("0031", fate, survivor="0039" if fate == "merged" else None)
    found = decided(world)
    assert [row["person"] for row in found.rows(operation="adopt:spring", aspect="member")] == adopted
    assert found.rows(operation="create_leads:main") == []
