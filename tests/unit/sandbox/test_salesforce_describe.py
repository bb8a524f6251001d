from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide, a_query

OPT_OUT = "HasOptedOutOfEmail"


def fields_of(salesforce: SalesforceSide, name: str) -> dict[str, dict[str, Any]]:
    described = salesforce.get(f"/sobjects/{name}/describe").json()
    return {field["name"]: field for field in described["fields"]}


def test_fields_are_described_with_what_a_sync_needs(salesforce: SalesforceSide) -> None:
    contact = fields_of(salesforce, "Contact")
    email = contact["Email"]
    assert (email["type"], email["length"], email["idLookup"], email["nillable"]) == ("email", 80, True, True)
    assert contact["LastName"]["createable"]
    assert not contact["LastName"]["nillable"]
    assert contact["AccountId"]["referenceTo"] == ["Account"]
    assert contact["AccountId"]["relationshipName"] == "Account"
    assert not contact["Description"]["filterable"]
    assert (contact["Score__c"]["precision"], contact["Score__c"]["scale"]) == (4, 1)
    assert contact["Greeting__c"]["calculated"]
    assert not contact["Greeting__c"]["updateable"]
    tiers = {value["value"]: value["active"] for value in contact["Customer_Tier__c"]["picklistValues"]}
    assert tiers == {"Gold": True, "Silver": True, "Bronze": True, "Platinum": False}
    assert contact["Customer_Tier__c"]["restrictedPicklist"]
    assert contact["External_Ref__c"]["unique"]
    assert contact["External_Ref__c"]["externalId"]
    lead = fields_of(salesforce, "Lead")
    required = [name for name, field in lead.items() if field["createable"] and not field["nillable"]]
    assert {name for name in required if not lead[name]["defaultedOnCreate"]} == {"LastName", "Company"}
    assert lead["OwnerId"]["referenceTo"] == ["Group", "User"]


@pytest.mark.parametrize(("name", "updateable"), [("Contact", True), ("Lead", True), ("CampaignMember", False)])
def test_email_opt_out_is_there_and_only_people_can_be_changed(
    salesforce: SalesforceSide, name: str, updateable: bool
) -> None:
    field = fields_of(salesforce, name)[OPT_OUT]
    assert field["type"] == "boolean"
    assert field["updateable"] is updateable


def test_a_hidden_field_is_as_if_it_did_not_exist(salesforce: SalesforceSide) -> None:
    misspelt = salesforce.refusal("SELECT HasOptedOutOfEmali FROM Contact")
    salesforce.world.set_setting("salesforce.hidden_fields", ["Contact.HasOptedOutOfEmail"])
    assert OPT_OUT not in fields_of(salesforce, "Contact")
    assert OPT_OUT in fields_of(salesforce, "Lead")
    hidden = salesforce.refusal(f"SELECT {OPT_OUT} FROM Contact")
    assert hidden == (misspelt[0], misspelt[1].replace("HasOptedOutOfEmali", OPT_OUT))
    code, message = salesforce.refusal(f"SELECT Contact.{OPT_OUT} FROM CampaignMember")
    assert code == "INVALID_FIELD"
    assert f"No such column '{OPT_OUT}' on entity 'Contact'" in message
    assert salesforce.refused_row("Contact", LastName="a", **{OPT_OUT: True})["errorCode"] == "INVALID_FIELD"
    assert OPT_OUT in fields_of(salesforce.as_admin(), "Contact")


def test_fields_are_hidden_per_user(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.hidden_fields", {"somebody@acme.example": ["Contact.Title"]})
    assert "Title" in fields_of(salesforce, "Contact")
    salesforce.world.set_setting("salesforce.hidden_fields", {"integration@acme.example": ["contact.title"]})
    assert "Title" not in fields_of(salesforce, "Contact")


def test_a_read_only_field_is_seen_but_cannot_be_written(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.readonly_fields", ["Contact.Title"])
    title = fields_of(salesforce, "Contact")["Title"]
    assert not title["updateable"]
    assert not title["createable"]
    contact = salesforce.a_contact(Title="Director")
    assert salesforce.values("SELECT Title FROM Contact", "Title") == ["Director"]
    error = salesforce.patch(f"/sobjects/Contact/{contact}", {"Title": "x"}).json()[0]
    assert (error["errorCode"], error["fields"]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Title"])


def test_a_describe_is_not_sent_again_until_it_changes(salesforce: SalesforceSide) -> None:
    first = salesforce.get("/sobjects/Contact/describe")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    again = salesforce.get("/sobjects/Contact/describe", headers=since)
    assert (again.status_code, again.content) == (304, b"")
    salesforce.world.set_setting("salesforce.hidden_fields", ["Contact.Title"])
    assert salesforce.get("/sobjects/Contact/describe", headers=since).status_code == 200


def test_four_describes_fit_one_composite(salesforce: SalesforceSide) -> None:
    names = ("Contact", "Lead", "Campaign", "CampaignMember")
    answers = salesforce.composite(
        *({"method": "GET", "url": f"{VERSION}/sobjects/{name}/describe", "referenceId": name} for name in names)
    )
    assert [answer["body"]["name"] for answer in answers] == list(names)


def test_children_and_the_list_of_objects(salesforce: SalesforceSide) -> None:
    campaign = salesforce.get("/sobjects/Campaign/describe").json()
    members = next(one for one in campaign["childRelationships"] if one["childSObject"] == "CampaignMember")
    assert (members["field"], members["relationshipName"], members["cascadeDelete"]) == (
        "CampaignId",
        "CampaignMembers",
        True,
    )
    objects = {one["name"]: one for one in salesforce.get("/sobjects").json()["sobjects"]}
    assert objects["CampaignMember"]["undeletable"] is False
    assert objects["Contact"]["keyPrefix"] == "003"
    counts = salesforce.get("/limits/recordCount", params={"sObjects": "Contact,User"}).json()
    assert counts == {"sObjects": [{"count": 2, "name": "User"}]}


def test_the_org_its_users_and_queues_can_be_queried(salesforce: SalesforceSide) -> None:
    assert salesforce.query("SELECT Id, IsSandbox FROM Organization")["records"][0]["Id"].startswith("00D")
    (queue,) = salesforce.values("SELECT Id FROM Group WHERE Type = 'Queue' AND Name = 'Web leads'")
    lead = salesforce.make("Lead", LastName="a", Company="b", OwnerId=queue)
    (record,) = salesforce.query(f"SELECT Owner.Name, Owner.Type FROM Lead WHERE Id = '{lead}'")["records"]
    assert (record["Owner"]["Name"], record["Owner"]["Type"]) == ("Web leads", "Queue")


def test_unknown_paths_methods_and_versions_are_refused_in_salesforces_form(salesforce: SalesforceSide) -> None:
    gone = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    for path in ("/nope", "/sobjects/Nope", "/sobjects/Nope/describe"):
        answer = salesforce.get(path)
        assert (answer.status_code, answer.json()) == (404, gone)
    wrong = salesforce.http.put(f"{VERSION}/query")
    assert (wrong.status_code, wrong.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    nobody = httpx.get(f"{salesforce.url}{VERSION}/sobjects")
    assert (nobody.status_code, nobody.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_a_query_in_a_composite_keeps_its_own_error(salesforce: SalesforceSide) -> None:
    (answer,) = salesforce.composite(a_query("SELECT Nope FROM Contact"))
    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == (400, "INVALID_FIELD")
