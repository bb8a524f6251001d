"""Fixtures: a fresh stage per test, with people of every kind on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.cast import opened
from tests.e2e.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Both systems before the first apply."""
    with opened(tmp_path) as stage:
        yield stage
