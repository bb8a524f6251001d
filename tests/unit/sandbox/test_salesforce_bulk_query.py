"""Bulk API 2.0 queries as a client meets them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sfdd_declare.sandbox.server import Running
from tests.unit.sandbox.salesforce_side import SalesforceSide

JOBS = "/jobs/query"


def created(salesforce: SalesforceSide, soql: str, **more: Any) -> str:
    response = salesforce.post(JOBS, {"operation": "query", "query": soql, **more})
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


def complete(salesforce: SalesforceSide, job: str) -> dict[str, Any]:
    for _ in range(5):
        found: dict[str, Any] = salesforce.get(f"{JOBS}/{job}").json()
        if found["state"] not in ("UploadComplete", "InProgress"):
            return found
    raise AssertionError(found)


def asked(salesforce: SalesforceSide, soql: str, **more: Any) -> str:
    job = created(salesforce, soql, **more)
    assert complete(salesforce, job)["state"] == "JobComplete"
    return job


def lines(response: httpx.Response, delimiter: str = ",") -> list[list[str]]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv"
    return list(csv.reader(io.StringIO(response.text, newline=""), delimiter=delimiter))


def refusal(response: httpx.Response) -> tuple[int, str]:
    (error,) = response.json()
    return response.status_code, error["errorCode"]


def test_a_job_is_in_progress_for_a_poll_and_then_complete(salesforce: SalesforceSide) -> None:
    salesforce.a_contact()
    reply = salesforce.post(JOBS, {"operation": "query", "query": "SELECT Id FROM Contact"}).json()
    assert reply["state"] == "UploadComplete"
    assert (reply["object"], reply["contentType"], reply["apiVersion"]) == ("Contact", "CSV", 66.0)
    states = [salesforce.get(f"{JOBS}/{reply['id']}").json()["state"] for _ in range(3)]
    assert states == ["InProgress", "JobComplete", "JobComplete"]
    assert complete(salesforce, reply["id"])["numberRecordsProcessed"] == 1


def test_results_are_quoted_text_in_the_order_of_the_select(salesforce: SalesforceSide) -> None:
    account = salesforce.make("Account", Name="Acme")
    record = salesforce.a_contact(
        AccountId=account, Title='say "hi",\nthen go', HasOptedOutOfEmail=True, CreatedDate="2026-11-01T08:00:00Z"
    )
    soql = "SELECT Title, Id, Email, HasOptedOutOfEmail, CreatedDate, Account.Name FROM Contact"
    response = salesforce.get(f"{JOBS}/{asked(salesforce, soql)}/results")
    header, row = lines(response)
    assert header == ["Title", "Id", "Email", "HasOptedOutOfEmail", "CreatedDate", "Account.Name"]
    assert row == ['say "hi",\nthen go', record, "", "true", "2026-11-01T08:00:00.000Z", "Acme"]
    assert response.text.startswith('"Title","Id"')
    assert '""' in response.text


def test_pages_are_followed_by_locator_until_it_is_the_word_null(salesforce: SalesforceSide) -> None:
    for number in range(5):
        salesforce.a_contact(LastName=f"Person {number}")
    path = f"{JOBS}/{asked(salesforce, 'SELECT LastName FROM Contact')}/results"
    pages, locator = [], ""
    while locator != "null":
        response = salesforce.get(path, params={"maxRecords": 2, **({"locator": locator} if locator else {})})
        pages.append([row[0] for row in lines(response)[1:]])
        assert response.headers["sforce-numberofrecords"] == str(len(pages[-1]))
        locator = response.headers["sforce-locator"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(name for page in pages for name in page) == [f"Person {number}" for number in range(5)]


def test_result_pages_name_addresses_that_can_be_fetched_side_by_side(salesforce: SalesforceSide) -> None:
    for _ in range(7):
        salesforce.a_contact()
    salesforce.world.set_setting("salesforce.bulk_page", 1)
    job = asked(salesforce, "SELECT Id FROM Contact")
    body = salesforce.get(f"{JOBS}/{job}/resultPages").json()
    assert (len(body["resultPages"]), body["done"]) == (5, False)
    found = [lines(salesforce.http.get(page["resultUrl"]))[1][0] for page in body["resultPages"]]
    rest = salesforce.http.get(body["nextRecordsUrl"]).json()
    found += [lines(salesforce.http.get(page["resultUrl"]))[1][0] for page in rest["resultPages"]]
    assert (len(set(found)), rest["done"]) == (7, True)


def test_results_show_the_moment_the_job_ran(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact(LastName="Before")
    job = asked(salesforce, "SELECT LastName FROM Contact")
    salesforce.patch(f"/sobjects/Contact/{record}", {"LastName": "After"})
    assert lines(salesforce.get(f"{JOBS}/{job}/results"))[1] == ["Before"]


def test_an_empty_result_is_a_header(salesforce: SalesforceSide) -> None:
    response = salesforce.get(f"{JOBS}/{asked(salesforce, 'SELECT Id, Email FROM Contact')}/results")
    assert lines(response) == [["Id", "Email"]]
    assert (response.headers["sforce-numberofrecords"], response.headers["sforce-locator"]) == ("0", "null")


def test_delimiter_and_line_ending_are_the_ones_asked_for(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    soql = "SELECT Id, LastName FROM Contact"
    job = asked(salesforce, soql, columnDelimiter="PIPE", lineEnding="CRLF")
    response = salesforce.get(f"{JOBS}/{job}/results")
    assert response.content.count(b"\r\n") == 2
    assert lines(response, "|")[1] == [record, "Okafor"]


def test_deleted_records_come_with_query_all_only(salesforce: SalesforceSide) -> None:
    gone = salesforce.a_contact()
    salesforce.delete(f"/sobjects/Contact/{gone}")
    soql = "SELECT Id FROM Contact"
    assert len(lines(salesforce.get(f"{JOBS}/{asked(salesforce, soql)}/results"))) == 1
    job = asked(salesforce, soql, operation="queryAll")
    assert lines(salesforce.get(f"{JOBS}/{job}/results"))[1] == [gone]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT() FROM Contact", "API_ERROR"),
        ("SELECT Id FROM Contact LIMIT 5 OFFSET 5", "API_ERROR"),
        ("SELECT Id, MailingAddress FROM Contact", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Title, COUNT(Id) FROM Contact GROUP BY Title", "API_ERROR"),
        ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Lead", "API_ERROR"),
        ("SELECT Emial FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE"),
    ],
)
def test_what_bulk_cannot_query_is_refused_at_once(salesforce: SalesforceSide, soql: str, code: str) -> None:
    assert refusal(salesforce.post(JOBS, {"operation": "query", "query": soql})) == (400, code)


def test_an_object_may_be_unknown_to_bulk(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.bulk_unsupported", ["CampaignMember"])
    response = salesforce.post(JOBS, {"operation": "query", "query": "SELECT Id FROM CampaignMember"})
    assert refusal(response) == (400, "INVALIDENTITY")


def test_results_wait_for_completion_and_want_the_same_version(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "SELECT Id FROM Contact")
    assert refusal(salesforce.get(f"{JOBS}/{job}/results")) == (412, "JOB_NOT_COMPLETE")
    complete(salesforce, job)
    other = salesforce.http.get(f"/services/data/v65.0{JOBS}/{job}/results")
    assert refusal(other) == (409, "API_VERSION_MISMATCH")


def test_a_wrong_or_lost_locator_is_refused(salesforce: SalesforceSide) -> None:
    job = asked(salesforce, "SELECT Id FROM Contact")
    for locator in ("OTk5", "&&", "x"):
        response = salesforce.get(f"{JOBS}/{job}/results", params={"locator": locator})
        assert refusal(response) == (400, "INVALID_QUERY_LOCATOR")
    salesforce.control("POST", "faults", {"kind": "lost_locator", "path": "results$"})
    assert refusal(salesforce.get(f"{JOBS}/{job}/results")) == (400, "INVALID_QUERY_LOCATOR")


def test_a_fault_makes_the_job_fail_with_its_message(salesforce: SalesforceSide) -> None:
    salesforce.control("POST", "faults", {"kind": "job_failed", "body": {"error": "QUERY_TIMEOUT : too long"}})
    job = created(salesforce, "SELECT Id FROM Contact")
    found = complete(salesforce, job)
    assert (found["state"], found["errorMessage"]) == ("Failed", "QUERY_TIMEOUT : too long")


def test_an_aborted_job_stays_aborted_and_can_be_deleted(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "SELECT Id FROM Contact")
    assert refusal(salesforce.delete(f"{JOBS}/{job}")) == (400, "INVALIDJOBSTATE")
    assert salesforce.patch(f"{JOBS}/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert complete(salesforce, job)["state"] == "Aborted"
    assert refusal(salesforce.patch(f"{JOBS}/{job}", {"state": "Aborted"})) == (400, "INVALIDJOBSTATE")
    assert salesforce.delete(f"{JOBS}/{job}").status_code == 204
    assert refusal(salesforce.get(f"{JOBS}/{job}")) == (404, "NOT_FOUND")


def test_jobs_are_kept_for_seven_days(salesforce: SalesforceSide) -> None:
    job = asked(salesforce, "SELECT Id FROM Contact")
    assert [row["id"] for row in salesforce.get(JOBS).json()["records"]] == [job]
    salesforce.world.set_clock(advance=timedelta(days=8))
    assert salesforce.get(f"{JOBS}/{job}").status_code == 404
    assert salesforce.get(JOBS).json()["records"] == []


def test_jobs_of_a_day_are_limited(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.bulk_query_quota", 1)
    created(salesforce, "SELECT Id FROM Contact")
    response = salesforce.post(JOBS, {"operation": "query", "query": "SELECT Id FROM Contact"})
    assert refusal(response) == (400, "EXCEEDEDQUOTA")
    assert salesforce.get("/limits").json()["DailyBulkV2QueryJobs"] == {"Max": 1, "Remaining": 0}


def test_a_job_survives_a_restart_of_the_sandbox(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    job = created(salesforce, "SELECT Id FROM Contact")
    with Running(salesforce.world) as again, SalesforceSide(again) as side:
        assert complete(side, job)["state"] == "JobComplete"
        assert lines(side.get(f"{JOBS}/{job}/results"))[1] == [record]
