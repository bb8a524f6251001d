"""`plan --detailed-exitcode` and `plan --check`: what the exit code alone tells a pipeline."""

from __future__ import annotations

import pytest

from sfdd_declare.model.errors import Stale
from tests.cli.surroundings import Asked, run
from tests.golden import cases


@pytest.mark.parametrize(
    ("plan", "code"), [(cases.blocked_removals(), 2), (cases.empty(), 0), (cases.held_only(), 0)], ids=str
)
def test_whatever_is_due_is_a_change_also_when_a_guard_blocks_it(plan, code, capsys):
    assert run("plan", "--detailed-exitcode", asked=Asked({"plan": plan})) == code


def test_a_plan_of_blocked_operations_alone_is_a_change(capsys):
    removal, _ = cases.blocked_removals().operations
    assert run("plan", "--detailed-exitcode", asked=Asked({"plan": cases.a_plan(removal)})) == 2


def test_checking_a_token_answers_with_0_or_3_and_says_why(capsys):
    asked = Asked({"plan": cases.first_plan()})
    assert run("plan", "--check", "3f9c0a1b2c3d:412.57.0.0.3", asked=asked) == 0
    assert [call[0] for call in asked.calls] == ["plan", "demand"]
    assert asked.calls[0][1].expect == "3f9c0a1b2c3d:412.57.0.0.3"
    stale = Asked({"plan": cases.first_plan(), "demand": Stale("SFDD-E5002", "more people to remove")})
    assert run("plan", "--check", "3f9c0a1b2c3d:1.0.0.0.0", asked=stale) == 3
    assert "more people to remove" in capsys.readouterr().err
