"""The engine that runs the rules: an in-memory database with their tables, over the files of one spool.

The rules are the texts in `people/rules`, run as they stand. Nothing but this file knows DuckDB's Python API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from sfdd_declare.model.errors import BugError, DeclareError
from sfdd_declare.model.ports import Spool
from sfdd_declare.people.words import TYPES

#: Bytes of a run's files up to which several threads cost more to wake than they save.
SMALL = 4_000_000

ROWS_PER_BATCH = 50_000
ROWS_PER_INSERT = 200

#: Of the memory limit; the rest is for Python and what is in flight between the two.
ENGINE_SHARE = 0.6

Row = dict[str, Any]


class Engine:
    """All tables of `schema.sql`, empty at first. Use as a context manager: leaving it frees memory and files.

    Errors of the database leave as DeclareErrors without its words, which may quote data or the hash key.
    """

    def __init__(self, spool: Spool, memory_limit: str) -> None:
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _share(memory_limit),
            "temp_directory": str(spool.root / "engine"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        self._is_small = _size(spool) < SMALL
        if self._is_small:
            options["threads"] = 1
        self.spool = spool
        self._database = duckdb.connect(":memory:", config=options)

    def make_tables(self) -> None:
        """Create the types and the tables of the rules."""
        for name, words in TYPES.items():
            self.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(literal(word) for word in words)})")
        self.run("schema")

    def run(self, *names: str) -> None:
        """Run files of rules, statement by statement."""
        for name in names:
            for statement in _statements(name):
                self._database.execute(statement)

    def execute(self, sql: str) -> None:
        """One statement that answers nothing."""
        self._database.execute(sql)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A few rows of what is asked. They are spelled out: of every value that is given as a parameter the database
        looks whether it is numpy's or pandas', which takes longer than all that is done with it.
        """
        for start in range(0, len(rows), ROWS_PER_INSERT):
            lines = (f"({', '.join(map(literal, row))})" for row in rows[start : start + ROWS_PER_INSERT])
            self.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(lines)}")

    def rows(self, sql: str) -> list[Row]:
        """A small result."""
        found: list[Row] = self._database.execute(sql).to_arrow_table().to_pylist()
        return found

    def column(self, sql: str) -> Iterator[Any]:
        """The values of a result's only column, however many."""
        for batch in self.batches(sql):
            yield from batch.column(0).to_pylist()

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """A large result."""
        yield from self._database.execute(sql).to_arrow_reader(ROWS_PER_BATCH)

    def count(self, table: str, where: str = "TRUE") -> int:
        """Rows of a table."""
        [row] = self.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}")
        return int(row["n"])

    def clear(self, *tables: str) -> None:
        """Empty tables that a step fills again."""
        for table in tables:
            self.execute(f"TRUNCATE {table}")

    def drop_all_but(self, *tables: str) -> None:
        """Give back the memory of everything else, where there is some to speak of."""
        if self._is_small:
            return
        for row in self.rows("SELECT table_name AS name FROM duckdb_tables() WHERE temporary"):
            if row["name"] not in tables:
                self.execute(f"DROP TABLE {row['name']}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        if isinstance(error, duckdb.OutOfMemoryException):
            raise DeclareError(
                "SFDD-E4010", "The people do not fit into the engine's memory.", hint="engine.memory_limit"
            ) from None
        if isinstance(error, duckdb.Error):
            raise BugError("SFDD-E9904", f"The people engine failed: {type(error).__name__}.") from None


@cache
def _statements(name: str) -> tuple[duckdb.Statement, ...]:
    text = files("sfdd_declare.people").joinpath("rules", f"{name}.sql").read_text(encoding="utf-8")
    return tuple(duckdb.extract_statements(text))


def literal(value: object) -> str:
    """A text, number, flag or nothing as SQL spells it."""
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value).upper()
        case _:
            quoted = "'" + str(value).replace("'", "''") + "'"
            # the parser ends a text at NUL
            return "(" + quoted.replace("\0", "' || chr(0) || '") + ")" if "\0" in quoted else quoted


def parquet(files: Iterable[object]) -> str:
    """Files as a table. Where they lie says nothing about them, however their folders are called."""
    return f"read_parquet([{', '.join(map(literal, files))}], hive_partitioning = false)"


def one_of(values: Iterable[object]) -> str:
    """What stands behind IN; nothing is one of no values."""
    return f"({', '.join(map(literal, values)) or 'NULL'})"


def _size(spool: Spool) -> int:
    """Bytes of all that was read."""
    return sum(path.stat().st_size for path in spool.root.glob("*/*.parquet"))


def _share(limit: str) -> str:
    """What the engine may use of the limit: Python and the batches in flight need the rest."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z%]*)\s*", limit)
    return f"{float(found[1]) * ENGINE_SHARE:g}{found[2]}" if found else limit
