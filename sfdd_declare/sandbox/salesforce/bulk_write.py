"""The rows of a bulk job, of either API, written with the same rules as every other way to write, one verdict each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk_csv, bulk_jobs, dml, ids, rows, store
from sfdd_declare.sandbox.salesforce.bulk_jobs import Job, JobFailed
from sfdd_declare.sandbox.salesforce.calls import Call, RowFault, locked
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
DONE, REFUSED = "done", "refused"

Write = Callable[[dict[str, Any]], tuple[str, bool]]
"""Writes one record: its id, and whether it is new."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it came: the id it names, what is kept of it, and its body, which may turn out to be none."""

    own: str
    kept: Any
    body: Callable[[], dict[str, Any]]


def target(call: Call, name: str) -> ObjectType:
    """The object of a job. Raises INVALIDENTITY for one that does not exist or that Bulk API does not take."""
    one = call.view.find(name)
    if one is None:
        raise Refusal("INVALIDENTITY", f"Unable to find object: {name}")
    if one.name in call.world.setting("salesforce.bulk_unsupported", []):
        raise Refusal("INVALIDENTITY", f"Entity '{one.name}' is not supported by the Bulk API.")
    return one


def check_operation(call: Call, operation: str, known: Sequence[str] = OPERATIONS) -> None:
    """Refuse an operation that does not exist or that the user has no right to."""
    if operation not in known:
        raise Refusal("INVALIDJOB", f"operation is one of {', '.join(known)}")
    if operation == "hardDelete" and not call.world.setting("salesforce.may_hard_delete", False):
        raise Refusal("FEATURENOTENABLED", "The user needs the permission Bulk API Hard Delete")


def run(world: World, job: Job, given: Sequence[Row]) -> None:
    """Write every row, each for itself. Raises JobFailed when a fault says so."""
    failure = job.failure or {}
    limit = len(given) if job.failure is None or "rows_refused" in failure else int(failure.get("rows", 0))
    call = _caller(world, job, failure)
    write = _writer(call, call.view.object(job.spec["object"]), job)
    done = refused = 0
    with world.transaction() as db:
        for at, row in enumerate(given[:limit]):
            verdict = _attempt(call, at, row, write)
            done, refused = done + (verdict[0] == DONE), refused + (verdict[0] == REFUSED)
            values = (job.id, at, *verdict, json.dumps(row.kept))
            db.execute("INSERT INTO sfx_job_row VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    bulk_jobs.change(world, job.id, processed=done + refused, failed=refused)
    if limit < len(given):
        raise JobFailed(str(failure.get("error", "InternalServerError : Retried more than 10 times")))


def lines(one: ObjectType, header: Sequence[str], found: Iterable[list[str]]) -> Iterator[Row]:
    """The rows of a CSV file. Raises JobFailed for a column that is none."""
    columns = _columns(one, header)
    at = next((at for at, (name, _) in enumerate(columns) if name == "Id"), None)
    for values in found:
        own = values[at] if at is not None and at < len(values) else ""
        yield Row(own, values, lambda values=values: _record(columns, values))  # type: ignore[misc]


def _columns(one: ObjectType, header: Sequence[str]) -> list[tuple[str, Field | None]]:
    """Names as the schema spells them, with their fields."""
    found: list[tuple[str, Field | None]] = []
    for name in header:
        field = one.field(name)
        if field is None and "." not in name:
            raise JobFailed(f"InvalidBatch : Field name not found : {name}")
        found.append((name if field is None else field.name, field))
    return found


def _record(columns: Sequence[tuple[str, Field | None]], values: Sequence[str]) -> dict[str, Any]:
    if len(values) != len(columns):
        raise Refusal("INVALID_BATCH", f"{len(values)} values where the header has {len(columns)}", ())
    if max(map(len, values)) > bulk_csv.MAX_FIELD or sum(map(len, values)) > bulk_csv.MAX_RECORD:
        raise Refusal("STRING_TOO_LONG", "the record or one of its values is too long", ())
    return bulk_csv.record(columns, values)


def _attempt(call: Call, at: int, row: Row, write: Write) -> tuple[str, str, int, str]:
    """The verdict on one row: which, the record's id, whether it is new, why not."""
    try:
        body = row.body()
        locked(call, at)
        record_id, is_new = write(body)
    except Refusal as refusal:
        return REFUSED, row.own, 0, json.dumps(refusal.row()["errors"][0])
    return DONE, record_id, int(is_new), ""


def _writer(call: Call, one: ObjectType, job: Job) -> Write:
    operation = job.spec["operation"]
    seen: set[str] = set()

    def own(body: Mapping[str, Any]) -> str:
        if body.get("Id") is None:
            raise Refusal("MISSING_ARGUMENT", f"Id not specified in an {operation} call", ())
        record_id = ids.require(body["Id"])
        found = store.catalog(call.world).of_id(record_id)
        if found is None or found.name != one.name:
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
        if operation == "update":
            dml.update(call, one, record_id, {name: value for name, value in body.items() if name != "Id"})
            return record_id, False
        dml.delete(call, one, record_id)
        if operation == "hardDelete":
            rows.purge(call.world, one, record_id)
        return record_id, False

    return write


def _caller(world: World, job: Job, failure: Mapping[str, Any]) -> Call:
    fault = RowFault.read(failure["rows_refused"]) if "rows_refused" in failure else None
    return Call(world=world, view=View(world, job.user), method="POST", version=job.version, row_fault=fault)
