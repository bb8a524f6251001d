"""simple-salesforce takes the sandbox org for a real one: deployments, and metadata by SOAP through zeep."""

from __future__ import annotations

import io

import pytest
import requests
from simple_salesforce import (
    Salesforce,
)
from zeep.exceptions import Fault

from sfdd_declare.sandbox.server import Running
from tests.clients.metadata_package import COMPONENTS, a_package

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def admin(sandbox: Running, session: requests.Session) -> Salesforce:
    return Salesforce(instance_url=sandbox.salesforce_url, session_id=sandbox.access.admin_token, session=session)


def test_a_deployment(admin: Salesforce) -> None:
    begun = admin.deploy(io.BytesIO(a_package()), sandbox=True)
    assert begun["state"] == "Queued"
    assert admin.checkDeployStatus(begun["asyncId"])["state"] == "InProgress"
    over = admin.checkDeployStatus(begun["asyncId"])
    assert over["state"] == "Succeeded"
    assert over["deployment_detail"] == {"total_count": "2", "failed_count": "0", "deployed_count": "2", "errors": []}
    assert over["unit_test_detail"]["total_count"] == "0"
    assert getattr(admin, COMPONENTS[-1]).describe()["custom"] is True


def test_a_deployment_that_fails(admin: Salesforce) -> None:
    begun = admin.deploy(io.BytesIO(a_package(field_type="Memo")), sandbox=False, checkOnly=True)
    admin.checkDeployStatus(begun["asyncId"])
    over = admin.checkDeployStatus(begun["asyncId"])
    assert over["state"] == "Failed"
    (error,) = over["deployment_detail"]["errors"]
    assert (error["type"], error["status"]) == ("CustomField", "Error")
    assert error["message"] == "'Memo' is not a valid value for the enum 'FieldType'"


@pytest.fixture
def no_tls(sandbox: Running, admin: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls by the description of the service go past the session that leads to the sandbox."""
    monkeypatch.setattr(admin, "metadata_url", admin.metadata_url.replace("https://", "http://"))


@pytest.mark.usefixtures("no_tls")
def test_components_by_the_description_of_the_service(admin: Salesforce) -> None:
    api = admin.mdapi
    assert [one.xmlName for one in api.describe_metadata().metadataObjects] == ["CustomObject", "PermissionSet"]
    name = api.CustomField(label="Name", type="Text")
    shop = api.CustomObject(
        fullName="Shop__c", label="Shop", pluralLabel="Shops", nameField=name, deploymentStatus="Deployed",
        sharingModel="ReadWrite",
    )  # fmt: skip
    api.CustomObject.create([shop])
    api.CustomField.upsert([api.CustomField(fullName="Shop__c.Code__c", label="Code", type="Text", length=40)])
    read = api.CustomObject.read(["Shop__c"])
    assert (read.label, [one.fullName for one in read.fields]) == ("Shop", ["Code__c"])
    field = api.CustomField.read(["Shop__c.Code__c"])
    field.length = 50
    api.CustomField.update([field])
    assert api.CustomField.read(["Shop__c.Code__c"]).length == 50
    query = api.ListMetadataQuery(type="CustomField")
    assert "Shop__c.Code__c" in [one.fullName for one in api.list_metadata([query])]
    with pytest.raises(Exception, match="DUPLICATE_DEVELOPER_NAME"):
        api.CustomObject.create([shop])
    api.CustomField.delete(["Shop__c.Code__c"])
    api.CustomObject.delete(["Shop__c"])
    with pytest.raises(Exception, match="no CustomObject named Shop__c found"):
        api.CustomObject.delete(["Shop__c"])
    with pytest.raises(Fault, match="is not supported by the sandbox"):
        api.CustomObject.describe()
