"""What we manage, per address, and what is remembered per book and by name: the set-up half of the state."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, inspect, select

from sfdd_declare.model.address import Kind
from sfdd_declare.model.declared import OnDestroy
from sfdd_declare.model.state import BookState, Resource
from sfdd_declare.store import schema
from sfdd_declare.store.database import insert_new, upsert
from sfdd_declare.store.memberships import forget_book, move_books


def read_resources(connection: Connection) -> tuple[Resource, ...]:
    """All resources by address."""
    return tuple(
        Resource(
            address=row.address,
            salesforce_id=row.salesforce_id,
            dotdigital_id=row.dotdigital_id,
            applied=json.loads(row.applied),
            on_destroy=OnDestroy(row.on_destroy),
            prevent_destroy=row.prevent_destroy,
            created_by_us=row.created_by_us,
        )
        for row in connection.execute(select(schema.resources).order_by(schema.resources.c.address))
    )


def read_books(connection: Connection) -> tuple[BookState, ...]:
    """All books by account and key."""
    books = schema.books
    query = select(books).order_by(books.c.account, books.c.address_book)
    return tuple(BookState(**row) for row in connection.execute(query).mappings())


def read_marks(connection: Connection) -> dict[str, str]:
    """Watermarks and first-run marks by name."""
    marks = schema.watermarks
    return {row.name: row.value for row in connection.execute(select(marks).order_by(marks.c.name))}


def read_newcomers(connection: Connection) -> tuple[tuple[str, str], ...]:
    """(Campaign id, record) of members that a link added."""
    table = schema.newcomers
    if not inspect(connection).has_table(table.name):
        return ()
    query = select(table.c.campaign_id, table.c.sf_id).order_by(table.c.campaign_id, table.c.sf_id)
    return tuple((row.campaign_id, row.sf_id) for row in connection.execute(query))


def settle_newcomers(connection: Connection, newcomers: tuple[tuple[str, str], ...]) -> None:
    """Remember more of them; knowing one already is no error."""
    if newcomers:
        rows = [{"campaign_id": campaign_id, "sf_id": sf_id} for campaign_id, sf_id in sorted(set(newcomers))]
        connection.execute(insert_new(connection, schema.newcomers), rows)


def settle_resources(connection: Connection, resources: tuple[Resource, ...], forgotten: tuple[str, ...]) -> None:
    """Take `forgotten` out, then write `resources`: an address that stands in both is the new one."""
    _settle_forgotten_books(connection, resources, forgotten)
    for address in forgotten:
        connection.execute(delete(schema.resources).where(schema.resources.c.address == address))
    if resources:
        connection.execute(upsert(connection, schema.resources), [_row(resource) for resource in resources])


def settle_books(connection: Connection, books: tuple[BookState, ...]) -> None:
    """Write what is remembered per book."""
    if books:
        rows = [{column.name: getattr(book, column.name) for column in schema.books.columns} for book in books]
        connection.execute(upsert(connection, schema.books), rows)


def settle_marks(connection: Connection, marks: tuple[tuple[str, str], ...]) -> None:
    """Write watermarks and marks."""
    if marks:
        rows = [{"name": name, "value": value} for name, value in marks]
        connection.execute(upsert(connection, schema.watermarks), rows)


def _settle_forgotten_books(
    connection: Connection, resources: tuple[Resource, ...], forgotten: tuple[str, ...]
) -> None:
    """A forgotten book takes what is remembered about its people along, to its new key when it was only moved."""
    prefix = f"{Kind.ADDRESS_BOOK}."
    gone = {address.removeprefix(prefix) for address in forgotten if address.startswith(prefix)}
    new = {r.dotdigital_id: r.address.removeprefix(prefix) for r in resources if r.address.startswith(prefix)}
    table = schema.resources
    old = select(table.c.address, table.c.dotdigital_id).where(table.c.address.in_(prefix + key for key in gone))
    ids = {row.address.removeprefix(prefix): row.dotdigital_id for row in connection.execute(old)}
    moved = {key: new[ids[key]] for key in gone if ids.get(key) and ids[key] in new}
    for key in sorted(gone - moved.keys()):
        forget_book(connection, key)
    move_books(connection, moved)


def _row(resource: Resource) -> dict[str, Any]:
    return {
        "address": resource.address,
        "kind": resource.address.partition(".")[0],
        "salesforce_id": resource.salesforce_id,
        "dotdigital_id": resource.dotdigital_id,
        "applied": json.dumps(resource.applied, ensure_ascii=False, sort_keys=True),
        "on_destroy": resource.on_destroy.value,
        "prevent_destroy": resource.prevent_destroy,
        "created_by_us": resource.created_by_us,
    }
