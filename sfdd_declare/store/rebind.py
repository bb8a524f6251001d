"""Forgetting what is known of another world (`sfdd state rebind`, RUN-8): people, ids, watermarks.

Opt-outs that are remembered by the hash of an address stay: whoever opted out anywhere is not mailed anew (CON-5).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from sfdd_declare.model.address import Kind
from sfdd_declare.model.state import Bound
from sfdd_declare.store import schema
from sfdd_declare.store.binding import bind, unbind
from sfdd_declare.store.by_hand import Forgotten

_COUNTED = (schema.base, schema.memberships, schema.ledger)
_OF_ACCOUNTS = (*_COUNTED, schema.books, schema.layouts, schema.journal, schema.intents)
_OF_ORG = (schema.resources, schema.watermarks, schema.before_images)


def rebind(
    connection: Connection,
    bound: Bound,
    accounts: Collection[str] | None,
    *,
    books: Mapping[str, str],
    reasons: Collection[str],
) -> Forgotten:
    """Forget the people of some accounts, for another org (None) of all, and bind.

    `books`: the account of each declared one. `reasons`: of what is remembered by address, what is no opt-out, but says
    what both systems knew of one.
    """
    counted = [
        int(connection.execute(select(func.count()).select_from(table).where(*_of(table, accounts))).scalar_one())
        for table in _COUNTED
    ]
    if accounts is None:
        unbind(connection)
        for table in _OF_ORG:
            connection.execute(delete(table))
        schema.newcomers.create(connection, checkfirst=True)  # states that are older than this table
        connection.execute(delete(schema.newcomers))
    else:
        _forget_resources(connection, accounts, books)
        _forget_marks(connection, accounts)
    for table in _OF_ACCOUNTS:
        connection.execute(delete(table).where(*_of(table, accounts)))
    remembered = schema.suppressions
    connection.execute(delete(remembered).where(remembered.c.reason.in_(reasons), *_of(remembered, accounts)))
    bind(connection, bound)
    return Forgotten(*counted)


def _of(table: Table, accounts: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    return () if accounts is None else (table.c.account.in_(accounts),)


def _forget_resources(connection: Connection, accounts: Collection[str], declared: Mapping[str, str]) -> None:
    """Ids of lists and data fields mean other ones there."""
    resources, books = schema.resources, schema.books
    owners: dict[str, str] = {row.address_book: row.account for row in connection.execute(select(books))}
    for row in connection.execute(select(resources)):
        kind, _, key = row.address.partition(".")
        if kind == Kind.ADDRESS_BOOK:
            applied: dict[str, Any] = json.loads(row.applied)
            owner = declared.get(key) or owners.get(key) or str(applied.get("registry.Account__c"))
        elif kind == Kind.DATA_FIELD:
            owner = key.partition(".")[0]
        else:
            continue
        if owner in accounts:
            connection.execute(delete(resources).where(resources.c.address == row.address))


def _forget_marks(connection: Connection, accounts: Collection[str]) -> None:
    marks = schema.watermarks
    for name in connection.execute(select(marks.c.name)).scalars().all():
        if set(name.split(":")[1:]) & set(accounts):
            connection.execute(delete(marks).where(marks.c.name == name))
