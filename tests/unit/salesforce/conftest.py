"""One pair of running sandbox servers for all tests here, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.salesforce.client import Client
from sfdd_declare.sandbox.server import Running

from .builders import Org, a_spool


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "world.db") as running:
        yield running


@pytest.fixture
def org(running: Running) -> Org:
    org = Org(running)
    org.templates()  # the last request of the test before may still be on its way into the book
    running.world.reset()
    return org


@pytest.fixture
def client(org: Org) -> Iterator[Client]:
    with org.client() as client:
        yield client


@pytest.fixture
def spool(tmp_path: Path) -> RunDirectory:
    return a_spool(tmp_path)
