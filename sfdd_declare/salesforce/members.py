"""Adding campaign members. A person who is a member already is done, so the call may be repeated at any time.

Rows are sent in the order of their campaigns: members of one campaign lock each other out when they are written side by
side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.ports import Batch, MemberRow, PersonResult, Results
from sfdd_declare.salesforce import collections, errors
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.locked import write_rows
from sfdd_declare.salesforce.references import resolved

_PERSON_FIELD: Mapping[RecordType, str] = MappingProxyType(
    {RecordType.CONTACT: "ContactId", RecordType.PERSON_ACCOUNT: "ContactId", RecordType.LEAD: "LeadId"}
)


class MemberWriter:
    """Carries out ADD_MEMBERS."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Add the rows; one result each. There is no job."""
        del on_job
        rows = [row for row in batch.rows if isinstance(row, MemberRow)]
        campaigns = {row.campaign: resolved(f"@campaign.{row.campaign}", batch.ids) for row in rows}
        records = [_record(row, str(campaigns[row.campaign])) for row in rows]
        order = sorted(range(len(rows)), key=lambda i: (records[i]["CampaignId"], records[i]["Person"]))
        results = write_rows(self._client, [records[i] for i in order], self._call, on_progress)
        answers = dict(zip(order, results, strict=True))
        return Results(people=tuple(_answer(row, answers[i]) for i, row in enumerate(rows)))

    def _call(self, records: Sequence[dict[str, str]]) -> list[RowResult]:
        bodies = [{name: value for name, value in record.items() if name != "Person"} for record in records]
        return collections.create(self._client, "CampaignMember", bodies, idempotent=True)


def _record(row: MemberRow, campaign: str) -> dict[str, str]:
    record = {"CampaignId": campaign, _PERSON_FIELD[row.record_type]: row.sf_id, "Person": row.sf_id}
    return {**record, "Status": row.status} if row.status else record


def _answer(row: MemberRow, result: RowResult) -> PersonResult:
    if result.ok or (result.code == errors.DUPLICATE and "already a campaign member" in result.message.lower()):
        return PersonResult(row.person, ok=True)
    return PersonResult(row.person, ok=False, code=result.code, message=result.message)
