"""A state that can only be read where it lies: a checkout that is mounted read-only, a file of somebody else.

SQLite wants to write beside a file that it only reads (its write-ahead log). Where it may not, the state is copied and
the copy is read. An apply leaves no log behind; one that runs, or was killed, does, and what it committed is in there.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from sfdd_declare.model.errors import Locked
from sfdd_declare.store.failures import state_error

_LOG = "-wal"
_ATTEMPTS = 20
_PAUSE = 0.25

Pause = Callable[[float], None]


def may_be_written(path: Path) -> bool:
    """Whether SQLite can work with the file where it is: what it keeps beside it needs the folder, too."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK | os.X_OK)


def copied(
    path: Path, folder: Path, *, copy: Callable[[Path, Path], object] = shutil.copyfile, pause: Pause = time.sleep
) -> Path:
    """A copy of the file and its log, in a folder that is ours, as of one moment.

    Raises Locked when somebody writes to it all the while, StateError when it cannot be read.
    """
    made = folder / path.name
    try:
        for _ in range(_ATTEMPTS):
            before = _stamps(path)
            for source, target in _both(path, made):
                target.unlink(missing_ok=True)
                if source.exists():
                    copy(source, target)
            if _stamps(path) == before:
                return made
            pause(_PAUSE)
    except OSError as error:
        raise state_error(str(error), str(path)) from error
    raise Locked(
        "SFDD-E3006",
        "Another process is writing to the state just now, and it can only be read as a copy here.",
        where=str(path),
        hint="sfdd plan",
    )


def _both(path: Path, made: Path) -> tuple[tuple[Path, Path], ...]:
    return (path, made), (path.with_name(path.name + _LOG), made.with_name(made.name + _LOG))


def _stamps(path: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """What tells a file that was written to meanwhile."""
    stats = (source.stat() if source.exists() else None for source, _ in _both(path, path))
    return tuple(stat and (stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)
