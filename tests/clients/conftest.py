"""One pair of sandbox servers for clients that other people wrote, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfdd_declare.sandbox.server import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "world.db") as both:
        yield both


@pytest.fixture
def sandbox(running: Running) -> Running:
    running.world.reset()
    return running
