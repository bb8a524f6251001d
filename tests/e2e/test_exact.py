"""`members.mode: exact` over real HTTP: who is taken out of the campaign, who stays, and what guards say (MEM-13)."""

from __future__ import annotations

import sqlite3

from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.hands import applied, campaign, flat, planned, records
from tests.e2e.stage import CONFIG, Stage, buyers

EXACT = CONFIG.replace("Department = 'Buyers'\"}", "Department = 'Buyers'\"}\n      mode: exact")


def members(stage: Stage) -> dict[str, str]:
    """Person -> CampaignMember Id."""
    return {row["LeadId"] or row["ContactId"]: row["Id"] for row in records(stage, "CampaignMember")}


def joined(stage: Stage, person: str, field: str = "ContactId") -> str:
    """Somebody adds a member by hand."""
    made = stage.admin("insert", "CampaignMember", CampaignId=campaign(stage, "Spring launch")["Id"], **{field: person})
    return str(made["id"])


def test_whom_no_selection_names_leaves_the_campaign_and_the_book_in_one_plan(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.write(EXACT)
    stage.apply()
    stage.admin("update", "Contact", ids[7], Department="Sellers")
    plan = planned(stage)
    assert "1 person is removed from the campaign; their status and first response are lost" in plan
    assert "1 to remove" in plan
    applied(stage)
    assert ids[7] not in members(stage)
    assert stage.lists_of("buyer7@example.com") == []
    assert stage.lists_of("buyer8@example.com") == ["Spring book"]


def test_members_added_by_hand_go_and_come_back_when_the_mode_is_add(stage: Stage) -> None:
    buyers(stage.world, 30)
    (stranger,) = buyers(stage.world, 1, start=30, Department="Others")
    stage.write(EXACT)
    stage.apply()
    joined(stage, stranger)
    stage.write(CONFIG)
    applied(stage)
    assert stage.lists_of("buyer30@example.com") == ["Spring book"]
    stage.write(EXACT)
    applied(stage)
    assert stranger not in members(stage)
    assert stage.lists_of("buyer30@example.com") == []


def test_a_guard_counts_the_campaigns_members_and_nobody_leaves_the_book_of_a_member_who_stays(stage: Stage) -> None:
    ids = buyers(stage.world, 40)
    stage.write(EXACT.replace("removals: managed", "removals: mirror"))
    stage.apply()
    for one in ids[:5]:
        stage.admin("update", "Contact", one, Department="Sellers")
    plan = planned(stage)
    assert "max_removals" in plan
    assert "campaign.spring" in plan
    blocked = stage.sfdd("apply", "--auto-approve")
    assert blocked.code == 5, blocked.text
    assert set(ids) == set(members(stage))
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    applied(stage, "--allow", "max_removals")
    assert set(ids[5:]) == set(members(stage))
    assert stage.lists_of("buyer0@example.com") == []


def test_a_refused_removal_keeps_the_person_on_the_book(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.write(EXACT)
    stage.apply()
    stage.admin("update", "Contact", ids[3], Department="Sellers")
    fault = {"kind": "status", "system": "salesforce", "method": "DELETE", "path": "composite/sobjects$"}
    stage.control("POST", "faults", {**fault, "status": 400, "times": 0})
    failed = stage.sfdd("apply", "--auto-approve")
    assert failed.code != 0
    assert ids[3] in members(stage)
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    stage.control("DELETE", "faults")
    applied(stage)
    assert stage.lists_of("buyer3@example.com") == []


def test_a_protected_campaign_keeps_its_members(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.write(EXACT)
    applied(stage)
    stage.write(EXACT + "guards: {protect: [campaign.spring]}\n")
    stage.admin("update", "Contact", ids[3], Department="Sellers")
    assert stage.sfdd("apply", "--auto-approve").code == 5
    assert ids[3] in members(stage)
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]


def test_MEM_13_converted_merged_and_newly_won_members_stay(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    leads = [{"LastName": f"L{n}", "Company": "Buyers", "Email": f"lead{n}@example.com"} for n in range(4)]
    converted, won, _, _ = made = rows.insert_many(stage.world, "Lead", leads)
    stage.write(EXACT.replace("      mode: exact", "      leads: {where: \"Company = 'Buyers'\"}\n      mode: exact"))
    applied(stage)
    assert len(members(stage)) == 34
    stage.control("POST", "salesforce/act", {"action": "convert_lead", "object": "Lead", "id": converted})
    stage.admin("update", "Lead", won, Company="Elsewhere")
    with sqlite3.connect(stage.folder / ".sfdd" / "state.db") as state:
        state.execute("INSERT INTO newcomers VALUES (?, ?)", (campaign(stage, "Spring launch")["Id"], won))
    stage.admin("update", "Contact", ids[1], Department="Sellers")
    merge = {"action": "merge", "object": "Contact", "id": ids[1], "losers": [ids[0]]}
    stage.control("POST", "salesforce/act", merge)
    stage.apply()
    assert {*made, *ids[1:]} == set(members(stage))


def test_the_first_plan_of_an_exact_campaign_shows_whom_it_will_remove(stage: Stage) -> None:
    buyers(stage.world, 12)
    (stranger,) = buyers(stage.world, 1, start=30, Department="Others")
    (old,) = rows.insert_many(stage.world, "Campaign", [{"Name": "Spring launch"}])
    rows.insert_many(stage.world, "CampaignMember", [{"CampaignId": old, "ContactId": stranger, "Status": "Sent"}])
    stage.write(EXACT + f"import: [{{to: campaign.spring, id: {old}}}]\n")
    assert "1 person is removed from the campaign" in flat(stage.sfdd("plan").out)
    applied(stage, "--allow", "max_removals")
    assert stranger not in members(stage)
    assert stage.lists_of("buyer30@example.com") == []
