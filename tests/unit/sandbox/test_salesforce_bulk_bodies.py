"""What the answers about bulk jobs say of the job itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide

INGEST = {"object": "Contact", "operation": "insert"}
QUERY = {"operation": "query", "query": "SELECT Id FROM Contact"}


def made_at(body: dict[str, Any]) -> tuple[str, str]:
    return body["createdById"], body["createdDate"]


@pytest.mark.parametrize(("kind", "job"), [("ingest", INGEST), ("query", QUERY)])
def test_every_answer_says_who_made_the_job_and_when(
    salesforce: SalesforceSide, kind: str, job: dict[str, str]
) -> None:
    salesforce.world.set_setting("salesforce.bulk_polls", 9)
    path = f"/jobs/{kind}"
    created = salesforce.post(path, job).json()
    (user,) = salesforce.values("SELECT Id FROM User WHERE Username = 'integration@acme.example'")
    assert created["createdById"] == user
    assert created["createdDate"].endswith(".000+0000")
    assert created["systemModstamp"] == created["createdDate"]
    salesforce.world.set_clock(advance=timedelta(minutes=5))
    polled = salesforce.get(f"{path}/{created['id']}").json()
    (listed,) = salesforce.get(path).json()["records"]
    aborted = salesforce.patch(f"{path}/{created['id']}", {"state": "Aborted"}).json()
    assert [made_at(body) for body in (polled, listed, aborted)] == [made_at(created)] * 3
    assert aborted["state"] == "Aborted"
    assert aborted["systemModstamp"] > created["systemModstamp"]


def test_an_ingest_job_says_where_its_rows_go_until_it_is_closed(salesforce: SalesforceSide) -> None:
    created = salesforce.post("/jobs/ingest", INGEST).json()
    job = created["id"]
    polled = salesforce.get(f"/jobs/ingest/{job}").json()
    (listed,) = salesforce.get("/jobs/ingest").json()["records"]
    urls = {body["contentUrl"] for body in (created, polled, listed)}
    assert urls == {f"services/data/v66.0/jobs/ingest/{job}/batches"}
    older = salesforce.http.get(f"/services/data/v52.0/jobs/ingest/{job}").json()
    assert older["contentUrl"] in urls
    salesforce.http.put(f"/{created['contentUrl']}", content="LastName\na\n", headers={"Content-Type": "text/csv"})
    closed = salesforce.patch(f"/jobs/ingest/{job}", {"state": "UploadComplete"}).json()
    assert (closed["state"], closed["createdDate"]) == ("UploadComplete", created["createdDate"])
    assert "contentUrl" not in closed
    assert "contentUrl" not in salesforce.post("/jobs/query", QUERY).json()


def test_a_job_shows_its_maker_to_others_too(salesforce: SalesforceSide) -> None:
    job = salesforce.post("/jobs/ingest", INGEST).json()
    seen = salesforce.as_admin().get(f"/jobs/ingest/{job['id']}").json()
    assert seen["createdById"] == job["createdById"]
