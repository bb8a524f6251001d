"""Bulk API 2.0 ingest: rows as CSV, written with the same rules as every other way to write, one verdict each.

One upload per job. A job that fails or is aborted keeps what it had done; the rest is among the unprocessed rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sfdd_declare.sandbox.salesforce import bulk2, bulk_csv, bulk_jobs, bulk_write, dml
from sfdd_declare.sandbox.salesforce.bulk_jobs import Job, JobFailed
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_object
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json, unsupported_media_type
from sfdd_declare.sandbox.salesforce.multipart import parts_of
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

MAX_BYTES = 112_500_000
"""150 MB once they are in base64."""
MAX_MULTIPART = 100_000

_KIND = "ingest"
_OVER = ("JobComplete", "Failed", "Aborted")


def create(call: Call) -> Reply:
    """POST jobs/ingest, with the rows beside it or without."""
    data: bytes | None = None
    if call.headers.get("content-type", "").startswith("multipart/"):
        parts = parts_of(call)
        if "job" not in parts or "content" not in parts:
            raise Refusal("INVALID_INPUT", "The request needs the parts job and content")
        data = parts["content"]
        if len(data) > MAX_MULTIPART:
            raise Refusal("REQUEST_TOO_LARGE", f"The part content is longer than {MAX_MULTIPART} characters")
        body = _decoded(parts["job"])
    else:
        body = call.json_object()
    job = bulk_jobs.submit(call, _KIND, "Open" if data is None else "UploadComplete", _spec(call, body), data)
    return Reply({**bulk2.brief(call, job), "contentUrl": bulk2.content_url(job)})


def upload(call: Call) -> Reply:
    """PUT jobs/ingest/ID/batches: the rows, once."""
    job = bulk_jobs.get(call, _KIND, call.path["id"])
    if not call.headers.get("content-type", "").startswith("text/csv"):
        raise unsupported_media_type(call.headers.get("content-type", ""))
    if job.state != "Open" or job.data is not None:
        raise Refusal("INVALIDJOBSTATE", "Job data was uploaded already or the job is not open")
    if len(call.body) > int(call.world.setting("salesforce.bulk_max_bytes", MAX_BYTES)):
        raise Refusal("REQUEST_TOO_LARGE", "The data of a job cannot be larger than 150 MB")
    bulk_jobs.change(call.world, job.id, data=call.body)
    return Reply(status=201)


def status(call: Call) -> Reply:
    """GET jobs/ingest/ID."""
    return bulk2.status(call, _KIND)


def listing(call: Call) -> Reply:
    """GET jobs/ingest."""
    return bulk2.listing(call, _KIND)


def change(call: Call) -> Reply:
    """PATCH jobs/ingest/ID: hand it over, or abort it."""
    wanted = bulk2.wanted_state(call)
    job = bulk_jobs.get(call, _KIND, call.path["id"])
    if wanted == "Aborted":
        return bulk2.abort(call, _KIND)
    if wanted != "UploadComplete":
        raise Refusal("INVALIDJOBSTATE", f"A job cannot be set to the state {wanted}")
    if job.state != "Open":
        raise Refusal("INVALIDJOBSTATE", f"Closing already closed job: it is in state {job.state}")
    bulk_jobs.hand_over(call, job.id)
    return Reply(bulk2.brief(call, bulk_jobs.get(call, _KIND, job.id)))


def delete(call: Call) -> Reply:
    """DELETE jobs/ingest/ID."""
    return bulk2.delete(call, _KIND)


def successful(call: Call) -> Reply:
    """GET jobs/ingest/ID/successfulResults."""
    return _results(call, bulk_write.DONE, ("sf__Id", "sf__Created"))


def failed(call: Call) -> Reply:
    """GET jobs/ingest/ID/failedResults."""
    return _results(call, bulk_write.REFUSED, ("sf__Id", "sf__Error"))


def unprocessed(call: Call) -> Reply:
    """GET jobs/ingest/ID/unprocessedrecords."""
    job = bulk2.finished(call, _KIND, _OVER)
    header, lines = _uploaded(job)
    with call.world.lock:
        known = "SELECT at FROM sfx_job_row WHERE job = ?"
        tried = {row["at"] for row in call.world.db.execute(known, (job.id,))}
    left = (bulk_csv.line(job, values) for at, values in enumerate(lines) if at not in tried)
    return Reply(pieces=_with_header(job, header, left))


def run(world: World, job: Job) -> None:
    """Write every row, each for itself. Raises JobFailed for a file that makes no sense, or when a fault says so."""
    header, lines = bulk_csv.rows(job)
    one = View(world, job.user).object(job.spec["object"])
    given = list(bulk_write.lines(one, header, lines))
    bulk_jobs.change(world, job.id, shape=json.dumps(header))
    bulk_write.run(world, job, given)


def _spec(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    operation = str(body.get("operation"))
    bulk_write.check_operation(call, operation)
    one = bulk_write.target(call, str(body.get("object")))
    spec: dict[str, Any] = {"operation": operation, "object": one.name, **bulk2.dialect(body)}
    if operation == "upsert":
        spec["externalIdFieldName"] = dml.key_field(one, str(body.get("externalIdFieldName"))).name
    if body.get("assignmentRuleId"):
        spec["assignmentRuleId"] = body["assignmentRuleId"]
    return spec


def _decoded(part: bytes) -> dict[str, Any]:
    try:
        return as_object(msgspec.json.decode(part))
    except msgspec.DecodeError:
        raise malformed_json("Unexpected character at [line:1, column:1]") from None


def _results(call: Call, verdict: str, head: tuple[str, str]) -> Reply:
    job = bulk2.finished(call, _KIND, _OVER)
    with call.world.lock:
        query = "SELECT shape FROM sfx_job WHERE id = ?"
        shape = call.world.db.execute(query, (job.id,)).fetchone()["shape"]
    header = json.loads(shape) if shape else []
    return Reply(pieces=_with_header(job, [*head, *header], _judged(call.world, job, verdict)))


def _judged(world: World, job: Job, verdict: str) -> Iterator[bytes]:
    """The lines with one verdict, piece by piece, in no order that a client could rely on."""
    at = 1 << 62
    names_fields = bool(world.setting("salesforce.bulk_errors_name_fields", True))
    query = "SELECT * FROM sfx_job_row WHERE job = ? AND verdict = ? AND at < ? ORDER BY at DESC LIMIT 2000"
    while True:
        with world.lock:
            found = world.db.execute(query, (job.id, verdict, at)).fetchall()
        if not found:
            return
        at = found[-1]["at"]
        yield b"".join(
            bulk_csv.line(job, [row["id"], _second(row, names_fields=names_fields), *json.loads(row["line"])])
            for row in found
        )


def _second(row: Mapping[str, Any], *, names_fields: bool) -> str:
    if row["verdict"] == bulk_write.DONE:
        return bulk_csv.text("boolean", row["created"])
    return bulk_csv.error_text(json.loads(row["error"]), names_fields=names_fields)


def _with_header(job: Job, header: Sequence[str], lines: Iterator[bytes]) -> Iterator[bytes]:
    yield bulk_csv.line(job, header)
    yield from lines


def _uploaded(job: Job) -> tuple[list[str], list[list[str]]]:
    try:
        return bulk_csv.rows(job)
    except JobFailed:
        return [], []
