"""Address books (lists): their life and who is on them. v2, as v3 has no calls for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sfdd_declare.sandbox.dotdigital import lookup
from sfdd_declare.sandbox.dotdigital.answers import Refusal, v2_error
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.jobs import Job
from sfdd_declare.sandbox.world import World

NAME_LIMIT = 128
RESERVED = frozenset({"test", "all contacts"})
VISIBILITIES = {"private": "Private", "public": "Public"}
_BOOKS = """
    SELECT l.*, (
        SELECT COUNT(*) FROM dd_member AS m JOIN dd_contact AS c ON c.id = m.contact_id
        WHERE m.list_id = l.id AND (? OR (
            c.status IN ('subscribed', 'softBounced', 'noSubscription') AND NOT EXISTS (
                SELECT 1 FROM dd_optout AS o WHERE o.list_id = m.list_id AND o.contact_id = m.contact_id)))
    ) AS members
    FROM dd_list AS l
    WHERE l.account = ? AND l.kind <> 'segment' AND (? IS NULL OR l.visibility = ?)
    ORDER BY l.id
"""


@dataclass(frozen=True, slots=True)
class Book:
    """One list of an account. `kind` is list, segment or system."""

    id: int
    name: str
    visibility: str
    kind: str
    members: int

    def shown(self) -> dict[str, Any]:
        """The v2 form."""
        return {
            "id": self.id,
            "name": self.name,
            "visibility": self.visibility,
            "contacts": self.members,
        }


def books(world: World, account: int, *, visibility: str | None = None) -> list[Book]:
    """The account's lists by id; the counts are of those members whom `~listId` returns."""
    counts_all = world.switch("listid_returns_suppressed") == "yes"
    with world.lock:
        rows = world.db.execute(_BOOKS, (counts_all, account, visibility, visibility)).fetchall()
    return [Book(row["id"], row["name"], row["visibility"], row["kind"], row["members"]) for row in rows]


def book(world: World, account: int, number: int) -> Book:
    """One list. Raises Refusal when there is none."""
    found = next((each for each in books(world, account) if each.id == number), None)
    if found is None:
        raise v2_error(404, "The address book could not be found", "ERROR_ADDRESSBOOK_NOT_FOUND")
    return found


def create(world: World, account: int, who: str, *, name: Any, visibility: Any = None) -> Book:
    """A new list. Raises Refusal."""
    with world.transaction() as db:
        clean, shown = _checked(world, account, name, visibility)
        limit = world.setting("dotdigital.list_limit")
        if limit is not None and len(books(world, account)) >= int(limit):
            raise v2_error(400, "The account has too many address books", "ERROR_ADDRESSBOOK_LIMITEXCEEDED")
        cursor = db.execute(
            "INSERT INTO dd_list (account, name, name_key, visibility, kind) VALUES (?, ?, ?, ?, 'list')",
            (account, clean, clean.casefold(), shown),
        )
        number = cursor.lastrowid or 0
        _log(world, number, who, "created", old=None, new={"name": clean, "visibility": shown})
    return book(world, account, number)


def change(world: World, account: int, who: str, number: int, *, name: Any, visibility: Any = None) -> Book:
    """Rename a list or change its visibility. Raises Refusal."""
    with world.transaction() as db:
        old = writable(world, account, number)
        clean, shown = _checked(world, account, name, visibility or old.visibility, own=number)
        db.execute(
            "UPDATE dd_list SET name = ?, name_key = ?, visibility = ? WHERE id = ?",
            (clean, clean.casefold(), shown, number),
        )
        if clean != old.name:
            _log(world, number, who, "name", old=old.name, new=clean)
        if shown != old.visibility:
            _log(world, number, who, "visibility", old=old.visibility, new=shown)
    return book(world, account, number)


def delete(world: World, account: int, who: str, number: int) -> None:
    """Delete a list for good; its members stay in the account. Raises Refusal."""
    with world.transaction() as db:
        writable(world, account, number)
        empty(world, account, who, number)
        db.execute("DELETE FROM dd_list WHERE id = ?", (number,))
        db.execute("DELETE FROM dd_optout WHERE list_id = ?", (number,))
        _log(world, number, who, "deleted", old=None, new=True)


def empty(world: World, account: int, who: str, number: int) -> None:
    """Take everybody off a list."""
    with world.lock:
        rows = world.db.execute("SELECT contact_id FROM dd_member WHERE list_id = ?", (number,)).fetchall()
    take_off(world, account, who, number, [row["contact_id"] for row in rows])


def take_off(world: World, account: int, who: str, number: int, ids: Iterable[int]) -> None:
    """Take contacts off a list; who is not on it, or does not exist, is passed over."""
    with world.transaction():
        changes = Changes(world, account, who)
        for contact in lookup.by_ids(world, account, ids).values():
            changes.leave(contact, number)
        changes.store()


def run_removal(world: World, job: Job) -> None:
    """Carry out an accepted bulk removal; without ids, of everybody."""
    number, ids = job.payload["list"], job.payload["ids"]
    if ids is None:
        empty(world, job.account, job.who, number)
    else:
        take_off(world, job.account, job.who, number, ids)


def _checked(world: World, account: int, name: Any, visibility: Any, *, own: int | None = None) -> tuple[str, str]:
    clean = name.strip() if isinstance(name, str) else ""
    shown = VISIBILITIES.get(str(visibility or "Private").lower())
    if not 1 <= len(clean) <= NAME_LIMIT or shown is None:
        raise v2_error(400, "The address book is not valid", "ERROR_ADDRESSBOOK_INVALID")
    if clean.casefold() in RESERVED:
        raise _duplicate()
    with world.lock:
        taken = world.db.execute(
            "SELECT id FROM dd_list WHERE account = ? AND name_key = ?", (account, clean.casefold())
        ).fetchone()
    if taken is not None and taken["id"] != own:
        raise _duplicate()
    return clean, shown


def _duplicate() -> Refusal:
    text = "That name is in use already, please choose another"
    return v2_error(400, text, "ERROR_ADDRESSBOOK_DUPLICATE")


def writable(world: World, account: int, number: int) -> Book:
    """A list that callers may change. Raises Refusal."""
    found = book(world, account, number)
    if found.kind == "system":
        raise v2_error(400, "The address book cannot be changed", "ERROR_ADDRESSBOOK_NOTWRITABLE")
    return found


def _log(world: World, number: int, who: str, field: str, *, old: Any, new: Any) -> None:
    world.history(system="dotdigital", kind="address_book", record=str(number), field=field, old=old, new=new, who=who)
