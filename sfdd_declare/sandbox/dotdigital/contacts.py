"""Contacts: how they are read from the tables, and the unit of work that changes them.

Everything that changes a contact (imports, single calls, a person in the vendor's own screens, the seed) goes
through `Changes`, so the history cannot miss a change.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sfdd_declare.sandbox.dotdigital import schema
from sfdd_declare.sandbox.dotdigital.answers import decode, encode
from sfdd_declare.sandbox.world import HistoryEntry, World, stamp

MAILABLE = frozenset({"subscribed", "pendingOptIn", "softBounced", "noSubscription"})
"""E-mail channel statuses that are no opt-out and no block; every other one is."""
STATUSES = MAILABLE | {
    "unsubscribed",
    "hardBounced",
    "ispComplained",
    "directComplaint",
    "spamTrap",
    "deleted",
    "blockedlocalpart",
    "sharedsuppression",
    "sharedDomainSuppression",
    "suppressed",
    "purchased",
    "knownComplainer",
    "knownLitigator",
    "binned",
    "domainSuppressed",
}
SUBSCRIBED_ON_LIST = (
    "c.status IN ('subscribed', 'softBounced', 'noSubscription')"
    " AND c.id NOT IN (SELECT contact_id FROM dd_optout WHERE list_id = ?)"
)
"""SQL over `dd_contact AS c`: the members whose `list_status` on the list is subscribed."""
_LIFETIME_START = 1200
_BIN_KEEPS = timedelta(days=30)
_OLD_IN_BIN = "account = ? AND binned = 1 AND updated < ?"
_LISTS = (
    (
        "SELECT list_id, contact_id FROM dd_member WHERE contact_id IN (SELECT value FROM json_each(?))",
        "lists",
    ),
    (
        "SELECT list_id, contact_id FROM dd_optout WHERE contact_id IN (SELECT value FROM json_each(?))",
        "optouts",
    ),
)
_BY_CUSTOM = (
    "SELECT v.name, v.value, v.contact_id FROM json_each(?) AS w JOIN dd_identifier_value AS v"
    " ON v.account = ? AND v.name = json_extract(w.value, '$[0]') AND v.value = json_extract(w.value, '$[1]')"
)
_CUSTOM = (
    "SELECT name, value, contact_id FROM dd_identifier_value"
    " WHERE contact_id IN (SELECT value FROM json_each(?)) ORDER BY name"
)


@dataclass(slots=True)
class Contact:
    """One contact as it is stored; a mutable row that only `Changes` changes."""

    id: int
    email: str | None
    mobile: str | None
    status: str
    status_at: str
    opt_in: str
    email_type: str
    data: dict[str, Any]
    created: str
    updated: str
    is_binned: bool = False
    lists: set[int] = field(default_factory=set)
    optouts: set[int] = field(default_factory=set)
    custom: dict[str, str] = field(default_factory=dict)

    @property
    def identifiers(self) -> dict[str, str]:
        """Every identifier but the id, by name."""
        named = {"email": self.email, "mobileNumber": self.mobile, **self.custom}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def is_out(self) -> bool:
        """Whether no mail may go to this contact."""
        return self.status not in MAILABLE

    def list_status(self, list_id: int) -> str:
        """The contact's status on a list, as v3 tells it."""
        if self.is_out or list_id in self.optouts:
            return "suppressed"
        return "pending" if self.status == "pendingOptIn" else "subscribed"


def email_key(email: str) -> str:
    """What two spellings of one address have in common."""
    return email.strip().lower()


def select(world: World, where: str, values: Sequence[Any], *, tail: str = "") -> list[Contact]:
    """Contacts by a condition over `dd_contact AS c`, by id, with their lists."""
    query = f"SELECT c.* FROM dd_contact AS c WHERE {where} ORDER BY c.id {tail}"  # noqa: S608 - see callers
    with world.lock:
        found = {row["id"]: _contact(row) for row in world.db.execute(query, values)}
        ids = encode(list(found)).decode()
        for query, attribute in _LISTS:
            for list_id, contact_id in world.db.execute(query, (ids,)):
                getattr(found[contact_id], attribute).add(list_id)
        for name, value, contact_id in world.db.execute(_CUSTOM, (ids,)):
            found[contact_id].custom[name] = value
    return list(found.values())


def by_emails(world: World, account: int, emails: Iterable[str]) -> dict[str, Contact]:
    """Contacts, binned ones too, by the key of their address."""
    keys = encode(sorted({email_key(email) for email in emails})).decode()
    where = "c.account = ? AND c.email_key IN (SELECT value FROM json_each(?))"
    return {email_key(c.email or ""): c for c in select(world, where, (account, keys))}


def by_ids(world: World, account: int, ids: Iterable[int]) -> dict[int, Contact]:
    """Contacts, binned ones too, by id."""
    wanted = encode([number for number in set(ids) if abs(number) < 2**63]).decode()
    where = "c.account = ? AND c.id IN (SELECT value FROM json_each(?))"
    return {c.id: c for c in select(world, where, (account, wanted))}


