"""What a stranger would change together with the data: the limits that the data is judged by."""

from __future__ import annotations

import json

import pytest

from tests.e2e.hands import flat, writes
from tests.e2e.stage import CONFIG, Stage, buyers

EXACT = CONFIG.replace("'Buyers'\"}", "'Buyers'\"}\n      mode: exact")
LIMITS = "guards: {max_removals: 5%, protect: [address_book.spring]}\n"
FEWER = "Department = 'Buyers' AND LastName != 'Last0' AND LastName != 'Last1' AND LastName != 'Last2'"
LOOSE = {
    "another file": {"zz.yaml": "guards: {max_removals: 100%}\n"},
    "an overlay": {"zz.yaml": LIMITS, "env/prod.yaml": "guards: {max_removals: 100%, protect: []}\n"},
    "a variable": {"zz.yaml": "vars: {most: 100%}\nguards: {max_removals: '${var:most}'}\n"},
}


@pytest.fixture
def merged(stage: Stage) -> Stage:
    """Twelve buyers are on the book of the one environment, whose overlay says nothing of limits."""
    buyers(stage.world, 12)
    main = stage.folder.parent / "main"
    for folder in (main, stage.folder):
        (folder / "env").mkdir(parents=True)
        (folder / "sfdd.yaml").write_text(EXACT + LIMITS)
        (folder / "env" / "prod.yaml").write_text("matching: {}\nsync: {full_every: 7 days}\n")
    stage.apply("--env", "prod")
    return stage


def test_limits_that_are_loosened_with_the_data(merged: Stage) -> None:
    """However they are written, the base's hold, in the plan and in its token, and are told first."""
    before = writes(merged)
    for name, files in LOOSE.items():
        merged.write(EXACT.replace("Department = 'Buyers'", FEWER))
        for file, text in files.items():
            (merged.folder / file).write_text(text)
        found = json.loads(merged.sfdd("plan", "--env", "prod", "--base", "../main", "--json").out)
        assert ("max_removals", "5%") in {(one["guard"], one["limit"]) for one in found["blocked"]}, name
        loosened = {(one["key"], one["base"], one["judged"]) for one in found["loosened"]}
        assert ("guards.max_removals", "5%", "5%") in loosened, name
        assert any(key == "guards.protect" for key, *_ in loosened), name
    assert writes(merged) == before


def test_limits_that_are_said_twice(merged: Stage) -> None:
    """A second file does not override the first."""
    (merged.folder / "zz.yaml").write_text("guards: {max_removals: 100%}\n")
    ended = merged.sfdd("plan", "--env", "prod", "--base", "../main")
    assert (ended.code, "zz.yaml" in ended.err, "max_removals" in flat(ended.err)) == (1, True, True), ended.text
