"""A run that follows another reads only what changed, sees every edit, and knows when that is not enough (RUN)."""

from __future__ import annotations

import pytest

from tests.e2e.hands import flat, value
from tests.e2e.stage import Stage, buyers, known_contact

PAST_THE_OVERLAPS = 700


@pytest.fixture
def synced(stage: Stage) -> tuple[Stage, list[str]]:
    """Twenty people in step, and the overlaps behind us."""
    people = buyers(stage.world, 20)
    stage.apply("--delta")
    stage.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    stage.apply("--delta")
    stage.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    stage.forget_calls()
    return stage, people


def total(stage: Stage, system: str) -> int:
    return int(stage.calls()[system]["total"])


def test_INV_8_an_unchanged_world_costs_the_idle_budget(synced: tuple[Stage, list[str]]) -> None:
    stage, _ = synced
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "only people who changed" in plan.out) == (0, True), plan.text
    used = stage.calls()
    assert total(stage, "dotdigital") <= 1 + 4, used["dotdigital"]  # account-info, once per run
    token, selection = 1, 1
    assert total(stage, "salesforce") <= 3 + token + selection, used["salesforce"]


@pytest.mark.parametrize("how", [(), ("--delta",)], ids=["full", "delta"])
def test_an_edit_in_salesforce_is_shown_with_both_sides(synced: tuple[Stage, list[str]], how: tuple[str, ...]) -> None:
    stage, people = synced
    stage.admin("update", "Contact", people[3], Title="Captain")
    plan = stage.sfdd("plan", "--detailed-exitcode", *how)
    assert (plan.code, "0 to add, 1 to update" in plan.out) == (2, True), plan.text
    assert ("only people who changed" in plan.out) == bool(how)
    assert people[3] in plan.out
    stage.apply("--delta")
    found = stage.contact_in_dotdigital("buyer3@example.com")
    assert found is not None
    assert "Captain" in found["dataFields"].values()
    assert stage.sfdd("plan", "--delta", "--detailed-exitcode").code == 0


def test_an_edit_in_dotdigital_is_put_back(synced: tuple[Stage, list[str]]) -> None:
    stage, _ = synced
    stage.marketer("set_field", email="buyer4@example.com", field="FIRSTNAME", value="Somebody")
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "0 to add, 1 to update" in plan.out) == (2, True), plan.text
    assert "only people who changed" in plan.out
    stage.apply("--delta")
    assert stage.sfdd("plan", "--delta", "--detailed-exitcode").code == 0


def test_BASE_2_RUN_3_whoever_leaves_a_book_by_hand_is_noticed_by_its_count(synced: tuple[Stage, list[str]]) -> None:
    stage, _ = synced
    stage.marketer("remove_from_list", email="buyer5@example.com", list="Spring book")
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "1 person left in Dotdigital" in plan.out) == (0, True), plan.text
    stage.apply("--delta")
    stage.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    again = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (again.code, "1 person left in Dotdigital" in again.out) == (0, True), again.text
    assert stage.lists_of("buyer5@example.com") == []


def test_whoever_leaves_the_campaign_is_noticed_by_its_count(synced: tuple[Stage, list[str]]) -> None:
    stage, people = synced
    stage.admin("update", "Contact", people[0], Department="Sellers")
    with stage.world.lock:
        (member,) = stage.world.db.execute(
            "SELECT Id FROM sf_CampaignMember WHERE ContactId = ?", (people[0],)
        ).fetchone()
    stage.admin("delete", "CampaignMember", member)
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "1 to remove" in plan.out) == (2, True), plan.text


def test_a_new_match_of_a_selection_is_added(synced: tuple[Stage, list[str]]) -> None:
    stage, _ = synced
    buyers(stage.world, 1, start=20)
    stage.apply("--delta")
    assert stage.lists_of("buyer20@example.com") == ["Spring book"]
    assert stage.sfdd("plan", "--delta", "--detailed-exitcode").code == 0


def test_a_new_member_whose_address_is_opted_out_on_an_old_record_is_not_added(stage: Stage) -> None:
    stage.write(replace=("    members:\n      contacts: {where: \"Department = 'Buyers'\"}\n", ""))
    people = buyers(stage.world, 3)
    buyers(stage.world, 1, start=2, Department="Other", HasOptedOutOfEmail=True)
    stage.apply("--delta")
    with stage.world.lock:
        (campaign,) = stage.world.db.execute("SELECT Id FROM sf_Campaign").fetchone()
    stage.admin("insert", "CampaignMember", CampaignId=campaign, ContactId=people[0])
    stage.apply("--delta")
    stage.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    for person in people[1:]:
        stage.admin("insert", "CampaignMember", CampaignId=campaign, ContactId=person)
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert "only people who changed" in plan.out, plan.text
    stage.apply("--delta")
    assert stage.lists_of("buyer1@example.com") == ["Spring book"]
    assert stage.lists_of("buyer2@example.com") == []
    assert stage.sfdd("plan", "--delta", "--detailed-exitcode").code == 0


def test_CON_7_an_opt_out_in_salesforce_is_carried_over(synced: tuple[Stage, list[str]]) -> None:
    stage, people = synced
    stage.admin("update", "Contact", people[6], HasOptedOutOfEmail=True)
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "1 to suppress" in plan.out, "only people who changed" in plan.out) == (2, True, True), plan.text
    stage.apply("--delta")
    found = stage.contact_in_dotdigital("buyer6@example.com")
    assert found is not None
    assert str(found["channelProperties"]["email"]["status"]).casefold() == "suppressed"
    assert stage.sfdd("plan", "--delta", "--detailed-exitcode").code == 0


def test_RUN_3_a_full_pass_is_due_after_full_every(synced: tuple[Stage, list[str]]) -> None:
    stage, _ = synced
    stage.control("PUT", "clock", {"advance_seconds": 24 * 3600})
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "only people who changed" in plan.out) == (0, False), plan.text


def test_another_configuration_takes_a_full_pass(synced: tuple[Stage, list[str]]) -> None:
    stage, _ = synced
    known_contact(stage.world, "elsewhere@example.com")
    stage.write(replace=("    Title: JOB_TITLE\n  leads:", "    Title: JOB_TITLE\n    Department: NOTES\n  leads:"))
    plan = stage.sfdd("plan", "--delta", "--detailed-exitcode")
    assert (plan.code, "20 to update" in plan.out) == (2, True), plan.text


def test_RUN_2_a_row_that_was_refused_is_tried_again_by_a_delta(synced: tuple[Stage, list[str]]) -> None:
    stage, people = synced
    stage.admin("update", "Contact", people[3], Title="T" * 60)
    stage.admin("update", "Contact", people[4], Title="Captain")
    stage.world.set_setting("dotdigital.text_limit", 50)
    refused = stage.sfdd("apply", "--auto-approve", "--delta")
    assert (refused.code, "1 done, 1 failed" in flat(refused.out)) == (6, True), refused.text
    stage.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    stage.world.set_setting("dotdigital.text_limit", None)
    plan = stage.sfdd("plan", "--delta")
    assert ("1 to update" in plan.out, "only people who changed" in plan.out) == (True, True), plan.text
    stage.apply("--delta")
    assert value(stage, "buyer3@example.com", "JOB_TITLE") == "T" * 60
    assert stage.sfdd("plan", "--delta", "--detailed-exitcode").code == 0
