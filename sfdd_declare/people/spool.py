"""The run directory: Parquet files by dataset name, for the owner only, swept when a run ends or the next begins."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

_PREFIX = "sfdd-run-"
_NAME = re.compile(rf"{_PREFIX}(\d+)-.+")
_ALIVE = ".alive"


class ClosedError(Exception):
    """The run is over; nothing is written for it any more."""


class ParquetSink:
    """Streams record batches into one file; the file gets its final name when it is complete."""

    def __init__(self, directory: RunDirectory, path: Path, schema: pa.Schema) -> None:
        self._directory = directory
        self._path = path
        self._part = path.with_suffix(".part")
        self._writer = pq.ParquetWriter(self._part, schema, compression="zstd", compression_level=1)
        self._schema = schema

    def write(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)

    def __enter__(self) -> ParquetSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        with self._directory.open():
            if kind is None:
                self._part.rename(self._path)
            else:
                self._part.unlink(missing_ok=True)


class RunDirectory:
    """A `model.ports.Spool` on disk. It holds personal data: 0700, removed by `close`, leftovers by `sweep`.

    A read that nobody waits for any more may still be under way when the directory is closed: it finds it closed
    (`ClosedError`), and no file of it appears behind the removal.
    """

    def __init__(self, parent: Path) -> None:
        self._lock = Lock()
        self._closed = False
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))  # 0700
        self._alive = os.open(self._root / _ALIVE, os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(OSError):  # a file system without locks: the number of the process has to do
            fcntl.flock(self._alive, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def root(self) -> Path:
        return self._root

    @contextmanager
    def open(self) -> Iterator[None]:
        """Names in the directory change in here only; raises `ClosedError` once it is closed."""
        with self._lock:
            if self._closed:
                raise ClosedError
            yield

    def sink(self, dataset: str, schema: pa.Schema) -> ParquetSink:
        with self.open():
            folder = self._root / dataset
            folder.mkdir(exist_ok=True, mode=0o700)
            return ParquetSink(self, folder / f"{len(list(folder.iterdir())):04d}.parquet", schema)

    def parts(self, dataset: str) -> tuple[Path, ...]:
        folder = self._root / dataset
        return tuple(sorted(folder.glob("*.parquet"))) if folder.is_dir() else ()

    def clear(self) -> None:
        """Begin anew."""
        for folder in self._root.iterdir():
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                os.close(self._alive)
            self._closed = True
        shutil.rmtree(self._root, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove our run directories whose process is gone (a killed run leaves one behind).

    The folder may be shared: with other programs and users, whose things are left alone, and with other containers,
    whose processes have numbers that say nothing here.
    """
    for folder in parent.glob(f"{_PREFIX}*"):
        name = _NAME.fullmatch(folder.name)
        if name and _is_ours(folder) and not _is_alive(int(name[1])) and not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _is_held(folder: Path) -> bool:
    """Whether a process that we cannot see is at work in it."""
    try:
        number = os.open(folder / _ALIVE, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(number)
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
