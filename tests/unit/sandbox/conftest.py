"""One pair of running sandbox servers for all tests here, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfdd_declare.sandbox.server import Running
from tests.unit.sandbox.dotdigital_side import DotdigitalSide
from tests.unit.sandbox.salesforce_side import SalesforceSide


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "world.db") as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: Running) -> Running:
    running_sandbox.world.reset()
    return running_sandbox


@pytest.fixture
def dotdigital(sandbox: Running) -> Iterator[DotdigitalSide]:
    with DotdigitalSide(sandbox) as side:
        yield side


@pytest.fixture
def salesforce(sandbox: Running) -> Iterator[SalesforceSide]:
    with SalesforceSide(sandbox) as side:
        yield side
