"""The run directory ends clean, whatever a read that nobody waits for is still doing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sfdd_declare.people.spool import ClosedError, RunDirectory

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
