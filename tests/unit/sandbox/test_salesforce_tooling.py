"""The Tooling API over the world's custom objects and fields."""

from __future__ import annotations

from typing import Any

import pytest

from sfdd_declare.sandbox.salesforce import schema, store
from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide

TOOLING = f"{VERSION}/tooling"
QUERY = "/tooling/query"


def a_link(salesforce: SalesforceSide) -> None:
    """A custom object with one field, as a deployment leaves it."""
    fields = [
        {"name": "Id", "label": "Id", "type": "id", "length": 18, "flags": "D"},
        {"name": "Key__c", "label": "Key", "type": "string", "length": 120, "flags": "CUNQEX"},
    ]
    raw = {"name": "Book_Link__c", "label": "Book Link", "labelPlural": "Book Links", "keyPrefix": "a00"}
    store.save_object(salesforce.world, schema.read_object({**raw, "flags": "CUDQRV", "fields": fields}))


def refused(salesforce: SalesforceSide, soql: str) -> str:
    (error,) = salesforce.get(QUERY, params={"q": soql}).json()
    return str(error["errorCode"])


def test_custom_fields_are_found_by_object_and_name(salesforce: SalesforceSide) -> None:
    soql = "SELECT Id, FullName, Length, EntityDefinition.QualifiedApiName, CreatedBy.Name FROM CustomField "
    found = salesforce.query(f"{soql} WHERE TableEnumOrId = 'Contact' AND DeveloperName = 'External_Ref'", path=QUERY)
    (record,) = found["records"]
    assert (found["size"], found["totalSize"], found["done"]) == (1, 1, True)
    assert (found["entityTypeName"], found["queryLocator"]) == ("CustomField", None)
    assert record["Id"].startswith("00N")
    assert (record["FullName"], record["Length"]) == ("Contact.External_Ref__c", 80)
    assert record["EntityDefinition"]["QualifiedApiName"] == "Contact"
    assert record["attributes"] == {"type": "CustomField", "url": f"{TOOLING}/sobjects/CustomField/{record['Id']}"}
    assert record["CreatedBy"]["Name"] == "Ada Admin"


def test_deployed_objects_and_their_fields_appear_and_keep_their_ids(salesforce: SalesforceSide) -> None:
    assert salesforce.query("SELECT Id FROM CustomObject", path=QUERY)["records"] == []
    before = salesforce.query("SELECT Id FROM CustomField ORDER BY Id", path=QUERY)["records"]
    a_link(salesforce)
    soql = "SELECT Id, DeveloperName FROM CustomObject"
    (custom,) = salesforce.query(soql, path=QUERY)["records"]
    assert (custom["Id"][:3], custom["DeveloperName"]) == ("01I", "Book_Link")
    keys = f"SELECT FullName FROM CustomField WHERE TableEnumOrId = '{custom['Id']}'"
    assert [one["FullName"] for one in salesforce.query(keys, path=QUERY)["records"]] == ["Book_Link__c.Key__c"]
    after = salesforce.query("SELECT Id FROM CustomField ORDER BY Id", path=QUERY)["records"]
    assert after[:-1] == before
    assert salesforce.query(soql, path=QUERY)["records"] == [custom]


def test_a_full_name_is_told_of_one_row_only(salesforce: SalesforceSide) -> None:
    assert refused(salesforce, "SELECT FullName FROM CustomField") == "MALFORMED_QUERY"
    assert salesforce.query("SELECT DeveloperName FROM CustomField", path=QUERY)["totalSize"] > 1


def test_long_results_come_in_pages(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.page_size", 5)
    first = salesforce.query("SELECT Id FROM CustomField", path=QUERY)
    assert first["nextRecordsUrl"].startswith(f"{TOOLING}/query/01g")
    second = salesforce.http.get(first["nextRecordsUrl"]).json()
    assert (second["size"], second["entityTypeName"], second["totalSize"]) == (5, "CustomField", first["totalSize"])


def test_records_of_the_org_are_none_of_the_tooling_api(salesforce: SalesforceSide) -> None:
    assert refused(salesforce, "SELECT Id FROM Contact") == "INVALID_TYPE"
    assert salesforce.refusal("SELECT Id FROM CustomField")[0] == "INVALID_TYPE"


def test_its_objects_are_listed_and_described(salesforce: SalesforceSide) -> None:
    listed = salesforce.get("/tooling/sobjects").json()["sobjects"]
    urls = {one["name"]: one["urls"]["sobject"] for one in listed}
    assert {"CustomField", "CustomObject"} < set(urls)
    assert urls["CustomField"] == f"{TOOLING}/sobjects/CustomField"
    described: dict[str, Any] = salesforce.get("/tooling/sobjects/CustomField/describe").json()
    assert "EntityDefinitionId" in {field["name"] for field in described["fields"]}
    assert salesforce.get("/tooling").json()["query"] == f"{TOOLING}/query"


@pytest.mark.parametrize("path", ["search?q=x", "executeAnonymous", "sobjects/CustomField/00N000000000001AAA"])
def test_the_rest_of_the_tooling_api_is_refused_in_words(salesforce: SalesforceSide, path: str) -> None:
    answer = salesforce.get(f"/tooling/{path}")
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"]) == (403, "FUNCTIONALITY_NOT_ENABLED")
    assert "not supported by the sandbox" in error["message"]


def test_columns_can_be_asked_for_instead_of_records(salesforce: SalesforceSide) -> None:
    asked = {"q": "SELECT Id FROM CustomField", "columns": "true"}
    assert salesforce.get(QUERY, params=asked).json()["entityName"] == "CustomField"


def test_no_records_still_have_a_type(salesforce: SalesforceSide) -> None:
    found = salesforce.query("SELECT Id FROM customobject", path=QUERY)
    assert (found["size"], found["entityTypeName"]) == (0, "CustomObject")
