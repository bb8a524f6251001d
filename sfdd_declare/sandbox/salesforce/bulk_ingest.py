"""Bulk API 2.0 ingest: rows as CSV, written with the same rules as every other way to write, one verdict each.

One upload per job. A job that fails or is aborted keeps what it had done; the rest is among the unprocessed rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sfdd_declare.sandbox.salesforce import bulk_csv, bulk_jobs, dml, ids, store
from sfdd_declare.sandbox.salesforce.bulk_jobs import Job, JobFailed
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, RowFault, as_object, locked
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json, unsupported_media_type
from sfdd_declare.sandbox.salesforce.multipart import parts_of
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

OPERATIONS = ("insert", "update", "upsert", "delete")
MAX_BYTES = 112_500_000
"""150 MB once they are in base64."""
MAX_MULTIPART = 100_000

_KIND = "ingest"
_OVER = ("JobComplete", "Failed", "Aborted")
_DONE, _REFUSED = "done", "refused"

Row = Callable[[dict[str, Any]], tuple[str, bool]]
"""Writes one record: its id, and whether it is new."""


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
    return Reply({**bulk_jobs.brief(call, job), "contentUrl": bulk_jobs.content_url(job)})


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
    return bulk_jobs.status(call, _KIND)


def listing(call: Call) -> Reply:
    """GET jobs/ingest."""
    return bulk_jobs.listing(call, _KIND)


def change(call: Call) -> Reply:
    """PATCH jobs/ingest/ID: hand it over, or abort it."""
    wanted = bulk_jobs.wanted_state(call)
    job = bulk_jobs.get(call, _KIND, call.path["id"])
    if wanted == "Aborted":
        return bulk_jobs.abort(call, _KIND)
    if wanted != "UploadComplete":
        raise Refusal("INVALIDJOBSTATE", f"A job cannot be set to the state {wanted}")
    if job.state != "Open":
        raise Refusal("INVALIDJOBSTATE", f"Closing already closed job: it is in state {job.state}")
    bulk_jobs.hand_over(call, job.id)
    return Reply(bulk_jobs.brief(call, bulk_jobs.get(call, _KIND, job.id)))


def delete(call: Call) -> Reply:
    """DELETE jobs/ingest/ID."""
    return bulk_jobs.delete(call, _KIND)


def successful(call: Call) -> Reply:
    """GET jobs/ingest/ID/successfulResults."""
    return _results(call, _DONE, ("sf__Id", "sf__Created"))


def failed(call: Call) -> Reply:
    """GET jobs/ingest/ID/failedResults."""
    return _results(call, _REFUSED, ("sf__Id", "sf__Error"))


def unprocessed(call: Call) -> Reply:
    """GET jobs/ingest/ID/unprocessedrecords."""
    job = bulk_jobs.finished(call, _KIND, _OVER)
    header, lines = _uploaded(job)
    with call.world.lock:
        known = "SELECT at FROM sfx_job_row WHERE job = ?"
        tried = {row["at"] for row in call.world.db.execute(known, (job.id,))}
    left = (bulk_csv.line(job, values) for at, values in enumerate(lines) if at not in tried)
    return Reply(csv=_with_header(job, header, left))


def run(world: World, job: Job) -> None:
    """Write every row, each for itself. Raises JobFailed for a file that makes no sense, or when a fault says so."""
    header, lines = bulk_csv.rows(job)
    one = View(world, job.user).object(job.spec["object"])
    columns = _columns(one, header)
    failure = job.failure or {}
    limit = len(lines) if job.failure is None or "rows_refused" in failure else int(failure.get("rows", 0))
    call = _caller(world, job, failure)
    write = _writer(call, one, job)
    done = refused = 0
    with world.transaction() as db:
        for at, values in enumerate(lines[:limit]):
            row = _attempt(call, at, columns, values, write)
            done, refused = done + (row[0] == _DONE), refused + (row[0] == _REFUSED)
            db.execute("INSERT INTO sfx_job_row VALUES (?, ?, ?, ?, ?, ?, ?)", (job.id, at, *row, json.dumps(values)))
    bulk_jobs.change(world, job.id, processed=done + refused, failed=refused, shape=json.dumps(header))
    if limit < len(lines):
        raise JobFailed(str(failure.get("error", "InternalServerError : Retried more than 10 times")))


def _attempt(
    call: Call, at: int, columns: Sequence[tuple[str, Field | None]], values: Sequence[str], write: Row
) -> tuple[str, str, int, str]:
    """The verdict on one row: which, the record's id, whether it is new, why not."""
    own = next((value for (name, _), value in zip(columns, values, strict=False) if name == "Id"), "")
    try:
        if len(values) != len(columns):
            raise Refusal("INVALID_BATCH", f"{len(values)} values where the header has {len(columns)}", ())
        if max(map(len, values)) > bulk_csv.MAX_FIELD or sum(map(len, values)) > bulk_csv.MAX_RECORD:
            raise Refusal("STRING_TOO_LONG", "the record or one of its values is too long", ())
        locked(call, at)
        record_id, is_new = write(bulk_csv.record(columns, values))
    except Refusal as refusal:
        return _REFUSED, own, 0, bulk_csv.error_text(refusal.code, refusal.message, refusal.fields or ())
    return _DONE, record_id, int(is_new), ""


