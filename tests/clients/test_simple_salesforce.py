"""simple-salesforce takes the sandbox org for a real one: login, describes, queries, records, composites, bulk jobs."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter
from simple_salesforce import (
    Salesforce,
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceLogin,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from zeep.exceptions import Fault

from sfdd_declare.sandbox.server import Running
from tests.clients.metadata_package import COMPONENTS, a_package

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class ToSandbox(HTTPAdapter):
    """The client knows nothing but TLS, and login hosts of its own: all of it goes to the sandbox in clear."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self.running = running

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        asked = urlsplit(request.url or "")
        request.url = asked._replace(scheme="http", netloc=urlsplit(self.running.salesforce_url).netloc).geturl()
        return super().send(request, *args, **more)


@pytest.fixture
def session(sandbox: Running) -> requests.Session:
    found = requests.Session()
    found.mount("https://", ToSandbox(sandbox))
    return found


@pytest.fixture
def org(sandbox: Running, session: requests.Session) -> Salesforce:
    return Salesforce(instance_url=sandbox.salesforce_url, session_id=sandbox.access.token, session=session)


def _created(org: Salesforce, records: list[dict[str, Any]]) -> list[str]:
    rows = [{"attributes": {"type": "Contact"}, **record} for record in records]
    ids = []
    for start in range(0, len(rows), 200):
        body = {"allOrNone": True, "records": rows[start : start + 200]}
        ids += [row["id"] for row in org.restful("composite/sobjects", method="POST", json=body)]
    return ids


def people(org: Salesforce, count: int) -> list[str]:
    return _created(
        org,
        [{"LastName": f"Person {n:03d}", "Email": f"p{n}@example.com", "Title": f"T{n % 3}"} for n in range(count)],
    )


def test_it_logs_in_with_a_signed_token(sandbox: Running, session: requests.Session) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    token, instance = SalesforceLogin(
        username="integration@acme.example",
        consumer_key="sandbox-client",
        privatekey=pem,
        domain="login",
        session=session,
    )
    assert token.startswith(sandbox.access.org_id[:15])
    assert Salesforce(instance=instance, session_id=token, session=session).query("SELECT Id FROM Contact")["done"]
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        SalesforceLogin(
            username="nobody@acme.example", consumer_key="sandbox-client", privatekey=pem, domain="login",
            session=session,
        )  # fmt: skip
    assert "user hasn't approved this consumer" in vars(refused.value).values()


def test_it_logs_in_with_a_secret(sandbox: Running, session: requests.Session) -> None:
    token, _ = SalesforceLogin(
        consumer_key="sandbox-client", consumer_secret="sandbox-secret", domain="acme.my", session=session
    )
    assert token.startswith("00D")


def test_it_logs_in_with_a_password(sandbox: Running, session: requests.Session) -> None:
    who = {"username": "admin@acme.example", "password": "sandbox", "security_token": "securitytoken"}
    org = Salesforce(**who, session=session)
    assert org.query("SELECT Id FROM Contact")["done"]
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(**who | {"password": "wrong"}, session=session)
    assert refused.value.code == "INVALID_LOGIN"


def test_a_session_that_is_none(sandbox: Running, session: requests.Session) -> None:
    stranger = Salesforce(instance_url=sandbox.salesforce_url, session_id="00D!nothing", session=session)
    with pytest.raises(SalesforceExpiredSession) as expired:
        stranger.query("SELECT Id FROM Contact")
    assert expired.value.content == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_it_knows_where_it_is(sandbox: Running, org: Salesforce) -> None:
    assert org.is_sandbox() is True
    assert org.limits()["DailyApiRequests"]["Max"] == 15_000
    assert org.api_usage["api-usage"].total == 15_000
    names = [one["name"] for one in org.describe()["sobjects"]]
    assert {"Contact", "Lead", "Campaign", "CampaignMember"} <= set(names)


@pytest.mark.parametrize("version", ["31.0", "41.0", "52.0", "59.0", "68.0"])
def test_it_may_ask_for_any_version_that_is_served(sandbox: Running, session: requests.Session, version: str) -> None:
    org = Salesforce(
        instance_url=sandbox.salesforce_url, session_id=sandbox.access.token, session=session, version=version
    )
    fields = {one["name"]: one for one in org.Contact.describe()["fields"]}
    assert fields["Email"]["idLookup"] is True
    assert fields["AccountId"]["referenceTo"] == ["Account"]


