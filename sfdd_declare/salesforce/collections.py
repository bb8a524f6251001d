"""sObject Collections: 200 rows a call, every row with a result of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from sfdd_declare.model import limits
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.client import Client, decoded, unexpected
from sfdd_declare.salesforce.gone import deleted_among
from sfdd_declare.wire.http import Reply

Values = Mapping[str, Any]
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

#: Decimals travel as JSON numbers, with all their digits.
_NUMBERS = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row. `message` is the vendor's, without people's values."""

    ok: bool
    id: str = ""
    code: str = ""
    message: str = ""


class _Error(msgspec.Struct):
    statusCode: str = "UNKNOWN_EXCEPTION"
    message: str = ""


class _Row(msgspec.Struct):
    success: bool
    id: str | None = None
    errors: list[_Error] = []


def create(
    client: Client,
    sobject: str,
    records: Sequence[Values],
    *,
    idempotent: bool,
    headers: Mapping[str, str] = _NO_HEADERS,
) -> list[RowResult]:
    """Insert rows of one type. `idempotent` says whether a row that is there already is refused as a duplicate."""
    results: list[RowResult] = []
    for start in range(0, len(records), limits.COLLECTION_ROWS):
        body = _body(sobject, records[start : start + limits.COLLECTION_ROWS])
        reply = client.send(
            "POST",
            "composite/sobjects",
            template=f"composite/sobjects {sobject}",
            json=body,
            idempotent=idempotent,
            headers=headers,
        )
        results.extend(_results(reply))
    return results


def update(client: Client, sobject: str, records: Sequence[Values]) -> list[RowResult]:
    """Update rows of one type, each by the `Id` it holds."""
    results: list[RowResult] = []
    path = "composite/sobjects"
    for start in range(0, len(records), limits.COLLECTION_ROWS):
        body = _body(sobject, records[start : start + limits.COLLECTION_ROWS])
        results.extend(_results(client.send("PATCH", path, template=f"{path} {sobject}", json=body, idempotent=True)))
    return results


def upsert(client: Client, sobject: str, key: str, records: Sequence[Values]) -> list[RowResult]:
    """Insert or update rows of one type by a unique external id, which every record holds."""
    results: list[RowResult] = []
    path = f"composite/sobjects/{sobject}/{key}"
    for start in range(0, len(records), limits.COLLECTION_ROWS):
        body = _body(sobject, records[start : start + limits.COLLECTION_ROWS])
        results.extend(_results(client.send("PATCH", path, template=path, json=body, idempotent=True)))
    return results


def delete(client: Client, sobject: str, ids: Sequence[str]) -> list[RowResult]:
    """Delete rows of one type by id. A row that is gone already counts as deleted; one that only may be fails."""
    results: list[RowResult] = []
    for start in range(0, len(ids), limits.COLLECTION_ROWS):
        params = {"ids": ",".join(ids[start : start + limits.COLLECTION_ROWS]), "allOrNone": "false"}
        reply = client.send(
            "DELETE", "composite/sobjects", template="composite/sobjects", params=params, idempotent=True
        )
        results.extend(_results(reply))
    doubtful = [i for i, result in zip(ids, results, strict=True) if result.code == errors.HIDDEN_OR_GONE]
    gone = deleted_among(client, sobject, doubtful)
    return [
        RowResult(ok=True, id=record_id) if result.code in errors.GONE_CODES or record_id in gone else result
        for record_id, result in zip(ids, results, strict=True)
    ]


def _body(sobject: str, records: Sequence[Values]) -> bytes:
    rows = [{"attributes": {"type": sobject}, **record} for record in records]
    return _NUMBERS.encode({"allOrNone": False, "records": rows})


def _results(reply: Reply) -> list[RowResult]:
    rows = decoded(reply, list[_Row])
    if not rows:
        raise unexpected(reply)
    return [_result(row) for row in rows]


def _result(row: _Row) -> RowResult:
    if row.success:
        return RowResult(ok=True, id=row.id or "")
    error = row.errors[0] if row.errors else _Error()
    return RowResult(ok=False, code=error.statusCode, message=errors.words_of(error.statusCode, error.message))
