"""One pair of sandbox servers for clients that other people wrote, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from simple_salesforce import Salesforce

from sfdd_declare.sandbox.server import Running
from tests.clients.to_sandbox import ToSandbox


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "world.db") as both:
        yield both


@pytest.fixture
def sandbox(running: Running) -> Running:
    running.world.reset()
    return running


@pytest.fixture
def session(sandbox: Running) -> requests.Session:
    found = requests.Session()
    found.mount("https://", ToSandbox(sandbox))
    return found


@pytest.fixture
def org(sandbox: Running, session: requests.Session) -> Salesforce:
    return Salesforce(instance_url=sandbox.salesforce_url, session_id=sandbox.access.token, session=session)
