"""One state, one world (RUN-8): a state meets no strangers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.sandbox.salesforce import rows
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


def state_row(stage: Stage) -> dict[str, object]:
    with stage.world.lock:
        (row,) = stage.world.db.execute("SELECT * FROM sf_SFDD_State__c WHERE IsDeleted = 0").fetchall()
    return dict(row)


def refused(stage: Stage, *arguments: str) -> str:
    stage.forget_calls()
    ended = stage.sfdd(*arguments)
    assert ended.code == 1, ended.text
    assert reads_of_people(stage) == []
    return " ".join(ended.err.split())


def test_RUN_8_a_forked_state_is_stopped_until_it_takes_the_row_over(stage: Stage) -> None:
    state, fork = stage.folder / ".sfdd" / "state.db", stage.folder / "fork.db"
    buyers(stage.world, 2)
    stage.apply()
    first = state_row(stage)
    assert first["Name"] == "config"
    assert first["Org_Id__c"] == stage.running.access.org_id
    assert first["Account_Ids__c"] == f"main = {stage.running.access.account_id}"
    shutil.copy(state, fork)
    buyers(stage.world, 1, start=2)
    stage.apply()
    last = state_row(stage)
    assert last["Id"] == first["Id"]
    assert last["Last_Apply__c"] != first["Last_Apply__c"]

    stage.marketer("remove_from_list", email="buyer2@example.com", list="Spring book")
    shutil.copy(state, stage.folder / "ours.db")
    shutil.copy(fork, state)
    said = refused(stage, "plan")
    assert str(last["Last_Apply__c"]) in said
    assert "sfdd state restore" in said
    lineage = str(last["External_Id__c"])
    assert f"sfdd apply --adopt-lineage {lineage}" in said
    refused(stage, "apply", "--auto-approve")
    refused(stage, "apply", "--auto-approve", "--adopt-lineage", "another")

    taken = stage.apply("--adopt-lineage", lineage)
    assert "as never synchronised" in " ".join(taken.text.split())
    plan = " ".join(stage.sfdd("plan").text.split())
    assert "as never synchronised" in plan
    assert "1 person not in the state that was taken over, and not added" in plan
    assert stage.lists_of("buyer2@example.com") == []
    accepted = stage.apply("--accept-first-sync")
    assert "never synchronised" not in accepted.text
    assert stage.lists_of("buyer2@example.com") == ["Spring book"]

    shutil.copy(stage.folder / "ours.db", state)
    refused(stage, "plan")


def test_RUN_8_a_lost_state_is_missed_and_comes_back_from_its_copy(stage: Stage) -> None:
    state = stage.folder / ".sfdd" / "state.db"
    buyers(stage.world, 2)
    stage.apply()
    buyers(stage.world, 1, start=2)
    stage.apply()
    state.unlink()
    said = " ".join(stage.sfdd("plan").err.split())
    assert "state.db.backup" in said
    assert not state.exists()
    assert stage.sfdd("apply", "--auto-approve").code == 1
    assert not state.exists(), "an apply begins no new one in its place"
    assert stage.sfdd("state", "init").code == 1
    assert "Backup" in stage.sfdd("state", "show").out

    assert stage.sfdd("state", "restore").code == 0
    assert "taken over" in stage.sfdd("state", "show").out
    stage.apply()
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_RUN_8_the_org_is_told_by_one_call_of_an_apply_that_wrote_something(stage: Stage) -> None:
    def told() -> int:
        found = stage.calls()["salesforce"]["by_template"]
        return sum(
            n
            for name, n in found.items()
            if name.startswith("PATCH") and name.endswith("/composite/sobjects/{object}/{field}")
        )

    stage.apply()
    before = state_row(stage)["Last_Apply__c"]
    stage.forget_calls()
    stage.apply()
    assert told() == 0
    assert state_row(stage)["Last_Apply__c"] == before
    buyers(stage.world, 1)
    stage.forget_calls()
    stage.apply()
    assert told() == 1
    assert state_row(stage)["Last_Apply__c"] != before


def test_RUN_8_rows_of_the_org_that_this_one_was_copied_from_are_removed_by_a_command(stage: Stage) -> None:
    stage.apply()
    lineage = "c0ffee"
    state = {"External_Id__c": lineage, "Name": "prod", "Org_Id__c": "00D000000000001AAA", "Last_Apply__c": "x"}
    book = {"External_Id__c": f"{lineage}:address_book.spring", "Name": "spring", "Account__c": "main"}
    rows.insert_many(stage.world, "SFDD_State__c", [state])
    rows.insert_many(stage.world, "SFDD_Address_Book__c", [book])
    assert lineage in stage.sfdd("plan").out
    assert "Removed 2 rows" in stage.sfdd("registry", "clean").out
    assert "no rows" in stage.sfdd("registry", "clean").out
    assert state_row(stage)["Name"] == "config"


def test_RUN_8_a_state_that_is_rebound_forgets_people_and_begins_in_the_other_world(
    stage: Stage, elsewhere: Stage
) -> None:
    buyers(stage.world, 2)
    stage.apply()
    assert "Nothing to do" in stage.sfdd("state", "rebind").out
    stage.overrides = dict(elsewhere.running.environment)
    assert "SFDD-E3013" in stage.sfdd("state", "rebind", "main").err
    said = stage.sfdd("state", "rebind").out
    assert elsewhere.running.access.org_id in said
    assert "2 people" in said
    stage.apply()
    assert elsewhere.lists_of("buyer100@example.com") == ["Spring book"]
    assert elsewhere.contact_in_dotdigital("buyer0@example.com") is None
    stage.overrides = {}
    refused(stage, "plan")
