"""`PUT /contacts/v3/import`: the bulk upsert with its per-row verdicts.

A row is either refused as a whole, or done, or done in part: then it is among the created or updated contacts
*and* among the failures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.sandbox.dotdigital import identifiers
from sfdd_declare.sandbox.dotdigital.answers import v3_error
from sfdd_declare.sandbox.dotdigital.jobs import Job
from sfdd_declare.sandbox.dotdigital.lookup import email_key
from sfdd_declare.sandbox.dotdigital.rows import Row, RowRefusedError, parse_row
from sfdd_declare.sandbox.dotdigital.upsert import Upsert
from sfdd_declare.sandbox.world import World


@dataclass(slots=True)
class Outcome:
    """The result while it is being collected."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def refuse(self, raw: Any, code: str, description: str) -> None:
        """A row is not taken."""
        self.note(raw, code, description)
        self.counts[code] = self.counts.get(code, 0) + 1

    def note(self, raw: Any, code: str, description: str) -> None:
        """A row, or a part of it, has failed."""
        row = raw if isinstance(raw, dict) else {}
        self.failures.append(
            {
                "matchIdentifier": row.get("matchIdentifier"),
                "identifiers": row.get("identifiers"),
                "failures": [{"failureCode": code, "description": description}],
            }
        )

    def result(self) -> dict[str, Any]:
        """The finished result in the vendor's form."""
        known = {"globallySuppressed": "globallySuppressed", "duplicateIdentifiers": "duplicateIdentifier"}
        named = {name: self.counts.get(code, 0) for name, code in known.items()}
        entries = sum(count for code, count in self.counts.items() if code not in known.values())
        return {
            "summary": {
                "newContacts": len(self.created),
                "updatedContacts": len(self.updated),
                "invalidEntries": entries,
                **named,
            },
            "created": self.created,
            "updated": self.updated,
            "failures": self.failures,
        }


def run(world: World, job: Job) -> dict[str, Any]:
    """Carry an accepted import out and return its result."""
    outcome = Outcome()
    known = identifiers.names(world, job.account)
    parsed = [(raw, _parsed(raw, known, outcome)) for raw in job.payload["contacts"]]
    merge = job.payload.get("mergeOption") or "overwrite"
    with world.transaction():
        rows = [row for _, row in parsed if row is not None]
        upsert = Upsert(world, job.account, job.who, rows, merge=merge)
        seen: set[tuple[str, Any]] = set()
        for raw, row in parsed:
            if row is None:
                continue
            try:
                _once(row, seen)
                _apply(raw, row, upsert, outcome)
            except RowRefusedError as refused:
                outcome.refuse(raw, refused.code, refused.description)
        upsert.store()
    return outcome.result()


def require_good(rows: list[Any], known: frozenset[str]) -> None:
    """Refuse an import one row of which is malformed. Raises Refusal, which names them."""
    details = []
    for at, raw in enumerate(rows):
        try:
            parse_row(raw, known)
        except RowRefusedError as refused:
            details.append({"item": f"contacts[{at}]", "description": refused.description})
    if details:
        raise v3_error(400, "contacts:badRequest", "The request body is not valid", details)


def _apply(raw: Any, row: Row, upsert: Upsert, outcome: Outcome) -> None:
    upsert.check(row)
    contact = upsert.people.find(row)
    if contact is None and row.match == "contactId":
        raise RowRefusedError("InvalidContactId", "There is no such contact")
    if contact is not None and contact.is_binned and not upsert.rules.undeletes:
        raise RowRefusedError("InvalidContact", "The contact is in the recycle bin")
    saved = upsert.save(row, contact)
    entry = {"contactId": saved.id, "identifiers": saved.identifiers}
    (outcome.created if contact is None else outcome.updated).append(entry)
    if contact is None and upsert.refuses_status(row):
        outcome.note(raw, "InvalidContactStatus", "A new contact cannot have this status")
    if row.consent_fault:
        outcome.note(raw, "consentRecordsNotApplied", row.consent_fault)
    if not upsert.attach(row, saved):
        outcome.note(raw, "InvalidAddressBookIds", "A list does not exist")


def _once(row: Row, seen: set[tuple[str, Any]]) -> None:
    named = {("contactId", row.contact_id), ("email", email_key(row.email) if row.email else None)}
    named |= {("mobileNumber", row.mobile), *row.custom.items()}
    named = {pair for pair in named if pair[1] is not None}
    if named & seen:
        raise RowRefusedError("duplicateIdentifier", "The identifier occurs more than once in the import")
    seen.update(named)


def _parsed(raw: Any, known: frozenset[str], outcome: Outcome) -> Row | None:
    try:
        return parse_row(raw, known)
    except RowRefusedError as refused:
        outcome.refuse(raw, refused.code, refused.description)
        return None
