"""simple-salesforce takes the sandbox org for a real one: the jobs of both Bulk APIs."""

from __future__ import annotations

import pytest
import requests
from simple_salesforce import (
    Salesforce,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
)

from sfdd_declare.sandbox.server import Running
from tests.clients.to_sandbox import people

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


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
