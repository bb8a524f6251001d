"""A state carried from one home to another, row by row, so that every home can go to every other.

What the rows say is not looked at; the lease stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, delete, func, inspect, select

from sfdd_declare.store import schema
from sfdd_declare.store.bulk import write_rows
from sfdd_declare.store.database import Database, make_file, sqlite_file

_ROWS = 10_000
_MAKES_TABLES = 0x5FDD


@contextmanager
def a_file(path: Path) -> Iterator[Database]:
    """A new file with empty tables; its log is in it when the block ends."""
    path.unlink(missing_ok=True)
    make_file(path)
    database = sqlite_file(path)
    try:
        with database.writing() as connection:
            schema.metadata.create_all(connection)
        yield database
        database.truncate_log()
    finally:
        database.close()


def carry(source: Database, target: Database, then: Callable[[Connection], None]) -> None:
    """Make the target hold what the source holds, and do something more to it, in one transaction."""
    with source.reading() as old, target.writing() as new:
        create_tables(new)
        known = set(inspect(old).get_table_names())
        for table in schema.metadata.sorted_tables:
            if table is schema.leases:
                continue
            new.execute(delete(table))
            if table.name in known:  # an older state lacks some
                _copy(old, new, table.name)
        then(new)


def create_tables(connection: Connection) -> None:
    """Make the tables that are missing. Of several that do so at once, a server lets one after the other."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_MAKES_TABLES)))
    schema.metadata.create_all(connection)


def _copy(old: Connection, new: Connection, name: str) -> None:
    table = schema.metadata.tables[name]
    names = [column.name for column in table.columns]
    found = old.execution_options(stream_results=True).execute(select(table))
    for rows in found.partitions(_ROWS):
        write_rows(new, table.insert(), names, [tuple(row) for row in rows])
