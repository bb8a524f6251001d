"""Bulk API 2.0 queries: a job that keeps what it found in a table of its own, handed out as CSV in pages.

What Bulk cannot do is refused when the job is made: counts, OFFSET, compound fields, and the objects named by the
setting `salesforce.bulk_unsupported`. `salesforce.bulk_page` is the most a page holds.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from functools import partial
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk2, bulk_csv, bulk_jobs, ids, soql_select
from sfdd_declare.sandbox.salesforce.bulk_jobs import Job, JobFailed, result_table
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.soql_compile import Statement, compile_query
from sfdd_declare.sandbox.salesforce.soql_parse import parse
from sfdd_declare.sandbox.salesforce.soql_shape import Shape
from sfdd_declare.sandbox.salesforce.soql_tree import Selected
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

PAGE = 50_000
MAX_PAGES = 5
_KIND = "query"
_PIECE = 2_000


def create(call: Call) -> Reply:
    """POST jobs/query."""
    body = call.json_object()
    operation = body.get("operation")
    if operation not in ("query", "queryAll"):
        raise Refusal("INVALIDJOB", "operation is query or queryAll")
    text = body.get("query")
    if not isinstance(text, str) or not text:
        raise Refusal("INVALIDJOB", "A query string has to be specified")
    statement = _allowed(call.view, text, with_deleted=operation == "queryAll")
    spec = {"operation": operation, "object": statement.shape.entity, **bulk2.dialect(body)}
    job = bulk_jobs.submit(call, _KIND, "UploadComplete", spec, text.encode())
    return Reply(bulk2.brief(call, job))


def status(call: Call) -> Reply:
    """GET jobs/query/ID."""
    return bulk2.status(call, _KIND)


def listing(call: Call) -> Reply:
    """GET jobs/query."""
    return bulk2.listing(call, _KIND)


def change(call: Call) -> Reply:
    """PATCH jobs/query/ID: a query can only be aborted."""
    if bulk2.wanted_state(call) != "Aborted":
        raise Refusal("INVALIDJOBSTATE", "The only state that a query job can be set to is Aborted")
    return bulk2.abort(call, _KIND)


def delete(call: Call) -> Reply:
    """DELETE jobs/query/ID."""
    return bulk2.delete(call, _KIND)


def run(world: World, job: Job) -> None:
    """Keep what the query finds now. Raises JobFailed."""
    if job.failure is not None:
        raise JobFailed(str(job.failure.get("error", "InternalServerError : Retried more than 15 times")))
    try:
        text = (job.data or b"").decode()
        statement = _allowed(View(world, job.user), text, with_deleted=job.spec["operation"] == "queryAll")
        with world.transaction() as db:
            table = result_table(job.serial)
            db.execute(f"CREATE TABLE {table} AS {statement.sql}", statement.parameters)
            count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own table
    except (Refusal, UnicodeDecodeError, RecursionError, sqlite3.OperationalError) as error:
        raise JobFailed(f"InvalidBatch : Failed to process query: {error}") from None
    bulk_jobs.change(world, job.id, processed=count, shape=json.dumps(statement.shape.to_json()))


def results(call: Call) -> Reply:
    """GET jobs/query/ID/results."""
    job = bulk2.finished(call, _KIND, ("JobComplete",))
    size = min(_number(call, "maxRecords", PAGE), int(call.world.setting("salesforce.bulk_page", PAGE)))
    start, count = _start(call), total(call.world, job)
    if start > count:
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    end = min(start + size, count)
    headers = {
        "Sforce-NumberOfRecords": str(end - start),
        "Sforce-Locator": "null" if end >= count else locator(end),
    }
    return Reply(status=200, headers=headers, pieces=lines(call.world, job, start, end))


def result_pages(call: Call) -> Reply:
    """GET jobs/query/ID/resultPages: where up to five pages can be fetched side by side."""
    job = bulk2.finished(call, _KIND, ("JobComplete",))
    size, count = int(call.world.setting("salesforce.bulk_page", PAGE)), total(call.world, job)
    path = f"{call.root}/jobs/query/{job.id}"
    starts = range(_start(call), max(count, 1), size)
    pages = [{"resultUrl": f"{path}/results?locator={locator(start)}"} for start in starts[:MAX_PAGES]]
    body: dict[str, Any] = {"resultPages": pages, "done": len(starts) <= MAX_PAGES}
    if len(starts) > MAX_PAGES:
        body["nextRecordsUrl"] = f"{path}/resultPages?locator={locator(starts[MAX_PAGES])}"
    return Reply(body)


def locator(start: int) -> str:
    """The opaque text for a place in a result."""
    return base64.b64encode(str(start).encode()).decode().rstrip("=")


def _allowed(view: View, text: str, *, with_deleted: bool) -> Statement:
    query = parse(text)
    if query.is_count or soql_select.is_aggregate(query):
        raise Refusal("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    if not all(isinstance(one, Selected) for one in query.items):
        raise Refusal("API_ERROR", "Nested queries and TYPEOF are not supported in Bulk Query")
    if query.offset:
        raise Refusal("API_ERROR", "OFFSET not supported in Bulk Query")
    statement = compile_query(view, text, view.world.now(), with_deleted=with_deleted)
    if any(kind in ("address", "location") for _, kind in statement.shape.columns):
        raise Refusal("API_ERROR", "Selecting compound data not supported in Bulk Query")
    if statement.shape.entity in view.world.setting("salesforce.bulk_unsupported", []):
        raise Refusal("INVALIDENTITY", f"Entity '{statement.shape.entity}' is not supported by the Bulk API.")
    return statement


def _start(call: Call) -> int:
    given = call.query.get("locator")
    if given is None:
        return 0
    try:
        return int(base64.b64decode(given + "=" * (-len(given) % 4), validate=True))
    except ValueError:
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator") from None


def _number(call: Call, name: str, default: int) -> int:
    given = call.query.get(name)
    if given is None:
        return default
    if not given.isdecimal() or int(given) == 0:
        raise Refusal("INVALIDJOB", f"{name} is not a positive number: {given}")
    return int(given)


def total(world: World, job: Job) -> int:
    """How many rows a finished query found."""
    with world.lock:
        query = f"SELECT count(*) FROM {result_table(job.serial)}"  # noqa: S608 - our own table
        return int(world.db.execute(query).fetchone()[0])


def lines(world: World, job: Job, start: int, end: int) -> Iterator[bytes]:
    """The header and the lines of one page as CSV, piece by piece."""
    shape = shape_of(world, job)
    kinds = [kind for _, kind in shape.columns]
    if total(world, job) or world.setting("salesforce.bulk_empty_header", True):
        yield bulk_csv.line(job, [".".join(path) for path, _ in shape.columns])
    skipped = shape.first_column
    text = partial(bulk_csv.text, zone=str(world.setting("salesforce.bulk_zone", "Z")))
    for part in rows(world, job, start, end):
        yield b"".join(bulk_csv.line(job, map(text, kinds, row[skipped:])) for row in part)


def rows(world: World, job: Job, start: int, end: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of one page as they are kept, some at a time."""
    query = f"SELECT * FROM {result_table(job.serial)} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    for at in range(start, end, _PIECE):
        with world.lock:
            found = world.db.execute(query, (at, min(_PIECE, end - at))).fetchall()
        yield [tuple(row) for row in found]


def shape_of(world: World, job: Job) -> Shape:
    """What the rows of a finished query look like."""
    with world.lock:
        row = world.db.execute("SELECT shape FROM sfx_job WHERE id = ?", (ids.require(job.id),)).fetchone()
    return Shape.from_json(json.loads(row["shape"]))
