"""What our client and an org say to each other. The same in all modes: whoever has an org can refute the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfdd_declare.salesforce import bulk, collections, deploy, ingest, query
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.describe import describes
from tests.live.ends import Ends
from tests.live.scrub import OURS

pytestmark = pytest.mark.live
MANY = 201  # the smallest page that a client may ask for, and one more


@pytest.fixture
def org(ends: Ends) -> Iterator[Client]:
    with ends.salesforce() as client:
        _remove_ours(client)
        yield client
        _remove_ours(client)


def _ours(sobject: str) -> str:
    name = "Name" if sobject == "Campaign" else "LastName"
    return f"SELECT Id FROM {sobject} WHERE {name} LIKE '{OURS}%'"


def _remove_ours(client: Client) -> None:
    for sobject in ("Campaign", "Contact"):
        shape = query.Shape({"Id": "id"})
        ids = [one for page in query.pages(client, _ours(sobject), shape) for one in shape.column(page.records, "Id")]
        assert all(result.ok for result in collections.delete(client, sobject, ids))


def people(count: int) -> list[dict[str, str]]:
    return [{"LastName": f"{OURS} {n:03d}", "Email": f"{OURS}-{n}@example.com"} for n in range(count)]


def test_salesforce_login(ends: Ends) -> None:
    if not ends.client_id:
        pytest.skip("the environment names no SF_CLIENT_ID with SF_CLIENT_SECRET")
    with ends.salesforce_by_secret() as client:
        session = client.session
        assert (session.org_id[:3], session.user_id[:3]) == ("00D", "005")
        assert client.calls_left is None or client.calls_left > 0


def test_salesforce_describe(ends: Ends) -> None:
    with ends.salesforce() as org:
        found = describes(org, ["Contact", "CampaignMember", "Nonsense__c"])
    assert found["Nonsense__c"] is None
    contact, member = found["Contact"], found["CampaignMember"]
    assert contact is not None
    assert member is not None
    assert (contact.fields["Email"].type, contact.fields["LastName"].nillable) == ("email", False)
    assert contact.fields["AccountId"].reference_to == ("Account",)
    assert not member.fields["CampaignId"].updateable


def test_salesforce_query_in_pages(org: Client) -> None:
    made = collections.create(org, "Contact", people(MANY), idempotent=False)
    assert all(result.ok for result in made)
    soql = f"SELECT Id, Account.Name FROM Contact WHERE LastName LIKE '{OURS}%' ORDER BY LastName"
    reply = org.send(
        "GET",
        "query",
        template="query",
        params={"q": soql},
        headers={"Sforce-Query-Options": "batchSize=200"},
        idempotent=True,
    )
    first = reply.json()
    assert (first["totalSize"], len(first["records"]), first["done"]) == (MANY, 200, False)
    assert first["records"][0]["Account"] is None
    shape = query.Shape({"Id": "id", "Account.Name": "string"})
    last = shape.decode(query.next_page(org, first["nextRecordsUrl"]).body)
    assert (last.done, shape.column(last.records, "Id")) == (True, [made[-1].id])


def test_salesforce_collections_with_mixed_rows(org: Client) -> None:
    good, bad = collections.create(org, "Contact", [*people(1), {"FirstName": OURS}], idempotent=False)
    assert (good.ok, bad.ok, bad.code) == (True, False, "REQUIRED_FIELD_MISSING")
    campaign, again = collections.create(org, "Campaign", [{"Name": OURS}, {"Name": OURS}], idempotent=False)
    member = {"CampaignId": campaign.id, "ContactId": good.id}
    first, second = collections.create(org, "CampaignMember", [member, member], idempotent=True)
    assert (again.ok, first.ok, second.ok, second.code) == (True, True, False, "DUPLICATE_VALUE")
    changed, unknown = collections.update(
        org, "Contact", [{"Id": good.id, "Title": f"{OURS} title"}, {"Id": good.id[:3] + "0" * 15, "Title": "x"}]
    )
    assert (changed.ok, unknown.ok) == (True, False)
    gone, twice = (collections.delete(org, "Contact", [good.id])[0] for _ in range(2))
    assert (gone.ok, twice.ok) == (True, True)  # what is deleted already is what was wanted


def test_salesforce_bulk(org: Client) -> None:
    jobs: list[str] = []
    rows = [*people(3), {"LastName": f"{OURS} bad", "Email": "nowhere"}]
    results = ingest.insert(org, "Contact", ("LastName", "Email"), rows, jobs.append)
    assert ([result.ok for result in results], len(jobs)) == ([True] * 3 + [False], 1)
    assert results[-1].code == "INVALID_EMAIL_ADDRESS"
    shape = query.Shape({"Id": "id", "LastName": "string"})
    soql = f"SELECT Id, LastName FROM Contact WHERE LastName LIKE '{OURS}%'"
    job = bulk._completed(org, soql)
    assert job is not None
    pages = list(bulk._results(org, job, shape, org.last_date))
    names = [name for page in pages for name in shape.column(page.records, "LastName")]
    assert sorted(names) == [person["LastName"] for person in people(3)]


def test_salesforce_metadata_deploy(org: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checked only: an org keeps nothing of it."""
    monkeypatch.setattr(deploy, "_OPTIONS", {**deploy._OPTIONS, "checkOnly": True})
    deployer = deploy.RegistryDeployer(org)
    job = deployer._start()
    assert job.startswith("0Af")
    assert deployer._ended(job).success
