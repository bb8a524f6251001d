"""Who is who, over real HTTP: addresses that change on either side, and records that end (ID-4 to ID-7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.hands import applied, flat, settled
from tests.e2e.stage import CONFIG, Stage, buyers, known_contact


def synchronised(stage: Stage, count: int = 3) -> list[str]:
    """Buyers on the book, all in step. Returns their Salesforce ids."""
    found = buyers(stage.world, count)
    stage.apply()
    return found


def contact_id(stage: Stage, email: str) -> int | None:
    found = stage.contact_in_dotdigital(email)
    return None if found is None else int(found["contactId"])


def change(stage: Stage, sf_id: str, **values: Any) -> None:
    stage.admin("update", "Contact", sf_id, **values)


def contacts(stage: Stage) -> int:
    """How many contacts the account holds."""
    with stage.world.lock:
        return int(stage.world.db.execute("SELECT COUNT(*) FROM dd_contact").fetchone()[0])


def test_ID_1_ID_4_a_new_address_in_salesforce_renames_the_contact_in_place(stage: Stage) -> None:
    ids = synchronised(stage)
    before = contact_id(stage, "buyer0@example.com")
    change(stage, ids[0], Email="Ada@new.example", Title="Director")

    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 2, plan.text
    assert "1 person is renamed in Dotdigital" in flat(plan.out)
    assert "0 to add, 1 to update, 0 to remove" in flat(plan.out)
    applied(stage)

    assert contact_id(stage, "ada@new.example") == before
    assert stage.lists_of("ada@new.example") == ["Spring book"]
    found = stage.contact_in_dotdigital("ada@new.example")
    assert found is not None
    assert "Director" in found["dataFields"].values()
    assert stage.contact_in_dotdigital("buyer0@example.com") is None
    assert contacts(stage) == 3


def test_ID_4_whoever_opted_out_long_ago_is_renamed_all_the_same(stage: Stage) -> None:
    ids = synchronised(stage)
    change(stage, ids[0], HasOptedOutOfEmail=True)
    stage.apply()
    stage.control("PUT", "clock", {"advance_seconds": 3600})
    change(stage, ids[0], Email="ada@new.example")

    applied(stage)

    assert status_of(stage, "ada@new.example") == "suppressed"
    assert stage.contact_in_dotdigital("buyer0@example.com") is None


def test_ID_4_an_address_that_goes_there_and_back_ends_on_the_book(stage: Stage) -> None:
    ids = synchronised(stage)
    known_contact(stage.world, "known@example.com", FIRSTNAME="Known")
    change(stage, ids[0], Email="known@example.com")
    applied(stage, "--allow", "max_removals")
    assert stage.lists_of("buyer0@example.com") == []

    change(stage, ids[0], Email="buyer0@example.com")
    applied(stage, "--allow", "max_removals")

    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    assert stage.lists_of("known@example.com") == []


def test_ID_4_a_chain_of_addresses_is_renamed_in_one_run(stage: Stage) -> None:
    ids = synchronised(stage, 4)
    before = [contact_id(stage, f"buyer{n}@example.com") for n in range(4)]
    change(stage, ids[2], Email="buyer9@example.com")
    change(stage, ids[1], Email="buyer2@example.com")
    change(stage, ids[0], Email="buyer1@example.com")

    applied(stage)

    after = [contact_id(stage, f"buyer{n}@example.com") for n in (1, 2, 9, 3)]
    assert after == before
    assert contacts(stage) == 4


def test_ID_4_a_swap_is_listed_and_not_attempted(stage: Stage) -> None:
    ids = synchronised(stage)
    before = [contact_id(stage, f"buyer{n}@example.com") for n in range(2)]
    change(stage, ids[0], Email="buyer1@example.com", Title="Other")
    change(stage, ids[1], Email="buyer0@example.com")

    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 0, plan.text
    assert "2 people whose new addresses wait for each other" in flat(plan.out)
    stage.apply()
    assert [contact_id(stage, f"buyer{n}@example.com") for n in range(2)] == before

    change(stage, ids[0], Email="third@example.com")
    applied(stage)
    assert contact_id(stage, "third@example.com") == before[0]
    assert contact_id(stage, "buyer0@example.com") == before[1]
    settled(stage)


def member(stage: Stage, campaign: str, **person: str) -> str:
    """Somebody who was made a member by hand."""
    with stage.world.lock:
        (found,) = stage.world.db.execute("SELECT Id FROM sf_Campaign WHERE Name = ?", (campaign,)).fetchone()
    return str(stage.admin("insert", "CampaignMember", CampaignId=found, Status="Sent", **person)["id"])


def a_lead(stage: Stage, email: str) -> str:
    """A lead on the campaign and on the book."""
    lead = str(stage.admin("insert", "Lead", FirstName="Lea", LastName="Lead", Company="Acme", Email=email)["id"])
    member(stage, "Spring launch", LeadId=lead)
    stage.apply()
    return lead


def status_of(stage: Stage, email: str) -> str:
    found = stage.contact_in_dotdigital(email)
    assert found is not None, email
    return str(found["channelProperties"]["email"]["status"])


@pytest.mark.parametrize(
    "opted_out",
    ["", "buyer0@example.com", "known@example.com"],
)
def test_ID_4_an_address_that_is_a_contact_already_is_paired_with_and_an_opt_out_of_either_holds_for_both(
    stage: Stage, opted_out: str
) -> None:
    ids = synchronised(stage)
    known_contact(stage.world, "known@example.com", FIRSTNAME="Known")
    if opted_out:
        stage.marketer("unsubscribe", email=opted_out)
    change(stage, ids[0], Email="known@example.com")

    applied(stage, "--allow", "max_removals")

    assert contacts(stage) == 4
    assert stage.lists_of("buyer0@example.com") == []
    assert stage.lists_of("known@example.com") == ([] if opted_out else ["Spring book"])
    for email in ("buyer0@example.com", "known@example.com"):
        assert (status_of(stage, email) != "subscribed") is bool(opted_out)


def test_ID_4_whoever_is_opted_out_already_is_renamed_all_the_same(stage: Stage) -> None:
    ids = synchronised(stage)
    before = contact_id(stage, "buyer0@example.com")
    stage.marketer("unsubscribe", email="buyer0@example.com")
    change(stage, ids[0], Email="new@example.com")

    applied(stage)

    assert contact_id(stage, "new@example.com") == before
    assert status_of(stage, "new@example.com") != "subscribed"


def test_ID_4_a_contact_whose_address_another_record_still_has_is_not_renamed(stage: Stage) -> None:
    ids = synchronised(stage)
    twin = buyers(stage.world, 1, start=9, Email="buyer0@example.com")[0]
    stage.apply()
    before = contact_id(stage, "buyer0@example.com")
    stage.marketer("unsubscribe", email="buyer0@example.com")
    change(stage, ids[0], Email="own@example.com")

    applied(stage)

    assert contact_id(stage, "buyer0@example.com") == before
    assert status_of(stage, "own@example.com") != "subscribed"
    assert stage.lists_of("own@example.com") == []
    assert twin


def test_ID_4_an_emptied_address_changes_nothing(stage: Stage) -> None:
    ids = synchronised(stage)
    change(stage, ids[0], Email=None)

    plan = stage.sfdd("plan", "--detailed-exitcode")

    assert plan.code == 0, plan.text
    assert "1 person with no address" in flat(plan.out)
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]


def test_ID_4_a_rename_whose_reply_is_lost_converges(stage: Stage) -> None:
    ids = synchronised(stage)
    before = contact_id(stage, "buyer0@example.com")
    change(stage, ids[0], Email="new@example.com")
    rule = {"system": "dotdigital", "method": "PUT", "path": "contacts/v3/import$", "kind": "reset_after", "times": 6}
    stage.control("POST", "faults", rule)
    stage.sfdd("apply", "--auto-approve")
    stage.control("DELETE", "faults")

    applied(stage)

    assert contact_id(stage, "new@example.com") == before
    assert contacts(stage) == 3


@pytest.mark.parametrize("on_delete", ["leave", "remove_from_books"])
def test_ID_6_a_record_deleted_in_salesforce_counts_as_having_left(stage: Stage, on_delete: str) -> None:
    stage.write(CONFIG + f"matching: {{on_delete: {on_delete}}}\n")
    ids = synchronised(stage)
    stage.admin("delete", "Contact", ids[0])

    applied(stage, "--allow", "max_removals")

    assert stage.lists_of("buyer0@example.com") == (["Spring book"] if on_delete == "leave" else [])
    assert contact_id(stage, "buyer0@example.com") is not None


def test_ID_5_a_converted_lead_goes_on_as_its_contact_on_the_same_membership(stage: Stage) -> None:
    synchronised(stage)
    lead = a_lead(stage, "lea@example.com")
    before = contact_id(stage, "lea@example.com")
    contact = stage.admin("convert_lead", id=lead)["contact"]
    change(stage, contact, Title="Chief")

    applied(stage)

    assert contact_id(stage, "lea@example.com") == before
    assert stage.lists_of("lea@example.com") == ["Spring book"]
    found = stage.contact_in_dotdigital("lea@example.com")
    assert found is not None
    assert "Chief" in found["dataFields"].values()


def test_ID_5_a_survivor_without_a_pair_takes_over_the_pair(stage: Stage) -> None:
    ids = synchronised(stage)
    before = contact_id(stage, "buyer0@example.com")
    survivor = stage.admin("insert", "Contact", LastName="Survivor", Email="survivor@example.com")["id"]
    stage.control(
        "POST", "salesforce/act", {"action": "merge", "object": "Contact", "id": survivor, "losers": [ids[0]]}
    )

    applied(stage)

    assert contact_id(stage, "survivor@example.com") == before
    assert stage.lists_of("survivor@example.com") == ["Spring book"]
    assert contacts(stage) == 3


@pytest.mark.parametrize("opted_out", [False, True])
def test_ID_5_a_survivor_with_a_pair_keeps_it_and_the_other_contact_leaves(stage: Stage, *, opted_out: bool) -> None:
    ids = synchronised(stage)
    if opted_out:
        stage.marketer("unsubscribe", email="buyer1@example.com")
    body = {"action": "merge", "object": "Contact", "id": ids[0], "losers": [ids[1]]}
    stage.control("POST", "salesforce/act", body)

    applied(stage, "--allow", "max_removals")

    assert stage.lists_of("buyer1@example.com") == []
    assert (status_of(stage, "buyer0@example.com") == "subscribed") is not opted_out
    assert contacts(stage) == 3
