"""One pair of running sandbox servers for all tests here, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.dotdigital.client import Client, connect
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.sandbox.server import Running
from sfdd_declare.sandbox.world import World

from .builders import Hands, Pauses, an_account


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "world.db") as running:
        yield running


@pytest.fixture
def url(running: Running) -> str:
    running.world.reset()
    return running.dotdigital_url


@pytest.fixture
def world(running: Running, url: str) -> World:
    return running.world


@pytest.fixture
def pauses(world: World) -> Pauses:
    return Pauses(world)


@pytest.fixture
def hands(world: World, url: str) -> Iterator[Hands]:
    hands = Hands(world, url)
    yield hands
    hands.http.close()


@pytest.fixture
def client(url: str, pauses: Pauses, hands: Hands) -> Iterator[Client]:
    """A connected client; the call that found the region is not among the sandbox's counted ones."""
    client = connect(an_account(url), pause=pauses)
    hands.requests()
    yield client
    client.close()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[RunDirectory]:
    directory = RunDirectory(tmp_path / "runs")
    yield directory
    directory.close()
