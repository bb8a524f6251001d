"""A state in an object store: a SQLite file and what was written since, worked on in a copy on this machine.

Of a state `state.db` there are, side by side:

    state.db                   the head: which file is the current one, and those before the last runs
    state.db.d/GENERATION/base a whole file, written once, never changed
    state.db.d/GENERATION/N    what the N-th transaction since added to SQLite's write-ahead log
    state.db.lease             who is writing

Every transaction is in the store before anything is done that depends on it, so a machine may be lost at any moment.
The N-th piece is created on the condition that there is none; whoever takes over closes the log by a piece of its own.
So of two writers one finds out before it does anything: nothing depends on clocks. A file is replaced by a new one, and
the head by one that names it, when a run begins after one that was killed, when it ends, and when the log grew long.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from sfdd_declare.model.errors import Locked, StateError
from sfdd_declare.store.failures import busy, corrupt
from sfdd_declare.store.head import Head, Saved, parsed
from sfdd_declare.store.lease import overtaken
from sfdd_declare.store.objects import Objects
from sfdd_declare.store.wal import committed, log_of, piece

KEPT = 3
#: A file that nobody ever named in a head: its first writer was lost before it could.
_FIRST = "first-"
_NONCE = 16
_LONGEST_LOG = 64 << 20
_MOST_PIECES = 200
_ATTEMPTS = 10


class Replica:
    """The copy of a state on this machine, and how much of it the store has. Its `path` changes when it is loaded."""

    def __init__(self, objects: Objects, name: str, folder: Path) -> None:
        self.objects = objects
        self.name = name
        self.path = folder / "state.db"
        self.head: Head | None = None
        self._folder = folder
        self._tag = ""
        self._pieces = 0
        self._sent = 0  # bytes of the log that the store has
        self._behind = False  # what is in the file is not in the store, nor in the log
        self._cut = False  # the current file is not the one that the run began with
        self._lost = False
        self.lock = RLock()
        self._keeper: sqlite3.Connection | None = None

    def load(self) -> bool:
        """Bring the state here; False where there is none. Raises StateError, Locked while it is replaced all the
        time.
        """
        lacks = ""
        for attempt in range(_ATTEMPTS):
            found = self.objects.read(self.name)
            if found is None:
                self._require_nothing()
                return False
            head = parsed(found.data, self.objects.place)
            path = self._folder / f"{head.current.generation}.{attempt}.{secrets.token_hex(4)}.db"
            digest = self.objects.fetch(self._base(head.current), path)
            pieces = self._fetch_log(head.current, path) if digest == head.current.digest else 0
            if self.objects.tag(self.name) != found.tag:
                continue  # replaced meanwhile
            if pieces < self._last_piece(head.current):
                lacks = f"{self._piece(head.current, pieces + 1)} is missing"
                continue  # written meanwhile, or lost
            if digest != head.current.digest:
                raise corrupt(f"{self._base(head.current)} is not what the head says", self.objects.place)
            self._take(head, found.tag, path, pieces)
            return True
        raise corrupt(lacks, self.objects.place) if lacks else busy(self.objects.place)

    def is_current(self) -> bool:
        """Whether nobody has written since it was loaded."""
        if self.head is None:
            return self.objects.tag(self.name) is None
        following = self._piece(self.head.current, self._pieces + 1)
        return self.objects.tag(self.name) == self._tag and self.objects.tag(following) is None

    def keep(self) -> None:
        """What the transaction that just ended wrote is in the store when this returns.

        Raises Locked when somebody else has written: then nothing of it is there.
        """
        with self.lock:
            self._require_ours()
            if self.head is None or self._behind:
                self.save()
                return
            end = committed(log_of(self.path), self._sent)
            if end == self._sent:
                return
            self._append(piece(log_of(self.path), self._sent, end))
            self._sent = end
            if self._sent > _LONGEST_LOG or self._pieces > _MOST_PIECES:
                with suppress(Locked):  # somebody reads: another time
                    self.save(within=True)

    def fence(self) -> None:
        """Whoever is writing finds out with the next transaction, and does nothing more."""
        with self.lock:
            for _ in range(_ATTEMPTS if self.head else 0):
                try:
                    self._append(b"")
                except Locked:  # whoever is writing was quicker once more
                    self.load()
                else:
                    return

    def save(self, *, within: bool = False, drop: bool = False) -> None:
        """Put the whole file into the store, beside the one that it replaces.

        `within` a run, only the file that the run began with is kept; `drop`: none is. Raises Locked when somebody else
        has written, or somebody here reads for too long.
        """
        with self.lock:
            self._require_ours()
            self._checkpoint()
            if self.head is not None and not self._behind:
                self._append(b"")
            self._behind = True
            generation = ("" if self.head else _FIRST) + secrets.token_hex(8)
            current = Saved(generation, _digest(self.path), *_described(self.path), _now())
            self.objects.send(self._base(current), self.path)
            known = () if self.head is None or drop else self.head.earlier
            if self.head is not None and self.head.current.serial and not drop and not self._cut:
                known = (self.head.current, *known)[:KEPT]
            head = Head(current, known)
            data = head.as_bytes()
            tag = (
                self.objects.replace(self.name, data, self._tag) if self.head else self.objects.create(self.name, data)
            )
            if tag is None:
                raise self._overtaken()
            self.head, self._tag, self._pieces, self._sent = head, tag, 0, 0
            self._behind, self._cut = False, within
            self._sweep()

    def tidy(self) -> None:
        """Let the next one begin with a whole file, if anything was written since the last."""
        with self.lock:
            if self.head is not None and (self._pieces or self._behind) and not self._lost:
                self.save()
            self._cut = False

    def earlier(self) -> tuple[Saved, ...]:
        """The files that the last runs began with, the newest first."""
        return self.head.earlier if self.head else ()

    def copy(self, saved: Saved, target: Path) -> None:
        """An earlier file of the state. Raises StateError when it is not there, or damaged."""
        if self.objects.fetch(self._base(saved), target) != saved.digest:
            target.unlink(missing_ok=True)
            raise corrupt(f"{self._base(saved)} is not what the head says", self.objects.place)

    def close(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    # --- inside

    def _take(self, head: Head, tag: str, path: Path, pieces: int) -> None:
        self.close()
        self.head, self._tag, self.path, self._pieces = head, tag, path, pieces
        self._sent = log_of(path).stat().st_size if log_of(path).exists() else 0
        self._behind = self._cut = self._lost = False
        self._open()

    def _open(self) -> None:
        """A connection of its own: while there is one, SQLite neither empties the log nor begins it anew."""
        self._keeper = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._keeper.execute("PRAGMA wal_autocheckpoint=0")
        self._keeper.execute("SELECT count(*) FROM sqlite_master").fetchall()

    def _checkpoint(self) -> None:
        if self._keeper is None:
            self._open()
        assert self._keeper is not None
        self._keeper.execute("PRAGMA busy_timeout=30000")
        busy, _, _ = self._keeper.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise busy(self.objects.place)

    def _append(self, data: bytes) -> None:
        assert self.head is not None
        name = self._piece(self.head.current, self._pieces + 1)
        if self.objects.create(name, secrets.token_bytes(_NONCE) + data) is None:
            raise self._overtaken()
        self._pieces += 1
        if self.objects.tag(self.name) != self._tag:  # the log that was written to may be an old one by now
            raise self._overtaken()

    def _fetch_log(self, saved: Saved, path: Path) -> int:
        """What was written since, as the log beside the file; returns how many pieces it came in."""
        count = 0
        with log_of(path).open("wb") as log:
            while (found := self.objects.read(self._piece(saved, count + 1))) is not None:
                log.write(found.data[_NONCE:])
                count += 1
        if not log_of(path).stat().st_size:
            log_of(path).unlink()
        return count

    def _last_piece(self, saved: Saved) -> int:
        """The highest number of a piece: a log that lacks one would be taken for a shorter one."""
        folder = self._base(saved).removesuffix("base")
        numbers = (name.rpartition("/")[2] for name in self.objects.names(folder))
        return max((int(number) for number in numbers if number.isdigit()), default=0)

    def _sweep(self) -> None:
        """Remove files that no head names any more, and logs that are part of a file by now."""
        assert self.head is not None
        kept = {self._base(saved) for saved in (self.head.current, *self.head.earlier)}
        self.objects.delete([name for name in self._names() if name not in kept])

    def _names(self) -> Iterator[str]:
        return self.objects.names(f"{self.name}.d/")

    def _require_nothing(self) -> None:
        """A head that is lost is missed: to begin again unasked would bring back whom somebody took off."""
        if any(f"/{_FIRST}" not in name or not name.endswith("/base") for name in self._names()):
            raise StateError(
                "SFDD-E3015",
                "There is no state here, but files of one that was used.",
                where=self.objects.place,
                hint=f"Bring back the object `{self.name}` of the bucket, or name another place with the key `state`.",
            )

    def _require_ours(self) -> None:
        if self._lost:
            raise self._overtaken()

    def _overtaken(self) -> Locked:
        self._lost = True
        return overtaken(self.objects.place)

    def _base(self, saved: Saved) -> str:
        return f"{self.name}.d/{saved.generation}/base"

    def _piece(self, saved: Saved, number: int) -> str:
        return f"{self.name}.d/{saved.generation}/{number:08}"


def _described(path: Path) -> tuple[str, int]:
    """Lineage and serial, as the file has them."""
    connection = sqlite3.connect(path)
    try:
        known = dict(connection.execute("SELECT name, value FROM meta WHERE name IN ('lineage', 'serial')"))
    finally:
        connection.close()
    return known["lineage"], int(known["serial"])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
