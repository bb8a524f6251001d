"""Bulk API 1.0 as its clients meet it: jobs in JSON and XML, batches in CSV, JSON and XML."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide

ROOT = "/services/async/66.0/job"
NS = "{http://www.force.com/2009/06/asyncapi/dataload}"
SENT = {"CSV": "text/csv; charset=UTF-8", "JSON": "application/json", "XML": "application/xml"}


def asked(
    salesforce: SalesforceSide, method: str, path: str = "", body: Any = None, kind: str = "JSON", **headers: str
) -> httpx.Response:
    """A call as the older clients make it: with a session header of its own."""
    content = json.dumps(body) if kind == "JSON" and not isinstance(body, str | bytes | None) else body
    sent = {"X-SFDC-Session": salesforce.running.access.token, "Content-Type": SENT[kind]}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, salesforce.url + ROOT + path, content=content, headers=sent, timeout=30)


def created(salesforce: SalesforceSide, sobject: str, operation: str, kind: str = "JSON", **more: Any) -> str:
    body = {"object": sobject, "operation": operation, "contentType": kind, **more}
    response = asked(salesforce, "POST", body=body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def added(salesforce: SalesforceSide, job: str, data: Any, kind: str = "JSON") -> str:
    response = asked(salesforce, "POST", f"/{job}/batch", data, kind)
    assert response.status_code == 201, response.text
    return str(response.json()["id"] if kind == "JSON" else ElementTree.fromstring(response.text).findtext(f"{NS}id"))


def ended(salesforce: SalesforceSide, job: str, batch: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(5):
        response = asked(salesforce, "GET", f"/{job}/batch/{batch}")
        if response.headers["content-type"] == "application/json":
            found = response.json()
        else:
            found = {one.tag.removeprefix(NS): one.text for one in ElementTree.fromstring(response.text)}
        if found["state"] in ("Completed", "Failed", "NotProcessed"):
            return found
    raise AssertionError(found)


def ran(salesforce: SalesforceSide, sobject: str, operation: str, data: Any, kind: str = "JSON", **more: Any) -> Any:
    """The result of a batch: what JSON holds, or the lines of CSV, or the root of XML."""
    job = created(salesforce, sobject, operation, kind, **more)
    batch = added(salesforce, job, data, kind)
    assert ended(salesforce, job, batch)["state"] == "Completed"
    return read(asked(salesforce, "GET", f"/{job}/batch/{batch}/result"))


def read(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    kind = response.headers["content-type"].partition(";")[0]
    if kind == "text/csv":
        return list(csv.reader(io.StringIO(response.text, newline="")))
    return response.json() if kind == "application/json" else ElementTree.fromstring(response.text)


def refusal(response: httpx.Response) -> tuple[int, str]:
    if response.headers["content-type"] == "application/json":
        assert set(response.json()) == {"exceptionCode", "exceptionMessage"}
        return response.status_code, response.json()["exceptionCode"]
    root = ElementTree.fromstring(response.text)
    assert root.tag == f"{NS}error"
    return response.status_code, str(root.findtext(f"{NS}exceptionCode"))


def test_a_job_in_json_has_every_property_with_nulls_for_what_it_has_not(salesforce: SalesforceSide) -> None:
    body = {"object": "contact", "operation": "insert", "contentType": "JSON", "concurrencyMode": 1}
    made = asked(salesforce, "POST", body=body).json()
    assert made.pop("id").startswith("750")
    assert made.pop("createdById").startswith("005")
    assert made.pop("createdDate") == made.pop("systemModstamp")
    counts = {f"numberBatches{name}": 0 for name in ("Queued", "InProgress", "Completed", "Failed", "Total")}
    times = dict.fromkeys(("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"), 0)
    assert made == {
        **counts,
        **times,
        **dict.fromkeys(("numberRecordsProcessed", "numberRecordsFailed", "numberRetries"), 0),
        "apiVersion": 66.0,
        "assignmentRuleId": None,
        "concurrencyMode": "Serial",
        "contentType": "JSON",
        "externalIdFieldName": None,
        "fastPathEnabled": False,
        "object": "Contact",
        "operation": "insert",
        "state": "Open",
    }


def test_a_job_in_xml_says_the_same_in_the_order_of_the_documentation(salesforce: SalesforceSide) -> None:
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="{NS[1:-1]}"><operation>upsert</operation>'
        "<object>Contact</object><externalIdFieldName>email</externalIdFieldName><contentType>CSV</contentType></jobInfo>"
    )
    response = asked(salesforce, "POST", body=body, kind="XML")
    assert (response.status_code, response.headers["content-type"]) == (201, "application/xml")
    root = ElementTree.fromstring(response.text)
    assert root.tag == f"{NS}jobInfo"
    found = {one.tag.removeprefix(NS): one.text for one in root}
    assert str(found["createdDate"]).endswith(".000Z")
    assert [found[name] for name in ("externalIdFieldName", "apiVersion", "state")] == ["Email", "66.0", "Open"]
    assert list(found)[:5] == ["id", "operation", "object", "createdById", "createdDate"]
    closed = asked(
        salesforce,
        "POST",
        f"/{found['id']}",
        body=f'<jobInfo xmlns="{NS[1:-1]}"><state>Closed</state></jobInfo>',
        kind="XML",
    )
    assert ElementTree.fromstring(closed.text).findtext(f"{NS}state") == "Closed"


def test_rows_in_json_are_judged_one_by_one_in_their_order(salesforce: SalesforceSide) -> None:
    rows = [{"LastName": "A", "DoNotCall": "true"}, {"Email": "b@example.com"}, {"lastname": "C"}]
    first, second, third = ran(salesforce, "Contact", "insert", rows)
    assert [first["success"], first["created"], first["errors"]] == [True, True, []]
    assert salesforce.record("Contact", first["id"], "DoNotCall")["DoNotCall"] is True
    assert second == {
        "success": False,
        "created": False,
        "id": None,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
                "extendedErrorDetails": None,
            }
        ],
    }
    assert salesforce.record("Contact", third["id"], "LastName")["LastName"] == "C"


def test_a_name_of_nothing_is_no_field(salesforce: SalesforceSide) -> None:
    (row,) = ran(salesforce, "Contact", "insert", [{"LastName": "A", "": {"a": 1}}])
    assert row["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_rows_in_csv(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact(Title="Boss", Department="Buyers")
    data = f'Id,Title,Department\r\n{record},#N/A,""\r\n{record[:-1]}x,New,\r\n'
    lines = ran(salesforce, "Contact", "update", data, "CSV")
    assert lines[0] == ["Id", "Success", "Created", "Error"]
    assert lines[1] == [record, "true", "false", ""]
    assert lines[2][:3] == ["", "false", "false"]
    assert lines[2][3].startswith("MALFORMED_ID:")
    stored = salesforce.record("Contact", record, "Title", "Department")
    assert (stored["Title"], stored["Department"]) == (None, "Buyers")


def test_rows_in_xml(salesforce: SalesforceSide) -> None:
    boss, record = salesforce.a_contact(Email="boss@example.com"), salesforce.a_contact(Title="Boss", Phone="1")
    data = (
        f'<sObjects xmlns="{NS[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><sObject><type>Contact</type>'
        f"<Id>{record}</Id><Title xsi:nil='true'/><Phone></Phone><DoNotCall>true</DoNotCall>"
        "<ReportsTo><sObject><Email>boss@example.com</Email></sObject></ReportsTo></sObject>"
        "<sObject><Id>nothing</Id></sObject></sObjects>"
    )
    root = ran(salesforce, "Contact", "update", data, "XML")
    done, refused = root
    assert (root.tag, done.findtext(f"{NS}id"), done.findtext(f"{NS}success")) == (f"{NS}results", record, "true")
    assert refused.find(f"{NS}id") is None
    assert refused.findtext(f"{NS}errors/{NS}statusCode") == "MALFORMED_ID"
    stored = salesforce.record("Contact", record, "Title", "Phone", "DoNotCall", "ReportsToId")
    assert [stored[name] for name in ("Title", "Phone", "DoNotCall", "ReportsToId")] == [None, "1", True, boss]


def test_upsert_says_what_is_new_and_delete_takes_ids(salesforce: SalesforceSide) -> None:
    old = salesforce.a_contact(Email="a@example.com")
    rows = [{"Email": "a@example.com", "LastName": "Changed"}, {"Email": "b@example.com", "LastName": "New"}]
    found = ran(salesforce, "Contact", "upsert", rows, externalIdFieldName="Email")
    assert [(one["success"], one["created"]) for one in found] == [(True, False), (True, True)]
    assert found[0]["id"] == old
    done, twice = ran(salesforce, "Contact", "delete", [{"Id": old}, {"Id": old}])
    assert (done["success"], twice["errors"][0]["statusCode"]) == (True, "DUPLICATE_VALUE")
    assert salesforce.values("SELECT LastName FROM Contact", "LastName") == ["New"]


def test_a_hard_delete_needs_a_right_and_leaves_nothing(salesforce: SalesforceSide) -> None:
    record = salesforce.a_contact()
    wanted = {"object": "Contact", "operation": "hardDelete", "contentType": "JSON"}
    assert refusal(asked(salesforce, "POST", body=wanted)) == (400, "FeatureNotEnabled")
    salesforce.control("PUT", "settings", {"salesforce.may_hard_delete": True})
    assert [one["success"] for one in ran(salesforce, "Contact", "hardDelete", [{"Id": record}])] == [True]
    assert salesforce.query("SELECT Id FROM Contact", path="/queryAll")["records"] == []


def test_a_batch_is_queued_then_in_progress_then_over(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    made = asked(salesforce, "POST", f"/{job}/batch", [{"LastName": "A"}, {}]).json()
    assert (made["id"][:3], made["jobId"], made["state"], made["stateMessage"]) == ("751", job, "Queued", None)
    states = [asked(salesforce, "GET", f"/{job}/batch/{made['id']}").json()["state"] for _ in range(2)]
    assert states == ["InProgress", "Completed"]
    (listed,) = asked(salesforce, "GET", f"/{job}/batch").json()["batchInfo"]
    assert (listed["numberRecordsProcessed"], listed["numberRecordsFailed"]) == (2, 1)
    info = asked(salesforce, "GET", f"/{job}").json()
    assert (info["numberBatchesCompleted"], info["numberBatchesTotal"]) == (1, 1)
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"], info["state"]) == (2, 1, "Open")
    request = asked(salesforce, "GET", f"/{job}/batch/{made['id']}/request")
    assert (request.json(), request.headers["content-type"]) == ([{"LastName": "A"}, {}], "application/json")


def queried(salesforce: SalesforceSide, soql: str, kind: str, operation: str = "query") -> list[Any]:
    """The files of a query."""
    job = created(salesforce, "Contact", operation, kind)
    batch = added(salesforce, job, soql, kind)
    assert ended(salesforce, job, batch)["state"] == "Completed"
    path = f"/{job}/batch/{batch}/result"
    found = read(asked(salesforce, "GET", path))
    ids = found if kind == "JSON" else [one.text for one in found]
    if kind != "JSON":
        assert found.tag == f"{NS}result-list"
    return [read(asked(salesforce, "GET", f"{path}/{one}")) for one in ids]


def test_a_query_in_csv_comes_in_as_many_files_as_it_takes(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "settings", {"salesforce.bulk_page": 2})
    for name in "ABC":
        salesforce.a_contact(LastName=name)
    files = queried(salesforce, "SELECT LastName, Owner.Name FROM Contact ORDER BY LastName", "CSV")
    assert [[line[0] for line in lines] for lines in files] == [["LastName", "A", "B"], ["LastName", "C"]]
    assert files[0][0] == ["LastName", "Owner.Name"]


def test_a_query_without_rows_says_so_in_csv_and_is_empty_in_json(salesforce: SalesforceSide) -> None:
    assert queried(salesforce, "SELECT Id FROM Contact", "CSV") == [[["Records not found for this query"]]]
    assert queried(salesforce, "SELECT Id FROM Contact", "JSON") == [[]]


def test_a_query_in_json_has_moments_as_milliseconds(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-03-01T00:00:00Z", "frozen": True})
    record = salesforce.a_contact(Title=None)
    ((found,),) = queried(
        salesforce, "SELECT Id, Title, CreatedDate, Account.Name, Owner.CreatedDate FROM Contact", "JSON"
    )
    url = f"/services/data/v66.0/sobjects/Contact/{record}"
    assert found["attributes"] == {"type": "Contact", "url": url}
    assert (found["Title"], found["CreatedDate"], found["Account"]) == (None, 1_772_323_200_000, None)
    assert isinstance(found["Owner"]["CreatedDate"], int)


def test_a_query_in_xml(salesforce: SalesforceSide) -> None:
    account = salesforce.make("Account", Name="A & B")
    salesforce.a_contact(AccountId=account, Description="\u0001x")
    (root,) = queried(salesforce, "SELECT Title, Description, CreatedDate, Account.Name FROM Contact", "XML")
    (record,) = root
    assert (root.tag, record.findtext(f"{NS}type")) == (f"{NS}queryResult", "Contact")
    assert record.findtext(f"{NS}CreatedDate").endswith(".000Z")
    assert record.find(f"{NS}Title").attrib == {"{http://www.w3.org/2001/XMLSchema-instance}nil": "true"}
    assert (record.findtext(f"{NS}Account/{NS}Name"), record.findtext(f"{NS}Description")) == ("A & B", "x")


def test_query_all_finds_the_deleted_too(salesforce: SalesforceSide) -> None:
    salesforce.delete(f"/sobjects/Contact/{salesforce.a_contact()}")
    assert [len(rows) for rows in queried(salesforce, "SELECT Id FROM Contact", "JSON", "queryAll")] == [1]


@pytest.mark.parametrize(
    ("operation", "kind", "data", "message"),
    [
        ("insert", "CSV", "Nonsense__c\nx\n", "InvalidBatch : Field name not found : Nonsense__c"),
        ("insert", "CSV", "LastName\n", "InvalidBatch : The batch has no records"),
        ("insert", "CSV", "LastName\n" + "x\n" * 10_001, "InvalidBatch : The batch has 10001 records"),
        ("insert", "JSON", "[{]", "InvalidBatch : Unable to parse"),
        ("insert", "JSON", '{"LastName": "x"}', "InvalidBatch : The batch is no list of records"),
        ("insert", "XML", "<!DOCTYPE a [<!ENTITY b 'c'>]><sObjects>&b;</sObjects>", "InvalidBatch : Unable to parse"),
        ("query", "JSON", "SELECT Nope FROM Contact", "InvalidBatch : Failed to process query: INVALID_FIELD"),
        ("query", "CSV", "SELECT COUNT() FROM Contact", "InvalidBatch : Failed to process query: "),
    ],
)
def test_a_batch_that_makes_no_sense_fails_as_a_whole(
    salesforce: SalesforceSide, operation: str, kind: str, data: str, message: str
) -> None:
    job = created(salesforce, "Contact", operation, kind)
    batch = added(salesforce, job, data, kind)
    found = ended(salesforce, job, batch)
    assert found["state"] == "Failed"
    assert found["stateMessage"].startswith(message)
    assert refusal(asked(salesforce, "GET", f"/{job}/batch/{batch}/result")) == (400, "InvalidBatch")
    assert asked(salesforce, "GET", f"/{job}").json()["numberBatchesFailed"] == 1


def test_faults_reach_the_rows_of_a_batch(salesforce: SalesforceSide) -> None:
    people = [{"Id": salesforce.a_contact(), "Title": "New"} for _ in range(3)]
    salesforce.control("POST", "faults", {"kind": "row_lock", "path": "/batch$", "body": {"rows": [1]}})
    found = ran(salesforce, "Contact", "update", people)
    assert [one["success"] for one in found] == [True, False, True]
    assert found[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    rule = {"kind": "job_failed", "path": "/batch$", "body": {"rows": 2, "error": "InternalServerError : x"}}
    salesforce.control("POST", "faults", rule)
    job = created(salesforce, "Contact", "update")
    batch = added(salesforce, job, people)
    failed = ended(salesforce, job, batch)
    assert (failed["state"], failed["stateMessage"]) == ("Failed", "InternalServerError : x")
    assert len(read(asked(salesforce, "GET", f"/{job}/batch/{batch}/result"))) == 2


def test_an_aborted_job_leaves_what_waits_undone(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "settings", {"salesforce.bulk_ticks": 2})
    job = created(salesforce, "Contact", "insert")
    batch = added(salesforce, job, [{"LastName": "A"}])
    assert asked(salesforce, "POST", f"/{job}", {"state": "Closed"}).json()["state"] == "Closed"
    assert asked(salesforce, "GET", f"/{job}/batch/{batch}").json()["state"] == "InProgress"
    assert refusal(asked(salesforce, "POST", f"/{job}", {"state": "Aborted"})) == (400, "InvalidJobState")
    other = created(salesforce, "Contact", "insert")
    batch = added(salesforce, other, [{"LastName": "B"}])
    assert asked(salesforce, "POST", f"/{other}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert asked(salesforce, "GET", f"/{other}/batch/{batch}").json()["state"] == "NotProcessed"
    assert salesforce.values("SELECT LastName FROM Contact", "LastName") == ["A"]
    assert refusal(asked(salesforce, "POST", f"/{other}/batch", [])) == (400, "InvalidJobState")


def test_pk_chunking_makes_several_batches_of_one(salesforce: SalesforceSide) -> None:
    people = [salesforce.a_contact(LastName="A", Title="x") for _ in range(5)]
    salesforce.a_contact(Title="y")
    body = {"object": "Contact", "operation": "query", "contentType": "CSV"}
    headers = {"Sforce_Enable_PKChunking": "true; chunkSize=2"}
    job = asked(salesforce, "POST", body=body, **headers).json()["id"]
    added(salesforce, job, "SELECT Id FROM Contact WHERE Title = 'x' OR Title = 'z'", "CSV")
    for _ in range(3):
        found = ElementTree.fromstring(asked(salesforce, "GET", f"/{job}/batch").text)
    states = [(one.findtext(f"{NS}id"), one.findtext(f"{NS}state")) for one in found]
    assert [state for _, state in states] == ["NotProcessed", "Completed", "Completed", "Completed"]
    seen: list[str] = []
    for batch, _ in states[1:]:
        (result,) = read(asked(salesforce, "GET", f"/{job}/batch/{batch}/result"))
        seen += [line[0] for line in read(asked(salesforce, "GET", f"/{job}/batch/{batch}/result/{result.text}"))[1:]]
    assert seen == people


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Nope__c", "operation": "insert"}, "InvalidEntity"),
        ({"object": "Contact", "operation": "merge"}, "InvalidJob"),
        ({"object": "Contact", "operation": "upsert"}, "InvalidJob"),
        ({"object": "Contact", "operation": "upsert", "externalIdFieldName": "LastName"}, "InvalidJob"),
        ({"object": "Contact", "operation": "insert", "contentType": "ZIP_CSV"}, "InvalidJob"),
        ({"object": "Contact", "operation": "insert", "concurrencyMode": "Fast"}, "InvalidJob"),
        ([], "InvalidJob"),
        ("{", "InvalidJob"),
    ],
)
def test_jobs_that_are_refused(salesforce: SalesforceSide, body: Any, code: str) -> None:
    assert refusal(asked(salesforce, "POST", body=body)) == (400, code)


def test_refusals_are_in_xml_for_whoever_sends_no_json(salesforce: SalesforceSide) -> None:
    assert refusal(asked(salesforce, "POST", body="<jobInfo", kind="XML")) == (400, "InvalidXML")
    unknown = asked(salesforce, "GET", "/750000000000000", kind="XML")
    assert (unknown.headers["content-type"], refusal(unknown)) == ("application/xml", (400, "InvalidJob"))
    job = created(salesforce, "Contact", "insert", "CSV")
    assert refusal(asked(salesforce, "GET", f"/{job}/batch/751000000000000", kind="XML")) == (400, "InvalidBatch")
    assert refusal(asked(salesforce, "POST", f"/{job}/batch", "[]", "XML")) == (400, "InvalidBatch")
    assert refusal(asked(salesforce, "POST", f"/{job}", {"state": "Sleeping"})) == (400, "InvalidJobState")
    assert refusal(asked(salesforce, "PUT", f"/{job}")) == (405, "MethodNotAllowed")
    assert refusal(asked(salesforce, "GET", f"/{job}/nope")) == (400, "InvalidUrl")
    batch = added(salesforce, job, "LastName\nA\n", "CSV")
    assert refusal(asked(salesforce, "GET", f"/{job}/batch/{batch}/result", kind="CSV")) == (400, "InvalidBatch")


def test_sessions_versions_and_the_budget(salesforce: SalesforceSide) -> None:
    wanted = {"object": "Contact", "operation": "insert", "contentType": "CSV"}
    assert refusal(asked(salesforce, "POST", body=wanted, X_SFDC_Session="00D!nothing")) == (400, "InvalidSessionId")
    bearer = salesforce.http.post(ROOT, json=wanted)
    assert bearer.status_code == 201
    path = ROOT.replace("66.0", "60.0")
    assert refusal(salesforce.http.get(f"{path}/{bearer.json()['id']}")) == (400, "InvalidVersion")
    assert refusal(salesforce.http.post(ROOT.replace("66.0", "20.0"), json=wanted)) == (400, "InvalidVersion")
    assert refusal(salesforce.http.post(ROOT.replace("66.0", "v66.0"), json=wanted)) == (400, "InvalidUrl")
    salesforce.control("POST", "faults", {"kind": "expired_session", "path": "async"})
    assert refusal(asked(salesforce, "GET", kind="XML")) == (400, "InvalidSessionId")
    salesforce.control("PUT", "settings", {"salesforce.daily_limit": 1})
    assert refusal(asked(salesforce, "POST", body=wanted)) == (400, "ExceededQuota")


def test_a_batch_has_a_size_and_counts_against_the_days_batches(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    salesforce.control("PUT", "settings", {"salesforce.bulk_batch_max_bytes": 10})
    assert refusal(asked(salesforce, "POST", f"/{job}/batch", "[" + " " * 10 + "]")) == (400, "ClientInputError")
    before = salesforce.get("/limits").json()["DailyBulkApiBatches"]["Remaining"]
    added(salesforce, job, "[]")
    assert salesforce.get("/limits").json()["DailyBulkApiBatches"]["Remaining"] == before - 1
    salesforce.control("PUT", "settings", {"salesforce.bulk_ingest_quota": 1})
    assert refusal(asked(salesforce, "POST", f"/{job}/batch", "[]")) == (400, "ExceededQuota")


def test_only_its_maker_changes_a_job(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    admin = salesforce.running.access.admin_token
    assert refusal(asked(salesforce, "POST", f"/{job}", {"state": "Closed"}, X_SFDC_Session=admin)) == (
        400,
        "InvalidUser",
    )


def test_the_lists_of_the_newer_api_show_these_jobs_too(salesforce: SalesforceSide) -> None:
    job = created(salesforce, "Contact", "insert")
    newer = salesforce.post("/jobs/ingest", {"object": "Contact", "operation": "insert"}).json()["id"]
    found = salesforce.get("/jobs/ingest").json()["records"]
    assert [(one["id"], one["jobType"]) for one in found] == [(newer, "V2Ingest"), (job, "Classic")]
    (classic,) = salesforce.get("/jobs/query", params={"jobType": "Classic"}).json()["records"]
    assert (classic["id"], classic["contentType"], classic["state"]) == (job, "JSON", "Open")
    assert salesforce.get("/jobs/query", params={"jobType": "V2Query"}).json()["records"] == []
    assert salesforce.get("/jobs/ingest", params={"isPkChunkingEnabled": "true"}).json()["records"] == []
    assert salesforce.get(f"/jobs/ingest/{job}").status_code == 404
