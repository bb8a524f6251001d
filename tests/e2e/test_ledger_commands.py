"""`sfdd errors` and `sfdd forget`, from what a user sees to what the next run does."""

from __future__ import annotations

import pytest

from tests.e2e.hands import flat
from tests.e2e.stage import Stage, buyers


@pytest.fixture
def refused(stage: Stage) -> tuple[Stage, str]:
    """One row of four was refused; its record."""
    buyers(stage.world, 3)
    (bad,) = buyers(stage.world, 1, start=3, Title="T" * 60)
    stage.world.set_setting("dotdigital.text_limit", 50)
    assert stage.sfdd("apply", "--auto-approve").code == 6
    return stage, bad


def test_before_anything_went_wrong_nothing_waits(stage: Stage) -> None:
    shown = stage.sfdd("errors")
    assert (shown.code, "Nothing waits" in shown.out) == (0, True), shown.text
    assert stage.sfdd("errors", "retry").code == 0


def test_a_problem_shows_record_code_age_attempts_and_next_try_and_no_value(refused: tuple[Stage, str]) -> None:
    stage, bad = refused
    shown = stage.sfdd("errors")
    assert shown.code == 0
    assert all(part in shown.out for part in (bad, "InvalidContact", "too long", "tried once", "next run")), shown.out
    assert "TTT" not in shown.out
    assert "@" not in shown.out


def test_a_parked_problem_is_released_by_retry(refused: tuple[Stage, str]) -> None:
    stage, bad = refused
    assert "1 problem parked" in stage.sfdd("errors", "park", bad).out
    assert "1 parked" in stage.sfdd("errors").out
    assert "1 problem to be tried again" in stage.sfdd("errors", "retry", bad).out
    assert "0 parked" in stage.sfdd("errors").out


def test_RUN_4_a_parked_row_is_neither_planned_nor_sent_until_it_differs_or_is_retried(
    refused: tuple[Stage, str],
) -> None:
    stage, bad = refused
    stage.sfdd("errors", "park", bad)

    held = stage.sfdd("plan", "--detailed-exitcode")
    assert (held.code, "1 person with parked rows" in flat(held.out)) == (0, True), held.text
    stage.forget_calls()
    assert stage.sfdd("apply", "--auto-approve").code == 0
    assert "PUT /contacts/v3/import" not in stage.calls()["dotdigital"]["by_template"]
    assert "1 parked" in stage.sfdd("errors").out

    stage.admin("update", "Contact", bad, Title="T" * 70)  # another value, refused as well, is tried once
    assert stage.sfdd("apply", "--auto-approve").code == 1
    assert "0 parked" in stage.sfdd("errors").out
    stage.sfdd("errors", "park", bad)
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
    stage.sfdd("errors", "retry", bad)
    assert stage.sfdd("plan", "--detailed-exitcode").code == 2

    stage.sfdd("errors", "park", bad)
    stage.admin("update", "Contact", bad, Title="Short")
    stage.apply()
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    assert "Nothing waits" in stage.sfdd("errors").out


def test_a_record_without_a_problem_is_named(refused: tuple[Stage, str]) -> None:
    stage, _ = refused
    wrong = stage.sfdd("errors", "park", "003000000000000AAA")
    assert (wrong.code, "SFDD-E9030" in wrong.err) == (1, True)


def test_ID_7_whoever_was_deleted_in_dotdigital_is_made_again_only_after_forgetting(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    contact = stage.contact_in_dotdigital("buyer1@example.com")
    assert contact is not None
    stage.marketer("delete_contact", email="buyer1@example.com")
    held = stage.sfdd("plan", "--detailed-exitcode")
    assert (held.code, "deleted in Dotdigital" in held.out) == (0, True), held.text
    forgotten = stage.sfdd("forget", " Buyer1@Example.com")
    assert "Forgot 1 pair, 1 membership and 0 problems" in forgotten.out, forgotten.text
    assert "Nothing is known" in stage.sfdd("forget", "buyer1@example.com").out
    stage.apply()
    assert stage.lists_of("buyer1@example.com") == ["Spring book"]
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_forgetting_keeps_an_opt_out_from_the_list(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    stage.marketer("list_unsubscribe", email="buyer1@example.com", list="Spring book")
    stage.sfdd("apply", "--auto-approve")
    stage.sfdd("forget", "buyer1@example.com")
    stage.apply()
    assert stage.lists_of("buyer1@example.com") == []
