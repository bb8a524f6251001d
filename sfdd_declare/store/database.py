"""Where the state lives: a SQLite file, which may be the copy of one in an object store, a PostgreSQL database, or
nowhere (the state before the first apply).

Transactions are opened by hand, because Python's sqlite3 would begin them late: a reader gets one snapshot, a writer
takes the write lock at once, so that what it reads is still true when it commits.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.pool import QueuePool, StaticPool

from sfdd_declare.store.failures import busy, state_error, translated

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    from sfdd_declare.store.bucket import Replica

BUSY_SECONDS = 30.0
_WRITE = "sfdd_write"
_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # a journal entry must be on disk before the call it announces
    "PRAGMA secure_delete=ON",  # deleted hashes and a replaced hash key do not stay in free pages
    "PRAGMA cache_size=-32000",
    "PRAGMA temp_store=MEMORY",
)
_QUERIES_ONLY = "PRAGMA query_only=ON"


class Database:
    """One home of the state. `place` is how messages name it; `path` is set for a file, `replica` for a copy of one."""

    def __init__(
        self,
        engine: Engine,
        place: str,
        path: Path | None = None,
        *,
        in_memory: bool = False,
        replica: Replica | None = None,
        room: ExitStack | None = None,
    ) -> None:
        """`room` is given up when the database is closed."""
        self._engine = engine
        self._room = room
        self.place = place
        self.path = path
        self.in_memory = in_memory
        self.replica = replica

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot."""
        with translated(self.place), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, undone when it raises."""
        with self._alone(), translated(self.place):
            with self._engine.connect() as connection:
                connection.execution_options(**{_WRITE: True})
                with connection.begin():
                    yield connection
            if self.replica is not None:
                self.replica.keep()

    def refresh(self) -> None:
        """See what others wrote since it was opened. Nobody may be reading. Raises Locked when it is gone by now."""
        if self.replica is not None and not self.replica.is_current():
            self._engine.dispose()
            if not self.replica.load():
                raise busy(self.place)

    def tidy(self) -> None:
        """Leave the state as the next one wants to find it, once nothing more is written."""
        if self.replica is not None:
            self.replica.tidy()

    def truncate_log(self) -> None:
        """Empty SQLite's write-ahead log, which keeps pages as they were; a database server has its own ways."""
        if self.replica is not None:
            self.replica.save(drop=True)
        if self.path is not None:
            with translated(self.place), self._engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close what is idle. A thread that nobody waits for any more may still be reading: it keeps its connection."""
        if not self.in_memory:
            self._engine.dispose()
        if self.replica is not None:
            self.replica.close()
        if self._room is not None:
            self._room.close()

    def _alone(self) -> AbstractContextManager[object]:
        """What one transaction adds to the log of a copy is what there is when the next begins."""
        return self.replica.lock if self.replica is not None else nullcontext()


def sqlite_file(path: Path, *, shown: Path | None = None, read_only: bool = False) -> Database:
    """An existing file; it is never created by opening it. Messages name it as `shown`."""
    pragmas = (*_PRAGMAS, *((_QUERIES_ONLY,) if read_only else ()))
    return Database(_sqlite(lambda: path, pragmas), str(shown or path), path)


def sqlite_replica(replica: Replica, room: ExitStack) -> Database:
    """The copy of a state in an object store; it was loaded, or begun."""
    engine = _sqlite(lambda: replica.path, (*_PRAGMAS, "PRAGMA wal_autocheckpoint=0"))
    return Database(engine, replica.objects.place, replica=replica, room=room)


def _sqlite(path: Callable[[], Path], pragmas: tuple[str, ...]) -> Engine:
    def connect() -> sqlite3.Connection:
        place = f"{path().absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            place, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in pragmas:
            connection.execute(pragma)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
    event.listen(engine, "begin", _begin)
    return engine


def make_file(path: Path) -> None:
    """An empty file only its owner can read, in a folder only its owner can enter. Idempotent.

    It is made aside and linked into its place: of several processes one wins, and nobody sees it half made.
    """
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
        os.close(number)
        try:
            with closing(sqlite3.connect(name)) as connection:
                # Readers go on while a run writes; a copy of the file alone is never half of a transaction.
                connection.execute("PRAGMA journal_mode=WAL")
            _put(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise state_error(str(error), str(path)) from error


def _put(made: Path, path: Path) -> None:
    """Give a file its name unless the name is taken."""
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # no hard links on this file system
        if not path.exists():
            made.rename(path)


def postgres(url: str) -> Database:
    """A PostgreSQL database through psycopg 3."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    # A prepared statement is planned without its values, and a look-up of a thousand ids would then read everybody.
    engine = create_engine(parsed, hide_parameters=True, connect_args={"prepare_threshold": None})
    return Database(engine, shown_place(url))


def shown_place(place: Path | str) -> str:
    """A place as it may be said: a database without user, password and options, which may hold one, too."""
    scheme, found, rest = str(place).partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if found else str(place)


def memory() -> Database:
    """Nowhere. It is only read, possibly by several threads, so it needs no transactions."""
    engine = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "isolation_level": None},
        hide_parameters=True,
    )
    return Database(engine, "no state yet", in_memory=True)


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ON CONFLICT. Both databases spell it alike; SQLAlchemy keeps one class each, and only
    the one in use is loaded.
    """
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(table)
    return statement


def upsert(connection: Connection, table: Table) -> Insert:
    """Insert, or replace all columns but the key."""
    statement = insert_into(connection, table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


def insert_new(connection: Connection, table: Table) -> Insert:
    """Insert, or leave alone what is there."""
    return insert_into(connection, table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
