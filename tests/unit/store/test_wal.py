"""What of a write-ahead log is committed: pieces of it, put together, are the database."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdd_declare.store.wal import committed, log_of, piece


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA cache_size=5")  # so small that a transaction is written before it is committed
    return connection


def rows(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def test_there_is_nothing_without_a_log(tmp_path: Path) -> None:
    assert committed(tmp_path / "none", 0) == 0
    (tmp_path / "short").write_bytes(b"x" * 31)
    assert committed(tmp_path / "short", 0) == 0


def test_what_was_undone_is_written_and_not_committed(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(opened(path)) as connection:
        connection.execute("CREATE TABLE kept (number INTEGER, text TEXT)")
        end = committed(log_of(path), 0)
        assert end == log_of(path).stat().st_size
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO kept VALUES (?, ?)", [(number, "x" * 3000) for number in range(50)])
        connection.execute("ROLLBACK")
        assert log_of(path).stat().st_size > end + 50_000
        assert committed(log_of(path), end) == end


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=8))
def test_pieces_put_together_are_the_database(tmp_path_factory: object, steps: list[tuple[int, bool]]) -> None:
    folder = tmp_path_factory.mktemp("wal")  # type: ignore[attr-defined]
    path, copy = folder / "state.db", folder / "copy.db"
    kept: list[int] = []
    with closing(opened(path)) as connection:
        connection.execute("CREATE TABLE kept (number INTEGER, text TEXT)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(path, copy)
        sent = 0
        with log_of(copy).open("wb") as log:
            for number, (size, is_committed) in enumerate(steps):
                connection.execute("BEGIN")
                connection.executemany("INSERT INTO kept VALUES (?, ?)", [(number, "x" * 3000)] * size)
                connection.execute("COMMIT" if is_committed else "ROLLBACK")
                kept += [number] * size if is_committed else []
                end = committed(log_of(path), sent)
                log.write(piece(log_of(path), sent, end))
                sent = end
        assert rows(copy) == kept
