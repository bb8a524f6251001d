"""Describes have every property that recorded ones have, with values that go with the field's type."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdd_declare.sandbox.salesforce import rows, schema, store
from sfdd_declare.sandbox.salesforce.shape import Part, shape, shape_of
from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide

NAMES = ("Account", "Campaign", "CampaignMember", "CampaignMemberStatus", "Contact", "Lead", "Organization", "User")


def describe(salesforce: SalesforceSide, name: str) -> dict[str, Any]:
    body: dict[str, Any] = salesforce.get(f"/sobjects/{name}/describe").json()
    return body


def field(salesforce: SalesforceSide, name: str, wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in describe(salesforce, name)["fields"] if one["name"] == wanted)
    return found


def keys(part: Part) -> set[str]:
    return {*part["same"], *part["own"]}


def test_the_shape_tells_what_is_always_the_same_from_what_is_an_objects_own() -> None:
    value = {"value": "a", "validFor": None}
    first = {"name": "Contact", "mergeable": True, "fields": [{"name": "Id", "mask": None, "picklistValues": [value]}]}
    lists = {"childRelationships": [{"field": "A", "junctionIdListNames": []}], "recordTypeInfos": []}
    lists |= {"supportedScopes": None, "urls": {"sobject": "/a"}}
    second = {**first, "name": "Lead", "mergeable": False, "isInterface": False}
    by_hand = {"name": "CampaignMember", "$warning": "by hand", "fields": [{"invented": 1}]}
    made = shape_of([{**first, **lists}, {**second, **lists}, by_hand])
    assert made["object"]["same"] == {"isInterface": False, "recordTypeInfos": [], "supportedScopes": None}
    assert {"mergeable", "name", "fields", "urls"} < set(made["object"]["own"])
    assert made["field"] == {"same": {"mask": None}, "own": ["name", "picklistValues"]}
    assert made["childRelationship"] == {"same": {"junctionIdListNames": []}, "own": ["field"]}
    assert made["picklistValue"] == {"same": {"validFor": None}, "own": ["value"]}
    assert made["url"]["own"] == ["sobject"]


@pytest.mark.parametrize("name", NAMES)
def test_a_describe_has_the_properties_of_the_recorded_ones(salesforce: SalesforceSide, name: str) -> None:
    body = describe(salesforce, name)
    lists = {"field": body["fields"], "childRelationship": body["childRelationships"]}
    lists |= {"recordType": body["recordTypeInfos"], "scope": body["supportedScopes"], "url": [body["urls"]]}
    lists["picklistValue"] = [value for one in body["fields"] for value in one["picklistValues"]]
    assert set(body) == keys(shape()["object"])
    for kind, entries in lists.items():
        assert {json.dumps(sorted(entry)) for entry in entries} <= {json.dumps(sorted(keys(shape()[kind])))}, kind


@pytest.mark.parametrize(
    ("name", "uses", "soap"),
    [
        ("Email", "sga", "xsd:string"),
        ("Description", "", "xsd:string"),
        ("MailingStreet", "sga", "xsd:string"),
        ("MailingAddress", "", "urn:address"),
        ("MailingLatitude", "sa", "xsd:double"),
        ("CreatedDate", "sa", "xsd:dateTime"),
        ("Birthdate", "sga", "xsd:date"),
        ("IsDeleted", "sg", "xsd:boolean"),
        ("AccountId", "sga", "tns:ID"),
        ("Newsletter_Topics__c", "", "xsd:string"),
        ("Greeting__c", "sa", "xsd:string"),
    ],
)
def test_what_a_query_can_do_with_a_field_goes_with_its_type(
    salesforce: SalesforceSide, name: str, uses: str, soap: str
) -> None:
    one = field(salesforce, "Contact", name)
    found = "".join(word[0] for word in ("sortable", "groupable", "aggregatable") if one[word])
    assert (found, one["soapType"]) == (uses, soap)


def test_defaults_and_extra_types_are_described(salesforce: SalesforceSide) -> None:
    assert field(salesforce, "Contact", "IsDeleted")["defaultValue"] is False
    assert field(salesforce, "Lead", "Status")["defaultValue"] == "Open - Not Contacted"
    assert field(salesforce, "Contact", "Email")["defaultValue"] is None
    extra = {name: field(salesforce, "Contact", name)["extraTypeInfo"] for name in ("LastName", "PhotoUrl", "Email")}
    assert extra == {"LastName": "personname", "PhotoUrl": "imageurl", "Email": None}
    assert field(salesforce, "Contact", "Description")["extraTypeInfo"] == "plaintextarea"
    assert field(salesforce, "Contact", "MailingAddress")["queryByDistance"]
    assert field(salesforce, "Contact", "MailingAddress")["filterable"]
    assert field(salesforce, "Contact", "AccountId")["searchPrefilterable"]
    assert not field(salesforce, "Contact", "OwnerId")["searchPrefilterable"]
    assert not field(salesforce, "Contact", "OwnerId")["polymorphicForeignKey"]
    owner = field(salesforce, "Lead", "OwnerId")
    assert (owner["namePointing"], owner["polymorphicForeignKey"]) == (True, True)
    assert field(salesforce, "Contact", "Greeting__c")["calculatedFormula"]


def test_objects_say_what_else_can_be_done_with_them(salesforce: SalesforceSide) -> None:
    contact, campaign = describe(salesforce, "Contact"), describe(salesforce, "Campaign")
    assert (contact["mergeable"], contact["feedEnabled"]) == (True, True)
    assert (campaign["mergeable"], campaign["feedEnabled"]) == (False, False)
    member = describe(salesforce, "CampaignMember")
    assert (member["triggerable"], member["searchable"], member["undeletable"]) == (True, False, False)
    assert {"name": "everything", "label": "All contacts"} in contact["supportedScopes"]
    (master,) = contact["recordTypeInfos"]
    layout = f"{VERSION}/sobjects/Contact/describe/layouts/012000000000000AAA"
    assert (master["urls"], master["developerName"]) == ({"layout": layout}, "Master")
    assert contact["urls"]["uiEditTemplate"] == f"{salesforce.url}/{{ID}}/e"


def test_a_describe_is_the_same_under_every_version(salesforce: SalesforceSide) -> None:
    first = salesforce.get("/sobjects/Contact/describe")
    older = salesforce.http.get("/services/data/v41.0/sobjects/Contact/describe")
    again = salesforce.get("/sobjects/Contact/describe")
    assert len({one.headers["ETag"] for one in (first, older, again)}) == 1
    assert len({one.headers["Last-Modified"] for one in (first, older, again)}) == 1
    assert older.json()["urls"]["sobject"] == "/services/data/v41.0/sobjects/Contact"


def test_the_organization_tells_when_its_trial_ends(salesforce: SalesforceSide) -> None:
    fields = "Id, Name, OrganizationType, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix"
    (record,) = salesforce.query(f"SELECT {fields} FROM Organization")["records"]
    assert record["TrialExpirationDate"] is None
    assert record["NamespacePrefix"] is None
    assert record["InstanceName"]


def test_a_custom_look_up_says_what_a_deletion_of_its_target_does(salesforce: SalesforceSide) -> None:
    link = {"type": "reference", "length": 18, "referenceTo": ["Campaign"], "flags": "CUNH"}
    names = {"A__c": "Restrict", "B__c": "Cascade", "C__c": "SetNull"}
    fields = [{**link, "name": name, "label": name, "onDelete": what} for name, what in names.items()]
    raw = {"name": "Thing__c", "label": "Thing", "labelPlural": "Things", "keyPrefix": "a00", "flags": "CUDQRVlt"}
    own = [{"name": "Id", "label": "Id", "type": "id", "length": 18, "flags": "D"}, *fields]
    store.save_object(salesforce.world, schema.read_object({**raw, "fields": own}))
    described = {one["name"]: one for one in describe(salesforce.as_admin(), "Thing__c")["fields"]}
    assert [described[name]["restrictedDelete"] for name in names] == [True, False, False]
    assert [described[name]["cascadeDelete"] for name in names] == [False, True, False]
    listed = describe(salesforce.as_admin(), "Campaign")["childRelationships"]
    children = {one["field"]: one["restrictedDelete"] for one in listed if one["childSObject"] == "Thing__c"}
    assert children == {"A__c": True, "B__c": False, "C__c": False}


def test_who_was_granted_an_object_sees_its_other_properties_too(salesforce: SalesforceSide) -> None:
    raw = {"name": "Thing__c", "label": "Thing", "labelPlural": "Things", "keyPrefix": "a00", "flags": "CUDQRVlt"}
    own = [{"name": "Id", "label": "Id", "type": "id", "length": 18, "flags": "D"}]
    store.save_object(salesforce.world, schema.read_object({**raw, "fields": own}))
    user = store.user_id(salesforce.world, store.INTEGRATION)
    (granted,) = rows.insert_many(salesforce.world, "PermissionSet", [{"Name": "Things", "Label": "Things"}])
    rows.insert_many(salesforce.world, "PermissionSetAssignment", [{"PermissionSetId": granted, "AssigneeId": user}])
    right = {"ParentId": granted, "SobjectType": "Thing__c", "PermissionsRead": True}
    rows.insert_many(salesforce.world, "ObjectPermissions", [right])
    seen = describe(salesforce, "Thing__c")
    assert (seen["queryable"], seen["createable"]) == (True, False)
    assert (seen["layoutable"], seen["triggerable"], seen["mergeable"]) == (True, True, False)
