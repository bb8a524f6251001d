from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide


def test_a_record_is_created_read_changed_and_deleted(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:15:12.700Z", "frozen": True})
    made = salesforce.post(
        "/sobjects/Contact", {"LastName": " Müller ", "FirstName": "Ada", "Email": "ada@example.org"}
    )
    record_id = made.json()["id"]
    assert made.json() == {"id": record_id, "success": True, "errors": []}
    assert made.headers["Location"] == f"{VERSION}/sobjects/Contact/{record_id}"
    salesforce.control("PUT", "clock", {"advance_seconds": 60})
    changed = salesforce.patch(f"/sobjects/Contact/{record_id[:15]}", {"Title": "Director", "FirstName": None})
    assert (changed.status_code, changed.content) == (204, b"")
    record = salesforce.record("Contact", record_id)
    assert (record["Name"], record["FirstName"], record["Title"]) == ("Müller", None, "Director")
    assert record["CreatedDate"] == "2026-11-23T09:15:12.000+0000"
    assert record["SystemModstamp"] == record["LastModifiedDate"] == "2026-11-23T09:16:12.000+0000"
    user = salesforce.values("SELECT Id FROM User WHERE Username = 'integration@acme.example'")[0]
    assert record["LastModifiedById"] == record["CreatedById"] == record["OwnerId"] == user
    assert salesforce.delete(f"/sobjects/Contact/{record_id}").status_code == 204
    gone = salesforce.get(f"/sobjects/Contact/{record_id}")
    assert gone.status_code == 404
    assert gone.json() == [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    again = salesforce.patch(f"/sobjects/Contact/{record_id}", {"Title": "x"})
    assert (again.status_code, again.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_an_id_has_the_checksum_of_salesforce(salesforce: SalesforceSide) -> None:
    from sfdd_declare.sandbox.salesforce import ids

    assert ids.normalise("001A0000006Vm9u") == "001A0000006Vm9uIAC"
    assert ids.normalise("001a0000006vm9uiac") == "001A0000006Vm9uIAC"
    assert ids.normalise("001A0000006Vm9uIAD") is None
    assert salesforce.a_contact().startswith("003")


@pytest.mark.parametrize(
    ("values", "code", "message", "fields"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        ({"LastName": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
        ({"LastName": "x" * 81}, "STRING_TOO_LONG", "Last Name: data value too large: xxx", ["LastName"]),
        ({"Email": "ada@nowhere"}, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: ada@nowhere", ["Email"]),
        (
            {"Customer_Tier__c": "Tin"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "picklist field: Tin",
            ["Customer_Tier__c"],
        ),
        (
            {"Newsletter_Topics__c": "Jobs;Tin"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "field: Tin",
            ["Newsletter_Topics__c"],
        ),
        ({"Score__c": 1000}, "NUMBER_OUTSIDE_VALID_RANGE", "outside of valid range", ["Score__c"]),
        ({"Score__c": 1e300}, "NUMBER_OUTSIDE_VALID_RANGE", "outside of valid range", ["Score__c"]),
        (
            {"Score__c": "many"},
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of double from VALUE_STRING value many",
            None,
        ),
        (
            {"Last_Visit__c": "23.11.2026"},
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of date from VALUE_STRING",
            None,
        ),
        ({"Vip__c": "yes"}, "JSON_PARSER_ERROR", "Cannot deserialize instance of boolean", None),
        ({"Vip__c": None}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "value not of required type", ["Vip__c"]),
        ({"Phone": 12345}, "JSON_PARSER_ERROR", "Cannot deserialize instance of phone from VALUE_NUMBER_INT", None),
        ({"Title": {"a": 1}}, "JSON_PARSER_ERROR", "Cannot deserialize instance of string from START_OBJECT", None),
        ({"Titel": "x"}, "INVALID_FIELD", "No such column 'Titel' on sobject of type Contact", None),
        ({"Id": "003000000000001AAA"}, "INVALID_FIELD", "The Id field should not be specified", ["Id"]),
        (
            {"Greeting__c": "Hi"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: Greeting__c.",
            ["Greeting__c"],
        ),
        ({"Name": "A B"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Name.", ["Name"]),
        ({"AccountId": "nonsense"}, "MALFORMED_ID", "Account ID: id value of incorrect type: nonsense", ["AccountId"]),
        (
            {"AccountId": "001000000000001AAA"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            ["AccountId"],
        ),
    ],
)
def test_a_wrong_value_is_refused_with_code_message_and_fields(
    salesforce: SalesforceSide, values: dict[str, Any], code: str, message: str, fields: list[str] | None
) -> None:
    usual = {} if code == "REQUIRED_FIELD_MISSING" else {"LastName": "Okafor"}
    error = salesforce.refused_row("Contact", **{**usual, **values})
    assert error["errorCode"] == code
    assert message in error["message"]
    assert error.get("fields") == fields
    assert salesforce.query("SELECT COUNT() FROM Contact")["totalSize"] == 0


def test_values_are_stored_in_their_one_form(salesforce: SalesforceSide) -> None:
    record_id = salesforce.make(
        "Contact",
        LastName="Okafor",
        Score__c=2.25,
        Last_Seen__c="2026-03-01T12:00:00.999+02:00",
        Newsletter_Topics__c="Jobs;Events",
        Title="",
        MailingCity="Łódź",
    )
    record = salesforce.record("Contact", record_id)
    assert record["Score__c"] == 2.3
    assert record["Last_Seen__c"] == "2026-03-01T10:00:00.000+0000"
    assert record["Newsletter_Topics__c"] == "Jobs;Events"
    assert record["Title"] is None
    assert record["Vip__c"] is False
    assert record["MailingAddress"]["city"] == "Łódź"
    assert record["Greeting__c"] == "Dear Okafor"


def test_a_field_with_a_default_may_be_left_out_but_not_emptied(salesforce: SalesforceSide) -> None:
    lead = salesforce.make("Lead", LastName="a", Company="b", Status=None)
    assert salesforce.record("Lead", lead, "Status")["Status"] == "Open - Not Contacted"
    error = salesforce.patch(f"/sobjects/Lead/{lead}", {"Status": None, "Company": ""}).json()[0]
    assert (error["errorCode"], error["fields"]) == ("REQUIRED_FIELD_MISSING", ["Status", "Company"])


def test_an_edit_moves_both_stamps_a_machine_only_one(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:00:00Z", "frozen": True})
    contact = salesforce.a_contact()
    salesforce.control("PUT", "clock", {"advance_seconds": 10})
    salesforce.control("POST", "salesforce/act", {"action": "touch", "object": "Contact", "id": contact})
    record = salesforce.record("Contact", contact, "LastModifiedDate", "SystemModstamp")
    assert record["LastModifiedDate"][:19] == "2026-11-23T09:00:00"
    assert record["SystemModstamp"][:19] == "2026-11-23T09:00:10"


def test_upsert_by_external_id_creates_then_updates(salesforce: SalesforceSide) -> None:
    path = "/sobjects/Contact/External_Ref__c/main:77:a%2Fb"
    first = salesforce.patch(path, {"LastName": "Okafor"})
    second = salesforce.patch(path, {"Title": "Director"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    found = salesforce.values("SELECT External_Ref__c FROM Contact", "External_Ref__c")
    assert found == ["main:77:a/b"]
    missing = salesforce.patch("/sobjects/Contact/External_Ref__c/other?updateOnly=true", {"Title": "x"})
    assert missing.status_code == 404
    no_key = salesforce.patch("/sobjects/Contact/Title/Director", {"LastName": "x"})
    assert no_key.json()[0]["errorCode"] == "NOT_FOUND"


def test_upsert_by_a_key_that_several_share_lists_them(salesforce: SalesforceSide) -> None:
    ids = [salesforce.a_contact(Email="ada@example.org") for _ in range(2)]
    answer = salesforce.patch("/sobjects/Contact/Email/ada@example.org", {"Title": "x"})
    assert answer.status_code == 300
    assert answer.json() == [f"{VERSION}/sobjects/Contact/{record_id}" for record_id in ids]


def test_a_unique_value_cannot_be_used_twice(salesforce: SalesforceSide) -> None:
    first = salesforce.make("Contact", LastName="a", External_Ref__c="X1")
    error = salesforce.refused_row("Contact", LastName="b", External_Ref__c="x1")
    assert error["errorCode"] == "DUPLICATE_VALUE"
    assert error["message"].endswith(f"duplicates value on record with id: {first[:15]}")
    salesforce.delete(f"/sobjects/Contact/{first}")
    salesforce.make("Contact", LastName="b", External_Ref__c="x1")


def test_a_reference_may_be_given_by_external_id(salesforce: SalesforceSide) -> None:
    boss = salesforce.make("Contact", LastName="Boss", External_Ref__c="B-1")
    record_id = salesforce.make("Contact", LastName="a", ReportsTo={"External_Ref__c": "B-1"})
    assert salesforce.record("Contact", record_id, "ReportsToId")["ReportsToId"] == boss
    error = salesforce.refused_row("Contact", LastName="a", ReportsTo={"External_Ref__c": "B-2"})
    assert error["message"] == "Foreign key external ID: B-2 not found for field External_Ref__c in entity Contact"


def test_an_assignment_rule_takes_leads_away_unless_told_not_to(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.assignment_rule_owner", "admin@acme.example")
    admin = salesforce.values("SELECT Id FROM User WHERE Username = 'admin@acme.example'")[0]
    own = {"Sforce-Auto-Assign": "FALSE"}
    lead = salesforce.post("/sobjects/Lead", {"LastName": "a", "Company": "b"}, headers=own).json()["id"]
    before = salesforce.record("Lead", lead, "OwnerId")["OwnerId"]
    salesforce.patch(f"/sobjects/Lead/{lead}", {"Title": "x"}, headers=own)
    assert salesforce.record("Lead", lead, "OwnerId")["OwnerId"] == before != admin
    salesforce.patch(f"/sobjects/Lead/{lead}", {"Title": "y"})
    assert salesforce.record("Lead", lead, "OwnerId")["OwnerId"] == admin


def test_a_duplicate_rule_blocks_or_alerts(salesforce: SalesforceSide) -> None:
    salesforce.a_contact(Email="ada@example.org")
    lead = {"LastName": "a", "Company": "b", "Email": "ADA@example.org"}
    allow = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false"}
    salesforce.world.set_setting("salesforce.duplicate_rule", "alert")
    refused = salesforce.post("/sobjects/Lead", lead)
    assert refused.json()[0]["errorCode"] == "DUPLICATES_DETECTED"
    assert salesforce.post("/sobjects/Lead", lead, headers=allow).status_code == 201
    salesforce.world.set_setting("salesforce.duplicate_rule", "block")
    assert salesforce.post("/sobjects/Lead", lead, headers=allow).status_code == 400


def test_every_change_is_in_the_history_with_the_user_who_made_it(salesforce: SalesforceSide) -> None:
    contact = salesforce.make("Contact", LastName="Okafor", HasOptedOutOfEmail=False)
    salesforce.patch(f"/sobjects/Contact/{contact}", {"HasOptedOutOfEmail": True, "LastName": "Okafor"})
    salesforce.as_admin().delete(f"/sobjects/Contact/{contact}")
    entries = salesforce.history(kind="Contact", record=contact)
    assert [(one["field"], one["old"], one["who"]) for one in entries] == [
        ("created", None, "integration@acme.example"),
        ("HasOptedOutOfEmail", 0, "integration@acme.example"),
        ("deleted", None, "admin@acme.example"),
    ]
    assert entries[0]["new"]["LastName"] == "Okafor"
    assert entries[1]["new"] == 1


def test_a_record_is_deleted_by_a_key_and_several_are_named(salesforce: SalesforceSide) -> None:
    mine, *others = (
        salesforce.a_contact(Email=email) for email in ("ada@example.com", "b@example.com", "b@example.com")
    )
    path = "/sobjects/Contact/Email"
    assert salesforce.delete(f"{path}/ada@example.com").status_code == 204
    assert salesforce.values("SELECT Id FROM Contact") == others
    assert salesforce.delete(f"{path}/ada@example.com").status_code == 404
    several = salesforce.delete(f"{path}/b@example.com")
    assert (several.status_code, len(several.json())) == (300, 2)
    assert mine not in salesforce.values("SELECT Id FROM Contact")


def test_a_post_may_stand_for_another_method(salesforce: SalesforceSide) -> None:
    mine = salesforce.a_contact()
    path = f"/sobjects/Contact/{mine}?_HttpMethod="
    assert salesforce.post(f"{path}PATCH", {"FirstName": "Ada"}).status_code == 204
    assert salesforce.record("Contact", mine)["FirstName"] == "Ada"
    assert salesforce.post(f"{path}PUT", {}).status_code == 405
    assert salesforce.post(f"{path}DELETE", {}).status_code == 204
    assert salesforce.get(f"/sobjects/Contact/{mine}").status_code == 404


def test_a_query_plan_is_refused_in_words(salesforce: SalesforceSide) -> None:
    (error,) = salesforce.get("/query", params={"explain": "SELECT Id FROM Contact"}).json()
    assert "not supported by the sandbox" in error["message"]
