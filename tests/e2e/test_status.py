"""`sfdd status` and `sfdd history`: what they tell matches what was done, without a call and without credentials."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sfdd_declare.sandbox.faults import HANGING
from tests.e2e.canaries import leaks, mail, people, prepare
from tests.e2e.hands import flat
from tests.e2e.stage import CONFIG, Stage, buyers
from tests.e2e.test_turns import BY_HAND

SPRING = "link.spring.spring"


def status(stage: Stage, *flags: str, code: int = 0) -> dict[str, Any]:
    """The document; text and document end with the same code, and nobody is called."""
    stage.forget_calls()
    shown, ended = stage.sfdd("status", *flags), stage.sfdd("status", "--json", *flags)
    assert (shown.code, ended.code) == (code, code), shown.text
    assert [stage.calls()[system]["total"] for system in ("salesforce", "dotdigital")] == [0, 0]
    found: dict[str, Any] = json.loads(ended.out)
    return found


def link(stage: Stage, address: str = SPRING, *, code: int = 0) -> dict[str, Any]:
    (found,) = (each for each in status(stage, code=code)["links"] if each["link"] == address)
    assert isinstance(found, dict)
    return found


def numbers(found: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in found["members"].items() if isinstance(count, int) and count}


def history(stage: Stage, *asked: str) -> list[dict[str, Any]]:
    ended = stage.sfdd("history", *asked, "--json")
    assert ended.code == 0, ended.text
    found: list[dict[str, Any]] = json.loads(ended.out)["runs"]
    return found


def figures(add: int = 0, update: int = 0, overwrites: int = 0) -> dict[str, int]:
    return {"add": add, "update": update, "remove": 0, "leads": 0, "overwrites": overwrites}


def test_before_any_apply_it_says_so(stage: Stage) -> None:
    shown = stage.sfdd("status")
    assert (shown.code, "there is no state at .sfdd/state.db" in shown.out) == (0, True), shown.text
    assert shown.out.endswith("Hint: sfdd apply\n")
    assert (status(stage)["is_new"], status(stage)["last_run"], link(stage)["members"]) == (True, None, None)
    assert (history(stage), "Hint: sfdd apply" in stage.sfdd("history").out) == ([], True)
    assert not (stage.folder / ".sfdd/state.db").exists()


def test_a_state_that_was_begun_and_not_used_is_no_missing_one(stage: Stage) -> None:
    assert stage.sfdd("state", "init").code == 0
    assert "nothing was applied yet.\n" in stage.sfdd("status").out


def test_no_credentials_are_needed(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    stage.overrides = {"DD_USER": "", "DD_PASSWORD": "", "SF_ACCESS_TOKEN": ""}
    assert numbers(link(stage)) == {"all": 2, "in_step": 2}


def test_after_an_apply_and_a_sync_numbers_are_those_of_what_was_done(stage: Stage) -> None:
    ids = buyers(stage.world, 5)
    stage.apply()
    found = link(stage)
    assert numbers(found) == {"all": 5, "in_step": 5}
    assert found["last_run"] == found["last_success"] == found["members"]["counted"]
    assert found["next_run"] > found["last_run"]
    assert found["oldest_change"] is None
    (applied,) = history(stage)
    assert (applied["result"], applied["details"]["command"]) == ("done", "apply")
    assert (applied["details"]["planned"], applied["details"]["done"]) == (figures(5), figures(5))

    for record in ids[:2]:
        stage.admin("update", "Contact", record, Title="New")
    assert stage.sfdd("sync", "--auto-approve").code == 0
    synced, before = history(stage)
    assert before == applied
    details = synced["details"]
    assert (details["command"], details["planned"], details["done"], details["written"]) == (
        "sync",
        figures(update=2, overwrites=2),
        figures(update=2, overwrites=2),
        2,
    )
    assert status(stage)["last_run"] == synced
    assert numbers(link(stage)) == {"all": 5, "in_step": 5}


def test_one_run_is_shown_whole_by_the_beginning_of_its_id(stage: Stage) -> None:
    buyers(stage.world, 3)
    stage.apply()
    stage.apply()
    newest, first = (run["run"] for run in history(stage))
    assert [run["run"] for run in history(stage, "-n", "1")] == [newest]
    assert [run["run"] for run in history(stage, first[:20])] == [first]
    shown = stage.sfdd("history", first[:20])
    assert shown.out.startswith(f"Run {first}: done.\n")
    assert "Planned 3 Done 3" in flat(shown.out)
    assert [line.split()[0] for line in stage.sfdd("history").out.splitlines()] == ["Run", newest, first]
    wrong = stage.sfdd("history", "nothing")
    assert (wrong.code, "SFDD-E9057" in wrong.err, "Hint: sfdd history" in wrong.err) == (1, True, True)
    several = stage.sfdd("history", newest[:2])
    assert (several.code, f"{newest}, {first}." in flat(several.err)) == (1, True)
    assert f"Hint: sfdd history {newest}" in several.err


def test_somebody_who_opted_out_is_neither_in_step_nor_pending(stage: Stage) -> None:
    ids = buyers(stage.world, 4)
    stage.apply()
    stage.admin("update", "Contact", ids[0], HasOptedOutOfEmail=True)
    assert stage.sfdd("sync", "--auto-approve").code == 0
    assert history(stage)[0]["details"]["opted_out"] == 1
    assert stage.sfdd("sync", "--auto-approve").code == 0
    assert numbers(link(stage)) == {"all": 4, "in_step": 3, "opted_out": 1}


def test_a_row_that_failed_is_tried_again_and_one_that_is_parked_waits_for_a_human(stage: Stage) -> None:
    buyers(stage.world, 3)
    (bad,) = buyers(stage.world, 1, start=3, Title="T" * 60)
    stage.world.set_setting("dotdigital.text_limit", 50)
    assert stage.sfdd("apply", "--auto-approve").code == 6
    found = link(stage)
    assert numbers(found) == {"all": 4, "in_step": 3, "failed": 1}
    assert (found["last_success"], found["oldest_change"]) == (None, found["last_run"])
    assert "waiting for the first synchronisation" in stage.sfdd("status").out
    (run,) = history(stage)
    assert (run["result"], run["details"]["failed"], list(run["details"]["problems"].values())) == ("in part", 1, [1])

    stage.sfdd("errors", "park", bad)
    (waiting,) = status(stage, code=2)["waiting"]
    assert (waiting["kind"], waiting["count"], "sfdd errors retry" in waiting["hint"]) == ("parked", 1, True)
    assert stage.sfdd("sync", "--auto-approve").code == 0
    assert numbers(link(stage, code=2)) == {"all": 4, "in_step": 3, "parked": 1}
    assert [each["kind"] for each in status(stage, code=2)["waiting"]] == ["parked"]


def test_a_link_by_hand_says_which_command_carries_it(stage: Stage) -> None:
    stage.write(BY_HAND)
    buyers(stage.world, 2)
    stage.apply()
    shown = stage.sfdd("status")
    assert "link.autumn.autumn by hand: `sfdd sync autumn.autumn`, never synchronised yet\n" in shown.out
    assert (link(stage, "link.autumn.autumn")["next_run"], link(stage, "link.autumn.autumn")["members"]) == (None, None)
    assert stage.sfdd("sync", "autumn.autumn", "--auto-approve").code == 0
    assert link(stage, "link.autumn.autumn")["last_success"] is not None


def test_a_link_that_is_not_declared_any_more_is_not_shown(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    stage.write(CONFIG.partition("links:")[0])
    assert status(stage)["links"] == []


def test_what_a_sync_left_of_the_set_up_is_said_and_waits_for_nobody(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    stage.write(replace=("name: Spring launch", "name: Spring launch 2"))
    assert stage.sfdd("sync", "--auto-approve").code == 0
    assert status(stage)["setup_left"] == ["campaign.spring"]
    stage.apply()
    assert status(stage)["setup_left"] == []


def test_a_guard_that_blocks_waits_for_a_human(stage: Stage) -> None:
    ids = buyers(stage.world, 20)
    stage.apply()
    for record in ids[:15]:
        stage.admin("update", "Contact", record, Title="New")
    stage.write(CONFIG + "guards: {max_overwrites: 1}\n")
    assert stage.sfdd("sync", "--auto-approve").code == 5
    found = status(stage, code=2)
    (waiting,) = found["waiting"]
    assert (waiting["kind"], waiting["subject"]) == ("guard", "max_overwrites")
    assert found["last_run"]["details"]["blocked"] == ["max_overwrites"]


def test_who_runs_right_now_is_said_and_a_run_that_was_killed_is_interrupted(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.control("POST", "faults", {"kind": "hang_before", "path": "v3/import$", "seconds": 60})
    process = stage.process("apply", "--auto-approve")
    while stage.world.setting(HANGING) is None:
        assert process.poll() is None
    going_on = status(stage)
    process.kill()
    process.communicate()
    assert (going_on["last_run"]["result"], "`sfdd apply`" in going_on["running"]["who"]) == ("under way", True)
    found = status(stage, code=2)
    (waiting,) = found["waiting"]
    assert (found["running"], found["last_run"]["result"], waiting["hint"]) == (None, "interrupted", "sfdd apply")
    assert found["last_run"]["details"]["planned"]["add"] == 2
    assert found["last_run"]["details"]["done"] is None
    assert "interrupted" in stage.sfdd("history").out


SHOWN: list[Callable[[str], tuple[str, ...]]] = [
    lambda _: ("status", "--verbose"),
    lambda _: ("status", "--json"),
    lambda _: ("history",),
    lambda _: ("history", "--json"),
    lambda run: ("history", run),
]


def test_neither_shows_anybody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    secrets = prepare(stage)
    people(stage, 1, start=30, Description="Zqabout" * 200)
    people(stage, 1, start=31, Email="Zqmail31 is no address")
    people(stage, 2, start=33, HasOptedOutOfEmail=True)
    stage.world.set_setting("dotdigital.globally_suppressed", [mail(5)])
    assert stage.sfdd("apply", "--auto-approve", "--allow", "max_overwrites").code == 6
    run = history(stage)[0]["run"]
    for line in SHOWN:
        ended = stage.sfdd(*line(run))
        assert ended.out
        assert (leaks(stage, secrets, ended.text), "@" in ended.text) == ([], False), ended.text
    assert leaks(stage, secrets, caplog.text) == []
