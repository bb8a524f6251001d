from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide, rows_of

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
LINK = "Book_Link__c"
KEY = (
    "<fields><fullName>Key__c</fullName><label>Key</label><type>Text</type><length>120</length>"
    "<externalId>true</externalId><unique>true</unique></fields>"
)
CAMPAIGN = (
    "<fields><fullName>Campaign__c</fullName><label>Campaign</label><type>Lookup</type>"
    "<referenceTo>Campaign</referenceTo><relationshipName>Book_Links</relationshipName></fields>"
)
REST = (
    "<fields><fullName>Note__c</fullName><label>Note</label><type>LongTextArea</type><length>32000</length>"
    "<visibleLines>3</visibleLines></fields>"
    "<fields><fullName>Count__c</fullName><label>Count</label><type>Number</type><precision>6</precision>"
    "<scale>0</scale></fields>"
    "<fields><fullName>On__c</fullName><label>On</label><type>Checkbox</type>"
    "<defaultValue>true</defaultValue></fields>"
    "<fields><fullName>At__c</fullName><label>At</label><type>DateTime</type></fields>"
    "<fields><fullName>Name_of__c</fullName><label>Name of</label><type>TextArea</type>"
    "<required>true</required></fields>"
)


def an_object(fields: str = KEY + CAMPAIGN + REST, name_field: str = "<type>Text</type>") -> str:
    return (
        f"<CustomObject {NAMESPACE}><label>Book Link</label><pluralLabel>Book Links</pluralLabel>"
        f"<nameField><label>Name</label>{name_field}</nameField>"
        f"<deploymentStatus>Deployed</deploymentStatus><sharingModel>ReadWrite</sharingModel>{fields}</CustomObject>"
    )


def a_permission_set(*fields: str, extra: str = "") -> str:
    granted = "".join(
        f"<fieldPermissions><editable>true</editable><field>{LINK}.{name}</field><readable>true</readable>"
        "</fieldPermissions>"
        for name in fields
    )
    rights = "".join(f"<allow{right}>true</allow{right}>" for right in ("Create", "Delete", "Edit", "Read"))
    return (
        f"<PermissionSet {NAMESPACE}><label>Links</label>{granted}{extra}"
        f"<objectPermissions>{rights}<object>{LINK}</object></objectPermissions></PermissionSet>"
    )


