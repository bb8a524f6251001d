"""The benchmark of the people engine decides what it should: else its seconds say nothing."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks import engine_step, small_plan
from tests.benchmarks.invented import Since, people
from tests.benchmarks.people_engine import costs, table

PEOPLE = 2_000
QUIET = (Since.NOTHING, Since.OUT_FOR_LONG)


def test_steps_and_the_small_plan_can_be_imported() -> None:
    assert set(engine_step.STEPS) == {"data", "floor", "edge", "rules", "whole"}
    assert small_plan.REPEATS > 1


@pytest.mark.slow
def test_every_step_runs_and_only_those_change_to_whom_something_happened(capsys: pytest.CaptureFixture[str]) -> None:
    found = costs(PEOPLE)
    busy = sum(person.since not in QUIET for person in people(PEOPLE))
    assert found["floor"].counts == found["edge"].counts
    assert found["rules"].counts.items() <= found["whole"].counts.items()
    rows = found["whole"].counts["changes"] + found["whole"].counts["moves"]
    assert busy <= rows < 3 * busy
    with capsys.disabled():
        sys.stdout.write("\n" + table(PEOPLE, found))
