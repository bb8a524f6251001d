"""Bulk API 2.0 ingest as a client meets it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.salesforce_side import VERSION, SalesforceSide

JOBS = "/jobs/ingest"


def created(salesforce: SalesforceSide, sobject: str, operation: str, **more: Any) -> str:
    response = salesforce.post(JOBS, {"object": sobject, "operation": operation, **more})
    assert response.status_code == 200, response.text
    assert response.json()["state"] == "Open"
    return str(response.json()["id"])


def put(salesforce: SalesforceSide, job: str, data: str | bytes) -> httpx.Response:
    content = data.encode() if isinstance(data, str) else data
    return salesforce.http.put(f"{VERSION}{JOBS}/{job}/batches", content=content, headers={"content-type": "text/csv"})


def ended(salesforce: SalesforceSide, job: str) -> dict[str, Any]:
    for _ in range(5):
        found: dict[str, Any] = salesforce.get(f"{JOBS}/{job}").json()
        if found["state"] in ("JobComplete", "Failed", "Aborted"):
            return found
    raise AssertionError(found)


def ran(salesforce: SalesforceSide, sobject: str, operation: str, data: str, **more: Any) -> dict[str, Any]:
    job = created(salesforce, sobject, operation, **more)
    assert put(salesforce, job, data).status_code == 201
    assert salesforce.patch(f"{JOBS}/{job}", {"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    return ended(salesforce, job)


def found(salesforce: SalesforceSide, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
    response = salesforce.get(f"{JOBS}/{job['id']}/{kind}")
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def refusal(response: httpx.Response) -> tuple[int, str]:
    (error,) = response.json()
    return response.status_code, error["errorCode"]


def test_nothing_starts_before_the_upload_is_complete(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    put(salesforce, job, "LastName\nOkafor\n")
    assert [salesforce.get(f"{JOBS}/{job}").json()["state"] for _ in range(3)] == ["Open"] * 3
    salesforce.patch(f"{JOBS}/{job}", {"state": "UploadComplete"})
    states = [salesforce.get(f"{JOBS}/{job}").json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    assert salesforce.values("SELECT LastName FROM Contact", "LastName") == ["Okafor"]


def test_update_clears_with_na_and_leaves_alone_what_is_empty(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact(Title="Boss", Department="Buyers", DoNotCall=True)
    data = f'"Id","Title","Department","DoNotCall"\n"{record}","#N/A","","false"\n'
    job = ran(salesforce, "Contact", "update", data)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 1, 0)
    (row,) = found(salesforce, job, "successfulResults")
    assert (row["sf__Id"], row["sf__Created"], row["Title"]) == (record, "false", "#N/A")
    stored = salesforce.record("Contact", record, "Title", "Department", "DoNotCall")
    assert (stored["Title"], stored["Department"], stored["DoNotCall"]) == (None, "Buyers", False)


def test_complete_does_not_mean_that_every_row_succeeded(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    data = f"Id,LastName,Email\n{record},#N/A,\n{record[:-1]}x,Nowak,\n"
    job = ran(salesforce, "Contact", "update", data)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 2, 2)
    errors = {row["Id"]: row["sf__Error"] for row in found(salesforce, job, "failedResults")}
    assert errors[record] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert errors[f"{record[:-1]}x"].startswith("MALFORMED_ID:")
    assert found(salesforce, job, "successfulResults") == []
    assert found(salesforce, job, "unprocessedrecords") == []


def test_insert_and_upsert_say_which_rows_are_new(salesforce: SalesforceSide) -> None:
    job = ran(salesforce, "Contact", "insert", "LastName,Email\nA,a@example.com\nB,b@example.com\n")
    assert {row["sf__Created"] for row in found(salesforce, job, "successfulResults")} == {"true"}
    data = "Email,LastName\na@example.com,Changed\nc@example.com,C\n"
    job = ran(salesforce, "Contact", "upsert", data, externalIdFieldName="Email")
    created_flags = {row["Email"]: row["sf__Created"] for row in found(salesforce, job, "successfulResults")}
    assert created_flags == {"a@example.com": "false", "c@example.com": "true"}
    assert sorted(salesforce.values("SELECT LastName FROM Contact", "LastName")) == ["B", "C", "Changed"]


def test_delete_takes_ids(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    assert ran(salesforce, "Contact", "delete", f"Id\n{record}\n")["numberRecordsFailed"] == 0
    assert salesforce.values("SELECT Id FROM Contact") == []


def test_parents_may_be_named_by_an_indexed_field(salesforce: SalesforceSide) -> None:
    boss = salesforce.a_contact(Email="boss@example.com")
    record = salesforce.a_contact(LastName="Report")
    ran(salesforce, "Contact", "update", f"Id,ReportsTo.Email\n{record},boss@example.com\n")
    assert salesforce.record("Contact", record, "ReportsToId")["ReportsToId"] == boss


def test_a_member_who_is_there_already_is_a_refused_row(salesforce: SalesforceSide) -> None:
    campaign, person = salesforce.a_campaign(), salesforce.a_contact()
    salesforce.a_member(campaign, ContactId=person)
    job = ran(salesforce, "CampaignMember", "insert", f"CampaignId,ContactId\n{campaign},{person}\n")
    (row,) = found(salesforce, job, "failedResults")
    assert row["sf__Error"] == "DUPLICATE_VALUE:Already a campaign member.:--"
    assert (row["sf__Id"], row["ContactId"]) == ("", person)


def test_values_keep_quotes_newlines_and_their_edges(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    data = f'"Id","Description"\n"{record}"," two ""quoted""\nlines, é "\n'
    ran(salesforce, "Contact", "update", data)
    stored = salesforce.record("Contact", record, "Description")["Description"]
    assert stored == ' two "quoted"\nlines, é '


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("Id,Nonsense__c\n003,x\n", "InvalidBatch : Field name not found : Nonsense__c"),
        ("Id,Title\r\n003,x\r\n", "ClientInputError : LineEnding is invalid on user data."),
        (b"\xff\xfe", "ClientInputError : The data is not in UTF-8"),
        ("", "InvalidBatch : Failed to parse CSV header."),
    ],
)
def test_a_file_that_makes_no_sense_fails_the_job(salesforce: SalesforceSide, data: str | bytes, error: str) -> None:
    job = created(salesforce, "Contact", "update")
    put(salesforce, job, data)
    salesforce.patch(f"{JOBS}/{job}", {"state": "UploadComplete"})
    final = ended(salesforce, job)
    assert final["state"] == "Failed"
    assert final["errorMessage"].startswith(error)


def test_a_job_that_fails_half_way_names_the_rows_it_never_tried(salesforce: SalesforceSide) -> None:
    people = [salesforce.a_contact() for _ in range(3)]
    rule = {"kind": "job_failed", "method": "PATCH", "body": {"rows": 2, "error": "InternalServerError : x"}}
    salesforce.control("POST", "faults", rule)
    job = ran(salesforce, "Contact", "update", "Id,Title\n" + "".join(f"{person},New\n" for person in people))
    assert (job["state"], job["errorMessage"]) == ("Failed", "InternalServerError : x")
    assert [row["Id"] for row in found(salesforce, job, "unprocessedrecords")] == people[2:]
    assert {row["Id"] for row in found(salesforce, job, "successfulResults")} == set(people[:2])
    assert salesforce.values("SELECT Title FROM Contact", "Title").count("New") == 2


def test_locked_rows_are_refused_by_themselves(salesforce: SalesforceSide) -> None:
    people = [salesforce.a_contact() for _ in range(3)]
    salesforce.control("POST", "faults", {"kind": "row_lock", "method": "PATCH", "body": {"rows": [1]}})
    job = ran(salesforce, "Contact", "update", "Id,Title\n" + "".join(f"{person},New\n" for person in people))
    (row,) = found(salesforce, job, "failedResults")
    assert (row["Id"], row["sf__Error"].partition(":")[0]) == (people[1], "UNABLE_TO_LOCK_ROW")


def test_rows_of_a_job_are_refused_with_whatever_error_an_org_may_have(salesforce: SalesforceSide) -> None:
    error = {"statusCode": "CUSTOM_APEX_ERROR", "message": "a trigger says no"}
    salesforce.control("POST", "faults", {"kind": "row_error", "method": "PATCH", "body": error})
    job = ran(salesforce, "Contact", "insert", "LastName\nOkafor\nNowak\n")
    assert [row["sf__Error"].split(":")[:2] for row in found(salesforce, job, "failedResults")] == [
        ["CUSTOM_APEX_ERROR", "a trigger says no"]
    ] * 2


def test_an_aborted_job_leaves_every_row_unprocessed(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    put(salesforce, job, "LastName\nOkafor\n")
    assert salesforce.patch(f"{JOBS}/{job}", {"state": "Aborted"}).status_code == 200
    assert [row["LastName"] for row in found(salesforce, ended(salesforce, job), "unprocessedrecords")] == ["Okafor"]
    assert refusal(salesforce.patch(f"{JOBS}/{job}", {"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert salesforce.delete(f"{JOBS}/{job}").status_code == 204


def test_rows_are_uploaded_once_and_within_the_limit(salesforce: SalesforceSide) -> None:
    salesforce.world.set_setting("salesforce.bulk_max_bytes", 20)
    job = created(salesforce, "Contact", "insert")
    assert refusal(put(salesforce, job, "LastName\n" + "x" * 20)) == (413, "REQUEST_TOO_LARGE")
    assert put(salesforce, job, "LastName\nOkafor\n").status_code == 201
    assert refusal(put(salesforce, job, "LastName\nOkafor\n")) == (400, "INVALIDJOBSTATE")


def test_small_data_may_ride_in_the_call_that_makes_the_job(salesforce: SalesforceSide) -> None:
    files = {
        "job": (None, json.dumps({"object": "Contact", "operation": "insert"}), "application/json"),
        "content": ("content", "LastName\nOkafor\n", "text/csv"),
    }
    response = salesforce.http.post(VERSION + JOBS, files=files)
    assert response.json()["state"] == "UploadComplete", response.text
    assert ended(salesforce, response.json()["id"])["numberRecordsProcessed"] == 1


def test_results_are_refused_while_the_job_is_under_way(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    for kind in ("successfulResults", "failedResults", "unprocessedrecords"):
        assert refusal(salesforce.get(f"{JOBS}/{job}/{kind}")) == (412, "JOB_NOT_COMPLETE")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Nonsense", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Contact", "operation": "hardDelete"}, "FEATURENOTENABLED"),
        ({"object": "Contact", "operation": "merge"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "insert", "columnDelimiter": "SPACE"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "insert", "contentType": "JSON"}, "INVALIDJOB"),
    ],
)
def test_a_job_that_cannot_be_is_refused_at_once(salesforce: SalesforceSide, body: dict[str, str], code: str) -> None:
    assert refusal(salesforce.post(JOBS, body)) == (400, code)


def test_every_call_of_a_job_counts_and_batches_are_limited(salesforce: SalesforceSide) -> None:
    before = salesforce.get("/limits").json()
    ran(salesforce, "Contact", "insert", "LastName\nOkafor\n")
    after = salesforce.get("/limits").json()
    used = before["DailyApiRequests"]["Remaining"] - after["DailyApiRequests"]["Remaining"]
    assert used == 6  # made, uploaded, handed over, two polls, and this look
    assert before["DailyBulkApiBatches"]["Remaining"] - after["DailyBulkApiBatches"]["Remaining"] == 1
    salesforce.world.set_setting("salesforce.bulk_ingest_quota", 1)
    assert refusal(salesforce.post(JOBS, {"object": "Contact", "operation": "insert"})) == (400, "EXCEEDEDQUOTA")


def test_hidden_and_readonly_fields_hold_in_bulk_too(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    salesforce.world.set_setting("salesforce.readonly_fields", ["Contact.Title"])
    job = ran(salesforce, "Contact", "update", f"Id,Title\n{record},New\n")
    (row,) = found(salesforce, job, "failedResults")
    assert row["sf__Error"].startswith("INVALID_FIELD_FOR_INSERT_UPDATE:")
    salesforce.world.set_setting("salesforce.hidden_fields", ["Contact.Title"])
    job = ran(salesforce, "Contact", "update", f"Id,Title\n{record},New\n")
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Title"
