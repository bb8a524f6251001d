"""What no source settles is a setting: the other answer can be had, and the usual one comes back."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide

INGEST = "/jobs/ingest"


def settings(salesforce: SalesforceSide, **values: Any) -> None:
    salesforce.control("PUT", "settings", {f"salesforce.{name}": value for name, value in values.items()})


def result(salesforce: SalesforceSide, soql: str) -> str:
    job = salesforce.post("/jobs/query", {"operation": "query", "query": soql}).json()["id"]
    while salesforce.get(f"/jobs/query/{job}").json()["state"] != "JobComplete":
        pass
    return salesforce.get(f"/jobs/query/{job}/results").text


def test_moments_in_results_may_say_utc_in_figures(salesforce: SalesforceSide) -> None:
    salesforce.a_contact()
    assert result(salesforce, "SELECT CreatedDate FROM Contact").endswith('.000Z"\n')
    settings(salesforce, bulk_zone="+0000")
    assert result(salesforce, "SELECT CreatedDate FROM Contact").endswith('.000+0000"\n')


def test_no_rows_may_mean_no_header(salesforce: SalesforceSide) -> None:
    assert result(salesforce, "SELECT Id FROM Contact") == '"Id"\n'
    settings(salesforce, bulk_empty_header=False)
    assert result(salesforce, "SELECT Id FROM Contact") == ""


@pytest.mark.parametrize(("names_fields", "end"), [(True, "[LastName]:LastName --"), (False, "[LastName]")])
def test_an_error_of_a_row_may_name_its_fields(salesforce: SalesforceSide, *, names_fields: bool, end: str) -> None:
    settings(salesforce, bulk_errors_name_fields=names_fields)
    job = salesforce.post(INGEST, {"object": "Contact", "operation": "insert", "lineEnding": "LF"}).json()["id"]
    salesforce.http.put(
        f"/services/data/v66.0{INGEST}/{job}/batches",
        content="FirstName\nAda\n",
        headers={"Content-Type": "text/csv"},
    )
    salesforce.patch(f"{INGEST}/{job}", {"state": "UploadComplete"})
    while salesforce.get(f"{INGEST}/{job}").json()["state"] != "JobComplete":
        pass
    (row,) = csv.DictReader(io.StringIO(salesforce.get(f"{INGEST}/{job}/failedResults").text))
    assert row["sf__Error"] == f"REQUIRED_FIELD_MISSING:Required fields are missing: {end}"


def test_a_locator_lives_as_long_as_it_is_said(salesforce: SalesforceSide) -> None:
    for _ in range(3):
        salesforce.a_contact()
    settings(salesforce, page_size=2, locator_seconds=60)
    more = salesforce.query("SELECT Id FROM Contact")["nextRecordsUrl"]
    salesforce.world.set_clock(advance=timedelta(seconds=59))
    assert salesforce.http.get(more).status_code == 200
    salesforce.world.set_clock(advance=timedelta(seconds=2))
    assert salesforce.http.get(more).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_counts_may_lag(salesforce: SalesforceSide) -> None:
    salesforce.a_contact()
    settings(salesforce, record_counts={"Contact": 7})
    counts = salesforce.get("/limits/recordCount", params={"sObjects": "Contact"}).json()["sObjects"]
    assert counts == [{"count": 7, "name": "Contact"}]


def test_the_error_of_a_key_that_several_records_have(salesforce: SalesforceSide) -> None:
    for _ in range(2):
        salesforce.a_contact(Email="ada@example.com")
    row = {"attributes": {"type": "Contact"}, "Email": "ada@example.com", "LastName": "Ada"}
    codes = []
    for code in (None, "DUPLICATE_VALUE"):
        settings(salesforce, duplicate_key_code=code)
        (answer,) = salesforce.patch("/composite/sobjects/Contact/Email", {"records": [row]}).json()
        codes.append(answer["errors"][0]["statusCode"])
    assert codes == ["DUPLICATE_EXTERNAL_ID", "DUPLICATE_VALUE"]
