"""The run directory: Parquet files by dataset name, for the owner only, swept when a run ends or the next begins."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq


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
        self._root = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=parent))

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
            self._closed = True
        shutil.rmtree(self._root, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove run directories whose process is gone (a killed run leaves one behind)."""
    for folder in parent.glob("run-*"):
        pid = folder.name.split("-")[1]
        if not (pid.isdigit() and _is_alive(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
