"""A Dotdigital account under trial: an address book, a data field and contacts that are thrown away.

Book and field are made when they are first needed. Every probe has contacts of its own, so none of them depends on
what another one did.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from sfdd_declare.app.probes.made import Made, Thing, UnsettledError
from sfdd_declare.dotdigital.imports import Written
from sfdd_declare.dotdigital.trial import Seen, Trial, row
from sfdd_declare.model.begun import Begun
from sfdd_declare.model.errors import BugError, DeclareError, RemoteError

STAMP_SECONDS = 1.1
"""Stamps are compared to the second."""
DOUBT_SECONDS, _LOOKS = 3.0, 4
"""How long an import of which nobody knows whether it was accepted is given to do its work."""
MOST_CONTACTS = 20
"""Of one probe in one account: so many addresses are looked for after a probe that was killed."""
CONTACT, BOOK, FIELD = "contact", "address book", "data field"
_CONTACT_WAY = "Dotdigital, Contacts > All contacts: look for the address and delete the contact"
_BOOK_WAY = "Dotdigital, Contacts > Lists: delete the list"
_FIELD_WAY = "Dotdigital, Contacts > Data fields: delete the field"

ByHand = Callable[[str], bool]
"""Asks somebody to do something in Dotdigital; False when nobody is there, or nobody did."""


class Site:
    """One account. `begun` names everything that is made here, and tells it from all other things."""

    def __init__(self, trial: Trial, begun: Begun, by_hand: ByHand) -> None:
        self.trial = trial
        self.made = Made()
        self.by_hand = by_hand
        self.begun = begun
        self._book = 0
        self._field = ""

    @property
    def id(self) -> str:
        return self.trial.account_id

    @property
    def book(self) -> int:
        """The list's id."""
        if not self._book:
            thing = self._note_book()
            self._book = self.trial.make_book(thing.name)
            thing.id = str(self._book)
        return self._book

    @property
    def date_field(self) -> str:
        """The name of a date field, in mixed case."""
        if not self._field:
            name = self._note_field("SfddProbe").name
            self.trial.make_date_field(name)
            self._field = name
        return self._field

    def address(self) -> str:
        """An address that is nobody's; whoever gets it will be removed."""
        number = len(self.made.of(CONTACT)) + 1
        if number > MOST_CONTACTS:
            raise BugError("SFDD-E9955", f"A probe makes {MOST_CONTACTS} contacts in an account at most.")
        return self._note_contact(number).name

    def try_to_write(self, **parts: Any) -> tuple[str, Written]:
        """A new contact as the row says, and what became of the row."""
        email = self.address()
        return email, self.trial.write(row(email, **parts))

    def person(self, **parts: Any) -> tuple[str, int]:
        """A new contact; its address and id. Raises UnsettledError when its row was refused."""
        email, result = self.try_to_write(**parts)
        if not result.is_whole or result.contact_id is None:
            raise UnsettledError(f"Dotdigital refused a throw-away contact: {result.refused}")
        return email, result.contact_id

    def member(self) -> tuple[str, int]:
        """A new contact on the list."""
        return self.person(lists=[self.book])

    def rewrite(self, contact_id: int, **parts: Any) -> Written:
        """A further row for a contact."""
        return self.trial.write(row("", contact_id=contact_id, **parts))

    def seen(self, contact_id: int) -> Seen:
        """A contact as it is now. Raises UnsettledError when it is not there."""
        there = self.trial.contact(contact_id)
        if there is None:
            raise UnsettledError("a throw-away contact is not there any more")
        return there

    def moves(self, contact_id: int, act: Callable[[], object]) -> bool:
        """Whether an act moves the contact's `updated`."""
        before = self.seen(contact_id).updated or ""
        self.trial.pause(STAMP_SECONDS)
        act()
        return (self.seen(contact_id).updated or "") > before

    def unknown_field(self) -> str:
        """A name that no data field has; should an import make one of it, that is removed."""
        return self._note_field("SfddNone").name

    def expect(self) -> None:
        """Take for made whatever a probe of this name may have made: it was killed."""
        self._note_book()
        for prefix in ("SfddProbe", "SfddNone"):
            self._note_field(prefix)
        for number in range(1, MOST_CONTACTS + 1):
            self._note_contact(number)

    def clean(self) -> None:
        """Remove everything. What an import that was left running may still make is waited for."""
        contacts = self.made.of(CONTACT)
        try:
            is_known = self.trial.settle()
        except DeclareError:
            is_known = False
        if not is_known and contacts:
            contacts[-1].may_appear = not self._appears(contacts[-1].name)
        self.made.remove()

    def _appears(self, email: str) -> bool:
        """Whether a contact of which nobody knows comes to be while it is waited for."""
        with contextlib.suppress(RemoteError):
            for _ in range(_LOOKS):
                if self.trial.named(email) is not None:
                    return True
                self.trial.pause(DOUBT_SECONDS)
        return False

    def _note_book(self) -> Thing:
        name = f"sfdd probe {self.begun.token}"
        return self.made.note(Thing(BOOK, name, _BOOK_WAY, lambda: self.trial.remove_book(name)))

    def _note_field(self, prefix: str) -> Thing:
        name = f"{prefix}{self.begun.token}"
        return self.made.note(Thing(FIELD, name, _FIELD_WAY, lambda: self.trial.remove_field(name)))

    def _note_contact(self, number: int) -> Thing:
        email = f"sfdd-probe-{self.begun.token}-{number}@{self.begun.domain}"
        return self.made.note(Thing(CONTACT, email, _CONTACT_WAY, lambda: self.trial.remove_contact(email)))
