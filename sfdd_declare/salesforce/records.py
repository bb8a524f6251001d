"""Updating records of people: values that come from Dotdigital, and Email Opt Out.

Rows with the same fields go together (WIRE-5); many rows of one type go through Bulk. Every row is written by its Id,
so the call may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sfdd_declare.model import limits
from sfdd_declare.model.ports import Batch, PersonResult, RecordRow, RecordValue, Results
from sfdd_declare.salesforce import collections, errors, ingest
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
        """Update the rows; one result each. Rows that found their record locked in a job go again in small calls."""
        rows = [row for row in batch.rows if isinstance(row, RecordRow)]
        answers = self._in_bulk(rows, on_job)
        on_progress(len(answers))
        rest = [i for i in range(len(rows)) if i not in answers or answers[i].code in errors.TRANSIENT_CODES]
        order = sorted(rest, key=lambda i: _together(rows[i]))
        begun = len(rows) - len(rest)
        results = write_rows(self._client, [rows[i] for i in order], self._call, lambda n: on_progress(begun + n))
        answers |= dict(zip(order, results, strict=True))
        return Results(people=tuple(_answer(row, answers[i]) for i, row in enumerate(rows)))

    def _in_bulk(self, rows: Sequence[RecordRow], on_job: Callable[[str], None]) -> dict[int, RowResult]:
        """Types of which there are many rows, as far as Bulk is to be had and CSV can tell their values."""
        results: dict[int, RowResult] = {}
        for sobject in dict.fromkeys(row.record_type.sobject for row in rows):
            those = {i: bulk_values(row) for i, row in enumerate(rows) if row.record_type.sobject == sobject}
            fitting = [i for i, values in those.items() if ingest.fits(values)]
            if len(fitting) <= limits.BULK_WRITE_ROWS:
                continue
            try:
                written = ingest.update(self._client, sobject, [those[i] for i in fitting], on_job)
            except ingest.NoBulk:
                continue
            results |= dict(zip(fitting, written, strict=False))  # the quota may end before the rows do
        return results

    def _call(self, rows: Sequence[RecordRow]) -> list[RowResult]:
        """Calls hold one type of record each: Salesforce works through mixed ones in chunks of a type."""
        results: dict[int, RowResult] = {}
        for sobject in dict.fromkeys(row.record_type.sobject for row in rows):
            those = [i for i, row in enumerate(rows) if row.record_type.sobject == sobject]
            written = collections.update(self._client, sobject, [_record(rows[i]) for i in those])
            results |= dict(zip(those, written, strict=True))
        return [results[i] for i in range(len(rows))]


def bulk_values(row: RecordRow) -> dict[str, str | None]:
    """A row as Bulk takes it: every value is text."""
    return {"Id": row.sf_id, **{value.field: value.text for value in row.values}}


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
