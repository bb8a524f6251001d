"""simple-salesforce takes the sandbox org for a real one: login, describes, queries, records, composites."""

from __future__ import annotations

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import (
    Salesforce,
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceLogin,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sfdd_declare.sandbox.server import Running
from tests.clients.to_sandbox import people

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


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


def test_a_search_is_refused_in_words(org: Salesforce) -> None:
    with pytest.raises(SalesforceRefusedRequest) as refused:
        org.search("FIND {Okafor}")
    assert "not supported by the sandbox" in str(refused.value)
