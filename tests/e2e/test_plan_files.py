"""Plan files over HTTP: what was approved and is still due is done, and no more (CON-16); refusals say what differs."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.app import plan_file
from sfdd_declare.model.errors import Stale
from sfdd_declare.sandbox.server import Running
from sfdd_declare.store import planfile
from tests.e2e.stage import CONFIG, Ended, Stage, buyers
from tests.e2e.test_hostile import at_a_terminal

PLAN = "spring.sfddplan"
PAST_THE_OVERLAPS = 700


@pytest.fixture
def planned(stage: Stage) -> Stage:
    """Three buyers and all the set-up are in a plan file; nothing is applied."""
    buyers(stage.world, 3)
    assert stage.sfdd("state", "init").code == 0
    plan(stage)
    return stage


def plan(stage: Stage, *flags: str) -> Ended:
    ended = stage.sfdd("plan", "--out", PLAN, *flags)
    assert ended.code == 0, ended.text
    return ended


def refused(stage: Stage, code: int, *words: str, file: str = PLAN) -> None:
    """Exit code, words, and nothing written anywhere."""
    before = len(writes(stage))
    ended = stage.sfdd("apply", file)
    assert ended.code == code, ended.text
    for word in words:
        assert word in ended.err
    assert len(writes(stage)) == before


def packed(path: Path, members: Mapping[str, bytes]) -> None:
    """A plan file of these members, packed as ours are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED if name == "plan.json" else zipfile.ZIP_STORED)


def writes(stage: Stage) -> list[str]:
    us = ("integration", "apiuser-sandbox@apiconnector.com")
    return [entry["what"] for entry in stage.control("GET", "history") if entry["who"] in us]


def test_a_plan_file_is_carried_out_without_asking_and_then_nothing_is_due(planned: Stage) -> None:
    ended = planned.sfdd("apply", PLAN)
    assert ended.code == 0, ended.text
    assert planned.lists_of("buyer0@example.com") == ["Spring book"]
    assert planned.sfdd("plan", "--detailed-exitcode").code == 0
    again = planned.sfdd("apply", PLAN)  # not due any more
    assert again.code == 0, again.text
    assert "No changes." in again.out


def test_who_came_after_the_review_waits_for_the_next_plan(planned: Stage) -> None:
    buyers(planned.world, 1, start=3)
    ended = planned.sfdd("apply", PLAN)
    assert ended.code == 0, ended.text
    assert planned.lists_of("buyer2@example.com") == ["Spring book"]
    assert planned.contact_in_dotdigital("buyer3@example.com") is None
    assert "1 person with changes that the plan file does not hold (CON-16): the next plan shows them" in ended.out
    for flags in ((), ("--delta",)):
        following = planned.sfdd("plan", *flags)
        assert "People: 1 to add" in following.out, flags
    assert planned.sfdd("apply", "--auto-approve").code == 0
    assert planned.lists_of("buyer3@example.com") == ["Spring book"]


def test_a_delta_shows_who_was_left_out(planned: Stage) -> None:
    for _ in range(2):
        planned.apply("--delta")
        planned.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    ids = {row["Email"]: row["Id"] for row in contacts(planned)}
    for number, title in ((0, "Chief"), (1, "Queen")):
        planned.admin("update", "Contact", ids[f"buyer{number}@example.com"], Title=title)
        if number == 0:
            plan(planned)
    assert planned.sfdd("apply", PLAN).code == 0
    assert job_title(planned, "buyer0@example.com") == "Chief"
    told = json.loads(planned.sfdd("plan", "--delta", "--json").out)
    assert not told["complete"]  # a delta indeed
    assert told["summary"]["people"]["update"] == 1
    planned.apply("--delta")
    assert job_title(planned, "buyer1@example.com") == "Queen"


