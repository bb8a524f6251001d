"""Creating leads, through Collections only (NEW-6).

A lead has no unique key: rows whose answer got lost are looked for by their addresses before they are sent again
(NEW-7). Assignment rules run on this call alone, and only when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sfdd_declare.model import limits
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.declared import LeadRules
from sfdd_declare.model.errors import RemoteError
from sfdd_declare.model.ports import Batch, LeadRow, PersonResult, Results
from sfdd_declare.salesforce import collections
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.locked import write_rows
from sfdd_declare.salesforce.query import rows as query_rows
from sfdd_declare.salesforce.records import wire_value
from sfdd_declare.salesforce.soql import fitting, in_list, quoted, select
from sfdd_declare.wire.pacing import is_uncertain

_ATTEMPTS = 4
_WAIT_SECONDS = 2.0


class LeadWriter:
    """Carries out CREATE_LEADS; the campaigns of the rows are somebody else's."""

    def __init__(self, client: Client, rules: LeadRules) -> None:
        self._client = client
        self._headers = {"sforce-auto-assign": "TRUE" if rules.assignment_rules else "FALSE"}
        if rules.allow_duplicates:
            self._headers["sforce-duplicate-rule-header"] = "allowSave=true"

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Create the rows; one result each, with the id of the lead. There is no job."""
        del on_job
        rows = [row for row in batch.rows if isinstance(row, LeadRow)]
        since = self._client.server_time()
        results = write_rows(self._client, rows, lambda those: self._call(those, since), on_progress)
        return Results(people=tuple(_answer(row, result) for row, result in zip(rows, results, strict=True)))

    def _call(self, rows: Sequence[LeadRow], since: str) -> list[RowResult]:
        """One call; after a lost answer only what did not take effect is sent again."""
        done: dict[int, RowResult] = {}
        for attempt in range(1, _ATTEMPTS + 1):
            waiting = [i for i in range(len(rows)) if i not in done]
            if not waiting:
                break
            try:
                done |= dict(zip(waiting, self._create([rows[i] for i in waiting]), strict=True))
            except RemoteError as error:
                if not is_uncertain(error) or attempt == _ATTEMPTS:
                    raise
                self._client.pause(_WAIT_SECONDS * attempt)  # it may still be at it
                made = self._made_by_us([rows[i].email for i in waiting], since)
                found = {i: made[_folded(rows[i].email)] for i in waiting if _folded(rows[i].email) in made}
                done |= {i: RowResult(ok=True, id=lead) for i, lead in found.items()}
        return [done[i] for i in range(len(rows))]

    def _create(self, rows: Sequence[LeadRow]) -> list[RowResult]:
        records = [{value.field: wire_value(value) for value in row.values} for row in rows]
        return collections.create(self._client, "Lead", records, idempotent=False, headers=self._headers)

    def _made_by_us(self, emails: Sequence[str], since: str) -> dict[str, str]:
        """Leads with these addresses that our user made since then: folded address -> id."""
        mine = f"CreatedById = {quoted(self._client.session.user_id)} AND CreatedDate >= {since}"
        made: dict[str, str] = {}
        for group in fitting(emails, limits.EMAILS_PER_QUERY):
            soql = select(("Id", "Email"), "Lead", f"{in_list('Email', group)} AND {mine}")
            found: list[dict[str, Any]] = query_rows(self._client, soql, {"Id": "id", "Email": "email"})
            made |= {_folded(str(row["Email"])): str(row["Id"]) for row in found}
        return made


def _folded(email: str) -> str:
    return email_key(email)


def _answer(row: LeadRow, result: RowResult) -> PersonResult:
    return PersonResult(row.person, ok=result.ok, code=result.code, message=result.message, sf_id=result.id)
