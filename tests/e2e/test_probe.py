"""`sfdd probe` against both sandboxes: it finds what is set, and leaves nothing behind."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.app.options import Options
from sfdd_declare.app.probe import known, probe
from sfdd_declare.model.assumed import Hands, LeftBehind, Probed
from sfdd_declare.model.errors import DeclareError, Interrupted, StateError
from sfdd_declare.model.rules import ASSUMPTIONS
from sfdd_declare.sandbox.server import Running
from sfdd_declare.sandbox.switches import SWITCHES
from tests.e2e.stage import CONFIG, Stage, buyers, known_contact

TYPED = "2026-07-15"


class Prober:
    """Runs probes without waiting: the sandbox's clock moves on instead, and somebody types dates."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.told: list[str] = []
        self.asked: list[str] = []
        self.left: tuple[LeftBehind, ...] | None = None
        self.stop: Callable[[], int] = lambda: 0
        self.is_there = True

    def __call__(self, *names: str, domain: str = "example.com") -> Probed:
        options = Options(self.stage.folder, environ=self.stage.environ, stop=lambda: self.stop())
        return probe(options, names, domain, Hands(self._type, self.told.append, self._leave), pause=self._pause)

    def known(self, *names: str) -> dict[str, str]:
        found = known(Options(self.stage.folder, environ=self.stage.environ), names)
        return {line.assumption.name: line.value for line in found.lines}

    def _pause(self, seconds: float) -> None:
        if not seconds and self.stop():
            raise Interrupted(2)
        self.stage.world.set_clock(advance=timedelta(seconds=seconds))

    def _type(self, what: str) -> bool:
        self.asked.append(what)
        if not self.is_there:
            return False
        email = what.partition("the contact ")[2].partition(",")[0]
        field = what.partition("the data field ")[2].partition(",")[0]
        self.stage.marketer("set_field", email=email, field=field, value=TYPED)
        return True

    def _leave(self, left: tuple[LeftBehind, ...]) -> None:
        self.left = left


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as running:
        yield running


@pytest.fixture
def stage(tmp_path: Path, running: Running) -> Stage:
    running.world.reset()
    stage = Stage(tmp_path, running)
    stage.write()
    buyers(stage.world, 3)
    known_contact(stage.world, "ada@example.org", FIRSTNAME="Ada")
    return stage


@pytest.fixture
def prober(stage: Stage) -> Prober:
    return Prober(stage)


def things(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Everything in both systems that a person would see: the recycle bins apart."""
    tables = {
        "dd_contact": "binned = 0 AND account <> 0",
        "dd_list": "1 = 1",
        "dd_member": "1 = 1",
        "dd_field": "1 = 1",
        "dd_optout": "list_id IN (SELECT id FROM dd_list)",
        "sf_Campaign": "IsDeleted = 0",
        "sf_CampaignMember": "IsDeleted = 0",
        "sf_Contact": "IsDeleted = 0",
        "sf_Lead": "IsDeleted = 0",
    }
    with stage.world.lock:
        return {
            table: [dict(row) for row in stage.world.db.execute(f"SELECT * FROM {table} WHERE {where}")]  # noqa: S608
            for table, where in tables.items()
        }


def mixed(seed: int) -> dict[str, str]:
    choose = random.Random(seed).choice  # noqa: S311 - to be the same each time
    return {name: choose(switch.choices) for name, switch in SWITCHES.items()}


SETTINGS = {
    "cautious": {name: switch.cautious for name, switch in SWITCHES.items()},
    "lucky": {name: switch.lucky for name, switch in SWITCHES.items()},
}


@pytest.mark.parametrize(
    "settings",
    [
        *(pytest.param(values, id=name) for name, values in SETTINGS.items()),
        pytest.param(mixed(1), id="mixed"),
        pytest.param(mixed(2), id="another mix", marks=pytest.mark.slow),
    ],
)
def test_every_switch_is_found_as_it_is_set_and_nothing_is_left(
    stage: Stage, prober: Prober, settings: dict[str, str]
) -> None:
    stage.control("PUT", "switches", settings)
    before = things(stage)
    done = prober()
    assert {line.assumption.name: line.value or line.why for line in done.lines} == settings
    assert done.is_settled
    assert prober.left == ()
    assert things(stage) == before
    assert prober.known() == settings
