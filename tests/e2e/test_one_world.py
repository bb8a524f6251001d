"""One state, one world (RUN-8): a state meets no strangers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.sandbox.server import Running
from tests.e2e.stage import Ended, Stage, buyers

SALESFORCE = ("SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL")
DOTDIGITAL = ("DD_USER", "DD_PASSWORD", "DD_URL")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Stage]:
    """Another world with its own people, whose record ids are those of the first."""
    with Running(tmp_path / "elsewhere.db") as running:
        buyers(running.world, 3, start=100)
        yield Stage(tmp_path / "config", running)


def reads_of_people(stage: Stage) -> list[str]:
    """Requests that could have shown somebody's record. The set-up is read by composite requests."""
    counted = stage.calls()
    templates = [*counted["salesforce"]["by_template"], *counted["dotdigital"]["by_template"]]
    return [name for name in templates if any(part in name for part in ("/query", "/jobs", "contacts"))]


def test_RUN_8_a_state_is_refused_by_another_world_before_a_person_is_read(stage: Stage, elsewhere: Stage) -> None:
    buyers(stage.world, 3)
    stage.apply()
    here, there = stage.running.access, elsewhere.running.access

    def go(names: tuple[str, ...], *arguments: str) -> Ended:
        stage.overrides = {name: elsewhere.running.environment[name] for name in names}
        stage.forget_calls()
        elsewhere.forget_calls()
        ended = stage.sfdd(*arguments)
        assert ended.code == 1, ended.text
        assert reads_of_people(stage) == []
        assert reads_of_people(elsewhere) == []
        return ended

    for arguments in (("plan",), ("apply", "--auto-approve"), ("sync", "--auto-approve"), ("explain", "a@example.com")):
        ended = go((*SALESFORCE, *DOTDIGITAL), *arguments)
        for known in (here.org_id, there.org_id, here.account_id, there.account_id):
            assert known in ended.err
    assert "SFDD-E3014" not in go(SALESFORCE, "plan").err
    assert "sfdd state rebind main" in go(DOTDIGITAL, "plan").err

    stage.overrides = {}
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_two_worlds_have_ids_of_their_own_and_keep_them(stage: Stage, elsewhere: Stage, tmp_path: Path) -> None:
    here, there = stage.running.access, elsewhere.running.access
    assert here.org_id != there.org_id
    assert here.account_id != there.account_id
    assert here.token.startswith(here.org_id[:15])
    stage.world.reset()
    assert stage.running.access == here
    stage.running.stop()
    with Running(tmp_path / "sandbox.db") as again:
        assert again.access == here
