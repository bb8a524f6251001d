"""One writer at a time: a lease beside the state, held by a process, renewed while it lives, taken over when dead.

A dead holder is known by its process on the same machine, and by a heartbeat that stopped on another one. A process
that slept too long and lost its lease finds out at its next write, and writes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Protocol

from sqlalchemy import Connection

from sfdd_declare.model.errors import Locked, StateError

BEAT_SECONDS = 30.0
EXPIRY_SECONDS = 300.0
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


class Leases(Protocol):
    """Where the lease of one state stands."""

    place: str

    def take(self, wanted: LeaseInfo) -> LeaseInfo | None:
        """Take the lease if it is free or its holder is dead; returns who holds it otherwise."""

    def read(self) -> LeaseInfo | None:
        """Who holds the lease, dead or alive, without taking it or waiting for anybody."""

    def prove(self, connection: Connection, token: str, now: datetime) -> None:
        """Prove that the lease is still ours, within a transaction of the state; raises Locked."""

    def beat(self, token: str, now: datetime) -> None:
        """Say that its holder lives; raises Locked when it is somebody else by now."""

    def release(self, token: str) -> None:
        """Give it back, unless it was taken over."""

    def remove(self) -> LeaseInfo | None:
        """Remove it whoever holds it, who then stops at the next write; returns what was removed."""


class Lease:
    """A held lease; a context manager that keeps it alive in the background and releases it at the end."""

    def __init__(self, leases: Leases, holder: Holder, token: str, clock: Clock, finish: Callable[[], None]) -> None:
        """`finish` is what is to be done while it is still held, once nothing more is written."""
        self._leases = leases
        self._clock = clock
        self._token = token
        self._finish = finish
        self._ended = Event()
        self._beats = Thread(target=self._beat, name="lease", daemon=True)
        self.holder = holder

    def renew(self, connection: Connection) -> None:
        """Prove, within the caller's transaction, that the lease is still ours; raises Locked when it is not."""
        self._leases.prove(connection, self._token, self._clock())

    def release(self) -> None:
        """Give it back. Idempotent; a lease that was taken over is left alone."""
        with suppress(StateError):  # what is not tidied now is tidied by the next one
            self._finish()
        self._ended.set()
        if self._beats.is_alive():
            self._beats.join()
        self._leases.release(self._token)

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
            with suppress(StateError):
                self._leases.beat(self._token, self._clock())


def acquire(
    leases: Leases,
    holder: Holder,
    *,
    token: str,
    clock: Clock,
    timeout: float = 0.0,
    pause: Callable[[float], None],
    finish: Callable[[], None],
) -> Lease:
    """Take the lease, waiting up to `timeout` seconds (1, 2, 4, 8, 16, 16 … between tries); raises Locked."""
    waited, step = 0.0, 1.0
    while True:
        now = clock()
        found = leases.take(LeaseInfo(holder, now, now, token))
        if found is None:
            return Lease(leases, holder, token, clock, finish)
        if waited >= timeout:
            raise _locked(found, leases.place)
        step = min(step, timeout - waited)
        pause(step)
        waited, step = waited + step, min(step * 2, _LONGEST_PAUSE)


def is_dead(found: LeaseInfo, host: str, now: datetime) -> bool:
    """Whether a holder is known to be dead on this machine, or was not heard of for long enough."""
    if (now - found.heartbeat).total_seconds() > EXPIRY_SECONDS:
        return True
    return found.holder.host == host and not _is_running(found.holder.pid)


def overtaken(place: str) -> Locked:
    """For whoever finds out that the state is somebody else's by now."""
    return Locked(
        "SFDD-E3005",
        "Another process took the state over while this one was suspended. Nothing more was written.",
        where=place,
        hint="Run `sfdd apply` again: it goes on where the other run stopped.",
    )


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
