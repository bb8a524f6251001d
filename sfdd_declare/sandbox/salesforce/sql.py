"""The few SQL statements on record tables. Names come from the schema, never from a request; values are bound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def marks(count: int) -> str:
    """So many placeholders."""
    return ", ".join("?" * count)


def insert(db: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows, one value per column."""
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))})"  # noqa: S608
    db.executemany(statement, rows)


def change(
    db: sqlite3.Connection, table: str, values: Mapping[str, Any], where: str, parameters: Sequence[Any]
) -> None:
    """Set columns of the rows that match."""
    if values:
        assignments = ", ".join(f"{name} = ?" for name in values)
        statement = f"UPDATE {table} SET {assignments} WHERE {where}"  # noqa: S608
        db.execute(statement, (*values.values(), *parameters))


def erase(db: sqlite3.Connection, table: str, where: str, parameters: Sequence[Any]) -> None:
    """Remove the rows that match."""
    db.execute(f"DELETE FROM {table} WHERE {where}", tuple(parameters))  # noqa: S608


def select(
    db: sqlite3.Connection, table: str, where: str, parameters: Sequence[Any] = (), *, columns: str = "*"
) -> list[dict[str, Any]]:
    """The rows that match, as dictionaries."""
    statement = f"SELECT {columns} FROM {table} WHERE {where}"  # noqa: S608
    return [dict(row) for row in db.execute(statement, tuple(parameters)).fetchall()]