def _writer(call: Call, one: ObjectType, job: Job) -> Row:
    operation = job.spec["operation"]
    seen: set[str] = set()

    def own(body: Mapping[str, Any]) -> str:
        if body.get("Id") is None:
            raise Refusal("MISSING_ARGUMENT", f"Id not specified in an {operation} call", ())
        record_id = ids.require(body["Id"])
        target = store.catalog(call.world).of_id(record_id)
        if target is None or target.name != one.name:
            raise Refusal("MALFORMED_ID", f"{one.label} ID: id value of incorrect type: {body['Id']}", ("Id",))
        if record_id in seen:
            raise Refusal("DUPLICATE_VALUE", f"Duplicate id specified: {record_id}", ())
        seen.add(record_id)
        return record_id

    def write(body: dict[str, Any]) -> tuple[str, bool]:
        if operation == "insert":
            return dml.create(call, one, body), True
        if operation == "upsert":
            key = dml.key_field(one, job.spec["externalIdFieldName"])
            wanted = body.pop(key.name, None)
            if wanted is None and key.type != "id":
                raise Refusal("MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
            return dml.upsert(call, one, key, wanted, body)
        record_id = own(body)
        if operation == "delete":
            dml.delete(call, one, record_id)
        else:
            dml.update(call, one, record_id, {name: value for name, value in body.items() if name != "Id"})
        return record_id, False

    return write


def _columns(one: ObjectType, header: Sequence[str]) -> list[tuple[str, Field | None]]:
    """Names as the schema spells them, with their fields. Raises JobFailed for a column that is none."""
    found: list[tuple[str, Field | None]] = []
    for name in header:
        field = one.field(name)
        if field is None and "." not in name:
            raise JobFailed(f"InvalidBatch : Field name not found : {name}")
        found.append((name if field is None else field.name, field))
    return found


def _caller(world: World, job: Job, failure: Mapping[str, Any]) -> Call:
    fault = RowFault.read(failure["rows_refused"]) if "rows_refused" in failure else None
    view = View(world, job.user)
    return Call(world=world, view=view, method="POST", version=job.version, row_fault=fault)


def _spec(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    operation = body.get("operation")
    if operation == "hardDelete":
        message = "The user needs the permission Bulk API Hard Delete"
        raise Refusal("FEATURENOTENABLED", message)
    if operation not in OPERATIONS:
        raise Refusal("INVALIDJOB", f"operation is one of {', '.join(OPERATIONS)}")
    one = call.view.find(str(body.get("object")))
    if one is None:
        raise Refusal("INVALIDENTITY", f"Unable to find object: {body.get('object')}")
    if one.name in call.world.setting("salesforce.bulk_unsupported", []):
        raise Refusal("INVALIDENTITY", f"Entity '{one.name}' is not supported by the Bulk API.")
    spec: dict[str, Any] = {"operation": operation, "object": one.name, **bulk_jobs.dialect(body)}
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
    job = bulk_jobs.finished(call, _KIND, _OVER)
    with call.world.lock:
        query = "SELECT shape FROM sfx_job WHERE id = ?"
        shape = call.world.db.execute(query, (job.id,)).fetchone()["shape"]
    header = json.loads(shape) if shape else []
    return Reply(csv=_with_header(job, [*head, *header], _judged(call.world, job, verdict)))


def _judged(world: World, job: Job, verdict: str) -> Iterator[bytes]:
    """The lines with one verdict, piece by piece, in no order that a client could rely on."""
    at = 1 << 62
    query = "SELECT * FROM sfx_job_row WHERE job = ? AND verdict = ? AND at < ? ORDER BY at DESC LIMIT 2000"
    while True:
        with world.lock:
            found = world.db.execute(query, (job.id, verdict, at)).fetchall()
        if not found:
            return
        at = found[-1]["at"]
        yield b"".join(bulk_csv.line(job, [row["id"], _second(row), *json.loads(row["line"])]) for row in found)


def _second(row: Mapping[str, Any]) -> str:
    return str(row["error"]) if row["verdict"] == _REFUSED else bulk_csv.text("boolean", row["created"])


def _with_header(job: Job, header: Sequence[str], lines: Iterator[bytes]) -> Iterator[bytes]:
    yield bulk_csv.line(job, header)
    yield from lines


def _uploaded(job: Job) -> tuple[list[str], list[list[str]]]:
    try:
        return bulk_csv.rows(job)
    except JobFailed:
        return [], []
