"""Suppressing contacts: the Writer of `suppress` (CON-2).

There is no way back in this room: no call resubscribes anybody. Suppressing twice is the same as once, so a call whose
reply was lost is simply repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.ports import Batch, PersonResult, Results, SuppressRow

CHUNK = 1000
"""Contacts suppressed by one call; no source tells the most that it takes."""
NOT_FOUND = "notFound"
NO_RESULT = "noResult"


class _Answer(msgspec.Struct):
    suppressed: list[dict[str, Any]] | None = None
    notFound: list[dict[str, Any]] | None = None


class SuppressWriter:
    """Implements `model.ports.Writer`. A contact that is not there any more fails; its neighbours go through."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """Suppress by contact id. No job is started, so `on_job` is never called."""
        del on_job
        rows = tuple(row for row in batch.rows if isinstance(row, SuppressRow))
        results: list[PersonResult] = []
        for start in range(0, len(rows), CHUNK):
            results += self._suppress(rows[start : start + CHUNK])
            on_progress(len(results))
        return Results(people=tuple(results))

    def _suppress(self, rows: tuple[SuppressRow, ...]) -> Iterable[PersonResult]:
        body = msgspec.json.encode([{"id": row.contact_id} for row in rows])
        answer = self._client.decoded("PUT", "/v2/contacts/suppress-contacts", _Answer, json=body)
        done, missing = _keys(answer.suppressed), _keys(answer.notFound)
        for row in rows:
            keys = {row.contact_id, email_key(row.email)}
            if keys & missing:
                yield PersonResult(row.person, ok=False, code=NOT_FOUND, message="the contact is not there any more")
            elif keys & done:
                yield PersonResult(row.person, ok=True, contact_id=row.contact_id)
            else:
                yield PersonResult(row.person, ok=False, code=NO_RESULT, message="the answer does not name the contact")


def _keys(entries: list[dict[str, Any]] | None) -> set[int | str]:
    """Ids and folded addresses, whether an entry is a contact or a suppression record around one."""
    found: set[int | str] = set()
    for entry in entries or ():
        inner = entry.get("suppressedContact")
        contact = inner if isinstance(inner, dict) else entry
        number, email = contact.get("id"), contact.get("email")
        if isinstance(number, int) and number:
            found.add(number)
        if isinstance(email, str) and email:
            found.add(email_key(email))
    return found
