"""v2's bulk imports from outside: accepting one, its status, its report and its faults as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import books, jobs, values
from sfdd_declare.sandbox.dotdigital.acceptance import IMPORT_V2, is_full, verdict
from sfdd_declare.sandbox.dotdigital.answers import answer, encode, folded, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.uploads import NoTableError, file_of, table_of
from sfdd_declare.sandbox.dotdigital.version2_rows import MERGE_OPTIONS

BOM = b"\xef\xbb\xbf"


def start_file(call: Call) -> Response:
    """`POST /v2/contacts/import`, or into one list, with or without a merge option: a file of contacts."""
    params = call.request.path_params
    lists = (books.writable(call.world, call.account.id, call.number("id")).id,) if "id" in params else ()
    merge = _merge(params.get("option", "0"))
    content = file_of(call)
    try:
        table = table_of(content)
    except NoTableError:
        return _accepted(call, {}, rows=0, final="InvalidFileFormat")
    fields = frozenset(values.fields(call.world, call.account.id))
    body = {
        "contacts": [table.contact(row, fields) for row in table.rows],
        "lists": lists,
        "merge": merge,
        "columns": [name for i, name in enumerate(table.columns) if i != table.email_at],
        "cells": [[cell for i, cell in enumerate(row) if i != table.email_at] for row in table.rows],
    }
    return _accepted(call, body, rows=len(table.rows))


def start_collection(call: Call) -> Response:
    """`POST /v2/contacts/import-collection`: contacts as JSON, into any number of lists."""
    body = folded(call.v2_body())
    contacts, numbers = body.get("contacts"), body.get("addressbookids") or []
    if not isinstance(contacts, list) or not contacts:
        raise v2_error(400, "No contacts were specified", "ERROR_CONTACTS_ARE_NOT_SPECIFIED")
    if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
        raise v2_error(400, "The address books are not valid", "ERROR_PARAMETER_INVALID")
    lists = [books.writable(call.world, call.account.id, number).id for number in dict.fromkeys(numbers)]
    option = body.get("mergeoption")
    merge = _merge("0" if option is None else str(option))
    payload = {"contacts": contacts, "lists": lists, "merge": merge, "columns": [], "cells": []}
    return _accepted(call, payload, rows=len(contacts))


def poll(call: Call) -> Response:
    """`GET /v2/contacts/import/{id}`: how far an import is."""
    status, _ = _polled(call)
    return answer({"id": call.path("id"), "status": status})


def report(call: Call) -> Response:
    """`GET /v2/contacts/import/{id}/report`: how many rows fared how."""
    return answer(_result(call)["counts"])


def faults(call: Call) -> Response:
    """`GET /v2/contacts/import/{id}/report-faults`: the rows that failed, as CSV."""
    result = _result(call)
    return Response(BOM + _csv(result["columns"], result["rows"]), media_type="text/csv; charset=utf-8")


def _accepted(call: Call, payload: Mapping[str, Any], *, rows: int, final: str | None = None) -> Response:
    if is_full(call):
        raise v2_error(400, "There are too many active imports", "ERROR_IMPORT_TOOMANYACTIVEIMPORTS")
    job_id = jobs.submit(
        call.world,
        account=call.account.id,
        kind=IMPORT_V2,
        who=call.account.user,
        payload=encode(payload),
        verdict=final or verdict(call, rows),
    )
    return answer({"id": job_id, "status": "NotFinished"}, status=202)


def _polled(call: Call) -> tuple[str, Any]:
    polled = jobs.poll(call.world, account=call.account.id, kind=IMPORT_V2, job_id=call.path("id"))
    if polled is None:
        raise v2_error(404, "The import could not be found", "ERROR_IMPORT_NOT_FOUND")
    return polled


def _result(call: Call) -> Any:
    status, result = _polled(call)
    if status != "Finished":
        raise v2_error(404, "There is no report of the import yet", "ERROR_IMPORT_REPORT_NOT_FOUND")
    return result


def _merge(option: str) -> str:
    merge = MERGE_OPTIONS.get(option.lower())
    if merge is None:
        raise v2_error(400, "The merge option is not one of the known ones", "ERROR_PARAMETER_INVALID")
    return merge


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Reason", "Email", *columns])
    writer.writerows(rows)
    return text.getvalue().encode()
