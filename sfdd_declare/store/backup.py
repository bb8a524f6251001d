"""Copies of the state file, made before each run: `state.db.backup`, and those before it as `.backup.1`, `.backup.2`.

A damaged state is never copied over a good backup, and a state nothing was written to since the last copy is not copied
again, so that idle runs do not push the useful copies out. A database server keeps its own backups.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, select

from sfdd_declare.store import schema
from sfdd_declare.store.database import Database, upsert
from sfdd_declare.store.failures import corrupt, state_error

KEPT = 3
_MARK = "backed_up"


def back_up(database: Database, *, drop_old: bool) -> None:
    """Copy the file. `drop_old`: the old copies hold the hash key in a form that is not wanted any more."""
    if database.replica is not None:
        database.replica.tidy()  # an object store keeps the files that a run began with
    if database.path is None:
        return
    copies = _copies(database.path)
    with database.reading() as connection:
        _check(connection, database.place)
        known = {row.name: row.value for row in connection.execute(select(schema.meta))}
        if known["serial"] in ("0", known.get(_MARK)) and not drop_old:
            return
        _copy(connection, copies[0].with_suffix(".part"))
    try:
        if drop_old:
            for copy in copies:
                copy.unlink(missing_ok=True)
        for newer, older in zip(copies[-2::-1], copies[:0:-1], strict=True):
            if newer.exists():
                newer.replace(older)
        copies[0].with_suffix(".part").replace(copies[0])
    except OSError as error:
        raise state_error(str(error), database.place) from error
    with database.writing() as connection:
        connection.execute(upsert(connection, schema.meta).values(name=_MARK, value=known["serial"]))


def copies_beside(path: Path) -> tuple[Path, ...]:
    """The copies that there are, the newest first."""
    return tuple(copy for copy in _copies(path) if copy.exists())


def _copies(path: Path) -> list[Path]:
    first = path.with_name(f"{path.name}.backup")
    return [first, *(first.with_name(f"{first.name}.{i}") for i in range(1, KEPT))]


def _check(connection: Connection, place: str) -> None:
    verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise corrupt(str(verdict), place)


def _copy(connection: Connection, target: Path) -> None:
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    try:
        target.unlink(missing_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except (OSError, sqlite3.Error) as error:
        raise state_error(str(error), str(target)) from error
