"""Fixtures: a fresh stage per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.sandbox.server import Running
from tests.e2e.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty sandbox with the default configuration beside it."""
    folder = tmp_path / "config"
    folder.mkdir()
    with Running(tmp_path / "sandbox.db") as running:
        stage = Stage(folder, running)
        stage.write()
        yield stage
