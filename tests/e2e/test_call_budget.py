"""`salesforce.daily_call_budget`: counted as Salesforce counts, held before anything is written, never for consent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sfdd_declare.app import options
from tests.e2e.stage import CONFIG, Stage, buyers


def budgeted(stage: Stage, calls: int) -> None:
    stage.write(CONFIG.replace("salesforce:\n", f"salesforce:\n  daily_call_budget: {calls}\n"))


def counted(stage: Stage) -> int:
    """What Salesforce itself has counted since the last look."""
    return int(stage.calls()["salesforce"]["total"])


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_plan_shows_calls_made_and_estimated_beside_the_budget(stage: Stage) -> None:
    budgeted(stage, 5000)
    buyers(stage.world, 3)
    stage.forget_calls()
    said = flat(stage.sfdd("plan").out)
    assert f"This tool's own Salesforce calls today: {counted(stage)} of 5,000." in said
    assert "not held to a budget" not in said


def test_calls_of_applies_are_remembered_and_are_those_that_salesforce_counted(stage: Stage) -> None:
    budgeted(stage, 5000)
    buyers(stage.world, 3)
    stage.forget_calls()
    stage.apply()
    stage.apply()
    said = flat(stage.sfdd("plan", "--verbose").out)
    assert "No changes" in said
    buyers(stage.world, 1, start=3)
    said = flat(stage.sfdd("plan").out)
    # a plan is remembered only once it is applied
    planned = counted(stage)
    stage.forget_calls()
    stage.sfdd("plan")
    one_plan = counted(stage)
    assert f"Salesforce calls today: {planned - one_plan} of 5,000" in said


def test_an_apply_beyond_the_budget_is_blocked_before_it_writes(stage: Stage) -> None:
    budgeted(stage, 10)
    buyers(stage.world, 3)
    ended = stage.sfdd("apply", "--auto-approve")
    assert ended.code == 5
    said = flat(ended.text)
    assert "daily_call_budget salesforce:" in said
    assert "(10 a day," in said
    assert "--allow daily_call_budget" in said
    assert stage.contact_in_dotdigital("buyer0@example.com") is None
    assert stage.sfdd("apply", "--auto-approve", "--allow", "daily_call_budget").code == 0
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]


def test_the_budget_is_whole_again_the_next_day(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    budgeted(stage, 5000)
    buyers(stage.world, 3)
    stage.apply()
    stage.forget_calls()
    monkeypatch.setattr(options, "now", lambda: datetime.now(UTC) + timedelta(days=1))
    buyers(stage.world, 1, start=3)
    said = flat(stage.sfdd("plan").out)
    assert f"Salesforce calls today: {counted(stage)} of 5,000" in said


def test_opt_outs_go_through_whatever_the_budget(stage: Stage) -> None:
    made = buyers(stage.world, 3)
    stage.apply()
    stage.admin("update", "Contact", made[0], HasOptedOutOfEmail=True)
    buyers(stage.world, 1, start=3)
    budgeted(stage, 1)
    ended = stage.sfdd("apply", "--auto-approve")
    assert ended.code == 5, ended.text
    contact = stage.contact_in_dotdigital("buyer0@example.com")
    assert contact is not None
    assert contact["channelProperties"]["email"]["status"] == "suppressed"
    assert stage.lists_of("buyer3@example.com") == []


def test_without_a_budget_nothing_is_held_back(stage: Stage) -> None:
    buyers(stage.world, 3)
    stage.apply()
    assert "own Salesforce calls" not in stage.sfdd("plan").out
