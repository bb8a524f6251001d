"""Large results through Bulk API 2.0: one job, its result as CSV, page by page.

Which way a result takes is decided by the first page of the ordinary query: it says how many rows there are, so small
results cost no call more, large ones one. What Bulk cannot do, for an object or today, is read the ordinary way. Rows
come out as tuples in the order of the columns, with the types that JSON would have had.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from sfdd_declare.model import limits
from sfdd_declare.model.errors import NotFound, RemoteError, Terminal, Transient
from sfdd_declare.salesforce import errors, jobs
from sfdd_declare.salesforce.client import Client, unexpected
from sfdd_declare.salesforce.query import NUMBERS, LostPlace, Page, Shape, pages
from sfdd_declare.wire.http import Reply, encoded

#: Types of several values in one: Bulk refuses to select them.
_COMPOUND = ("address", "location")
_TEMPLATE = "jobs/query/{id}/results"
_BLOCK = 8_000_000  # bytes; a record has at most 400,000 characters
_LAST = "null"


def pages_by_size(client: Client, soql: str, shape: Shape) -> Iterator[Page]:
    """The pages of one query, through Bulk when there are many rows.

    Raises LostPlace when it has to be read anew, else RemoteError by meaning.
    """
    found = pages(client, soql, shape)
    first = next(found)
    job = None
    if first.of > limits.BULK_READ_ROWS and not first.is_last and not _has_compound(shape):
        job = _completed(client, soql)
    if job is None:
        yield first
        yield from found
    else:
        yield from _results(client, job, shape, first.stamp)


def _has_compound(shape: Shape) -> bool:
    return any(kind in _COMPOUND for kind in shape.columns.values())


def _completed(client: Client, soql: str) -> jobs.JobInfo | None:
    """A job that found everything; None when Bulk cannot do it. Raises LostPlace when it may if asked again."""
    body = {"operation": "query", "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
    try:
        reply = client.send("POST", "jobs/query", template="jobs/query", json=encoded(body), idempotent=True)
    except Terminal as error:
        if error.code in jobs.NO_BULK_CODES:
            return None
        raise _placed(error) from None
    try:
        info = jobs.until_over(client, "query", jobs.info_of(reply).id)
    except RemoteError as error:
        raise _placed(error) from None
    if info.state == jobs.COMPLETE:
        return info
    why = jobs.failure(info, "read")
    if isinstance(why, Transient):
        raise _lost(why) from why
    if info.state == jobs.ABORTED:
        raise why
    return None


def _results(client: Client, job: jobs.JobInfo, shape: Shape, stamp: str) -> Iterator[Page]:
    """The pages of a finished job. They count as read at the first page of the query: no later than the job ran."""
    locator, rows = "", 0
    while locator != _LAST:
        reply = _page(client, job.id, locator)
        records = _records(reply, shape)
        if str(len(records)) != reply.headers.get("sforce-numberofrecords", str(len(records))):
            raise _lost(unexpected(reply, "a page holds fewer records than it says"))
        rows += len(records)
        locator = reply.headers.get("sforce-locator") or _LAST
        total = rows if job.numberRecordsProcessed is None else job.numberRecordsProcessed
        yield Page(records, total, locator == _LAST, stamp)


def _page(client: Client, job_id: str, locator: str) -> Reply:
    params: dict[str, str | int | float | bool] = {"maxRecords": limits.BULK_PAGE}
    if locator:
        params["locator"] = locator
    try:
        return client.send("GET", f"jobs/query/{job_id}/results", template=_TEMPLATE, params=params, idempotent=True)
    except RemoteError as error:
        raise (_lost(error) if isinstance(error, NotFound) else _placed(error)) from None


def _placed(error: RemoteError) -> RemoteError:
    """Whatever call of a job says that the place was lost, the query begins anew; all else stays what it is."""
    return _lost(error) if error.code in errors.LOST_LOCATORS else error


def _lost(error: RemoteError) -> LostPlace:
    return LostPlace(error.id, error.summary, code=error.code, status=error.status, hint=error.hint)


def _records(reply: Reply, shape: Shape) -> list[tuple[Any, ...]]:
    """The rows of one page. Raises Terminal when its columns are not the ones that were asked for."""
    body = reply.body.replace(b"\0", b"")  # seen in the wild, and the end of a text to many a reader
    if not body.strip():
        return []
    try:
        table = _table(body)
    except pa.ArrowInvalid:  # its text quotes values
        raise unexpected(reply, "it is no CSV that can be read") from None
    if [name.lower() for name in table.column_names] != [path.lower() for path in shape.columns]:
        raise unexpected(reply, "its columns are not the ones of the query")
    kinds = zip(table.columns, shape.columns.values(), strict=True)
    try:
        return list(zip(*(_typed(column.to_pylist(), kind) for column, kind in kinds), strict=True))
    except InvalidOperation:
        raise unexpected(reply, "there is no number where one should be") from None


def _table(body: bytes) -> pa.Table:
    header = body[: body.find(b"\n") + 1] or body
    names = pa_csv.read_csv(io.BytesIO(header)).column_names
    return pa_csv.read_csv(
        io.BytesIO(body),
        read_options=pa_csv.ReadOptions(block_size=_BLOCK),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _typed(values: list[str | None], kind: str) -> list[Any]:
    if kind == "boolean":
        return [None if value is None else value == "true" for value in values]
    if kind in NUMBERS:
        return [None if value is None else Decimal(value) for value in values]
    return values
