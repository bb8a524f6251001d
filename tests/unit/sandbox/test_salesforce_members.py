from __future__ import annotations

import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide


def labels(salesforce: SalesforceSide, campaign: str) -> list[tuple[str, bool, bool]]:
    soql = f"SELECT Label, IsDefault, HasResponded FROM CampaignMemberStatus WHERE CampaignId = '{campaign}'"
    rows = salesforce.query(soql + " ORDER BY SortOrder")["records"]
    return [(row["Label"], row["IsDefault"], row["HasResponded"]) for row in rows]


def a_status(salesforce: SalesforceSide, campaign: str, **values: object) -> str:
    usual = {"CampaignId": campaign, "Label": "Attended", "SortOrder": 5, "HasResponded": True}
    return salesforce.make("CampaignMemberStatus", **{**usual, **values})


def test_a_new_campaign_has_two_statuses(salesforce: SalesforceSide) -> None:
    campaign = salesforce.make("Campaign", Name="Spring launch")
    assert labels(salesforce, campaign) == [("Sent", True, False), ("Responded", False, True)]
    record = salesforce.record("Campaign", campaign, "Type", "Status", "IsActive")
    assert (record["Type"], record["Status"], record["IsActive"]) == ("Conference", "Planned", False)


def test_a_member_gets_the_default_status_and_answers_with_a_status_that_counts(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:00:00Z", "frozen": True})
    campaign = salesforce.a_campaign()
    member = salesforce.make("CampaignMember", CampaignId=campaign, ContactId=salesforce.a_contact())
    fields = ("Status", "HasResponded", "FirstRespondedDate")

    def seen() -> list[object]:
        record = salesforce.record("CampaignMember", member, *fields)
        return [record[name] for name in fields]

    assert seen() == ["Sent", False, None]
    salesforce.patch(f"/sobjects/CampaignMember/{member}", {"Status": "responded"})
    assert seen() == ["Responded", True, "2026-11-23"]
    salesforce.patch(f"/sobjects/CampaignMember/{member}", {"Status": "Sent"})
    assert seen() == ["Sent", False, None]
    counts = salesforce.record("Campaign", campaign, "NumberOfContacts", "NumberOfLeads", "NumberOfResponses")
    assert (counts["NumberOfContacts"], counts["NumberOfLeads"], counts["NumberOfResponses"]) == (1, 0, 0)


def test_a_pair_can_be_a_member_once(salesforce: SalesforceSide) -> None:
    campaign, contact = salesforce.a_campaign(), salesforce.a_contact()
    first = salesforce.make("CampaignMember", CampaignId=campaign, ContactId=contact)
    error = salesforce.refused_row("CampaignMember", CampaignId=campaign, ContactId=contact)
    assert error == {"errorCode": "DUPLICATE_VALUE", "message": "Already a campaign member.", "fields": []}
    salesforce.delete(f"/sobjects/CampaignMember/{first}")
    assert salesforce.make("CampaignMember", CampaignId=campaign, ContactId=contact) != first


def test_a_member_needs_a_person_and_of_two_keeps_the_contact(salesforce: SalesforceSide) -> None:
    campaign = salesforce.a_campaign()
    error = salesforce.refused_row("CampaignMember", CampaignId=campaign)
    assert error["errorCode"] == "REQUIRED_FIELD_MISSING"
    contact = salesforce.a_contact()
    both = {"CampaignId": campaign, "ContactId": contact, "LeadId": salesforce.a_lead()}
    member = salesforce.make("CampaignMember", **both)
    record = salesforce.record("CampaignMember", member, "ContactId", "LeadId")
    assert (record["ContactId"], record["LeadId"]) == (contact, None)


def test_a_status_of_another_campaign_is_refused(salesforce: SalesforceSide) -> None:
    campaign, other = salesforce.a_campaign(), salesforce.a_campaign()
    a_status(salesforce, other)
    values = {"CampaignId": campaign, "ContactId": salesforce.a_contact(), "Status": "Attended"}
    error = salesforce.refused_row("CampaignMember", **values)
    assert error["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


@pytest.mark.parametrize("field", ["CampaignId", "ContactId", "LeadId"])
def test_a_membership_cannot_be_moved(salesforce: SalesforceSide, field: str) -> None:
    member = salesforce.a_member(salesforce.a_campaign(), ContactId=salesforce.a_contact())
    answer = salesforce.patch(f"/sobjects/CampaignMember/{member}", {field: None})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_statuses_keep_one_default_and_one_answer(salesforce: SalesforceSide) -> None:
    campaign = salesforce.a_campaign()
    attended = a_status(salesforce, campaign, IsDefault=True)
    assert labels(salesforce, campaign) == [
        ("Sent", False, False),
        ("Responded", False, True),
        ("Attended", True, True),
    ]
    assert salesforce.patch(f"/sobjects/CampaignMemberStatus/{attended}", {"IsDefault": False}).status_code == 400
    assert salesforce.delete(f"/sobjects/CampaignMemberStatus/{attended}").json()[0]["errorCode"] == "DELETE_FAILED"
    twice = salesforce.refused_row("CampaignMemberStatus", CampaignId=campaign, Label="attended", SortOrder=9)
    assert twice["errorCode"] == "DUPLICATE_VALUE"


def test_a_status_that_members_have_stays_and_its_new_name_reaches_them(salesforce: SalesforceSide) -> None:
    campaign = salesforce.a_campaign()
    attended = a_status(salesforce, campaign)
    member = salesforce.a_member(campaign, ContactId=salesforce.a_contact(), Status="Attended")
    assert salesforce.delete(f"/sobjects/CampaignMemberStatus/{attended}").status_code == 400
    salesforce.patch(f"/sobjects/CampaignMemberStatus/{attended}", {"Label": "Came"})
    assert salesforce.record("CampaignMember", member, "Status")["Status"] == "Came"


@pytest.mark.parametrize("kind", ["Contact", "Lead", "Campaign"])
def test_memberships_go_with_the_person_or_the_campaign(salesforce: SalesforceSide, kind: str) -> None:
    campaign = salesforce.a_campaign()
    person = salesforce.a_lead() if kind == "Lead" else salesforce.a_contact()
    member = salesforce.a_member(campaign, **{"LeadId" if kind == "Lead" else "ContactId": person})
    salesforce.delete(f"/sobjects/{kind}/{campaign if kind == 'Campaign' else person}")
    assert salesforce.query("SELECT COUNT() FROM CampaignMember")["totalSize"] == 0
    assert [one["field"] for one in salesforce.history(record=member)] == ["created", "deleted"]
    if kind == "Campaign":
        assert salesforce.query("SELECT COUNT() FROM CampaignMemberStatus")["totalSize"] == 0


@pytest.mark.parametrize(("value", "moved"), [("no", False), ("yes", True)])
def test_whether_a_members_stamp_follows_its_person_is_a_switch(
    salesforce: SalesforceSide, value: str, moved: bool
) -> None:
    salesforce.control("PUT", "switches", {"campaign_member_stamp_follows_person": value})
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:00:00Z", "frozen": True})
    contact = salesforce.a_contact()
    member = salesforce.a_member(salesforce.a_campaign(), ContactId=contact)
    salesforce.control("PUT", "clock", {"advance_seconds": 60})
    salesforce.patch(f"/sobjects/Contact/{contact}", {"Title": "x"})
    stamp = salesforce.record("CampaignMember", member, "SystemModstamp")["SystemModstamp"]
    assert (stamp > "2026-11-23T09:00:59") is moved


def test_a_converted_lead_can_be_read_but_not_changed_or_added(salesforce: SalesforceSide) -> None:
    campaign, lead = salesforce.a_campaign(), salesforce.a_lead(Email="ada@example.org")
    member = salesforce.a_member(campaign, LeadId=lead)
    done = salesforce.control("POST", "salesforce/act", {"action": "convert_lead", "id": lead})
    record = salesforce.record("Lead", lead, "IsConverted", "ConvertedContactId")
    assert (record["IsConverted"], record["ConvertedContactId"]) == (True, done["contact"])
    assert salesforce.record("Contact", done["contact"], "Email")["Email"] == "ada@example.org"
    pair = salesforce.record("CampaignMember", member, "ContactId", "LeadId")
    assert (pair["ContactId"], pair["LeadId"]) == (done["contact"], lead)
    error = salesforce.patch(f"/sobjects/Lead/{lead}", {"Title": "x"}).json()[0]
    assert (error["errorCode"], error["message"]) == ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    other = salesforce.a_campaign()
    assert salesforce.refused_row("CampaignMember", CampaignId=other, LeadId=lead)["errorCode"] == error["errorCode"]


def test_merged_contacts_point_to_the_survivor_which_takes_their_memberships(salesforce: SalesforceSide) -> None:
    campaign = salesforce.a_campaign()
    winner, loser = salesforce.a_contact(), salesforce.a_contact()
    member = salesforce.a_member(campaign, ContactId=loser)
    act = {"action": "merge", "object": "Contact", "id": winner, "losers": [loser], "values": {"Title": "Director"}}
    salesforce.control("POST", "salesforce/act", act)
    gone = salesforce.query("SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true", path="/queryAll")
    assert [(row["Id"], row["MasterRecordId"]) for row in gone["records"]] == [(loser, winner)]
    assert salesforce.record("CampaignMember", member, "ContactId")["ContactId"] == winner
    assert salesforce.record("Contact", winner, "Title")["Title"] == "Director"
