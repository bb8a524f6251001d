"""A pair of running sandbox servers for each benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.sandbox.server import Running
from tests.unit.sandbox.dotdigital_side import DotdigitalSide


@pytest.fixture
def dotdigital(tmp_path: Path) -> Iterator[DotdigitalSide]:
    with Running(tmp_path / "world.db") as running, DotdigitalSide(running) as side:
        yield side
