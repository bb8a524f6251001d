"""The Metadata API over SOAP: what it lists, reads, creates, changes and deletes."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide
from tests.unit.sandbox.salesforce_soap import Soap
from tests.unit.sandbox.test_salesforce_metadata import (
    CAMPAIGN,
    KEY,
    LINK,
    REST,
    a_package,
    a_permission_set,
    an_object,
    assign,
    deployed,
)

SHOP = (
    "<fullName>Shop__c</fullName><deploymentStatus>Deployed</deploymentStatus><label>Shop</label><nameField>"
    "<label>Name</label><type>Text</type></nameField><pluralLabel>Shops</pluralLabel>"
    "<sharingModel>ReadWrite</sharingModel>"
)
CODE = (
    "<fullName>Shop__c.Code__c</fullName><externalId>true</externalId><label>Code</label><length>40</length>"
    "<type>Text</type><unique>true</unique>"
)


@pytest.fixture
def soap(salesforce: SalesforceSide) -> Soap:
    return Soap(salesforce)


def change(soap: Soap, word: str, kind: str, *items: str, header: str = "") -> list[dict[str, Any]]:
    inner = "".join(f'<metadata xsi:type="{kind}">{item}</metadata>' for item in items)
    return results(soap.call(f"<{word}Metadata>{inner}</{word}Metadata>", header=header))


def delete(soap: Soap, kind: str, *names: str, header: str = "") -> list[dict[str, Any]]:
    inner = f"<type>{kind}</type>" + "".join(f"<fullNames>{name}</fullNames>" for name in names)
    return results(soap.call(f"<deleteMetadata>{inner}</deleteMetadata>", header=header))


def results(response: Element) -> list[dict[str, Any]]:
    found = []
    for result in response:
        one: dict[str, Any] = {part.tag: part.text for part in result if part.tag != "errors"}
        errors = result.find("errors")
        if errors is not None:
            one["errors"] = (errors.findtext("statusCode"), errors.findtext("message"))
        found.append(one)
    return found


def good(*names: str, **more: str) -> list[dict[str, Any]]:
    return [{**more, "fullName": name, "success": "true"} for name in names]


def bad(name: str, code: str, message: str, **more: str) -> dict[str, Any]:
    return {**more, "errors": (code, message), "fullName": name, "success": "false"}


def read(soap: Soap, kind: str, *names: str) -> list[Element]:
    inner = f"<type>{kind}</type>" + "".join(f"<fullNames>{name}</fullNames>" for name in names)
    (result,) = soap.call(f"<readMetadata>{inner}</readMetadata>")
    return list(result)


def listed(soap: Soap, *kinds: str) -> list[Element]:
    queries = "".join(f"<queries><type>{kind}</type></queries>" for kind in kinds)
    return list(soap.call(f"<listMetadata>{queries}<asOfVersion>60.0</asOfVersion></listMetadata>"))


def texts(one: Element) -> dict[str, str | None]:
    return {part.tag: part.text for part in one if not len(part)}


def test_it_describes_what_it_has(soap: Soap) -> None:
    (result,) = soap.call("<describeMetadata/>")
    kinds = {one.findtext("xmlName"): one for one in result.findall("metadataObjects")}
    assert set(kinds) == {"CustomObject", "PermissionSet"}
    assert kinds["CustomObject"].findtext("childXmlNames") == "CustomField"
    assert texts(result) == {"organizationNamespace": None, "partialSaveAllowed": "true", "testRequired": "false"}


def test_it_lists_with_the_ids_that_the_tooling_api_tells(soap: Soap) -> None:
    deployed(soap.side, a_package(an_object(KEY), a_permission_set("Key__c")))
    found = {one.findtext("fullName"): texts(one) for one in listed(soap, "CustomObject", "CustomField")}
    assert {"Contact", "CampaignMember", LINK, f"{LINK}.Key__c", "Contact.Score__c"} <= set(found)
    assert "PermissionSet" not in found
    query = "SELECT Id FROM CustomField WHERE DeveloperName = 'Key'"
    assert found[f"{LINK}.Key__c"]["id"] == soap.side.query(query, path="/tooling/query")["records"][0]["Id"]
    assert found[f"{LINK}.Key__c"]["fileName"] == f"objects/{LINK}.object"
    assert (found["Contact"]["id"], found["Contact"]["createdDate"]) == (None, "1970-01-01T00:00:00.000Z")
    (own,) = listed(soap, "PermissionSet")
    (permission_set,) = soap.side.values("SELECT Id FROM PermissionSet")
    assert (own.findtext("id"), own.findtext("fileName")) == (permission_set, "permissionsets/Links.permissionset")
    assert own.findtext("createdByName") == "Iris Integration"


@pytest.mark.parametrize("kind", ["CustomObject", "CustomField"])
def test_what_it_reads_can_be_written_again(soap: Soap, kind: str) -> None:
    deployed(soap.side, a_package(an_object(KEY + CAMPAIGN + REST)))
    before = soap.side.as_admin().get(f"/sobjects/{LINK}/describe").json()
    names = [LINK, "Contact"]
    if kind == "CustomField":
        names = [f"{LINK}.{name}__c" for name in ("Key", "Campaign", "Note", "On")]
        names += [f"Contact.{name}__c" for name in ("Customer_Tier", "Score", "Greeting")]
    contact = soap.side.as_admin().get("/sobjects/Contact/describe").json()
    answer = soap.post(soap.envelope(f"<readMetadata><type>{kind}</type>{_full(names)}</readMetadata>")).text
    items = answer.partition("<result>")[2].partition("</result>")[0].replace("records", "metadata")
    assert results(soap.call(f"<updateMetadata>{items}</updateMetadata>")) == good(*names)
    assert soap.side.as_admin().get(f"/sobjects/{LINK}/describe").json() == before
    assert soap.side.as_admin().get("/sobjects/Contact/describe").json() == contact


def _full(names: list[str]) -> str:
    return "".join(f"<fullNames>{name}</fullNames>" for name in names)


def test_what_there_is_not_is_read_as_nothing(soap: Soap) -> None:
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    names = ("Nope__c", "Contact", "PermissionSet")
    assert [one.get(nil) for one in read(soap, "CustomObject", *names)] == ["true", None, "true"]
    fields = ("Contact.Email", "Contact.Score__c", "Contact", "", "Nope__c.Score__c")
    assert [one.get(nil) for one in read(soap, "CustomField", *fields)] == ["true", None, "true", "true", "true"]


def test_a_permission_set_is_read(soap: Soap) -> None:
    deployed(soap.side, a_package(an_object(KEY), a_permission_set("Key__c")))
    (one,) = read(soap, "PermissionSet", "Links")
    rights, right = one.find("fieldPermissions"), one.find("objectPermissions")
    assert rights is not None
    assert right is not None
    assert texts(rights) == {"editable": "true", "field": f"{LINK}.Key__c", "readable": "true"}
    assert (right.findtext("allowDelete"), right.findtext("modifyAllRecords")) == ("true", "false")


def test_objects_and_fields_are_created_and_take_rows(soap: Soap) -> None:
    assert change(soap, "create", "CustomObject", SHOP) == good("Shop__c")
    assert change(soap, "create", "CustomField", CODE) == good("Shop__c.Code__c")
    admin = soap.side.as_admin()
    row = admin.make("Shop__c", Name="One", Code__c="a")
    assert admin.get("/sobjects/Shop__c/Code__c/a").json()["Id"] == row
    assert soap.side.get("/sobjects/Shop__c/describe").status_code == 404  # nobody was granted anything yet
    granted = (
        "<fullName>Links</fullName><fieldPermissions><editable>true</editable><field>Shop__c.Code__c</field>"
        "<readable>true</readable></fieldPermissions><label>Links</label>"
        "<objectPermissions><allowRead>true</allowRead><object>Shop__c</object></objectPermissions>"
    )
    assert change(soap, "upsert", "met:PermissionSet", granted) == good("Links", created="true")
    assign(soap.side)
    assert soap.side.record("Shop__c", row, "Code__c")["Code__c"] == "a"


def test_each_component_has_a_verdict_of_its_own(soap: Soap) -> None:
    change(soap, "create", "CustomObject", SHOP)
    broken = "<fullName>Shop__c.Bad__c</fullName><label>Bad</label><type>Text</type>"
    assert change(soap, "create", "CustomField", CODE, broken, CODE, CODE.replace("Shop__c.", "Nope__c.")) == [
        *good("Shop__c.Code__c"),
        bad("Shop__c.Bad__c", "FIELD_INTEGRITY_EXCEPTION", "Must specify a 'length' for a CustomField of type Text"),
        bad("Shop__c.Code__c", "DUPLICATE_DEVELOPER_NAME", "There is already a CustomField named Shop__c.Code__c"),
        bad(
            "Nope__c.Code__c",
            "FIELD_INTEGRITY_EXCEPTION",
            "Entity of type 'CustomObject' named 'Nope__c' cannot be found",
        ),
    ]
    described = soap.side.as_admin().get("/sobjects/Shop__c/describe").json()["fields"]
    assert [one["name"] for one in described if one["custom"]] == ["Code__c"]


def test_an_object_with_a_broken_field_is_not_created(soap: Soap) -> None:
    fields = "<fields><fullName>Bad__c</fullName><label>Bad</label><type>Memo</type></fields>"
    problem = "'Memo' is not a valid value for the enum 'FieldType'"
    (one,) = change(soap, "create", "CustomObject", SHOP + KEY + fields)
    assert one == bad("Shop__c", "FIELD_INTEGRITY_EXCEPTION", problem)
    assert soap.side.as_admin().get("/sobjects/Shop__c/describe").status_code == 404


def test_all_or_none_takes_all_back(soap: Soap) -> None:
    header = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
    change(soap, "create", "CustomObject", SHOP)
    rolled_back = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    seen = change(soap, "upsert", "CustomField", CODE, "<fullName>Shop__c.Bad__c</fullName>", header=header)
    assert [one["errors"][0] for one in seen] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "FIELD_INTEGRITY_EXCEPTION"]
    assert seen[0] == bad("Shop__c.Code__c", "ALL_OR_NONE_OPERATION_ROLLED_BACK", rolled_back, created="false")
    assert (
        delete(soap, "CustomField", "Shop__c.Code__c", header=header)[0]["errors"][0] == "INVALID_CROSS_REFERENCE_KEY"
    )
    assert change(soap, "upsert", "CustomField", CODE, header=header) == good("Shop__c.Code__c", created="true")


def test_an_update_changes_and_an_upsert_does_either(soap: Soap) -> None:
    change(soap, "create", "CustomObject", SHOP)
    other = CODE.replace("<label>Code", "<label>Other")
    missing = bad("Shop__c.Code__c", "INVALID_CROSS_REFERENCE_KEY", "no CustomField named Shop__c.Code__c found")
    assert change(soap, "update", "CustomField", CODE) == [missing]
    assert change(soap, "upsert", "CustomField", CODE) == good("Shop__c.Code__c", created="true")
    assert change(soap, "upsert", "CustomField", CODE) == good("Shop__c.Code__c", created="false")
    assert change(soap, "update", "CustomField", other) == good("Shop__c.Code__c")
    (field,) = read(soap, "CustomField", "Shop__c.Code__c")
    assert field.findtext("label") == "Other"
    (wrong,) = change(soap, "update", "CustomField", CODE.replace("Text", "Email"))
    assert wrong["errors"][1] == "Cannot change type of field Code__c from string to email"


def test_a_deleted_field_is_gone_with_all_that_it_held(soap: Soap) -> None:
    change(soap, "create", "CustomObject", SHOP)
    change(soap, "create", "CustomField", CODE)
    admin = soap.side.as_admin()
    row = admin.make("Shop__c", Name="One", Code__c="a")
    assert delete(soap, "CustomField", "Shop__c.Code__c", "Shop__c.Code__c") == [
        *good("Shop__c.Code__c"),
        bad("Shop__c.Code__c", "INVALID_CROSS_REFERENCE_KEY", "no CustomField named Shop__c.Code__c found"),
    ]
    assert admin.refusal("SELECT Code__c FROM Shop__c")[0] == "INVALID_FIELD"
    again = CODE.replace("Text", "Date").replace("<unique>true</unique>", "")
    assert change(soap, "create", "CustomField", again) == good("Shop__c.Code__c")
    assert admin.record("Shop__c", row, "Code__c")["Code__c"] is None


def test_fields_that_came_with_the_org_can_be_deleted(soap: Soap) -> None:
    record = soap.side.a_contact(Score__c=3)
    names = ("Contact.Score__c", "Contact.External_Ref__c", "Contact.Greeting__c")
    assert delete(soap, "CustomField", *names) == good(*names)
    assert "Score__c" not in soap.side.record("Contact", record)
    assert soap.side.a_contact()
    refused = delete(soap, "CustomField", "Contact.Email")
    assert refused == [bad("Contact.Email", "INVALID_CROSS_REFERENCE_KEY", "no CustomField named Contact.Email found")]


def test_the_next_page_of_a_query_is_gone_with_the_field(soap: Soap) -> None:
    soap.side.world.set_setting("salesforce.page_size", 1)
    for _ in range(2):
        soap.side.a_contact(Score__c=3)
    url = soap.side.query("SELECT Score__c FROM Contact")["nextRecordsUrl"]
    delete(soap, "CustomField", "Contact.Score__c")
    assert soap.side.http.get(url).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_deleted_object_is_gone_with_its_rows_and_rights(soap: Soap) -> None:
    deployed(soap.side, a_package(an_object(KEY), a_permission_set("Key__c")))
    soap.side.as_admin().make(LINK, Key__c="a")
    assert delete(soap, "CustomObject", LINK) == good(LINK)
    assert soap.side.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 404
    (one,) = read(soap, "PermissionSet", "Links")
    assert (one.find("fieldPermissions"), one.find("objectPermissions")) == (None, None)
    deployed(soap.side, a_package(an_object(KEY)))
    assert soap.side.as_admin().query(f"SELECT COUNT() FROM {LINK}")["totalSize"] == 0


def test_an_object_that_is_needed_is_kept(soap: Soap) -> None:
    change(soap, "create", "CustomObject", SHOP, SHOP.replace("Shop__c", "Other__c"))
    link = (
        "<fullName>Other__c.Shop__c</fullName><label>Shop</label><referenceTo>Shop__c</referenceTo>"
        "<relationshipName>Others</relationshipName><type>Lookup</type>"
    )
    change(soap, "create", "CustomField", link)
    standard, needed = delete(soap, "CustomObject", "Contact", "Shop__c")
    assert standard["errors"][1] == "The standard object Contact cannot be deleted"
    assert needed["errors"][1].endswith("referenced elsewhere in salesforce.com: Other__c.Shop__c")
    assert delete(soap, "CustomObject", "Other__c", "Shop__c") == good("Other__c", "Shop__c")


def test_a_permission_set_is_deleted_with_what_it_granted(soap: Soap) -> None:
    deployed(soap.side, a_package(an_object(KEY), a_permission_set("Key__c")))
    assign(soap.side)
    assert soap.side.get(f"/sobjects/{LINK}/describe").status_code == 200
    assert delete(soap, "PermissionSet", "Links") == good("Links")
    assert soap.side.get(f"/sobjects/{LINK}/describe").status_code == 404
    assert soap.side.query("SELECT COUNT() FROM PermissionSetAssignment")["totalSize"] == 0


def test_a_deleted_field_is_granted_to_nobody_any_more(soap: Soap) -> None:
    deployed(soap.side, a_package(an_object(KEY), a_permission_set("Key__c")))
    assert delete(soap, "CustomField", f"{LINK}.Key__c") == good(f"{LINK}.Key__c")
    (one,) = read(soap, "PermissionSet", "Links")
    assert (one.find("fieldPermissions"), one.find("objectPermissions") is None) == (None, False)


def test_a_formula_is_refused_in_words(soap: Soap) -> None:
    formula = "<fullName>Contact.F__c</fullName><formula>1</formula><label>F</label><type>Text</type>"
    (one,) = change(soap, "create", "CustomField", formula)
    assert one["errors"][1] == "Formula fields are not supported by the sandbox"


@pytest.mark.parametrize(
    "call",
    [
        '<createMetadata><metadata xsi:type="Layout"/></createMetadata>',
        "<createMetadata><metadata/></createMetadata>",
        "<readMetadata><type>Layout</type></readMetadata>",
        "<deleteMetadata><type>Layout</type></deleteMetadata>",
    ],
)
def test_other_types_are_refused(soap: Soap, call: str) -> None:
    words = "INVALID_TYPE: This type of metadata is not available for this organization"
    assert soap.refusal(call) == ("sf:INVALID_TYPE", words)


def test_other_types_are_not_listed(soap: Soap) -> None:
    call = "<listMetadata><queries><type>Layout</type></queries></listMetadata>"
    assert soap.refusal(call) == ("sf:INVALID_TYPE", "INVALID_TYPE: Unknown type:Layout")


@pytest.mark.parametrize(
    ("call", "most"),
    [
        ("<listMetadata>" + "<queries><type>CustomField</type></queries>" * 4 + "</listMetadata>", 3),
        ("<readMetadata><type>CustomField</type>" + "<fullNames>x</fullNames>" * 11 + "</readMetadata>", 10),
        ("<deleteMetadata><type>CustomField</type>" + "<fullNames>x</fullNames>" * 11 + "</deleteMetadata>", 10),
        ("<createMetadata>" + '<metadata xsi:type="CustomField"/>' * 11 + "</createMetadata>", 10),
    ],
)
def test_too_many_at_once(soap: Soap, call: str, most: int) -> None:
    words = f"EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than {most} records in this operation"
    assert soap.refusal(call) == ("sf:EXCEEDED_ID_LIMIT", words)


@pytest.mark.parametrize("kind", ["CustomObject", "CustomField", "PermissionSet"])
def test_a_component_without_a_name(soap: Soap, kind: str) -> None:
    assert [one["errors"][0] for one in change(soap, "create", kind, "")] == ["REQUIRED_FIELD_MISSING"]


def test_who_may_not_deploy_may_do_nothing_here(soap: Soap) -> None:
    soap.side.world.set_setting("salesforce.may_deploy", False)
    own = Soap(soap.side, token=soap.side.running.access.token)
    for call in ("<describeMetadata/>", "<readMetadata/>", "<deploy/>"):
        assert own.refusal(call)[0] == "sf:INSUFFICIENT_ACCESS"
    soap.call("<describeMetadata/>")