def test_records_of_their_own(org: Salesforce) -> None:
    made = org.Contact.create({"LastName": "Okafor", "Email": "ada@example.com"})
    assert (made["success"], made["errors"]) == (True, [])
    assert org.Contact.update(made["id"], {"Title": "Captain"}) == 204
    assert org.Contact.get(made["id"])["Title"] == "Captain"
    assert org.Contact.get_by_custom_id("Email", "ada@example.com")["Id"] == made["id"]
    assert org.Contact.upsert("Email/ada@example.com", {"Title": "Admiral"}) == 200
    assert org.Contact.upsert("Email/new@example.com", {"LastName": "New"}) == 201
    org.Contact.create({"LastName": "Twin", "Email": "ada@example.com"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        org.Contact.get_by_custom_id("Email", "ada@example.com")
    assert org.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as gone:
        org.Contact.get(made["id"])
    assert gone.value.content[0]["errorCode"] in ("NOT_FOUND", "ENTITY_IS_DELETED")
    with pytest.raises(SalesforceMalformedRequest) as wrong:
        org.Contact.create({"Title": "no name"})
    assert wrong.value.content == [
        {"message": "Required fields are missing: [LastName]", "errorCode": "REQUIRED_FIELD_MISSING",
         "fields": ["LastName"]}
    ]  # fmt: skip


def test_pages_of_a_query(sandbox: Running, org: Salesforce) -> None:
    sandbox.world.set_setting("salesforce.page_size", 100)
    ids = people(org, 250)
    first = org.query("SELECT Id FROM Contact ORDER BY LastName")
    assert (first["totalSize"], len(first["records"]), first["done"]) == (250, 100, False)
    second = org.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["records"][0]["Id"] == ids[100]
    assert [one["Id"] for one in org.query_all_iter("SELECT Id FROM Contact ORDER BY LastName")] == ids
    org.Contact.delete(ids[0])
    with_deleted = org.query_all("SELECT Id FROM Contact WHERE IsDeleted = true", include_deleted=True)
    assert [one["Id"] for one in with_deleted["records"]] == [ids[0]]


def test_relationships_and_aggregates(org: Salesforce) -> None:
    account = org.Account.create({"Name": "Acme"})["id"]
    for contact in people(org, 6)[:2]:
        org.Contact.update(contact, {"AccountId": account})
    (acme,) = org.query("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account")["records"]
    assert [one["LastName"] for one in acme["Contacts"]["records"]] == ["Person 000", "Person 001"]
    grouped = org.query("SELECT Title, COUNT(Id) n FROM Contact WHERE AccountId = null GROUP BY Title ORDER BY Title")
    assert [(one["Title"], one["n"]) for one in grouped["records"]] == [("T0", 1), ("T1", 1), ("T2", 2)]
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == 6


def test_composites(org: Salesforce) -> None:
    (contact,) = people(org, 1)
    batch = org.restful("composite/batch", method="POST", json={
        "batchRequests": [{"method": "GET", "url": f"v59.0/sobjects/Contact/{contact}"}]
    })  # fmt: skip
    assert batch["results"][0]["result"]["LastName"] == "Person 000"
    tree = org.restful("composite/tree/Account", method="POST", json={
        "records": [{"attributes": {"type": "Account", "referenceId": "r1"}, "Name": "Acme"}]
    })  # fmt: skip
    assert (tree["hasErrors"], tree["results"][0]["referenceId"]) == (False, "r1")


def test_what_changed_and_what_was_deleted(sandbox: Running, org: Salesforce) -> None:
    from datetime import timedelta

    kept, gone = people(org, 2)
    org.Contact.delete(gone)
    start, end = sandbox.world.now() - timedelta(minutes=5), sandbox.world.now() + timedelta(minutes=5)
    assert kept in org.Contact.updated(start, end)["ids"]
    assert [one["id"] for one in org.Contact.deleted(start, end)["deletedRecords"]] == [gone]


def test_bulk_ingest(org: Salesforce) -> None:
    rows = [{"LastName": f"Bulk {n}", "Email": f"b{n}@example.com"} for n in range(5)]
    rows += [{"LastName": "", "Email": ""}]
    (result,) = org.bulk2.Contact.insert(records=rows)
    assert (result["numberRecordsProcessed"], result["numberRecordsFailed"]) == (6, 1)
    failed = org.bulk2.Contact.get_failed_records(result["job_id"])
    assert "REQUIRED_FIELD_MISSING" in failed
    assert org.bulk2.Contact.get_successful_records(result["job_id"]).count("Bulk ") == 5
    ids = [{"Id": one["Id"]} for one in org.query("SELECT Id FROM Contact")["records"]]
    (deleted,) = org.bulk2.Contact.delete(records=ids)
    assert (deleted["numberRecordsProcessed"], deleted["numberRecordsFailed"]) == (5, 0)


def test_bulk_query(sandbox: Running, org: Salesforce) -> None:
    people(org, 30)
    sandbox.world.set_setting("salesforce.bulk_page", 12)
    pages = list(org.bulk2.Contact.query("SELECT LastName FROM Contact", max_records=12))
    assert [page.count("Person ") for page in pages] == [12, 12, 6]


@pytest.fixture
def no_waiting(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sleeps five seconds after each poll that finds a batch unfinished."""
    sandbox.world.set_setting("salesforce.bulk_polls", 0)
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda _: None)


@pytest.mark.usefixtures("no_waiting")
def test_the_older_bulk_creates_changes_and_deletes(sandbox: Running, org: Salesforce) -> None:
    rows = [{"LastName": f"Bulk {n}", "Email": f"b{n}@example.com", "DoNotCall": True} for n in range(5)]
    made = org.bulk.Contact.insert([*rows, {"Email": "nobody@example.com"}], batch_size=2)
    assert [one["success"] for one in made] == [True] * 5 + [False]
    assert made[5]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert made[5]["id"] is None
    changed = org.bulk.Contact.update([{"Id": made[0]["id"], "Title": "Captain", "Email": None}])
    assert [(one["id"], one["created"]) for one in changed] == [(made[0]["id"], False)]
    kept = org.Contact.get(made[0]["id"])
    assert (kept["Title"], kept["Email"], kept["DoNotCall"]) == ("Captain", None, True)
    both = [{"Email": "b1@example.com", "Title": "Admiral"}, {"Email": "new@example.com", "LastName": "New"}]
    upserted = org.bulk.Contact.upsert(both, "Email")
    assert [one["created"] for one in upserted] == [False, True]
    assert org.bulk.Contact.delete([{"Id": made[0]["id"]}])[0]["success"] is True
    sandbox.world.set_setting("salesforce.may_hard_delete", True)
    assert org.bulk.Contact.hard_delete([{"Id": made[1]["id"]}])[0]["success"] is True
    left = org.query_all("SELECT Id, IsDeleted FROM Contact", include_deleted=True)["records"]
    assert {one["Id"]: one["IsDeleted"] for one in left} == {
        made[0]["id"]: True,
        **{one["id"]: False for one in (*made[2:5], upserted[1])},
    }
    detailed = org.bulk.Contact.insert([{"LastName": "Detailed"}], include_detailed_results=True)
    assert (detailed[0]["success"], detailed[0]["LastName"]) == (True, "Detailed")


@pytest.mark.usefixtures("no_waiting")
def test_the_older_bulk_queries(sandbox: Running, org: Salesforce) -> None:
    gone = people(org, 30)[0]
    org.Contact.delete(gone)
    sandbox.world.set_setting("salesforce.bulk_page", 12)
    soql = "SELECT Id, LastName, CreatedDate, Owner.Name FROM Contact"
    pages = list(org.bulk.Contact.query(soql, lazy_operation=True))
    assert [len(page) for page in pages] == [12, 12, 5]
    assert isinstance(pages[0][0]["CreatedDate"], int)
    assert pages[0][0]["Owner"]["Name"] == "Iris Integration"
    assert gone in [one["Id"] for one in org.bulk.Contact.query_all(soql)]
    with pytest.raises(SalesforceGeneralError) as failed:
        org.bulk.Contact.query("SELECT Nope FROM Contact")
    assert "Failed to process query: INVALID_FIELD" in str(failed.value)


@pytest.mark.usefixtures("no_waiting")
def test_the_older_bulk_is_refused(sandbox: Running, org: Salesforce, session: requests.Session) -> None:
    with pytest.raises(SalesforceMalformedRequest) as entity:
        org.bulk.Nope__c.insert([{"Name": "x"}])
    assert entity.value.content["exceptionCode"] == "InvalidEntity"
    with pytest.raises(SalesforceMalformedRequest) as right:
        org.bulk.Contact.hard_delete([{"Id": people(org, 1)[0]}])
    assert right.value.content["exceptionCode"] == "FeatureNotEnabled"
    stranger = Salesforce(instance_url=sandbox.salesforce_url, session_id="00D!nothing", session=session)
    with pytest.raises(SalesforceMalformedRequest) as expired:
        stranger.bulk.Contact.query("SELECT Id FROM Contact")
    assert expired.value.content["exceptionCode"] == "InvalidSessionId"


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


def test_a_search_is_refused_in_words(org: Salesforce) -> None:
    with pytest.raises(SalesforceRefusedRequest) as refused:
        org.search("FIND {Okafor}")
    assert "not supported by the sandbox" in str(refused.value)
