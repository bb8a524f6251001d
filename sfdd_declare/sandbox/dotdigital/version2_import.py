"""v2's bulk imports: carrying one out, with the counters and the faults that are told afterwards.

Rows are written as every other contact is. What differs from v3: who is out is not written to at all, and an
opt-out of a list outlives an import that names the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.sandbox.dotdigital.jobs import Job
from sfdd_declare.sandbox.dotdigital.lookup import Contact, email_key
from sfdd_declare.sandbox.dotdigital.rows import Row, RowRefusedError
from sfdd_declare.sandbox.dotdigital.upsert import Upsert
from sfdd_declare.sandbox.dotdigital.version2_rows import parse_contact
from sfdd_declare.sandbox.world import World

COUNTERS = (
    *("newContacts", "updatedContacts", "globallySuppressed", "invalidEntries", "duplicateEmails", "blocked"),
    *("unsubscribed", "hardBounced", "softBounced", "ispComplaints", "mailBlocked", "domainSuppressed"),
    *("pendingDoubleOptin", "failures", "suppressedContacts"),
)
_BY_STATUS = {
    "unsubscribed": ("unsubscribed", "Unsubscribed"),
    "hardBounced": ("hardBounced", "Hard Bounced"),
    "ispComplained": ("ispComplaints", "Isp Complaints"),
    "domainSuppressed": ("domainSuppressed", "Domain Suppressed"),
    "sharedDomainSuppression": ("domainSuppressed", "Domain Suppressed"),
    "sharedsuppression": ("globallySuppressed", "Globally Suppressed"),
    "suppressed": ("suppressedContacts", "Suppressed by you"),
}
_BY_CODE = {
    "globallySuppressed": ("globallySuppressed", "Globally Suppressed"),
    "SuppressedByDomain": ("domainSuppressed", "Domain Suppressed"),
}


class _FaultError(Exception):
    def __init__(self, counter: str, reason: str) -> None:
        super().__init__(reason)
        self.counter = counter
        self.reason = reason


@dataclass(slots=True)
class _Outcome:
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    faults: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, position: int, counter: str, reason: str) -> None:
        self.counts[counter] += 1
        self.faults.append((position, reason))


def run(world: World, job: Job) -> dict[str, Any]:
    """Carry an accepted import out; what stays are its counters and the rows that failed, with their reasons."""
    outcome, lists = _Outcome(), tuple(job.payload["lists"])
    parsed = [_parsed(position, raw, lists, outcome) for position, raw in enumerate(job.payload["contacts"])]
    with world.transaction():
        rows = [row for row in parsed if row is not None]
        upsert = Upsert(world, job.account, job.who, rows, merge=job.payload["merge"])
        seen: set[str] = set()
        for position, row in enumerate(parsed):
            if row is None:
                continue
            try:
                _apply(position, row, upsert, outcome, seen)
            except _FaultError as fault:
                outcome.refuse(position, fault.counter, fault.reason)
        upsert.store()
    rows_told = [[reason, *_cells(job.payload, position)] for position, reason in outcome.faults]
    return {"counts": outcome.counts, "columns": job.payload["columns"], "rows": rows_told}


def _apply(position: int, row: Row, upsert: Upsert, outcome: _Outcome, seen: set[str]) -> None:
    key = email_key(row.email or "")
    if key in seen:
        raise _FaultError("duplicateEmails", "Duplicate")
    seen.add(key)
    contact = upsert.people.find(row)
    if contact is not None:
        _check_contact(contact, row, upsert)
    try:
        upsert.check(row)
        saved = upsert.save(row, contact)
    except RowRefusedError as refused:
        raise _FaultError(*_BY_CODE.get(refused.code, ("invalidEntries", "Invalid Entries"))) from refused
    outcome.counts["updatedContacts" if contact is not None else "newContacts"] += 1
    if saved.status == "pendingOptIn":
        outcome.counts["pendingDoubleOptin"] += 1
    if row.consent_fault:
        outcome.refuse(position, "failures", "Failures")
    open_lists = tuple(number for number in row.lists if number not in saved.optouts)
    upsert.attach(row.on(open_lists), saved)
    if open_lists != row.lists:
        outcome.refuse(position, "unsubscribed", "Unsubscribed")


def _check_contact(contact: Contact, row: Row, upsert: Upsert) -> None:
    if contact.is_binned and not upsert.rules.undeletes:
        raise _FaultError("failures", "Failures")
    if contact.is_out:
        raise _FaultError(*_BY_STATUS.get(contact.status, ("blocked", "Blocked")))
    if row.lists and contact.optouts.issuperset(row.lists):
        raise _FaultError("unsubscribed", "Unsubscribed")


def _cells(payload: Mapping[str, Any], position: int) -> list[str]:
    """A row's address, then its other cells as they were uploaded."""
    raw = payload["contacts"][position]
    given = {str(key).lower(): value for key, value in raw.items()} if isinstance(raw, dict) else {}
    return [str(given.get("email") or ""), *(payload["cells"][position] if payload["cells"] else ())]


def _parsed(position: int, raw: Any, lists: tuple[int, ...], outcome: _Outcome) -> Row | None:
    try:
        return parse_contact(raw, lists=lists, agrees=True)
    except RowRefusedError:
        outcome.refuse(position, "invalidEntries", "Invalid Entries")
        return None
