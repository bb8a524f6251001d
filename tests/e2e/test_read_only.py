"""A plan reads, and leaves no trace beside the configuration where none can be left."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.e2e.stage import Stage, buyers


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in (folder, *folder.rglob("*"))}


def test_INV_10_a_plan_needs_no_place_beside_the_configuration(stage: Stage) -> None:
    (stage.folder / ".sfdd").touch()
    buyers(stage.world, 3)
    before = listing(stage.folder)
    ended = stage.sfdd("plan")
    assert ended.code == 0, ended.text
    assert "3 to add" in ended.out
    assert listing(stage.folder) == before
    assert list(Path(tempfile.gettempdir()).glob(f"sfdd-run-{os.getpid()}-*")) == []