def test_a_value_that_was_edited_after_the_review_is_not_written_and_the_others_are(planned: Stage) -> None:
    assert planned.sfdd("apply", PLAN).code == 0
    first, second, _ = (f"buyer{n}@example.com" for n in range(3))
    ids = {row["Email"]: row["Id"] for row in contacts(planned)}
    planned.admin("update", "Contact", ids[first], Title="Chief")
    planned.admin("update", "Contact", ids[second], Title="Queen")
    plan(planned)
    planned.admin("update", "Contact", ids[second], Title="King")
    assert planned.sfdd("apply", PLAN).code == 0
    assert job_title(planned, first) == "Chief"
    assert job_title(planned, second) not in ("Queen", "King")
    assert "People: 0 to add, 1 to update" in planned.sfdd("plan").out


def contacts(stage: Stage) -> list[dict[str, str]]:
    with stage.world.lock:
        return [dict(row) for row in stage.world.db.execute("SELECT Id, Email FROM sf_Contact").fetchall()]


def job_title(stage: Stage, email: str) -> str:
    found = stage.contact_in_dotdigital(email)
    assert found is not None
    return str({name.upper(): value for name, value in found["dataFields"].items()}["JOB_TITLE"])


def test_set_up_that_the_file_does_not_hold_is_refused_by_name(planned: Stage) -> None:
    planned.write(replace=("name: Spring book", "name: Summer book"))
    refused(planned, 3, "SFDD-E5015", "address_book.spring", "name")


def test_a_thing_that_is_another_record_now_is_refused(planned: Stage) -> None:
    """Somebody deletes the campaign and makes one of the same name: nobody approved to fill that."""
    head, _, tail = CONFIG.partition("campaigns:\n")
    books = "address_books:" + tail.partition("address_books:")[2]
    planned.write(head + "campaigns:\n  spring: {existing: {name: Spring launch}}\n" + books)
    first = planned.admin("insert", "Campaign", Name="Spring launch")["id"]
    plan(planned)
    planned.admin("delete", "Campaign", first)
    planned.admin("insert", "Campaign", Name="Spring launch")
    refused(planned, 3, "SFDD-E5015", "campaign.spring is another record now")


def test_a_rule_that_lets_more_people_in_lets_nobody_in_who_was_not_approved(planned: Stage) -> None:
    planned.write(replace=("\"Department = 'Buyers'\"", '"LastName != null"'))
    buyers(planned.world, 1, start=9, Department="Sellers")
    assert planned.sfdd("apply", PLAN).code == 0
    assert planned.contact_in_dotdigital("buyer9@example.com") is None


