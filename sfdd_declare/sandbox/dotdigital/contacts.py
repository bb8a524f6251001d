"""Contacts in bulk, outside of any call: being there from the start, and leaving the recycle bin for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sfdd_declare.sandbox.dotdigital import extras, schema
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.world import World, stamp

_BIN_KEEPS = timedelta(days=30)
_OLD_IN_BIN = "account = ? AND binned = 1 AND updated < ?"


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
        for table in ("dd_optout", *extras.TABLES):
            db.execute(f"DELETE FROM {table} WHERE contact_id IN ({gone})", due)  # noqa: S608
        db.execute(
            "UPDATE dd_contact SET account = 0, email = NULL, email_key = NULL, mobile = NULL, data = '{}'"  # noqa: S608
            f" WHERE {_OLD_IN_BIN}",
            due,
        )
