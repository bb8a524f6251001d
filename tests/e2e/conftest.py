"""Fixtures: a fresh stage per test; and which tests are for the runs on demand."""

from __future__ import annotations

import hashlib
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


#: Files about what the oracle and the lives prove for any plan as well, or of which there are many. A fixed third of
#: their tests runs always, the rest with `-m slow`. Consent, privacy and the last look are never among them.
SAMPLED = frozenset(
    f"test_{name}"
    for name in (
        "accounts", "bad_situations", "bulk", "call_budget", "explain", "hostile", "one_world", "sync",
        "base", "dates", "delta", "drift", "echo", "exact", "identity", "ledger_commands", "mirror",
        "new_leads", "plan_files", "row_failures", "selections", "setup", "setup_links", "setup_losses",
        "setup_takeover", "targets", "two_way", "value_rules",
    )
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By a digest of its name, so that a new test changes nothing about the others."""
    for item in items:
        if item.path.stem in SAMPLED and hashlib.sha256(item.name.encode()).digest()[0] % 3:
            item.add_marker(pytest.mark.slow)
