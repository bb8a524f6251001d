"""What is known and decided about one person (`sfdd explain`)."""

from __future__ import annotations

from dataclasses import dataclass

from sfdd_declare.model.privacy import Personal


@dataclass(frozen=True, slots=True)
class RecordView:
    """One Salesforce record of the person. `hold`: why nothing is written for it."""

    sf_id: str
    record_type: str
    email: Personal
    opted_out: bool
    address_opted_out: bool  # a record with the same address is opted out
    contact_id: int | None
    is_known: bool  # a pair of the base
    writes: bool  # ID-3: its values travel
    hold: str


@dataclass(frozen=True, slots=True)
class ContactView:
    """One Dotdigital contact of the person."""

    contact_id: int
    email: Personal
    channel: str
    opted_out: bool  # for a reason of CON-4


@dataclass(frozen=True, slots=True)
class BookView:
    """Why the person is, or is not, on an address book."""

    address_book: str
    campaign: str  # the first that wants them there
    is_wanted: bool
    is_on: bool
    decision: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One thing that the next apply would write, or only remember."""

    sf_id: str
    aspect: str
    field: str
    old: Personal
    new: Personal
    decision: str
    rule: str
    is_written: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """The person as one Dotdigital account has them."""

    account: str
    records: tuple[RecordView, ...]
    contacts: tuple[ContactView, ...]
    books: tuple[BookView, ...]
    changes: tuple[ChangeView, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.records or self.contacts)


@dataclass(frozen=True, slots=True)
class Explanation:
    accounts: tuple[AccountView, ...]

    @property
    def is_empty(self) -> bool:
        return all(account.is_empty for account in self.accounts)
