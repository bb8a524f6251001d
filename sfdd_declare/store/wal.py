"""SQLite's write-ahead log, as far as it is carried elsewhere: where its last committed transaction ends.

The log is a header and then frames, one a page; the last frame of a transaction says how many pages the database has
then (sqlite.org/walformat.html). What stands behind that frame was never committed: pages that a transaction wrote
early, before it was undone.
"""

from __future__ import annotations

from pathlib import Path

_HEADER = 32
_FRAME_HEADER = 24


def log_of(path: Path) -> Path:
    """The log beside a database file."""
    return path.with_name(f"{path.name}-wal")


def committed(log: Path, start: int) -> int:
    """Where what is committed ends, in bytes; `start` is where it ended before, 0 for a log that begins.

    A log that is not there, or shorter than that, ends at 0: it began anew.
    """
    if not log.exists():
        return 0
    with log.open("rb") as file:
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return 0
        page = int.from_bytes(header[8:12], "big")
        end, place = start, start or _HEADER
        while True:
            file.seek(place)
            frame = file.read(_FRAME_HEADER)
            if len(frame) < _FRAME_HEADER:
                return end
            place += _FRAME_HEADER + page
            if int.from_bytes(frame[4:8], "big"):  # pages of the database after a commit
                end = place


def piece(log: Path, start: int, end: int) -> bytes:
    """The log's bytes from `start` to `end`."""
    with log.open("rb") as file:
        file.seek(start)
        return file.read(end - start)
