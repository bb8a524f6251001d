"""Contacts as they are stored, and how they are found; what changes them is in `changes`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.sandbox.dotdigital import extras
from sfdd_declare.sandbox.dotdigital.answers import decode, encode
from sfdd_declare.sandbox.dotdigital.consents import Consent
from sfdd_declare.sandbox.world import World

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
_COLUMNS = (
    "c.id, c.email, c.mobile, c.status, c.status_at, c.opt_in, c.email_type, c.data, c.created, c.updated, c.binned"
)
"""In the order of a `Contact`."""
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


@dataclass(slots=True)
class Contact:
    """One contact as it is stored; a mutable row that only `changes.Changes` changes."""

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
    choices: dict[int, bool] = field(default_factory=dict)
    """Whether the contact opted in to or out of a preference, by its id."""
    consents: list[Consent] = field(default_factory=list)

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
    """Contacts by a condition over `dd_contact AS c`, by id, with their lists and whatever else hangs on them."""
    query = f"SELECT {_COLUMNS} FROM dd_contact AS c WHERE {where} ORDER BY c.id {tail}"  # noqa: S608 - see callers
    found: dict[int, Contact] = {}
    with world.lock:
        cursor = world.db.cursor()
        cursor.row_factory = None  # plain tuples: a page has 5,000
        for row in cursor.execute(query, values):
            number, email, mobile, status, status_at, opt_in, kind, data, created, updated, binned = row
            state = (
                number,
                email,
                mobile,
                status,
                status_at,
                opt_in,
                kind,
                decode(data),
                created,
                updated,
                bool(binned),
            )
            found[number] = Contact(*state)
        ids = encode(list(found)).decode()
        for query, attribute in _LISTS:
            for list_id, contact_id in world.db.execute(query, (ids,)):
                getattr(found[contact_id], attribute).add(list_id)
        extras.load(world.db, found, ids)
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


def on_list(world: World, list_id: int) -> tuple[str, tuple[int, ...]]:
    """The condition for `select` that those meet who are told to be on a list."""
    member = "c.id IN (SELECT contact_id FROM dd_member WHERE list_id = ?)"
    if world.switch("listid_returns_suppressed") == "yes":
        return member, (list_id,)
    return f"{member} AND {SUBSCRIBED_ON_LIST}", (list_id, list_id)
