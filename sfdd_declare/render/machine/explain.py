"""One person as a document; always masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.explanation import AccountView, ChangeView, ContactView, Explanation, RecordView
from sfdd_declare.model.privacy import Personal
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled

#: Aspects of a change that have values of the person.
_WITH_VALUES = ("value", "problem", "identity")


@dataclass(frozen=True, slots=True)
class RecordPart(Shape):
    """One Salesforce record of the person."""

    sf_id: str
    record_type: str
    email: str | None
    """Masked."""
    opted_out: bool
    address_opted_out: bool
    """Another record with the same address is opted out."""
    contact_id: int | None
    """Of the contact that it is a pair with."""
    is_known: bool
    """The pair was synchronised before."""
    writes: bool
    """Its values travel; those of other records with the address do not."""
    hold: str
    """Why nothing is written for it; empty where something may be."""


@dataclass(frozen=True, slots=True)
class ContactPart(Shape):
    """One Dotdigital contact of the person."""

    contact_id: int
    email: str | None
    """Masked."""
    channel: str
    """Status of the email channel."""
    opted_out: bool


@dataclass(frozen=True, slots=True)
class BookPart(Shape):
    """Why the person is, or is not, on an address book."""

    address_book: str
    campaign: str
    """The first that wants them there."""
    is_wanted: bool
    is_on: bool
    decision: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class ChangePart(Shape):
    """One thing that the next apply would write, or only remember."""

    sf_id: str
    aspect: str
    field: str
    old: str | None
    """Masked."""
    new: str | None
    """Masked."""
    decision: str
    rule: str
    is_written: bool


@dataclass(frozen=True, slots=True)
class AccountPart(Shape):
    """The person as one Dotdigital account has them."""

    account: str
    records: tuple[RecordPart, ...]
    contacts: tuple[ContactPart, ...]
    books: tuple[BookPart, ...]
    changes: tuple[ChangePart, ...]


@dataclass(frozen=True, slots=True)
class ExplainDocument(Shape):
    """Everything about one person, and why: `sfdd explain --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["explain"]
    accounts: tuple[AccountPart, ...]
    """Those that know the person."""


def explain_document(explanation: Explanation) -> ExplainDocument:
    accounts = tuple(_account(view) for view in explanation.accounts if not view.is_empty)
    return ExplainDocument(FORMAT_VERSION, "explain", accounts)


def _account(view: AccountView) -> AccountPart:
    return AccountPart(
        account=view.account,
        records=tuple(_record(record) for record in view.records),
        contacts=tuple(_contact(contact) for contact in view.contacts),
        books=tuple(filled(BookPart, book) for book in view.books),
        changes=tuple(_change(change) for change in view.changes),
    )


def _record(record: RecordView) -> RecordPart:
    return filled(RecordPart, record, email=_masked(record.email))


def _contact(contact: ContactView) -> ContactPart:
    return filled(ContactPart, contact, email=_masked(contact.email))


def _change(change: ChangeView) -> ChangePart:
    shown = change.aspect in _WITH_VALUES
    old, new = (_masked(value) if shown else None for value in (change.old, change.new))
    return filled(ChangePart, change, old=old, new=new)


def _masked(value: Personal) -> str | None:
    return str(value) or None
