"""Rows that name states (RUN-8): read with the first look at an org, written at the end of an apply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sfdd_declare.model import registry
from sfdd_declare.model.errors import Terminal
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.live import StateRow
from sfdd_declare.model.state import Bound
from sfdd_declare.salesforce import collections
from sfdd_declare.salesforce.client import Client, SubReply, SubRequest
from sfdd_declare.salesforce.codes import meaning_of
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.query import next_page, uri
from sfdd_declare.salesforce.soql import select

_FIELDS = ("Id", registry.EXTERNAL_ID, *registry.FIELDS[registry.STATE], "LastModifiedById", "LastModifiedDate")


class _Page(msgspec.Struct):
    records: list[dict[str, Any]]
    nextRecordsUrl: str | None = None


def question() -> SubRequest:
    """Asks for all of them: other repositories' too."""
    return SubRequest("states", uri(select(_FIELDS, registry.STATE)))


def read_states(client: Client, answer: SubReply) -> tuple[StateRow, ...]:
    """The rows of an answer to `question`, to the last page. Raises what the query was refused with."""
    if (error := answer.error(f"query {registry.STATE}")) is not None:
        raise error
    page = msgspec.json.decode(answer.body, type=_Page)
    records = list(page.records)
    while page.nextRecordsUrl:
        page = msgspec.json.decode(next_page(client, page.nextRecordsUrl).body, type=_Page)
        records.extend(page.records)
    return tuple(_row(record) for record in records if record[registry.EXTERNAL_ID])


def write_state(client: Client, lineage: str, name: str, bound: Bound, apply: str) -> None:
    """Write the row of one state. May be repeated at any time. Raises Terminal when it is refused."""
    record = {**registry.state_row(name, bound, apply), registry.EXTERNAL_ID: lineage}
    _require(collections.upsert(client, registry.STATE, registry.EXTERNAL_ID, [record]))


def delete_rows(client: Client, rows: Sequence[tuple[str, str]]) -> int:
    """Delete rows of the registry: (object, id). Those that are gone already count too. Raises Terminal."""
    for sobject in registry.OBJECTS:
        if ids := [row_id for of, row_id in rows if of == sobject]:
            _require(collections.delete(client, sobject, ids))
    return len(rows)


def _require(results: Sequence[RowResult]) -> None:
    for result in results:
        if not result.ok:
            known = meaning_of(result.code)
            raise Terminal("SFDD-E2144", result.message, code=result.code, hint=known.hint if known else "sfdd plan")


def _row(record: dict[str, Any]) -> StateRow:
    return StateRow(
        id=SalesforceId(record["Id"]),
        lineage=record[registry.EXTERNAL_ID],
        name=record[registry.NAME] or "",
        org_id=record["Org_Id__c"] or "",
        last_apply=record["Last_Apply__c"] or "",
        modified_by=record.get("LastModifiedById") or "",
        modified_at=str(record.get("LastModifiedDate") or ""),
    )