def find(world: World, account: int, identifier: str, value: str) -> Contact | None:
    """One contact, binned or not, by `contactId`, `email`, `mobileNumber` or a custom identifier."""
    if identifier == "contactId":
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
        return by_ids(world, account, (number,)).get(number)
    if identifier == "email":
        return by_emails(world, account, (value,)).get(email_key(value))
    if identifier != "mobileNumber":
        return by_custom(world, account, [(identifier, value)]).get((identifier, value))
    found = select(world, "c.account = ? AND c.mobile = ?", (account, value.lstrip("+")))
    return found[0] if found else None


def by_custom(world: World, account: int, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """Contacts, binned ones too, by the name and value of a custom identifier."""
    pairs = encode(sorted(set(wanted))).decode()
    with world.lock:
        rows = world.db.execute(_BY_CUSTOM, (pairs, account)).fetchall()
    found = by_ids(world, account, [row["contact_id"] for row in rows])
    return {(row["name"], row["value"]): found[row["contact_id"]] for row in rows}


def purge(world: World, account: int) -> None:
    """Take away for good whoever has been in the recycle bin for 30 days.

    The row stays, in no account and without anything personal: ids are never given twice.
    """
    due = (account, stamp(world.now() - _BIN_KEEPS))
    with world.lock:
        old = world.db.execute(f"SELECT 1 FROM dd_contact WHERE {_OLD_IN_BIN} LIMIT 1", due).fetchone()  # noqa: S608
    if old is None:
        return
    with world.transaction() as db:
        gone = f"SELECT id FROM dd_contact WHERE {_OLD_IN_BIN}"  # noqa: S608
        db.execute(f"DELETE FROM dd_optout WHERE contact_id IN ({gone})", due)  # noqa: S608
        db.execute(f"DELETE FROM dd_identifier_value WHERE contact_id IN ({gone})", due)  # noqa: S608
        db.execute(
            "UPDATE dd_contact SET account = 0, email = NULL, email_key = NULL, mobile = NULL, data = '{}'"  # noqa: S608
            f" WHERE {_OLD_IN_BIN}",
            due,
        )


def on_list(world: World, list_id: int) -> tuple[str, tuple[int, ...]]:
    """The condition for `select` that those meet who are told to be on a list."""
    member = "c.id IN (SELECT contact_id FROM dd_member WHERE list_id = ?)"
    if world.switch("listid_returns_suppressed") == "yes":
        return member, (list_id,)
    return f"{member} AND {SUBSCRIBED_ON_LIST}", (list_id, list_id)


class Changes:
    """Changes to contacts of one account by one actor; nothing is stored before `store`.

    Use inside `World.transaction`. Contacts handed in must come from this module.
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
        self._custom: dict[tuple[int, str], str] = {}

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
        self._custom[(contact.id, name)] = value
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
        # All old values first here too: one contact may have got the value of another.
        db.executemany("DELETE FROM dd_identifier_value WHERE contact_id = ? AND name = ?", list(self._custom))
        db.executemany(
            "INSERT INTO dd_identifier_value VALUES (?, ?, ?, ?)",
            [(self._account, name, value, contact) for (contact, name), value in self._custom.items()],
        )
        self._world.history_many(self._history, at=self._at)

    def _list_changed(self, contact: Contact, list_id: int, old: str | None, new: str | None) -> None:
        if old == new:
            return
        self._log("list_member", contact, str(list_id), old, new)
        if self._bumps:
            self.touch(contact)

    def _log(self, kind: str, contact: Contact, name: str, old: Any, new: Any) -> None:
        self._history.append(("dotdigital", kind, str(contact.id), name, old, new, self._who))


def insert_many(
    world: World,
    contacts: Sequence[Mapping[str, Any]],
    *,
    created: datetime | None = None,
    account: int | None = None,
    who: str = "seed",
) -> list[int]:
    """Create contacts as they are, unchecked: keys `email`, `status`, `dataFields`, `lists` (ids), `optouts`.

    Without an account, in the world's fixed one.

    Raises sqlite3.IntegrityError when an address is taken.
    """
    schema.install(world)
    account = schema.home_account(world) if account is None else account
    with world.transaction():
        schema.equip(world, account)
        changes = Changes(world, account, who, at=created)
        ids = []
        for given in contacts:
            contact = changes.create(email=given["email"], status=given.get("status", "subscribed"))
            contact.data = {k.upper(): v for k, v in given.get("dataFields", {}).items() if v is not None}
            for list_id in given.get("lists", ()):
                changes.join(contact, list_id, clears_optout=False)
            for list_id in given.get("optouts", ()):
                changes.opt_out(contact, list_id)
            ids.append(contact.id)
        changes.store()
    return ids


def _contact(row: sqlite3.Row) -> Contact:
    return Contact(
        id=row["id"],
        email=row["email"],
        mobile=row["mobile"],
        status=row["status"],
        status_at=row["status_at"],
        opt_in=row["opt_in"],
        email_type=row["email_type"],
        data=decode(row["data"]),
        created=row["created"],
        updated=row["updated"],
        is_binned=bool(row["binned"]),
    )


def _row(account: int, contact: Contact) -> tuple[Any, ...]:
    key = None if contact.email is None else email_key(contact.email)
    data = encode(contact.data).decode()
    kinds = (contact.status, contact.status_at, contact.opt_in, contact.email_type)
    dates = (contact.created, contact.updated, int(contact.is_binned))
    return (contact.id, account, contact.email, key, contact.mobile, *kinds, data, *dates)
