"""The registry: rows as values, the package, its deployment, writing and deleting rows."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import pytest

from sfdd_declare.model import registry
from sfdd_declare.model.address import REGISTRY, field_mapping, link
from sfdd_declare.model.declared import AddressBook, Lifecycle, Link, NewLeads, Removals
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.mapping import Direction, FieldMapping, RecordType
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.ports import Batch, ItemResult
from sfdd_declare.model.state import Scalar
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.deploy import RegistryDeployer
from sfdd_declare.salesforce.describe import describes
from sfdd_declare.salesforce.package import fields_of, package_zip
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.registry import RegistryWriter
from sfdd_declare.salesforce.setup import is_deployed

from .builders import LINEAGE, Org, an_operation, send

DEPLOY = an_operation(Task.DEPLOY_REGISTRY, REGISTRY)
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"


# --- rows as values -----------------------------------------------------------------------------------------------


def test_row_of_a_link_says_everything_the_link_says() -> None:
    declared = Link("spring", "news", ("Sent", "Attended"), NewLeads("Sent"), "every hour", Lifecycle())
    assert registry.link_row(declared, "@campaign.spring") == (
        "link.spring.news",
        {
            "Name": "spring → news",
            "Campaign__c": "@campaign.spring",
            "Address_Book__c": "news",
            "Member_Statuses__c": "Sent; Attended",
            "New_Leads__c": True,
            "New_Lead_Status__c": "Sent",
            "Schedule__c": "every hour",
        },
    )


def test_row_of_a_book_and_of_a_mapping() -> None:
    book = AddressBook("news", "main", None, "Newsletter", None, Removals.MANAGED, False, Lifecycle())
    assert registry.address_book_row(book, "Newsletter", "901")[1]["Removals__c"] == "managed"
    mapping = FieldMapping("main", RecordType.CONTACT, "Title", "JOB_TITLE", Direction.TWO_WAY)
    key, fields = registry.field_mapping_row(mapping)
    assert key == "field_mapping.main.contacts.Title"
    assert (fields["Direction__c"], fields["Record_Type__c"]) == ("two_way", "contacts")


def test_rows_have_exactly_the_fields_that_are_deployed() -> None:
    book = AddressBook("b", "main", None, "B", None, Removals.KEEP, False, Lifecycle())
    made = {
        registry.ADDRESS_BOOK: registry.address_book_row(book, "B", "1")[1],
        registry.LINK: registry.link_row(Link("a", "b", (), None, None, Lifecycle()), "701")[1],
        registry.FIELD_MAPPING: registry.field_mapping_row(FieldMapping("m", RecordType.LEAD, "A", "B"))[1],
    }
    for sobject, fields in made.items():
        assert tuple(fields) == registry.FIELDS[sobject]


def test_external_id_is_split_at_the_first_colon() -> None:
    assert registry.split_external_id(registry.external_id("8a1f", "link.a:b.c")) == ("8a1f", "link.a:b.c")
    assert registry.split_external_id("by hand") == ("", "by hand")


# --- the package --------------------------------------------------------------------------------------------------


def opened(archive: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return {name: ElementTree.fromstring(files.read(name)) for name in files.namelist()}


def texts(element: ElementTree.Element, path: str) -> list[str | None]:
    return [found.text for found in element.findall("/".join(NAMESPACE + step for step in path.split("/")))]


def test_package_is_the_same_bytes_every_time() -> None:
    assert package_zip() == package_zip()


def test_package_names_what_it_holds() -> None:
    files = opened(package_zip("66.0"))
    assert set(texts(files["package.xml"], "types/members")) == {*registry.OBJECTS, registry.PERMISSION_SET}
    assert texts(files["package.xml"], "version") == ["66.0"]
    for sobject in registry.OBJECTS:
        held = files[f"objects/{sobject}.object"]
        assert texts(held, "fields/fullName") == list(fields_of(sobject))
        assert texts(held, "deploymentStatus") == ["Deployed"]


def test_permission_set_opens_every_object_and_field() -> None:
    permissions = opened(package_zip())[f"permissionsets/{registry.PERMISSION_SET}.permissionset"]
    wanted = {f"{sobject}.{field}" for sobject in registry.OBJECTS for field in fields_of(sobject)}
    assert set(texts(permissions, "fieldPermissions/field")) == wanted
    assert texts(permissions, "objectPermissions/object") == list(registry.OBJECTS)
    assert texts(permissions, "label") == ["SFDD Registry"]


# --- deploying ----------------------------------------------------------------------------------------------------


def deploy(client: Client) -> ItemResult:
    (item,) = send(client, DEPLOY).items
    return item


def test_registry_is_deployed_and_visible_to_our_user(client: Client) -> None:
    assert deploy(client).ok
    found = describes(client, registry.OBJECTS)
    assert is_deployed(found)
    row = found[registry.LINK]
    mapping = found[registry.FIELD_MAPPING]
    assert row is not None
    assert mapping is not None
    assert row.fields["Campaign__c"].reference_to == ("Campaign",)
    assert mapping.fields["Direction__c"].choices == registry.CHOICES["Direction__c"]


def test_deploying_again_changes_nothing(client: Client) -> None:
    assert deploy(client).ok
    assert deploy(client).ok
    soql = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'SFDD_Registry'"
    assert len(rows(client, soql, {"Id": "id"})) == 1


def test_job_is_announced_before_it_is_polled(org: Org, client: Client) -> None:
    seen: list[tuple[str, int]] = []
    batch = Batch((DEPLOY,), 0, (), {})

    def on_job(job: str) -> None:
        seen.append((job, org.templates().count("GET metadata/deployRequest/{id}")))

    RegistryDeployer(client).send(batch, on_job, lambda done: None)
    ((job, polls),) = seen
    assert job.startswith("0Af")
    assert polls == 0


def test_user_without_the_right_to_deploy_gets_the_way_out(org: Org, client: Client) -> None:
    org.world.set_setting("salesforce.may_deploy", False)
    item = deploy(client)
    assert not item.ok
    assert "integration@acme.example" in item.message
    assert item.hint == "sfdd registry package --zip registry.zip"


def test_component_that_fails_is_named(org: Org, client: Client) -> None:
    failure = {"fullName": "SFDD_Link__c", "componentType": "CustomObject", "problem": "Too many custom objects"}
    result = {"done": True, "success": False, "status": "Failed", "details": {"componentFailures": failure}}
    body = {"id": "0Af5g0000000001CAA", "deployResult": result}
    org.fault("status", method="GET", path="metadata/deployRequest", status=200, body=body)
    item = deploy(client)
    assert not item.ok
    assert item.code == "SFDD-E2140"
    assert "CustomObject SFDD_Link__c: Too many custom objects" in item.message


def test_slow_deployment_is_waited_for(org: Org, client: Client) -> None:
    org.world.set_setting("salesforce.deploy_polls", 5)
    assert deploy(client).ok
    assert len(org.waits) == 5
    assert max(org.waits) <= 5.0


def test_fields_that_stay_hidden_are_waited_for_a_minute(org: Org, client: Client) -> None:
    org.world.set_setting("salesforce.hidden_fields", [f"{registry.LINK}.Schedule__c"])
    item = deploy(client)
    assert item.code == "SFDD-E2142"
    assert 60 <= sum(org.waits) <= 75
    assert registry.PERMISSION_SET in item.hint


def test_deployment_of_an_earlier_run_is_waited_for(client: Client) -> None:
    deployer = RegistryDeployer(client)
    jobs: list[str] = []
    deployer.send(Batch((DEPLOY,), 0, (), {}), jobs.append, lambda done: None)
    assert deployer.wait(jobs[0])
    assert not deployer.wait("0Af5g00000zzzzzAAA")


# --- rows in the org ----------------------------------------------------------------------------------------------


def a_row(key: str, *, action: Action = Action.CREATE, prior_id: str = "", **fields: Scalar) -> Operation:
    return an_operation(
        Task.REGISTRY_ROW,
        link("a", key),
        action=action,
        fields=fields,
        payload={"sobject": registry.LINK, "key": key},
        prior_id=prior_id,
    )


def live_rows(client: Client) -> dict[str, tuple[str, str | None]]:
    columns = {"Id": "id", "External_Id__c": "string", "Address_Book__c": "string"}
    found = rows(client, f"SELECT Id,External_Id__c,Address_Book__c FROM {registry.LINK}", columns)
    return {row["External_Id__c"]: (row["Id"], row["Address_Book__c"]) for row in found}


def test_rows_are_upserted_under_the_lineage_two_hundred_a_call(org: Org, client: Client) -> None:
    deploy(client)
    made = org.campaign()
    before = org.count()
    operations = [a_row(f"k{i}", Address_Book__c=f"b{i}", Campaign__c="@campaign.a") for i in range(250)]
    items = send(client, *operations, ids={"@campaign.a": made}).items
    assert [item.operation for item in items] == [operation.id for operation in operations]
    assert all(item.ok for item in items)
    assert org.count() == before + 2
    found = live_rows(client)
    assert found[f"{LINEAGE}:k7"] == (items[7].live_id, "b7")


def test_upsert_again_updates_the_same_row(client: Client) -> None:
    deploy(client)
    (first,) = send(client, a_row("k", Address_Book__c="old")).items
    (second,) = send(client, a_row("k", action=Action.UPDATE, prior_id=first.live_id, Address_Book__c=None)).items
    assert second.live_id == first.live_id
    assert live_rows(client) == {f"{LINEAGE}:k": (first.live_id, None)}


def test_rows_are_deleted_and_those_gone_already_are_fine(client: Client) -> None:
    deploy(client)
    made = send(client, a_row("k0"), a_row("k1")).items
    removals = [a_row(f"k{i}", action=Action.DELETE, prior_id=item.live_id) for i, item in enumerate(made)]
    assert all(item.ok for item in send(client, removals[0]).items)
    assert [item.ok for item in send(client, *removals).items] == [True, True]
    assert live_rows(client) == {}


def test_a_row_out_of_reach_counts_as_deleted_only_when_it_is_seen_to_be(org: Org, client: Client) -> None:
    deploy(client)
    made = send(client, a_row("there"), a_row("gone")).items
    there, gone = (
        a_row(key, action=Action.DELETE, prior_id=item.live_id)
        for key, item in zip(("there", "gone"), made, strict=True)
    )
    assert send(client, gone).items[0].ok
    error = {"statusCode": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "message": "insufficient access rights"}
    answer = [{"id": item.live_id, "success": False, "errors": [error]} for item in made]
    org.fault("status", method="DELETE", path="composite/sobjects", status=200, body=answer)
    results = send(client, there, gone).items
    assert [item.ok for item in results] == [False, True]
    assert results[0].hint == "salesforce.auth.username"
    assert set(live_rows(client)) == {f"{LINEAGE}:there"}


def test_refused_row_is_a_result_and_its_neighbours_go_through(client: Client) -> None:
    deploy(client)
    mapping = field_mapping("main", "contacts", "Title")
    payload: dict[str, Scalar] = {"sobject": registry.FIELD_MAPPING, "key": "bad"}
    bad = an_operation(Task.REGISTRY_ROW, mapping, fields={"Direction__c": "sideways"}, payload=payload, id="bad")
    good = an_operation(
        Task.REGISTRY_ROW, mapping, fields={"Direction__c": "two_way"}, payload={**payload, "key": "good"}, id="good"
    )
    items = {item.operation: item for item in send(client, bad, good).items}
    assert items["good"].ok
    assert items["bad"].code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "sideways" not in items["bad"].message


@pytest.mark.parametrize("kind", ["reset_after", "row_lock"])
def test_lost_answer_and_locked_rows_are_repeated(org: Org, client: Client, kind: str) -> None:
    deploy(client)
    org.fault(kind, method="PATCH", path="composite/sobjects")
    assert all(item.ok for item in send(client, a_row("k0"), a_row("k1")).items)
    assert len(live_rows(client)) == 2


def test_row_without_a_lineage_is_never_written(client: Client) -> None:
    with pytest.raises(BugError):
        RegistryWriter(client, "")