def a_zip(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return buffer.getvalue()


def a_package(
    custom_object: str | bytes | None = None, permission_set: str | None = None, *, manifest: str | None = None
) -> bytes:
    files: dict[str, str | bytes] = {f"objects/{LINK}.object": custom_object or an_object()}
    types = f"<types><members>{LINK}</members><name>CustomObject</name></types>"
    if permission_set is not None:
        files["permissionsets/Links.permissionset"] = permission_set
        types += "<types><members>Links</members><name>PermissionSet</name></types>"
    files["package.xml"] = manifest or f"<Package {NAMESPACE}>{types}<version>66.0</version></Package>"
    return a_zip(files)


def start(salesforce: SalesforceSide, archive: bytes, *, part: str = "json", **options: Any) -> Any:
    body = json.dumps({"deployOptions": {"singlePackage": True, "rollbackOnError": True, **options}})
    files = {part: (None, body, "application/json"), "file": ("deploy.zip", archive, "application/zip")}
    return salesforce.http.post(f"{VERSION}/metadata/deployRequest", files=files)


def poll(salesforce: SalesforceSide, deploy_id: str) -> dict[str, Any]:
    answer = salesforce.get(f"/metadata/deployRequest/{deploy_id}", params={"includeDetails": "true"})
    result: dict[str, Any] = answer.json()["deployResult"]
    return result


def deployed(salesforce: SalesforceSide, archive: bytes, **options: Any) -> dict[str, Any]:
    begun = start(salesforce, archive, **options)
    assert begun.status_code == 201, begun.text
    deploy_id = begun.json()["id"]
    assert poll(salesforce, deploy_id)["status"] == "InProgress"
    return poll(salesforce, deploy_id)


def problems(result: Mapping[str, Any]) -> list[str]:
    return [failure["problem"] for failure in result["details"]["componentFailures"]]


def assign(salesforce: SalesforceSide) -> None:
    (permission_set,) = salesforce.values("SELECT Id FROM PermissionSet WHERE Name = 'Links'")
    (user,) = salesforce.values("SELECT Id FROM User WHERE Username = 'integration@acme.example'")
    salesforce.make("PermissionSetAssignment", PermissionSetId=permission_set, AssigneeId=user)


@pytest.mark.parametrize("part", ["json", "entity_content"])
def test_nothing_exists_until_the_deployment_says_so(salesforce: SalesforceSide, part: str) -> None:
    begun = start(salesforce.as_admin(), a_package(), part=part).json()
    assert begun["id"].startswith("0Af")
    assert begun["deployResult"]["status"] == "Pending"
    waiting = poll(salesforce, begun["id"])
    assert (waiting["status"], waiting["done"]) == ("InProgress", False)
    assert salesforce.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 404
    result = poll(salesforce, begun["id"])
    assert (result["status"], result["done"], result["success"]) == ("Succeeded", True, True)
    assert result["numberComponentsDeployed"] == 8
    assert salesforce.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 200
    assert poll(salesforce, begun["id"]) == result


def test_deployed_objects_are_invisible_until_a_permission_set_is_assigned(salesforce: SalesforceSide) -> None:
    granted = a_permission_set("Key__c", "Campaign__c", "Note__c", "Count__c", "On__c")
    assert deployed(salesforce, a_package(None, granted))["success"]
    assert salesforce.get(f"/sobjects/{LINK}/describe").status_code == 404
    assert salesforce.refusal(f"SELECT Id FROM {LINK}")[0] == "INVALID_TYPE"
    assign(salesforce)
    described = salesforce.get(f"/sobjects/{LINK}/describe").json()
    names = {field["name"] for field in described["fields"]}
    assert {"Name", "Key__c", "Campaign__c", "Note__c", "Count__c", "On__c", "Name_of__c"} <= names
    assert "At__c" not in names
    assert salesforce.refusal(f"SELECT At__c FROM {LINK}")[0] == "INVALID_FIELD"


def test_without_the_setting_deployed_objects_are_visible_at_once(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.fls_needs_permission_set", False)
    deployed(salesforce, a_package())
    assert salesforce.get(f"/sobjects/{LINK}/describe").status_code == 200


def test_rows_of_a_deployed_object_are_upserted_joined_and_let_go(salesforce: SalesforceSide) -> None:
    deployed(
        salesforce, a_package(an_object(name_field="<type>AutoNumber</type><displayFormat>L-{0000}</displayFormat>"))
    )
    admin = salesforce.as_admin()
    campaign = salesforce.a_campaign()
    row = {"Key__c": "a:1", "Campaign__c": campaign, "Name_of__c": "x", "Count__c": 7}
    path = f"/composite/sobjects/{LINK}/Key__c"
    made = admin.patch(path, {"records": rows_of(LINK, row)}).json()[0]
    assert made["created"] is True
    assert admin.patch(path, {"records": rows_of(LINK, row)}).json()[0]["created"] is False
    soql = f"SELECT Name, On__c, Count__c, Campaign__r.Name FROM {LINK} WHERE Campaign__r.Name = 'spring launch'"
    (record,) = admin.query(soql)["records"]
    assert (record["Name"], record["On__c"], record["Count__c"]) == ("L-0001", True, 7.0)
    assert record["Campaign__r"]["Name"] == "Spring launch"
    admin.delete(f"/sobjects/Campaign/{campaign}")
    assert admin.values(f"SELECT Campaign__c FROM {LINK}", "Campaign__c") == [None]


def test_a_later_deployment_adds_fields_and_keeps_rows(salesforce: SalesforceSide) -> None:
    deployed(salesforce, a_package(an_object(KEY)))
    admin = salesforce.as_admin()
    row = admin.make(LINK, Key__c="a:1")
    result = deployed(salesforce, a_package(an_object(KEY + CAMPAIGN)))
    assert [one["created"] for one in result["details"]["componentSuccesses"]] == [False, True, False]
    assert admin.record(LINK, row, "Key__c", "Campaign__c")["Key__c"] == "a:1"


def test_a_check_only_deployment_changes_nothing(salesforce: SalesforceSide) -> None:
    assert deployed(salesforce, a_package(), checkOnly=True)["status"] == "Succeeded"
    assert salesforce.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 404


TWO = f"<types><members>{LINK}</members><members>Two__c</members><name>CustomObject</name></types>"
BROKEN = {
    "length": (
        a_package(an_object(KEY.replace("<length>120</length>", ""))),
        "Must specify a 'length' for a CustomField of type Text",
    ),
    "type": (
        a_package(an_object(KEY.replace("Text<", "Memo<"))),
        "'Memo' is not a valid value for the enum 'FieldType'",
    ),
    "reference": (
        a_package(an_object(CAMPAIGN.replace(">Campaign</ref", ">Nope</ref"))),
        "referenceTo value of 'Nope' does not resolve",
    ),
    "label": (a_package(an_object().replace("<label>Book Link</label>", "")), "Must specify a non-empty label"),
    "xml": (a_package("<CustomObject"), "Error parsing file"),
    "document type": (a_package(f"<!DOCTYPE CustomObject>{an_object()}".encode("utf-16")), "Error parsing file"),
    "unknown field": (
        a_package(None, a_permission_set("Nope__c")),
        f"In field: field - no CustomField named {LINK}.Nope__c found",
    ),
    "required field": (
        a_package(None, a_permission_set("Name_of__c")),
        f"You cannot deploy to a required field: {LINK}.Name_of__c",
    ),
    "unlisted": (a_package(manifest=f"<Package {NAMESPACE}></Package>"), "was in the zip file but not in package.xml"),
    "no manifest": (a_zip({"objects/x.object": ""}), "No package.xml found"),
    "missing": (
        a_package(manifest=f"<Package {NAMESPACE}>{TWO}</Package>"),
        "An object 'Two__c' of type CustomObject was named in package.xml, but was not found",
    ),
}


@pytest.mark.parametrize(("archive", "problem"), BROKEN.values(), ids=BROKEN.keys())
def test_a_component_that_fails_is_named_and_takes_all_back(
    salesforce: SalesforceSide, archive: bytes, problem: str
) -> None:
    result = deployed(salesforce, archive)
    assert (result["status"], result["success"]) == ("Failed", False)
    assert result["numberComponentErrors"] == len(problems(result))
    assert any(problem in one for one in problems(result))
    assert salesforce.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 404
    assert salesforce.query("SELECT COUNT() FROM PermissionSet")["totalSize"] == 0


def test_who_may_not_deploy_is_told_so(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.may_deploy", False)
    answer = start(salesforce, a_package())
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")
    assert start(salesforce.as_admin(), a_package()).status_code == 201


@pytest.mark.parametrize("may", [True, False])
def test_users_can_ask_for_their_own_rights(salesforce: SalesforceSide, may: bool) -> None:
    salesforce.world.set_setting("salesforce.may_deploy", may)
    query = "SELECT PermissionsModifyAllData, PermissionsModifyMetadata FROM UserPermissionAccess"
    (own,) = salesforce.query(query)["records"]
    assert (own["PermissionsModifyAllData"], own["PermissionsModifyMetadata"]) == (may, may)
    (admin,) = salesforce.as_admin().query(f"{query} LIMIT 1")["records"]
    assert admin["PermissionsModifyMetadata"] is True


def test_a_body_that_is_no_deployment_is_refused(salesforce: SalesforceSide) -> None:
    assert start(salesforce, b"no zip").status_code == 400
    assert salesforce.post("/metadata/deployRequest", {"deployOptions": {}}).status_code == 400
    only_file = {"file": ("deploy.zip", a_package(), "application/zip")}
    assert salesforce.http.post(f"{VERSION}/metadata/deployRequest", files=only_file).status_code == 400
    assert salesforce.get("/metadata/deployRequest/0Af000000000001AAA").status_code == 404


def test_after_a_reset_deployed_objects_are_gone(salesforce: SalesforceSide) -> None:
    deployed(salesforce, a_package())
    salesforce.control("POST", "reset")
    assert salesforce.as_admin().get(f"/sobjects/{LINK}/describe").status_code == 404
    assert deployed(salesforce, a_package())["success"]
