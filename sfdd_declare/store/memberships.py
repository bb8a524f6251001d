"""Who was on which address book and why (BASE-2), and whom an account is known to have suppressed (RUN-1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import pyarrow as pa
from sqlalchemy import Connection, and_, bindparam, delete, select, update

from sfdd_declare.store import schema
from sfdd_declare.store.bulk import batches, rows_of, write_rows
from sfdd_declare.store.database import upsert

_SLICE = 50_000
_RECORDS = 500  # in one question
_KEY = ("account", "address_book", "contact_id")
_ASIDE = "moving:"  # no YAML key holds a colon
_VALUES = ("wanted", "on_book", "added_by_us", "list_optout", "left", "member", "forget")


def settle_memberships(connection: Connection, rows: pa.Table) -> None:
    """Write settlement rows (schema MEMBERSHIPS): replaced whole, or dropped where `forget`. Later rows win.

    A row whose contact is not known by id is left out; the next read finds the contact and its id.
    """
    table = schema.memberships
    forget = delete(table).where(and_(*(table.c[name] == bindparam(f"key_{name}") for name in _KEY)))
    for batch in batches(rows, _SLICE):
        keys = rows_of(batch, _KEY)
        last = {key: rest for key, rest in zip(keys, rows_of(batch, _VALUES), strict=True) if key[2] is not None}
        kept = [(*key, *map(bool, flags), member) for key, (*flags, member, gone) in last.items() if not gone]
        kept.sort(key=lambda row: row[: len(_KEY)])
        write_rows(connection, upsert(connection, table), (*_KEY, *_VALUES[:-1]), kept)
        dropped = [key for key, (*_, gone) in last.items() if gone]
        write_rows(connection, forget, [f"key_{name}" for name in _KEY], dropped)


def read_books_of(connection: Connection, account: str, records: Collection[str]) -> dict[str, set[str]]:
    """Record -> the address books that its contact is on, as of the last run."""
    base, members = schema.base, schema.memberships
    same = and_(base.c.account == members.c.account, base.c.contact_id == members.c.contact_id)
    found: dict[str, set[str]] = defaultdict(set)
    names = sorted(records)
    for start in range(0, len(names), _RECORDS):
        some = names[start : start + _RECORDS]
        query = select(base.c.sf_id, members.c.address_book).join(members, same)
        query = query.where(base.c.account == account, base.c.sf_id.in_(some), members.c.on_book)
        for row in connection.execute(query):
            found[row.sf_id].add(row.address_book)
    return found


def remember_suppressed(connection: Connection, rows: pa.Table) -> None:
    """Keep account-level suppressions: columns account, email_hash, reason. Later rows win."""
    names = ("account", "email_hash", "reason")
    for batch in batches(rows, _SLICE):
        last = {(account, key): reason or "" for account, key, reason in rows_of(batch, names) if key is not None}
        kept = [(*key, reason) for key, reason in sorted(last.items())]
        write_rows(connection, upsert(connection, schema.suppressions), names, kept)


def forget_book(connection: Connection, address_book: str) -> None:
    """Drop everything remembered about a book, so that declaring it again is a first run (RUN-1)."""
    for table in (schema.memberships, schema.books):
        connection.execute(delete(table).where(table.c.address_book == address_book))


def forget_list(connection: Connection, address_book: str) -> None:
    """Drop who was on a book whose list is another one now. Who opted out of it has opted out of its successor too."""
    table = schema.memberships
    connection.execute(delete(table).where(table.c.address_book == address_book, ~table.c.list_optout))


def move_books(connection: Connection, moved: Mapping[str, str]) -> None:
    """The same books under other keys (`moved:`), chains and swaps included.

    What a target key remembered before belonged to another book.
    """
    tables = (schema.memberships, schema.books)
    for source, target in moved.items():
        for table in tables:
            aside = update(table).where(table.c.address_book == source)
            connection.execute(aside.values(address_book=_ASIDE + target))
    for target in moved.values():
        forget_book(connection, target)
        for table in tables:
            back = update(table).where(table.c.address_book == _ASIDE + target)
            connection.execute(back.values(address_book=target))
