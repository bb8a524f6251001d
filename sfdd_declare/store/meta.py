"""The header rows of a state: which one it is, which format it has, and whether it still lives where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, inspect, select

from sfdd_declare.model.errors import StateError
from sfdd_declare.store import schema
from sfdd_declare.store.database import Database, upsert

NO_LINEAGE = "none"
BEGUN_ANEW = "begun_anew"
MOVED_TO = "moved_to"
#: The error of a state that was moved.
MOVED = "SFDD-E3026"


def meta_of(database: Database) -> dict[str, str] | None:
    """The header rows, or None where there is no state. Another program's database is not a state, and is said so."""
    with database.reading() as connection:
        tables = inspect(connection).get_table_names()
        if "meta" in tables and "base" in tables:
            return read_meta(connection)
    if tables and database.path is not None:
        raise StateError(
            "SFDD-E3002", "This database is not a state of sfdd.", where=database.place, hint="Check the key `state`."
        )
    return None


def first_meta(lineage: str, now: datetime) -> dict[str, str]:
    created = now.isoformat(timespec="seconds")
    return {"format_version": str(schema.FORMAT), "lineage": lineage, "serial": "0", "created": created}


def check_format(meta: Mapping[str, str], place: str) -> None:
    version = int(meta["format_version"])
    if version > schema.FORMAT:
        raise StateError(
            "SFDD-E3011",
            f"The state has format {version}; this version of sfdd reads format {schema.FORMAT}.",
            where=place,
            hint="pip install --upgrade sfdd-declare",
        )


def check_place(meta: Mapping[str, str], place: str) -> None:
    """A state that was carried elsewhere is a copy from then on (RUN-8)."""
    if target := meta.get(MOVED_TO):
        raise StateError(
            MOVED, f"This state lives at {target} now.", where=place, hint=f"state: {target}, or SFDD_STATE"
        )


def read_meta(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(schema.meta))}


def write_meta(connection: Connection, rows: Mapping[str, str]) -> None:
    connection.execute(upsert(connection, schema.meta), [{"name": name, "value": rows[name]} for name in rows])
