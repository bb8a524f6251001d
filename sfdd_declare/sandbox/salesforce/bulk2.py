"""What Bulk API 2.0 answers about jobs of either kind: how they look, and what may be done with them when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk_jobs, sql, store
from sfdd_declare.sandbox.salesforce.bulk_jobs import CLASSIC, DELIMITERS, LINE_ENDINGS, Job
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.values import to_json

_TYPES: Mapping[str, str] = {"query": "V2Query", "ingest": "V2Ingest", CLASSIC: "Classic"}
_OF_CLASSIC = ("operation", "object", "contentType", "concurrencyMode")
_OVER = ("JobComplete", "Failed", "Aborted")


def dialect(body: Mapping[str, Any]) -> dict[str, str]:
    """How the CSV of a job is written. Raises for what does not exist."""
    chosen = {
        "contentType": str(body.get("contentType") or "CSV"),
        "columnDelimiter": str(body.get("columnDelimiter") or "COMMA"),
        "lineEnding": str(body.get("lineEnding") or "LF"),
    }
    known = {"contentType": ("CSV",), "columnDelimiter": tuple(DELIMITERS), "lineEnding": tuple(LINE_ENDINGS)}
    for name, value in chosen.items():
        if value not in known[name]:
            raise Refusal("INVALIDJOB", f"{name} '{value}' is not one of {', '.join(known[name])}")
    return chosen


def status(call: Call, kind: str) -> Reply:
    """GET jobs/KIND/ID: one poll."""
    with call.world.transaction() as db:
        row = bulk_jobs.row(call, kind, call.path["id"])
        shown = _shown(call, row)
        if shown["state"] == "InProgress":
            db.execute("UPDATE sfx_job SET polls = polls - 1 WHERE serial = ?", (row["serial"],))
    return Reply(shown)


def listing(call: Call, kind: str) -> Reply:
    """GET jobs/KIND: the jobs of this kind and those of Bulk API 1.0, newest first; or those of a `jobType`."""
    with call.world.lock:
        found = sql.select(call.world.db, "sfx_job", "kind IN (?, ?) ORDER BY serial DESC", (kind, CLASSIC))
    wanted = call.query.get("jobType")
    if call.query.get("isPkChunkingEnabled", "").lower() == "true":
        found = [row for row in found if "chunkSize" in json.loads(row["spec"])]
    found = [row for row in found if wanted in (None, _TYPES[row["kind"]])]
    records = [_shown(call, row) for row in found if not bulk_jobs.is_gone(call.world, row)]
    return Reply({"done": True, "records": records, "nextRecordsUrl": None})


def wanted_state(call: Call) -> str:
    """The state that a PATCH asks for."""
    return str(call.json_object().get("state"))


def abort(call: Call, kind: str) -> Reply:
    """PATCH jobs/KIND/ID with `Aborted`: what was not done stays undone."""
    row = bulk_jobs.row(call, kind, call.path["id"])
    if _state(row) in _OVER:
        raise Refusal("INVALIDJOBSTATE", f"Job is already in state {row['state']} and cannot be aborted")
    bulk_jobs.change(call.world, row["id"], state="Aborted", wait=None, polls=0)
    return Reply(brief(call, bulk_jobs.get(call, kind, row["id"])))


def delete(call: Call, kind: str) -> Reply:
    """DELETE jobs/KIND/ID."""
    row = bulk_jobs.row(call, kind, call.path["id"])
    if _state(row) not in _OVER:
        raise Refusal("INVALIDJOBSTATE", f"Job in state {_state(row)} cannot be deleted")
    with call.world.transaction() as db:
        sql.erase(db, "sfx_job", "id = ?", (row["id"],))
        sql.erase(db, "sfx_job_row", "job = ?", (row["id"],))
        db.execute(f"DROP TABLE IF EXISTS {bulk_jobs.result_table(row['serial'])}")
    return Reply(status=204)


def finished(call: Call, kind: str, states: tuple[str, ...]) -> Job:
    """A job whose results may be fetched by this call. Raises while it is under way, and across API versions."""
    row = bulk_jobs.row(call, kind, call.path["id"])
    if row["version"] != call.version:
        message = f"The job was created with API version {row['version']}, not {call.version}"
        raise Refusal("API_VERSION_MISMATCH", message)
    if _state(row) not in states:
        raise Refusal("JOB_NOT_COMPLETE", f"Job is in state {_state(row)}; results are not available")
    return bulk_jobs.of_row(row)


def brief(call: Call, job: Job) -> dict[str, Any]:
    """A job as the call that makes or changes it shows it."""
    return {**_head(call, job), "state": job.state, **job.spec}


def content_url(job: Job) -> str:
    """Where the rows of an ingest job go: a path without a slash in front."""
    return f"services/data/{job.version}/jobs/ingest/{job.id}/batches"


def _state(row: Mapping[str, Any]) -> str:
    """The state that a poll sees: for a while still in progress, whatever became of the job."""
    is_handed_over = row["state"] in _OVER or (row["state"] == "UploadComplete" and row["wait"] is not None)
    return "InProgress" if is_handed_over and row["polls"] > 0 else str(row["state"])


def _shown(call: Call, row: Mapping[str, Any]) -> dict[str, Any]:
    """A job as a poll or a list shows it."""
    job = bulk_jobs.of_row(row)
    if job.kind == CLASSIC:
        return {**_head(call, job), "state": job.state, **{name: job.spec[name] for name in _OF_CLASSIC}}
    state = _state(row)
    done = state in _OVER
    body = {**_head(call, job), "state": state, **job.spec}
    body |= {"numberRecordsProcessed": row["processed"] if done else 0, "retries": 0, "totalProcessingTime": 100}
    if job.kind == "ingest":
        body |= {"contentUrl": content_url(job), "numberRecordsFailed": row["failed"] if done else 0}
        body |= {"apexProcessingTime": 0, "apiActiveProcessingTime": 80}
    if done and row["error"]:
        body["errorMessage"] = row["error"]
    return body


def _head(call: Call, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "apiVersion": float(job.version.removeprefix("v")),
        "concurrencyMode": "Parallel",
        "createdById": store.user_id(call.world, job.user),
        "createdDate": to_json("datetime", job.made),
        "jobType": _TYPES[job.kind],
        "systemModstamp": to_json("datetime", job.changed),
    }
