"""What became of a batch of Bulk API 1.0: a verdict per row, in the order of the request, or the files of a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sfdd_declare.sandbox.salesforce import bulk_csv, bulk_query, bulk_write, ids, sql
from sfdd_declare.sandbox.salesforce.bulk1_batches import finished
from sfdd_declare.sandbox.salesforce.bulk1_formats import as_json, document
from sfdd_declare.sandbox.salesforce.bulk1_jobs import QUERIES
from sfdd_declare.sandbox.salesforce.bulk_jobs import Job
from sfdd_declare.sandbox.salesforce.calls import Call, Reply
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.xml_text import element, text
from sfdd_declare.sandbox.world import World

FILE_ROWS = 250_000
NO_RECORDS = b"Records not found for this query"
_MOMENTS = ("date", "datetime")
_XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_PER_BATCH = 1 << 32

Moment = Callable[[str], str | int]
"""How a date or a moment is written."""


def results(call: Call) -> Reply:
    """GET job/ID/batch/ID/result: the verdicts, or the ids of a query's files."""
    batch = finished(call)
    kind = batch.spec["contentType"]
    if batch.spec["operation"] in QUERIES:
        files = [_file_id(batch, start) for start in _starts(call.world, batch)]
        return as_json(files) if kind == "JSON" else document("result-list", element("result", files))
    with call.world.lock:
        found = sql.select(call.world.db, "sfx_job_row", "job = ? ORDER BY at", (batch.id,))
    if kind == "CSV":
        return Reply(pieces=_as_csv(batch, found))
    verdicts = [_verdict(row) for row in found]
    if kind == "JSON":
        return as_json(verdicts)
    return document("results", element("result", [_in_xml(one) for one in verdicts]))


def file(call: Call) -> Reply:
    """GET job/ID/batch/ID/result/ID: one file of a query."""
    batch = finished(call)
    world, wanted = call.world, ids.normalise(call.path["result"])
    starts = _starts(world, batch) if batch.spec["operation"] in QUERIES else range(0)
    start = next((start for start in starts if _file_id(batch, start) == wanted), None)
    if start is None:
        raise Refusal("InvalidBatch", f"Unable to find result: {call.path['result']}")
    count = bulk_query.total(world, batch)
    end = min(start + starts.step, count)
    if batch.spec["contentType"] == "CSV":
        return Reply(pieces=bulk_query.lines(world, batch, start, end) if count else [NO_RECORDS])
    if batch.spec["contentType"] == "JSON":
        return as_json(list(_records(call, batch, start, end, _number)))
    inner = "".join(_nested("records", record) for record in _records(call, batch, start, end, _zulu))
    return document("queryResult", inner, _XSI)


def _starts(world: World, batch: Job) -> range:
    size = int(world.setting("salesforce.bulk_page", FILE_ROWS))
    return range(0, max(bulk_query.total(world, batch), 1), size)


def _file_id(batch: Job, start: int) -> str:
    return ids.make("752", batch.serial * _PER_BATCH + start)


def _verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    is_done = row["verdict"] == bulk_write.DONE
    error = {} if is_done else {**json.loads(row["error"]), "extendedErrorDetails": None}
    return {
        "success": is_done,
        "created": bool(row["created"]),
        "id": row["id"] if is_done else None,
        "errors": [error] if error else [],
    }


def _in_xml(verdict: Mapping[str, Any]) -> dict[str, Any]:
    order = ("id", "errors", "success", "created")
    return {name: verdict[name] for name in order}


def _as_csv(batch: Job, found: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    yield bulk_csv.line(batch, ("Id", "Success", "Created", "Error"))
    for row in found:
        is_done = row["verdict"] == bulk_write.DONE
        flags = (bulk_csv.text("boolean", is_done), bulk_csv.text("boolean", row["created"]))
        error = "" if is_done else bulk_csv.error_text(json.loads(row["error"]))
        yield bulk_csv.line(batch, (row["id"] if is_done else "", *flags, error))


def _records(call: Call, batch: Job, start: int, end: int, moment: Moment) -> Iterator[dict[str, Any]]:
    """Records as REST has them, but for their dates and moments."""
    shape = bulk_query.shape_of(call.world, batch)
    paths = [path for path, kind in shape.columns if kind in _MOMENTS]
    for part in bulk_query.rows(call.world, batch, start, end):
        for row in part:
            record = shape.record(row, call.root, call.world.db)
            for path in paths:
                holder: Any = record
                for name in path[:-1]:
                    holder = holder and holder[name]
                if holder and holder[path[-1]] is not None:
                    holder[path[-1]] = moment(holder[path[-1]])
            yield record


def _number(given: str) -> int:
    """Milliseconds since 1970."""
    moment = datetime.fromisoformat(given)
    return int((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()) * 1000


def _zulu(given: str) -> str:
    return given.replace("+0000", "Z")


def _nested(name: str, value: Any) -> str:
    """A field of a record, or the record itself, as XML."""
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if not isinstance(value, dict):
        return f"<{name}>{text(value)}</{name}>"
    inner = element("type", value["attributes"]["type"])
    inner += "".join(_nested(key, one) for key, one in value.items() if key != "attributes")
    return f'<{name} xsi:type="sObject">{inner}</{name}>'
