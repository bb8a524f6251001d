"""The ledger as a document: what did not go through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.state import LedgerEntry
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled


@dataclass(frozen=True, slots=True)
class Entry(Shape):
    """One row. Values are never shown."""

    account: str
    record: str
    """An id, never an address; the word for `sfdd errors retry`."""
    field: str
    code: str
    """The vendor's."""
    message: str
    """The vendor's."""
    attempts: int
    first_seen: str
    """ISO 8601."""
    last_seen: str
    """ISO 8601."""
    parked: bool
    """Not tried again until it changes or is retried."""


@dataclass(frozen=True, slots=True)
class LedgerDocument(Shape):
    """What did not go through: `sfdd errors --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["errors"]
    waiting: int
    """Tried again in the next run."""
    parked: int
    problems: tuple[Entry, ...]


def ledger_document(entries: tuple[LedgerEntry, ...]) -> LedgerDocument:
    ordered = sorted(entries, key=lambda e: (e.code, e.message, e.account, e.record, e.field))
    parked = sum(entry.parked for entry in entries)
    problems = tuple(filled(Entry, entry) for entry in ordered)
    return LedgerDocument(FORMAT_VERSION, "errors", len(entries) - parked, parked, problems)
