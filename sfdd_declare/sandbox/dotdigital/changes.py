"""The unit of work that changes contacts.

Everything that changes a contact (imports, single calls, a person in the vendor's own screens, the seed) goes
through `Changes`, so the history cannot miss a change.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sfdd_declare.sandbox.dotdigital.answers import encode
from sfdd_declare.sandbox.dotdigital.consents import Consent
from sfdd_declare.sandbox.dotdigital.extras import Pending
from sfdd_declare.sandbox.dotdigital.lookup import Contact, email_key
from sfdd_declare.sandbox.world import HistoryEntry, World, stamp

_LIFETIME_START = 1200


class Changes:
    """Changes to contacts of one account by one actor; nothing is stored before `store`.

    Use inside `World.transaction`. Contacts handed in must come from `lookup`.
    """

    def __init__(self, world: World, account: int, who: str, *, at: datetime | None = None) -> None:
        self._world = world
        self._account = account
        self._who = who
        self._at = at or world.now()
        self._now = stamp(self._at)
        self._bumps = world.switch("list_join_bumps_updated") == "yes"
        last = world.db.execute("SELECT MAX(id) FROM dd_contact").fetchone()[0]
        self._ids = itertools.count(max(last or 0, _LIFETIME_START) + 1)
        self._changed: dict[int, Contact] = {}
        self._history: list[HistoryEntry] = []
        self._joins: list[tuple[int, int, int, str]] = []
        self._leaves: list[tuple[int, int]] = []
        self._optouts: list[tuple[int, int, int, str]] = []
        self._optins: list[tuple[int, int]] = []
        self._extras = Pending()

    def create(
        self,
        *,
        email: str | None,
        mobile: str | None = None,
        status: str = "subscribed",
        opt_in: str = "Single",
        email_type: str = "Html",
    ) -> Contact:
        """A new contact with an id of its own and no values yet."""
        contact = Contact(
            id=next(self._ids),
            email=email,
            mobile=mobile,
            status=status,
            status_at=self._now,
            opt_in=opt_in,
            email_type=email_type,
            data={},
            created=self._now,
            updated=self._now,
        )
        self._changed[contact.id] = contact
        self._log("contact", contact, "created", None, {"email": email, "mobileNumber": mobile})
        self._log("contact", contact, "status", None, status)
        return contact

    def touch(self, contact: Contact) -> None:
        """Move the contact's `updated`."""
        contact.updated = self._now
        self._changed[contact.id] = contact

    def set_email(self, contact: Contact, email: str) -> None:
        """Rename a contact in place; the caller has made sure that the address is free."""
        self._log("contact", contact, "email", contact.email, email)
        contact.email = email
        self.touch(contact)

    def set_mobile(self, contact: Contact, mobile: str) -> None:
        """Change the mobile number; the caller has made sure that it is free."""
        self._log("contact", contact, "mobileNumber", contact.mobile, mobile)
        contact.mobile = mobile
        self.touch(contact)

    def set_custom(self, contact: Contact, name: str, value: str) -> None:
        """Change a custom identifier; the caller has made sure that the value is free."""
        if contact.custom.get(name) == value:
            return
        self._log("contact", contact, name, contact.custom.get(name), value)
        contact.custom[name] = value
        self._extras.custom[(contact.id, name)] = value
        self.touch(contact)

    def choose(self, contact: Contact, preference: int, *, is_in: bool) -> None:
        """Opt a contact in to a preference, or out of it; what it has chosen already is no change."""
        old = contact.choices.get(preference)
        if old is is_in:
            return
        self._log("preference", contact, str(preference), old, is_in)
        contact.choices[preference] = is_in
        self._extras.choices[(contact.id, preference)] = is_in
        if self._bumps:
            self.touch(contact)

    def consent(self, contact: Contact, record: Consent) -> None:
        """Add a consent record; one that the contact has already is not repeated."""
        dated = replace(record, created=self._now)
        if any(replace(old, created=self._now) == dated for old in contact.consents):
            return
        contact.consents.append(dated)
        self._extras.consents.append((contact.id, dated))
        self._log("consent", contact, "added", None, dated.shown())
        if self._bumps:
            self.touch(contact)

    def set_status(self, contact: Contact, status: str) -> None:
        """Change the status of the e-mail channel; the same status again is no change."""
        if contact.status == status:
            return
        self._log("contact", contact, "status", contact.status, status)
        contact.status, contact.status_at = status, self._now
        self._changed[contact.id] = contact
        if self._bumps:
            self.touch(contact)

    def set_kind(self, contact: Contact, *, opt_in: str | None, email_type: str | None) -> None:
        """Change how the address was confirmed and which form of mail it gets."""
        contact.opt_in, contact.email_type = opt_in or contact.opt_in, email_type or contact.email_type
        self._changed[contact.id] = contact

    def set_values(self, contact: Contact, values: Mapping[str, Any]) -> None:
        """Store data field values by key; None clears. Moves `updated` even when nothing differs."""
        for key, value in values.items():
            old = contact.data.get(key)
            if value != old:
                self._log("data_field", contact, key, old, value)
            if value is None:
                contact.data.pop(key, None)
            else:
                contact.data[key] = value
        self.touch(contact)

    def join(self, contact: Contact, list_id: int, *, clears_optout: bool) -> None:
        """Put a contact on a list, and end its opt-out from that list if so asked."""
        was = contact.list_status(list_id) if list_id in contact.lists else None
        if clears_optout and list_id in contact.optouts:
            contact.optouts.discard(list_id)
            self._optins.append((list_id, contact.id))
        if list_id not in contact.lists:
            contact.lists.add(list_id)
            self._joins.append((list_id, contact.id, self._account, self._now))
        self._list_changed(contact, list_id, was, contact.list_status(list_id))

    def leave(self, contact: Contact, list_id: int) -> None:
        """Take a contact off a list; an opt-out from the list stays known."""
        if list_id not in contact.lists:
            return
        was = contact.list_status(list_id)
        contact.lists.discard(list_id)
        self._leaves.append((list_id, contact.id))
        self._list_changed(contact, list_id, was, None)

    def opt_out(self, contact: Contact, list_id: int) -> None:
        """Unsubscribe a contact from one list; it stays on the list as suppressed."""
        if list_id in contact.optouts:
            return
        was = contact.list_status(list_id) if list_id in contact.lists else None
        contact.optouts.add(list_id)
        self._optouts.append((list_id, contact.id, self._account, self._now))
        self._list_changed(contact, list_id, was, "suppressed")

    def bin(self, contact: Contact) -> None:
        """Delete a contact: it goes to the recycle bin and leaves all lists."""
        for list_id in sorted(contact.lists):
            self.leave(contact, list_id)
        self._log("contact", contact, "deleted", None, self._now)
        contact.is_binned = True
        self.touch(contact)

    def restore(self, contact: Contact) -> None:
        """Take a contact out of the recycle bin; it is on no list."""
        self._log("contact", contact, "undeleted", None, self._now)
        contact.is_binned = False
        self.touch(contact)

    def store(self) -> None:
        """Write everything to the tables and the history."""
        db = self._world.db
        # Away with the old rows first: addresses may have moved from one contact to another.
        ids = encode(list(self._changed)).decode()
        db.execute("DELETE FROM dd_contact WHERE id IN (SELECT value FROM json_each(?))", (ids,))
        db.executemany(
            "INSERT INTO dd_contact VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [_row(self._account, contact) for contact in self._changed.values()],
        )
        # A contact may leave and join within one unit: leaves first, as joins always come later.
        db.executemany("DELETE FROM dd_member WHERE list_id = ? AND contact_id = ?", self._leaves)
        db.executemany("INSERT OR IGNORE INTO dd_member VALUES (?, ?, ?, ?)", self._joins)
        db.executemany("DELETE FROM dd_optout WHERE list_id = ? AND contact_id = ?", self._optins)
        db.executemany("INSERT OR REPLACE INTO dd_optout VALUES (?, ?, ?, ?)", self._optouts)
        self._extras.store(db, self._account, self._now)
        self._world.history_many(self._history, at=self._at)

    def _list_changed(self, contact: Contact, list_id: int, old: str | None, new: str | None) -> None:
        if old == new:
            return
        self._log("list_member", contact, str(list_id), old, new)
        if self._bumps:
            self.touch(contact)

    def _log(self, kind: str, contact: Contact, name: str, old: Any, new: Any) -> None:
        self._history.append(("dotdigital", kind, str(contact.id), name, old, new, self._who))


def _row(account: int, contact: Contact) -> tuple[Any, ...]:
    key = None if contact.email is None else email_key(contact.email)
    data = encode(contact.data).decode()
    kinds = (contact.status, contact.status_at, contact.opt_in, contact.email_type)
    dates = (contact.created, contact.updated, int(contact.is_binned))
    return (contact.id, account, contact.email, key, contact.mobile, *kinds, data, *dates)
