"""A stand-in and a job per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github import Hub, Serving
from tests.unit.host.job import Job


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Serving(Hub()) as hub:
        yield hub


@pytest.fixture
def job(hub: Hub, tmp_path: Path) -> Job:
    return Job(hub, tmp_path)
