"""Bulk API 1.0 jobs: made, looked at, closed and aborted. Their batches do the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk1_chunks, bulk_jobs, bulk_write, dml, sql, store
from sfdd_declare.sandbox.salesforce.bulk1_formats import (
    MEDIA_TYPES,
    as_json,
    content_type,
    document,
    job_body,
)
from sfdd_declare.sandbox.salesforce.bulk_jobs import BATCH, CLASSIC, Job
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.salesforce.values import to_json
from sfdd_declare.sandbox.salesforce.xml_text import elements
from sfdd_declare.sandbox.world import World

QUERIES = ("query", "queryAll")
DATES = ("createdDate", "systemModstamp")
_MODES = {"0": "Parallel", "1": "Serial"}
_OPEN, _CLOSED, _ABORTED = "Open", "Closed", "Aborted"
_STATES = {"JobComplete": "Completed", "Failed": "Failed"}
_COUNTED = ("Queued", "InProgress", "Completed", "Failed")


def create(call: Call) -> Reply:
    """POST job."""
    job = bulk_jobs.submit(call, CLASSIC, _OPEN, _spec(call, job_body(call)))
    return replace(_shown(call, job), status=201)


def status(call: Call) -> Reply:
    """GET job/ID: one poll of all its batches."""
    job = get(call)
    shown = _shown(call, job)
    polled(call.world, batches(call.world, job.id))
    return shown


def change(call: Call) -> Reply:
    """POST job/ID: close it, or abort it."""
    wanted = str(job_body(call).get("state"))
    job = get(call, is_change=True)
    if wanted not in (_CLOSED, _ABORTED):
        raise Refusal("InvalidJobState", f"A job cannot be set to the state {wanted}")
    waiting = [row for row in batches(call.world, job.id) if row["wait"] is not None]
    if job.state != _OPEN and (wanted == _CLOSED or job.state == _ABORTED or not waiting):
        doing = "Closing" if wanted == _CLOSED else "Aborting"
        raise Refusal("InvalidJobState", f"{doing} already {job.state} Job not allowed")
    with call.world.transaction():
        for row in waiting if wanted == _ABORTED else ():
            bulk_jobs.change(call.world, row["id"], state=_ABORTED, wait=None, polls=0)
        bulk_jobs.change(call.world, job.id, state=wanted)
    return _shown(call, bulk_jobs.get(call, CLASSIC, job.id))


def get(call: Call, *, is_change: bool = False) -> Job:
    """The job that a path names. Raises InvalidJob, InvalidVersion, and InvalidUser for a change of another's."""
    try:
        job = bulk_jobs.get(call, CLASSIC, call.path["job"])
    except Refusal:
        raise Refusal("InvalidJob", f"Unable to find job: {call.path['job']}") from None
    if job.version != call.version:
        raise Refusal("InvalidVersion", f"The job was created with version {job.version[1:]}, not {call.version[1:]}")
    if is_change and job.user != call.user:
        raise Refusal("InvalidUser", "The job was created by another user")
    return job


def batches(world: World, job_id: str) -> list[dict[str, Any]]:
    """The stored batches of a job, in the order they came."""
    where = "kind = ? AND json_extract(spec, '$.job') = ? ORDER BY serial"
    with world.lock:
        return sql.select(world.db, "sfx_job", where, (BATCH, job_id))


def batch_state(row: Mapping[str, Any]) -> str:
    """The state that a poll sees: for a while still in progress, whatever became of the batch."""
    if row["wait"] is not None:
        return "Queued"
    state = _STATES.get(row["state"], "NotProcessed")
    return "InProgress" if state != "NotProcessed" and row["polls"] > 0 else state


def polled(world: World, rows: Iterable[Mapping[str, Any]]) -> None:
    """Count a poll of the batches that are shown in progress."""
    with world.transaction() as db:
        for row in rows:
            if batch_state(row) == "InProgress":
                db.execute("UPDATE sfx_job SET polls = polls - 1 WHERE serial = ?", (row["serial"],))


def times(count: int) -> dict[str, int]:
    """Milliseconds of so many batches that are over; nobody may rely on them."""
    return {"totalProcessingTime": 100 * count, "apiActiveProcessingTime": 80 * count, "apexProcessingTime": 0}


def as_xml_dates(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same with moments as XML has them; JSON ends them in `+0000`."""
    dates = {name: str(body[name]).replace("+0000", "Z") for name in DATES}
    return {**body, **dates}


def _spec(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    operation = str(body.get("operation"))
    bulk_write.check_operation(call, operation, (*bulk_write.OPERATIONS, *QUERIES))
    one = bulk_write.target(call, str(body.get("object")))
    spec: dict[str, Any] = {
        "operation": operation,
        "object": one.name,
        "concurrencyMode": str(body.get("concurrencyMode") or "Parallel"),
        "contentType": str(body.get("contentType") or "XML"),
    }
    spec["concurrencyMode"] = _MODES.get(spec["concurrencyMode"], spec["concurrencyMode"])
    for name, known in (("concurrencyMode", _MODES.values()), ("contentType", MEDIA_TYPES)):
        if spec[name] not in known:
            raise Refusal("InvalidJob", f"{name} '{spec[name]}' is not one of {', '.join(known)}")
    if operation == "upsert":
        spec["externalIdFieldName"] = _key(one, body.get("externalIdFieldName"))
    if body.get("assignmentRuleId"):
        spec["assignmentRuleId"] = str(body["assignmentRuleId"])
    size = bulk1_chunks.size_of(call.headers.get("sforce-enable-pkchunking", ""))
    if size and operation in QUERIES:
        spec["chunkSize"] = size
    return spec


def _key(one: ObjectType, name: Any) -> str:
    if not name:
        raise Refusal(
            "InvalidJob", f"External ID was blank for {one.name}. An External ID must be specified for upsert."
        )
    try:
        return dml.key_field(one, str(name)).name
    except Refusal:
        message = f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for "
        raise Refusal("InvalidJob", message + one.name) from None


def _shown(call: Call, job: Job) -> Reply:
    body = _info(call, job)
    kind = content_type(call.headers)
    if kind == "JSON" or (kind != "XML" and "json" in call.headers.get("accept", "")):
        nulls = {"assignmentRuleId": None, "externalIdFieldName": None, "fastPathEnabled": False}
        whole = {**nulls, **body, "apiVersion": float(body["apiVersion"])}
        return as_json({name: whole[name] for name in sorted(whole)})
    return document("jobInfo", elements(as_xml_dates(body)))


def _info(call: Call, job: Job) -> dict[str, Any]:
    rows = batches(call.world, job.id)
    states = [batch_state(row) for row in rows]
    done = [row for row, state in zip(rows, states, strict=True) if state in _STATES.values()]
    spec = job.spec
    return {
        "id": job.id,
        "operation": spec["operation"],
        "object": spec["object"],
        "createdById": store.user_id(call.world, job.user),
        "createdDate": to_json("datetime", job.made),
        "systemModstamp": to_json("datetime", job.changed),
        "state": job.state,
        **{name: spec[name] for name in ("externalIdFieldName", "assignmentRuleId") if name in spec},
        "concurrencyMode": spec["concurrencyMode"],
        "contentType": spec["contentType"],
        **{f"numberBatches{name}": states.count(name) for name in _COUNTED},
        "numberBatchesTotal": len(rows),
        "numberRecordsProcessed": sum(row["processed"] for row in done),
        "numberRetries": 0,
        "apiVersion": job.version.removeprefix("v"),
        "numberRecordsFailed": sum(row["failed"] for row in done),
        **times(len(done)),
    }
