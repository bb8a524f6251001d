"""The run directory ends clean, whatever a read that nobody waits for is still doing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from sfdd_declare.people.spool import ClosedError, RunDirectory, sweep

SCHEMA = pa.schema([("sf_id", pa.string())])
BATCH = pa.record_batch([pa.array(["003000000000001AAA"])], SCHEMA)


def test_INV_10_no_file_appears_behind_the_removal(tmp_path: Path) -> None:
    spool = RunDirectory(tmp_path / "runs")
    late = spool.sink("members", SCHEMA)
    late.write(BATCH)
    spool.close()
    with pytest.raises(ClosedError), late:
        late.write(BATCH)
    with pytest.raises(ClosedError):
        spool.sink("contacts", SCHEMA)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_part_is_seen_only_when_it_is_complete(tmp_path: Path) -> None:
    spool = RunDirectory(tmp_path)
    with spool.sink("members", SCHEMA) as sink:
        sink.write(BATCH)
        assert spool.parts("members") == ()
    assert [part.name for part in spool.parts("members")] == ["0000.parquet"]
    with pytest.raises(RuntimeError, match="lost"), spool.sink("members", SCHEMA) as sink:
        raise RuntimeError("lost")
    assert len(spool.parts("members")) == 1


def a_dead_process() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_INV_10_only_our_own_dead_runs_are_swept(tmp_path: Path) -> None:
    dead, running = a_dead_process(), RunDirectory(tmp_path)
    names = [f"run-{dead}-x", f"sfdd-run-{dead}", "sfdd-run-notes-x", f"sfdd-run-{os.getpid()}-y", f"other-{dead}-x"]
    for name in (*names, f"sfdd-run-{dead}-x"):
        (tmp_path / name).mkdir()
    (tmp_path / f"sfdd-run-{dead}-link").symlink_to(tmp_path / names[0])
    (tmp_path / f"sfdd-run-{dead}-file").touch()
    before = {path.name for path in tmp_path.iterdir()}
    sweep(tmp_path)
    assert before - {path.name for path in tmp_path.iterdir()} == {f"sfdd-run-{dead}-x"}
    assert running.root.is_dir()


def test_a_run_whose_process_cannot_be_seen_from_here_is_not_swept(tmp_path: Path) -> None:
    elsewhere = RunDirectory(tmp_path)
    seen_as = tmp_path / f"sfdd-run-{a_dead_process()}-container"
    elsewhere.root.rename(seen_as)
    sweep(tmp_path)
    assert seen_as.is_dir()
    elsewhere.close()
    sweep(tmp_path)
    assert not seen_as.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_dead_run_of_another_user_is_left_to_them(tmp_path: Path) -> None:
    theirs = tmp_path / f"sfdd-run-{a_dead_process()}-x"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    sweep(tmp_path)
    assert theirs.is_dir()
