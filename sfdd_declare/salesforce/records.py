"""Updating records of people: values that come from Dotdigital, and Email Opt Out.

Rows with the same fields go together (WIRE-5). Every row is written by its Id, so the call may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sfdd_declare.model.ports import Batch, PersonResult, RecordRow, RecordValue, Results
from sfdd_declare.salesforce import collections
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.locked import write_rows

#: Describe types whose values are JSON numbers.
NUMBERS = ("double", "currency", "percent", "int", "long")


class RecordWriter:
    """Carries out UPDATE_RECORDS and OPT_OUT_RECORDS."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Update the rows; one result each. There is no job."""
        del on_job
        rows = [row for row in batch.rows if isinstance(row, RecordRow)]
        order = sorted(range(len(rows)), key=lambda i: _together(rows[i]))
        results = write_rows(self._client, [rows[i] for i in order], self._call, on_progress)
        answers = dict(zip(order, results, strict=True))
        return Results(people=tuple(_answer(row, answers[i]) for i, row in enumerate(rows)))

    def _call(self, rows: Sequence[RecordRow]) -> list[RowResult]:
        """Calls hold one type of record each: Salesforce works through mixed ones in chunks of a type."""
        results: dict[int, RowResult] = {}
        for sobject in dict.fromkeys(row.record_type.sobject for row in rows):
            those = [i for i, row in enumerate(rows) if row.record_type.sobject == sobject]
            written = collections.update(self._client, sobject, [_record(rows[i]) for i in those])
            results |= dict(zip(those, written, strict=True))
        return [results[i] for i in range(len(rows))]


def wire_value(value: RecordValue) -> Any:
    """A value as Salesforce takes it in JSON: numbers with all their digits, booleans, everything else as text."""
    if value.text is None:
        return None
    if value.type == "boolean":
        return value.text == "true"
    if value.type in NUMBERS:
        return Decimal(value.text)
    return value.text


def _together(row: RecordRow) -> tuple[str, tuple[str, ...], str]:
    return row.record_type.sobject, tuple(value.field for value in row.values), row.sf_id


def _record(row: RecordRow) -> dict[str, Any]:
    return {"Id": row.sf_id, **{value.field: wire_value(value) for value in row.values}}


def _answer(row: RecordRow, result: RowResult) -> PersonResult:
    return PersonResult(row.person, ok=result.ok, code=result.code, message=result.message)
