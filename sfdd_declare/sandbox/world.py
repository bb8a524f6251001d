"""One SQLite file that both sandbox systems live in, and what they share: clock, switches, settings, history.

The tables of each system belong to that system: it hands its set-up to `World.install`, which runs it at once
and again after every reset. All access goes through one connection, so take `transaction()` for writes and
`lock` for a series of reads that must agree.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from sfdd_declare.sandbox.switches import SWITCHES

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS switches (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS clock (
        one INTEGER PRIMARY KEY CHECK (one = 1), offset_us INTEGER NOT NULL, frozen TEXT)""",
    """CREATE TABLE IF NOT EXISTS history (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, system TEXT NOT NULL, kind TEXT NOT NULL,
        record TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT, who TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS requests (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, system TEXT NOT NULL, method TEXT NOT NULL,
        path TEXT NOT NULL, template TEXT NOT NULL, status INTEGER NOT NULL, ms REAL NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS faults (
        id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0)""",
)

_WORLDS = 2**48

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)

HistoryEntry = tuple[str, str, str, str, Any, Any, str]
"""One history entry: system, kind, record, field, old, new, who."""


def stamp(moment: datetime) -> str:
    """A moment as UTC text with milliseconds: sorts as text and is what both systems store."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class World:
    """The sandbox's whole state. Safe to use from several threads; survives a restart of the process."""

    def __init__(self, path: str | Path) -> None:
        self.lock = threading.RLock()
        self.path = Path(path)
        self.db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        self.db.row_factory = sqlite3.Row
        self._depth = 0
        self._installed: dict[str, Callable[[World], None]] = {}
        # The sandbox may lose its last moments when the machine dies, in exchange for speed.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "foreign_keys=OFF", "temp_store=MEMORY"):
            self.db.execute(f"PRAGMA {pragma}")
        for statement in _SCHEMA:
            self.db.execute(statement)
        self.db.execute("INSERT OR IGNORE INTO identity VALUES (1, ?)", (secrets.randbelow(_WORLDS),))
        self.number = int(self.db.execute("SELECT number FROM identity").fetchone()["number"])
        """What tells this world from every other; its ids are made of it. It stays as long as the file does."""

    def close(self) -> None:
        """Close the file. Nothing may be called afterwards."""
        with self.lock:
            self.db.close()

    def install(self, name: str, prepare: Callable[[World], None]) -> None:
        """Run a system's set-up once per name; `reset` runs it again. `prepare` must be idempotent."""
        with self.lock:
            if name in self._installed:
                return
            with self.transaction():
                prepare(self)
            self._installed[name] = prepare

    def reset(self) -> None:
        """Empty every table (switches, settings, clock, history too) and run the installed set-ups again.

        It is the same world afterwards: ids of org and accounts stay.
        """
        with self.transaction() as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                if name == "sqlite_sequence" or not name.startswith(("sqlite_", "identity")):
                    db.execute(f'DELETE FROM "{name}"')  # noqa: S608 - names come from the schema itself
            for prepare in self._installed.values():
                prepare(self)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock and one write transaction; a nested use joins the outer one."""
        with self.lock:
            if self._depth == 0:
                self.db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self.db
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self.db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self.db.execute("COMMIT")

    # Clock ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The sandbox's time in UTC: the real clock plus an offset, or the frozen moment."""
        offset, frozen = self._clock()
        return frozen if frozen is not None else datetime.now(UTC) + offset

    @property
    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._clock()[1] is not None

    def set_clock(
        self, *, at: datetime | None = None, advance: timedelta | None = None, freeze: bool | None = None
    ) -> None:
        """Set the time, move it, and make it stand still or run; what is not given stays as it is."""
        with self.transaction() as db:
            moment = (at.astimezone(UTC) if at is not None else self.now()) + (advance or timedelta())
            frozen = self.is_frozen if freeze is None else freeze
            offset = moment - datetime.now(UTC)
            db.execute(
                "INSERT OR REPLACE INTO clock (one, offset_us, frozen) VALUES (1, ?, ?)",
                (offset // timedelta(microseconds=1), moment.isoformat() if frozen else None),
            )

    def _clock(self) -> tuple[timedelta, datetime | None]:
        with self.lock:
            row = self.db.execute("SELECT offset_us, frozen FROM clock").fetchone()
        if row is None:
            return timedelta(), None
        frozen = datetime.fromisoformat(row["frozen"]) if row["frozen"] else None
        return timedelta(microseconds=row["offset_us"]), frozen

    # Switches and settings ------------------------------------------------------------------------------

    def switch(self, name: str) -> str:
        """The present value of a switch; its cautious value unless set."""
        known = SWITCHES[name]
        with self.lock:
            row = self.db.execute("SELECT value FROM switches WHERE name = ?", (name,)).fetchone()
        return known.cautious if row is None else str(row["value"])

    def set_switch(self, name: str, value: str) -> None:
        """Set one switch. Raises KeyError for an unknown name, ValueError for an unknown value."""
        if not SWITCHES[name].takes(value):
            what = "a time zone such as" if SWITCHES[name].is_zone else "one of"
            raise ValueError(f"{name} is {what} {', '.join(SWITCHES[name].choices)}")
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO switches (name, value) VALUES (?, ?)", (name, value))

    def set_switches(self, mode: Literal["cautious", "lucky"]) -> None:
        """Set all switches to their cautious or to their lucky value."""
        for known in SWITCHES.values():
            self.set_switch(known.name, known.cautious if mode == "cautious" else known.lucky)

    def setting(self, key: str, default: Any = None) -> Any:
        """A JSON setting, such as `dotdigital.page_size`."""
        with self.lock:
            row = self.db.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row["value"])

    def set_setting(self, key: str, value: Any) -> None:
        """Set a JSON setting; None removes it."""
        with self.transaction() as db:
            if value is None:
                db.execute("DELETE FROM settings WHERE key = ?", (key,))
            else:
                text = json.dumps(value)
                db.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, text))

    def settings(self) -> dict[str, Any]:
        """Every setting that is set."""
        with self.lock:
            rows = self.db.execute("SELECT key, value FROM settings ORDER BY key").fetchall()
        return {row["key"]: json.loads(row["value"]) for row in rows}

    # Records --------------------------------------------------------------------------------------------

    def history(self, *, system: str, kind: str, record: str, field: str, old: Any, new: Any, who: str) -> None:
        """Append one change to the history, dated now."""
        self.history_many([(system, kind, record, field, old, new, who)])

    def history_many(self, entries: Iterable[HistoryEntry], *, at: datetime | None = None) -> None:
        """Append many changes, in order, with one date (now by default)."""
        moment = stamp(at or self.now())
        rows = [
            (moment, system, kind, record, field, _json(old), _json(new), who)
            for system, kind, record, field, old, new, who in entries
        ]
        with self.transaction() as db:
            db.executemany(
                "INSERT INTO history (at, system, kind, record, field, old, new, who) VALUES (?,?,?,?,?,?,?,?)",
                rows,
            )

    def log_request(self, *, system: str, method: str, path: str, template: str, status: int, ms: float) -> None:
        """Count one request. `path` comes without its query; status 0 means the connection was dropped."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO requests (at, system, method, path, template, status, ms) VALUES (?,?,?,?,?,?,?)",
                (stamp(self.now()), system, method, path, template, status, round(ms, 3)),
            )


def _json(value: Any) -> str | None:
    return None if value is None else _ENCODER.encode(value).decode()
