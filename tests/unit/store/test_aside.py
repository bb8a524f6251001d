"""A state is read where it can only be read: whole, as of one moment, and without a trace."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import pytest

from sfdd_declare.model.errors import DeclareError, Locked, StateError
from sfdd_declare.model.ports import Settlement
from sfdd_declare.store.aside import copied
from sfdd_declare.store.opening import open_state
from tests.unit.store.builders import a_holder, a_run

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / ".sfdd" / "state.db"
    mark(place, "1")
    return place


def mark(place: Path, value: str) -> None:
    with open_state(place, create=True, environ={}) as state, a_run(state, run=value) as run:
        run.record(Settlement(marks=(("m", value),)))
        run.end("done")


@contextmanager
def unfinished(place: Path, value: str) -> Iterator[None]:
    """Somebody has the state open and committed something that is in its log alone."""
    with closing(sqlite3.connect(place)) as other:
        other.execute("PRAGMA wal_autocheckpoint=0")
        other.execute("UPDATE watermarks SET value = ? WHERE name = 'm'", (value,))
        other.commit()
        assert place.with_name(place.name + "-wal").stat().st_size > 0
        yield


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in (folder, *folder.rglob("*"))}


def marks(place: Path, aside: Path | None = None) -> dict[str, str]:
    with open_state(place, create=False, environ={}, aside=(lambda: aside) if aside else None) as state:
        return dict(state.marks())


def test_a_copy_holds_what_only_the_log_holds(path: Path, tmp_path: Path) -> None:
    (tmp_path / "aside").mkdir()
    with unfinished(path, "2"):
        before = listing(path.parent)
        made = copied(path, tmp_path / "aside")
        assert listing(path.parent) == before
    assert marks(made) == {"m": "2"}


def test_a_copy_is_of_one_moment(path: Path, tmp_path: Path) -> None:
    values = iter("234")

    def meanwhile(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)
        if (value := next(values, None)) is not None:
            mark(path, value)

    waits: list[float] = []
    made = copied(path, tmp_path, copy=meanwhile, pause=waits.append)
    assert marks(made) == {"m": "4"}
    assert waits


def test_a_state_that_is_written_to_all_the_while_is_not_read_in_part(path: Path, tmp_path: Path) -> None:
    def meanwhile(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)
        source.touch()
        os.utime(source, ns=(0, source.stat().st_mtime_ns + 1_000_000))

    with pytest.raises(Locked, match="as a copy"):
        copied(path, tmp_path, copy=meanwhile, pause=lambda _: None)


def test_whoever_only_reads_cannot_write(path: Path, tmp_path: Path) -> None:
    with open_state(path, create=False, environ={}, aside=lambda: tmp_path) as state:
        assert dict(state.marks()) == {"m": "1"}
        with pytest.raises(StateError) as caught:
            state.lock(a_holder())
    assert (caught.value.id, caught.value.where) == ("SFDD-E3001", str(path))


@pytest.mark.parametrize("is_open", [False, True], ids=["after an apply", "beside an apply"])
def test_a_state_is_read_where_nothing_may_be_written(path: Path, *, is_open: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="sfdd-test-") as name:
        folder, aside = Path(name) / "checkout", Path(name) / "aside"
        shutil.copytree(path.parent, folder)
        aside.mkdir()
        place = folder / path.name
        with unfinished(place, "2") if is_open else nullcontext(), not_to_be_written(folder, aside):
            before = listing(folder)
            assert as_somebody_else(lambda: marks(place, aside)) == str({"m": "2" if is_open else "1"})
            assert listing(folder) == before


@contextmanager
def not_to_be_written(folder: Path, aside: Path) -> Iterator[None]:
    folder.parent.chmod(0o755)
    aside.chmod(0o777)
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


def as_somebody_else(work: Callable[[], object]) -> str:
    """What it gives as text, or why it gives nothing; not done by root, who may write everywhere."""
    reader, writer = os.pipe()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            os.write(writer, str(work()).encode())
        except (DeclareError, OSError) as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()