def test_a_file_that_was_altered_is_refused_whatever_was_altered(planned: Stage) -> None:
    original = (planned.folder / PLAN).read_bytes()
    with zipfile.ZipFile(planned.folder / PLAN) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, changed in (
        ("plan.json", members["plan.json"].replace(b"Spring book", b"Winter book")),
        ("rows.parquet", members["rows.parquet"][:-1] + b"x"),
        ("seal", b"0" * 64),
    ):
        packed(planned.folder / PLAN, members | {name: changed})
        refused(planned, 3, "SFDD-E5012")
    for size in (0, 10, len(original) // 2, len(original) - 1):
        (planned.folder / PLAN).write_bytes(original[:size])
        refused(planned, 3, "SFDD-E5010")


def test_another_state_refuses_the_file(planned: Stage) -> None:
    assert planned.sfdd("state", "init", "--forget").code == 0
    refused(planned, 3, "SFDD-E5011")


def test_an_old_file_is_refused(planned: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdd_declare.app.apply.now", lambda: datetime.now(UTC) + timedelta(days=7, minutes=1))
    refused(planned, 3, "SFDD-E5013")


def test_another_org_refuses_the_file(planned: Stage, tmp_path: Path) -> None:
    """The state goes along, and so does the file: to a sandbox of another org."""
    with Running(tmp_path / "another.db") as running:
        elsewhere = Stage(planned.folder, running)
        ended = elsewhere.sfdd("apply", PLAN)
        assert ended.code == 3, ended.text
        assert "SFDD-E5014" in ended.err
        assert writes(elsewhere) == []


def test_without_a_state_a_plan_works_and_a_plan_file_does_not(stage: Stage) -> None:
    buyers(stage.world, 1)
    assert stage.sfdd("plan").code == 0
    ended = stage.sfdd("plan", "--out", PLAN)
    assert ended.code == 1
    assert "SFDD-E3021" in ended.err
    assert "sfdd state init" in ended.err
    assert not (stage.folder / PLAN).exists()


@pytest.mark.parametrize(
    "flags", [("--allow", "max_removals"), ("--var", "a=b"), ("--expect", "0" * 12 + ":0.0.0.0.0")]
)
def test_nothing_else_is_asked_beside_a_plan_file(planned: Stage, flags: tuple[str, ...]) -> None:
    ended = planned.sfdd("apply", PLAN, *flags)
    assert ended.code == 1
    assert "SFDD-E9039" in ended.err
    assert flags[0] in ended.err


def test_the_file_brings_the_options_that_it_was_made_with(planned: Stage) -> None:
    plan(planned, "--exclude", "link.spring.spring")
    assert "Asked with --exclude link.spring.spring" in planned.sfdd("show", PLAN).out
    assert planned.sfdd("apply", PLAN).code == 0
    assert planned.contact_in_dotdigital("buyer0@example.com") is None
    assert "link.spring.spring" in planned.sfdd("plan").out


def test_show_tells_the_plan_and_whether_the_seal_is_ours(planned: Stage, tmp_path: Path) -> None:
    planned_text = plan(planned).out
    shown = planned.sfdd("show", PLAN)
    assert shown.code == 0
    assert "sealed by this state" in shown.out
    assert shown.out.endswith(planned_text)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / PLAN).write_bytes((planned.folder / PLAN).read_bytes())
    alone = Stage(elsewhere, planned.running).sfdd("show", PLAN)
    assert "seal not verified" in alone.out
    assert alone.out.endswith(planned_text)


def test_a_plan_file_holds_no_datum_of_a_person(planned: Stage) -> None:
    with zipfile.ZipFile(planned.folder / PLAN) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for word in (b"buyer0@", b"First0", b"Last0", b"Title 0", b"buyer1@", b"First1"):
        assert word not in content


def test_the_same_plan_is_the_same_file_but_for_its_time(planned: Stage) -> None:
    def rows() -> bytes:
        with zipfile.ZipFile(planned.folder / PLAN) as archive:
            return archive.read("rows.parquet")

    before = rows()
    plan(planned)
    assert rows() == before


def test_the_comment_says_the_plan_then_what_became_of_it_then_why_there_is_none(planned: Stage) -> None:
    comment = planned.folder / "comment.md"
    plan(planned, "--markdown", "comment.md")
    assert "People: 3 to add" in comment.read_text()
    assert PLAN in comment.read_text()
    said = comment.read_text()
    assert planned.sfdd("show", PLAN, "--markdown", "comment.md").code == 0
    assert said.split("\n")[0] == comment.read_text().split("\n")[0]  # its marker
    assert planned.sfdd("apply", PLAN, "--markdown", "comment.md").code == 0
    assert '"kind":"apply"' in comment.read_text()
    assert planned.sfdd("apply", "nothing.sfddplan", "--markdown", "comment.md").code == 1
    assert "SFDD-E5017" in comment.read_text()
    assert not [word for word in ("buyer0@", "First0", "Last0") if word in said + comment.read_text()]


@pytest.mark.parametrize("kept", ["--markdown", "--out"])
def test_what_is_kept_is_never_in_clear(stage: Stage, kept: str) -> None:
    buyers(stage.world, 1)
    assert stage.sfdd("state", "init").code == 0
    ended = stage.sfdd("plan", kept, "kept", "--show-personal-data")
    assert ended.code == 1
    assert "SFDD-E9029" in ended.err
    assert at_a_terminal(stage, "plan", kept, "kept", "--show-personal-data") == ""
    assert not (stage.folder / "kept").exists()


def test_a_file_is_refused_where_there_is_no_state(planned: Stage) -> None:
    shutil.rmtree(planned.folder / ".sfdd")
    refused(planned, 3, "SFDD-E5011", "and here is none.")
    assert not (planned.folder / ".sfdd" / "state.db").exists()


def test_show_tells_programs_the_same_as_the_plan_did(planned: Stage) -> None:
    shown = json.loads(planned.sfdd("show", PLAN, "--json").out)
    told = json.loads(planned.sfdd("plan", "--json").out)
    changing = ("created", "cost", "read", "budget", "watermarks")
    for each in (shown, told):
        each["header"] = {name: value for name, value in each["header"].items() if name not in changing}
    assert {k: v for k, v in shown.items() if k not in changing} == {k: v for k, v in told.items() if k not in changing}


def test_another_user_day_checkout_and_locale_plan_the_same(stage: Stage, tmp_path: Path) -> None:
    """The same fingerprint, and the same figures with it."""
    buyers(stage.world, 3)
    token = json.loads(stage.sfdd("plan", "--json").out)["token"]
    folder = tmp_path / "another checkout"
    folder.mkdir()
    stage.control("PUT", "clock", {"advance_seconds": 3 * 86_400})
    elsewhere = Stage(folder, stage.running, {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"})
    elsewhere.overrides["SF_ACCESS_TOKEN"] = stage.running.access.admin_token
    elsewhere.write()
    again = json.loads(elsewhere.sfdd("plan", "--json").out)
    assert again["token"] == token
    assert again["header"]["created"]


def test_with_a_key_the_people_are_in_the_file_for_who_has_it_and_for_nobody_else(planned: Stage) -> None:
    planned.overrides["SFDD_KEY"] = "a passphrase"
    assert planned.sfdd("state", "init", "--forget").code == 0  # which is sealed, too
    plan(planned)
    with zipfile.ZipFile(planned.folder / PLAN) as archive:
        assert "people.sealed" in archive.namelist()
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert not [word for word in (b"buyer0@", b"First0", b"PAR1PAR1") if word in content]
    line = ("show", PLAN, "--show-personal-data", "--samples", "2")
    shown = at_a_terminal(planned, *line)
    assert "buyer0@example.com" in shown
    assert '"First1"' in shown
    assert "buyer2@" not in shown
    assert "buyer" not in planned.sfdd("show", PLAN).out
    assert "SFDD-E9023" in planned.sfdd(*line).err
    planned.overrides["SFDD_KEY"] = "another"
    assert at_a_terminal(planned, *line) == ""
    with pytest.raises(Stale, match=r"SFDD-E5018.*SFDD_KEY is not the key"):
        planfile.unseal_people(planned.folder / PLAN, "another", planned.folder / "people")
    assert "seal not verified" in planned.sfdd("show", PLAN).out
    planned.overrides["SFDD_KEY"] = "a passphrase"
    assert planned.sfdd("apply", PLAN).code == 0


def test_without_a_key_nobody_is_in_the_file(planned: Stage) -> None:
    assert at_a_terminal(planned, "show", PLAN, "--show-personal-data") == ""
    with pytest.raises(Stale, match=r"SFDD-E5018.*The people of this plan are not in its file"):
        planfile.unseal_people(planned.folder / PLAN, "a passphrase", planned.folder / "people")


def test_a_file_that_is_exchanged_after_its_seal_was_looked_at_is_refused(
    planned: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of a file that nobody sealed are never approved, however late they get there."""
    looked_at = plan_file.opened

    def opened(path: Path, *rest: Any) -> Any:
        found = looked_at(path, *rest)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        packed(path, members | {"seal": b"0" * 64})
        return found

    monkeypatch.setattr(plan_file, "opened", opened)
    refused(planned, 3, "SFDD-E5012")


@pytest.mark.parametrize("place", [".", "nowhere/plan.sfddplan"])
def test_a_place_that_no_file_can_have_is_one_error(planned: Stage, place: str) -> None:
    ended = planned.sfdd("plan", "--out", place)
    assert ended.code == 1
    assert "SFDD-E5016" in ended.err
