"""One writer at a time: a lease in the state, held by a process, renewed while it lives, taken over when it is dead.

A dead holder is known by its process on the same machine, and by a heartbeat that stopped on another one. A process
that slept too long and lost its lease finds out at its next write, inside the same transaction, and writes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from types import TracebackType

from sqlalchemy import Connection, delete, select, update

from sfdd_declare.model.errors import Locked, StateError
from sfdd_declare.store import schema
from sfdd_declare.store.database import Database, insert_new

BEAT_SECONDS = 30.0
EXPIRY_SECONDS = 300.0
_NAME = "apply"
_LONGEST_PAUSE = 16.0

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs what, where. `owner` is shown to whoever finds the state locked."""

    owner: str
    host: str
    pid: int
    operation: str

    def __str__(self) -> str:
        return f"{self.owner} on {self.host} (process {self.pid}), running `sfdd {self.operation}`"


@dataclass(frozen=True, slots=True)
class LeaseInfo:
    """A lease as it stands in the state."""

    holder: Holder
    since: datetime
    heartbeat: datetime
    token: str


class Lease:
    """A held lease; a context manager that keeps it alive in the background and releases it at the end."""

    def __init__(self, database: Database, holder: Holder, token: str, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._token = token
        self._ended = Event()
        self._beats = Thread(target=self._beat, name="lease", daemon=True)
        self.holder = holder

    def renew(self, connection: Connection) -> None:
        """Prove, within the caller's transaction, that the lease is still ours; raises Locked when it is not."""
        leases = schema.leases
        mine = update(leases).where(leases.c.name == _NAME, leases.c.token == self._token)
        if connection.execute(mine.values(heartbeat=self._clock().timestamp())).rowcount != 1:
            raise Locked(
                "SFDD-E3005",
                "Another process took the state over while this one was suspended. Nothing more was written.",
                where=self._database.place,
                hint="Run `sfdd apply` again: it goes on where the other run stopped.",
            )

    def release(self) -> None:
        """Give it back. Idempotent; a lease that was taken over is left alone."""
        self._ended.set()
        if self._beats.is_alive():
            self._beats.join()
        with self._database.writing() as connection:
            connection.execute(delete(schema.leases).where(schema.leases.c.token == self._token))

    def __enter__(self) -> Lease:
        self._beats.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.release()
            return
        with suppress(StateError):  # what ended the block is the error to show
            self.release()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            # A beat that does not get through is no harm: the next transaction of the run renews, or finds out.
            with suppress(StateError), self._database.writing() as connection:
                self.renew(connection)


def acquire(
    database: Database,
    holder: Holder,
    *,
    token: str,
    clock: Clock,
    timeout: float = 0.0,
    pause: Callable[[float], None],
) -> Lease:
    """Take the lease, waiting up to `timeout` seconds (1, 2, 4, 8, 16, 16 … between tries); raises Locked."""
    waited, step = 0.0, 1.0
    while True:
        found = _try(database, holder, token, clock())
        if found is None:
            return Lease(database, holder, token, clock)
        if waited >= timeout:
            raise _locked(found, database.place)
        step = min(step, timeout - waited)
        pause(step)
        waited, step = waited + step, min(step * 2, _LONGEST_PAUSE)


def _read(connection: Connection) -> LeaseInfo | None:
    """Who holds the lease, dead or alive; nobody can change it until the transaction ends."""
    row = connection.execute(select(schema.leases).where(schema.leases.c.name == _NAME).with_for_update()).one_or_none()
    if row is None:
        return None
    return LeaseInfo(
        holder=Holder(owner=row.owner, host=row.host, pid=row.pid, operation=row.operation),
        since=datetime.fromisoformat(row.created),
        heartbeat=datetime.fromtimestamp(row.heartbeat, UTC),
        token=row.token,
    )


def break_lease(database: Database) -> LeaseInfo | None:
    """Remove the lease whoever holds it (`sfdd unlock`); returns it. A live holder stops at its next write."""
    with database.writing() as connection:
        found = _read(connection)
        connection.execute(delete(schema.leases))
    return found


def _try(database: Database, holder: Holder, token: str, now: datetime) -> LeaseInfo | None:
    leases = schema.leases
    row = {
        "name": _NAME,
        "token": token,
        "owner": holder.owner,
        "host": holder.host,
        "pid": holder.pid,
        "operation": holder.operation,
        "created": now.isoformat(timespec="seconds"),
        "heartbeat": now.timestamp(),
    }
    with database.writing() as connection:
        connection.execute(insert_new(connection, leases), row)
        found = _read(connection)
        if found is not None and (found.token == token or _is_dead(found, holder.host, now)):
            connection.execute(update(leases).where(leases.c.name == _NAME).values(row))
            return None
    # Nothing found: released between the two statements, which only a server allows.
    return found or _try(database, holder, token, now)


def _is_dead(found: LeaseInfo, host: str, now: datetime) -> bool:
    if (now - found.heartbeat).total_seconds() > EXPIRY_SECONDS:
        return True
    return found.holder.host == host and not _is_running(found.holder.pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locked(found: LeaseInfo, place: str) -> Locked:
    return Locked(
        "SFDD-E3004",
        f"The state is locked by {found.holder} since {found.since:%Y-%m-%d %H:%M:%S %Z}.",
        where=place,
        hint="Wait for it with `--lock-timeout 300`; if that run is dead: sfdd unlock",
    )
