"""Opening a state, or beginning one.

Opening never writes, unless a state is to be created. Without a state file, planning gets the empty state, which lives
nowhere: its lineage and hash key are constants, because whatever depended on them would differ from what an apply does.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from sfdd_declare.model.errors import Locked
from sfdd_declare.store import hashkey, schema
from sfdd_declare.store.database import Database, memory
from sfdd_declare.store.hashkey import HashKey
from sfdd_declare.store.homes import Room, database_at, temporary_room
from sfdd_declare.store.lease import Clock
from sfdd_declare.store.meta import NO_LINEAGE, check_format, check_place, first_meta, meta_of, read_meta, write_meta
from sfdd_declare.store.state import Random, State
from sfdd_declare.store.transfer import create_tables

_NO_KEY = "no state"


def _now() -> datetime:
    return datetime.now(UTC)


def open_state(
    home: Path | str,
    *,
    create: bool,
    environ: Mapping[str, str],
    clock: Clock = _now,
    random: Random = secrets.token_bytes,
    adopts: str = "",
    aside: Callable[[], Path] | None = None,
    room: Room = temporary_room,
) -> State:
    """Open the state at a path, or a `postgresql://`, `s3://`, `gs://` or `az://` URL.

    Without `create`, a state that is not there is the empty one and nothing is written. With `aside`, a folder for a
    copy that outlives the state, a file is only read, also where nothing may be written. `room` makes a folder for the
    copy of a state in an object store, which goes when the state is closed. Raises StateError when the state is
    damaged, newer than this program, sealed with another SFDD_KEY, or cannot be reached.
    """
    database = database_at(home, create=create, environ=environ, aside=aside, room=room)
    try:
        meta = meta_of(database)
        if meta is None and create:
            meta = _begun(database, environ, clock, random)
        if meta is None:
            database.close()
            return _empty_state(environ, clock, random, adopts)
        check_format(meta, database.place)
        check_place(meta, database.place)
        key = hashkey.read_key(meta, environ, database.place)
        return State(database, key, environ, clock, random, adopts=adopts)
    except BaseException:
        database.close()
        raise


def _empty_state(environ: Mapping[str, str], clock: Clock, random: Random, adopts: str) -> State:
    database = memory()
    with database.writing() as connection:
        schema.metadata.create_all(connection)
        write_meta(connection, first_meta(NO_LINEAGE, clock()))
    return State(database, HashKey(SecretStr(_NO_KEY), outdated=False), environ, clock, random, adopts=adopts)


def _begun(database: Database, environ: Mapping[str, str], clock: Clock, random: Random) -> dict[str, str] | None:
    """A new state, or the one that somebody else began in an object store at the same moment."""
    try:
        return _initialise(database, environ, clock, random)
    except Locked:
        if database.replica is None:
            raise
        database.refresh()
        return meta_of(database)


def _initialise(database: Database, environ: Mapping[str, str], clock: Clock, random: Random) -> dict[str, str]:
    """Create the tables, the lineage and the hash key, in one transaction; somebody else's, if they were quicker."""
    with database.writing() as connection:
        create_tables(connection)
        meta = read_meta(connection)
        if not meta:
            key = SecretStr(random(32).hex())
            meta = first_meta(random(8).hex(), clock()) | hashkey.key_rows(key, environ, random)
            write_meta(connection, meta)
    return meta
