"""Bulk API 1.0 batches: rows to write, or a query, added to a job and carried out some calls later.

Settings and faults are those of the jobs of Bulk API 2.0, and so are the rules of writing and asking. A batch holds
10,000 rows and 10 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk1_chunks, bulk1_jobs, bulk1_rows, bulk_jobs, bulk_query, bulk_write, ids
from sfdd_declare.sandbox.salesforce.bulk1_formats import MEDIA_TYPES, as_json, content_type, document
from sfdd_declare.sandbox.salesforce.bulk1_jobs import QUERIES, batch_state
from sfdd_declare.sandbox.salesforce.bulk_jobs import BATCH, Job
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.values import to_json
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.salesforce.xml_text import element, elements
from sfdd_declare.sandbox.world import World

MAX_BYTES = 10_000_000


def create(call: Call) -> Reply:
    """POST job/ID/batch: rows, or the text of a query."""
    job = bulk1_jobs.get(call, is_change=True)
    if job.state != "Open":
        raise Refusal("InvalidJobState", f"The job is in the state {job.state} and takes no batches")
    if content_type(call.headers) not in (None, job.spec["contentType"]):
        message = f"The content type of the batch is not that of the job, which is {job.spec['contentType']}"
        raise Refusal("InvalidBatch", message)
    if len(call.body) > int(call.world.setting("salesforce.bulk_batch_max_bytes", MAX_BYTES)):
        raise Refusal("ClientInputError", f"Failed to read request. Exceeded max size limit of {MAX_BYTES}")
    spec = {**job.spec, "job": job.id, "columnDelimiter": "COMMA", "lineEnding": "LF"}
    parts: list[str] = []
    if "chunkSize" in job.spec:
        text = call.body.decode("utf-8", "replace")
        parts = bulk1_chunks.chunks(call, text, job.spec["object"], job.spec["chunkSize"])
    with call.world.transaction():
        made = bulk_jobs.submit(call, BATCH, "NotProcessed" if parts else "UploadComplete", spec, call.body)
        for part in parts:
            bulk_jobs.submit(call, BATCH, "UploadComplete", spec, part.encode())
    return replace(_shown(call, job, made.id), status=201)


def status(call: Call) -> Reply:
    """GET job/ID/batch/ID: one poll."""
    job, row = _get(call)
    shown = _shown(call, job, row["id"])
    bulk1_jobs.polled(call.world, [row])
    return shown


def listing(call: Call) -> Reply:
    """GET job/ID/batch: one poll of each."""
    job = bulk1_jobs.get(call)
    rows = bulk1_jobs.batches(call.world, job.id)
    found = [_info(job, row) for row in rows]
    bulk1_jobs.polled(call.world, rows)
    if job.spec["contentType"] == "JSON":
        return as_json({"batchInfo": found})
    return document("batchInfoList", element("batchInfo", [bulk1_jobs.as_xml_dates(one) for one in found]))


def request(call: Call) -> Reply:
    """GET job/ID/batch/ID/request: what was sent."""
    job, row = _get(call)
    return Reply(pieces=[row["data"] or b""], kind=MEDIA_TYPES[job.spec["contentType"]])


def finished(call: Call) -> Job:
    """A batch whose results may be fetched. Raises InvalidBatch."""
    _, row = _get(call)
    state = batch_state(row)
    if state != "Completed" and not (state == "Failed" and row["processed"] > 0):
        raise Refusal("InvalidBatch", "Batch not completed" if state != "Failed" else f"Batch failed: {row['error']}")
    return bulk_jobs.of_row(row)


def run(world: World, job: Job) -> None:
    """Carry a batch out. Raises JobFailed."""
    if job.spec["operation"] in QUERIES:
        bulk_query.run(world, job)
        return
    bulk_write.run(world, job, bulk1_rows.rows(job, View(world, job.user).object(job.spec["object"])))


def _get(call: Call) -> tuple[Job, Mapping[str, Any]]:
    job = bulk1_jobs.get(call)
    wanted = ids.normalise(call.path["batch"])
    row = next((row for row in bulk1_jobs.batches(call.world, job.id) if row["id"] == wanted), None)
    if row is None:
        raise Refusal("InvalidBatch", f"Unable to find batch: {call.path['batch']}")
    return job, row


def _shown(call: Call, job: Job, batch_id: str) -> Reply:
    row = next(row for row in bulk1_jobs.batches(call.world, job.id) if row["id"] == batch_id)
    body = _info(job, row)
    if job.spec["contentType"] == "JSON":
        return as_json({name: body[name] for name in sorted(body)})
    return document("batchInfo", elements(bulk1_jobs.as_xml_dates(body)))


def _info(job: Job, row: Mapping[str, Any]) -> dict[str, Any]:
    state = batch_state(row)
    is_over = state in ("Completed", "Failed")
    return {
        "id": row["id"],
        "jobId": job.id,
        "state": state,
        "stateMessage": row["error"] if is_over else None,
        "createdDate": to_json("datetime", row["made"]),
        "systemModstamp": to_json("datetime", row["changed"]),
        "numberRecordsProcessed": row["processed"] if is_over else 0,
        "numberRecordsFailed": row["failed"] if is_over else 0,
        **bulk1_jobs.times(int(is_over)),
    }
