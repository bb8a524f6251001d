"""Adding campaign members. A person who is a member already is done, so the call may be repeated at any time.

Rows are sent in the order of their campaigns: members of one campaign lock each other out when they are written side by
side. Rows that found their record locked go again later, in ever smaller calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sfdd_declare.model import limits
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.ports import Batch, MemberRow, PersonResult, Results
from sfdd_declare.salesforce import collections, errors
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.references import resolved

#: Size of a call and the wait before it, for rows that were locked.
_LATER: tuple[tuple[int, float], ...] = ((50, 1.0), (10, 3.0), (1, 5.0))

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
        results = self._write([records[i] for i in order], on_progress)
        answers = dict(zip(order, results, strict=True))
        return Results(people=tuple(_answer(row, answers[i]) for i, row in enumerate(rows)))

    def _write(self, records: list[dict[str, str]], on_progress: Callable[[int], None]) -> list[RowResult]:
        results: dict[int, RowResult] = {}
        waiting = list(range(len(records)))
        for size, wait in ((limits.COLLECTION_ROWS, 0.0), *_LATER):
            if not waiting:
                break
            if wait:
                self._client.pause(wait)
            for start in range(0, len(waiting), size):
                those = waiting[start : start + size]
                results |= dict(zip(those, self._call([records[i] for i in those]), strict=True))
                on_progress(sum(not _is_locked(result) for result in results.values()))
            waiting = [i for i in waiting if _is_locked(results[i])]
        return [results[i] for i in range(len(records))]

    def _call(self, records: Sequence[dict[str, str]]) -> list[RowResult]:
        bodies = [{name: value for name, value in record.items() if name != "Person"} for record in records]
        return collections.create(self._client, "CampaignMember", bodies, idempotent=True)


def _record(row: MemberRow, campaign: str) -> dict[str, str]:
    record = {"CampaignId": campaign, _PERSON_FIELD[row.record_type]: row.sf_id, "Person": row.sf_id}
    return {**record, "Status": row.status} if row.status else record


def _is_locked(result: RowResult) -> bool:
    return not result.ok and result.code in errors.TRANSIENT_CODES


def _answer(row: MemberRow, result: RowResult) -> PersonResult:
    if result.ok or (result.code == errors.DUPLICATE and "already a campaign member" in result.message.lower()):
        return PersonResult(row.person, ok=True)
    return PersonResult(row.person, ok=False, code=result.code, message=result.message)
