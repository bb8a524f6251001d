"""Putting a copy of the state in its place, or a new one (`sfdd state restore`, `sfdd state init`).

What stood there is kept beside it as `.replaced`: it may know people whom the copy does not.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import Connection

from sfdd_declare.model.errors import Locked, StateError
from sfdd_declare.model.state import StateHeader
from sfdd_declare.store import schema
from sfdd_declare.store.backup import copies_beside
from sfdd_declare.store.database import sqlite_file, upsert
from sfdd_declare.store.failures import state_error
from sfdd_declare.store.homes import database_at, is_in_bucket, temporary_room
from sfdd_declare.store.journal import count_change
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.meta import BEGUN_ANEW
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.resources import settle_marks

#: The mark of a state that was taken over (RUN-8): `row` until the org has been told, then `waits` until somebody
#: accepts what it says of memberships.
TAKEN_OVER, TAKES_ROW, WAITS = "taken_over", "row", "waits"


def restore(
    place: Path | str, copy: Path | str | None, holder: Holder, environ: Mapping[str, str]
) -> tuple[str, StateHeader]:
    """Put a copy in the state's place, the newest one without a name. Returns it and what it says of itself.

    `copy` is a file; an object store has names for those it keeps, too. Raises StateError when there is none or it is
    no state, Locked while an apply holds the lease.
    """
    with ExitStack() as stack:
        source, name = _source(place, copy, environ, stack)
        with open_state(source, create=False, environ=environ) as found:
            header = found.header()
        if header.fresh:
            raise StateError("SFDD-E3018", "This copy holds no state that was used.", where=name, hint=_NAME)
        if isinstance(place, Path):
            _restore_file(place, source, holder, environ)
        else:
            _restore_rows(place, source, holder, environ)
    return name, header


def _source(
    place: Path | str, copy: Path | str | None, environ: Mapping[str, str], stack: ExitStack
) -> tuple[Path, str]:
    """The file of a copy, and how it is called."""
    if copy is not None and Path(copy).exists():
        return Path(copy), str(copy)
    if isinstance(place, Path):
        if copy is None and (beside := copies_beside(place)):
            return beside[0], str(beside[0])
    elif is_in_bucket(place):
        database = stack.enter_context(closing(database_at(place, create=False, environ=environ)))
        earlier = database.replica.earlier() if database.replica else ()
        found = next((saved for saved in earlier if copy in (None, saved.generation)), None)
        if found is not None and database.replica is not None:
            target = stack.enter_context(temporary_room()) / "copy.db"
            database.replica.copy(found, target)
            return target, found.generation
    raise StateError("SFDD-E3018", "There is no such copy of the state.", where=str(copy or place), hint=_NAME)


def _restore_file(place: Path, source: Path, holder: Holder, environ: Mapping[str, str]) -> None:
    made = place.with_name(f"{place.name}.restored")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy(source, made)
    with closing(sqlite_file(made)) as database:
        with database.writing() as connection:
            connection.execute(schema.leases.delete())
            _take_over(connection)
        database.truncate_log()
    _put_aside(place, holder, environ)
    made.replace(place)


def _restore_rows(place: str, source: Path, holder: Holder, environ: Mapping[str, str]) -> None:
    with (
        open_state(place, create=True, environ=environ) as state,
        state.lock(holder) as lease,
        closing(sqlite_file(source)) as copy,
    ):
        state.put(lease, copy, _take_over)


def _take_over(connection: Connection) -> None:
    settle_marks(connection, ((TAKEN_OVER, TAKES_ROW),))
    count_change(connection)


_NAME = "sfdd state restore FILE"


def begin(place: Path | str, holder: Holder, environ: Mapping[str, str], *, anew: bool) -> StateHeader:
    """Make a state. With `anew` whatever was there is put aside, and copies beside it are no reason to stop.

    Raises StateError when there is one and it is not to be forgotten.
    """
    with open_state(place, create=False, environ=environ) as known:
        header = known.header()
    if not anew and not header.fresh:
        summary = f"There is a state already: lineage {header.lineage}, serial {header.serial}."
        raise StateError("SFDD-E3019", summary, where=str(place), hint="sfdd state show; sfdd state init --forget")
    if anew:
        _put_aside(place, holder, environ)
    with open_state(place, create=True, environ=environ) as made:
        header = made.header()
    if anew:
        with closing(database_at(place, create=False, environ=environ)) as database, database.writing() as connection:
            connection.execute(upsert(connection, schema.meta).values(name=BEGUN_ANEW, value="yes"))
    return header


def _put_aside(place: Path | str, holder: Holder, environ: Mapping[str, str]) -> None:
    """Nobody may be writing to it. A damaged state cannot say so, and is put aside all the same."""
    try:
        with open_state(place, create=False, environ=environ) as state:
            if not state.header().fresh:
                with state.lock(holder):
                    pass
    except Locked:
        raise
    except StateError:
        if isinstance(place, str):
            raise
    if isinstance(place, str):
        with closing(database_at(place, create=False, environ=environ)) as database, database.writing() as connection:
            schema.metadata.drop_all(connection)
    elif place.exists():
        try:
            for suffix in ("-wal", "-shm"):
                place.with_name(place.name + suffix).unlink(missing_ok=True)
            place.replace(place.with_name(f"{place.name}.replaced"))
        except OSError as error:
            raise state_error(str(error), str(place)) from error


def _copy(source: Path, made: Path) -> None:
    try:
        made.unlink(missing_ok=True)
        os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(made)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=WAL")
    except (OSError, sqlite3.Error) as error:
        raise state_error(str(error), str(source)) from error
