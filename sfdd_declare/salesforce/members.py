"""Adding and removing campaign members. Who is a member already, or not any more, is done: calls may be repeated.

Rows are sent in the order of their campaigns: members of one campaign lock each other out when they are written side by
side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sfdd_declare.model import limits
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.ports import Batch, MemberRemovalRow, MemberRow, PersonResult, Results
from sfdd_declare.salesforce import collections, errors, ingest
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.locked import write_rows
from sfdd_declare.salesforce.references import resolved

_PERSON_FIELD: Mapping[RecordType, str] = MappingProxyType(
    {RecordType.CONTACT: "ContactId", RecordType.PERSON_ACCOUNT: "ContactId", RecordType.LEAD: "LeadId"}
)

#: Which columns tell members apart; one of the last two is empty.
_KEY = ("CampaignId", "ContactId", "LeadId")


class MemberWriter:
    """Carries out ADD_MEMBERS."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Add the rows; one result each. Many go through Bulk, those it found locked again in small calls."""
        rows = [row for row in batch.rows if isinstance(row, MemberRow)]
        campaigns = {row.campaign: resolved(f"@campaign.{row.campaign}", batch.ids) for row in rows}
        records = [_record(row, str(campaigns[row.campaign])) for row in rows]
        order = sorted(range(len(rows)), key=lambda i: (records[i]["CampaignId"], records[i]["Person"]))
        answers = dict(zip(order, self._in_bulk([records[i] for i in order], on_job), strict=False))
        rest = [i for i in order if i not in answers or answers[i].code in errors.TRANSIENT_CODES]
        done = len(rows) - len(rest)
        results = write_rows(self._client, [records[i] for i in rest], self._call, lambda n: on_progress(done + n))
        answers |= dict(zip(rest, results, strict=True))
        return Results(people=tuple(_answer(row, answers[i]) for i, row in enumerate(rows)))

    def _in_bulk(self, records: Sequence[dict[str, str]], on_job: Callable[[str], None]) -> list[RowResult]:
        """All of them, or none: where there are few, or a label that CSV cannot tell."""
        bodies = [_body(record) for record in records]
        if len(bodies) <= limits.BULK_WRITE_ROWS or not all(map(ingest.fits, bodies)):
            return []
        try:
            return ingest.insert(self._client, "CampaignMember", _KEY, bodies, on_job)
        except ingest.NoBulk:
            return []

    def _call(self, records: Sequence[dict[str, str]]) -> list[RowResult]:
        bodies = [_body(record) for record in records]
        return collections.create(self._client, "CampaignMember", bodies, idempotent=True)


def _body(record: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in record.items() if name != "Person"}


class MemberRemover:
    """Carries out REMOVE_MEMBERS."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Delete the rows; one result each. There is no job."""
        del on_job
        rows = [row for row in batch.rows if isinstance(row, MemberRemovalRow)]
        results = write_rows(self._client, [row.member_id for row in rows], self._call, on_progress)
        return Results(
            people=tuple(
                PersonResult(row.person, ok=result.ok, code=result.code, message=result.message)
                for row, result in zip(rows, results, strict=True)
            )
        )

    def _call(self, ids: Sequence[str]) -> list[RowResult]:
        return collections.delete(self._client, "CampaignMember", ids)


def _record(row: MemberRow, campaign: str) -> dict[str, str]:
    record = {"CampaignId": campaign, _PERSON_FIELD[row.record_type]: row.sf_id, "Person": row.sf_id}
    return {**record, "Status": row.status} if row.status else record


def _answer(row: MemberRow, result: RowResult) -> PersonResult:
    if result.ok or (result.code == errors.DUPLICATE and "already a campaign member" in result.message.lower()):
        return PersonResult(row.person, ok=True)
    return PersonResult(row.person, ok=False, code=result.code, message=result.message)
