"""No secret and no readable personal data in output, logs, state and files, whatever goes wrong (INV-10)."""

from __future__ import annotations

import logging
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.sandbox.faults import HANGING
from tests.e2e.canaries import Secrets, leaks, leaks_in_files, mail, people, prepare
from tests.e2e.stage import Ended, Stage

GOSSIP = "zqmail3@example.com 'Zqfirst3' \"Zqlast3\""  # what a vendor may quote


@pytest.fixture
def secrets(stage: Stage, caplog: pytest.LogCaptureFixture) -> Secrets:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="sfdd.wire")
    return prepare(stage)


def run(stage: Stage, secrets: Secrets, *arguments: str) -> Ended:
    """One command, and nothing of what it must not show."""
    ended = stage.sfdd(*arguments)
    assert leaks(stage, secrets, ended.text) == [], ended.text
    assert leaks_in_files(stage, secrets) == []
    assert "SFDD-E99" not in ended.text, ended.text
    return ended


def test_a_life_with_bad_rows_shows_nobody(stage: Stage, secrets: Secrets, caplog: pytest.LogCaptureFixture) -> None:
    people(stage, 1, start=30, Description="Zqabout" * 200)  # longer than Dotdigital takes
    people(stage, 1, start=31, Email="Zqmail31 is no address")
    people(stage, 1, start=32, Email="Zqmail32@example")
    people(stage, 2, start=33, HasOptedOutOfEmail=True)
    stage.world.set_setting("dotdigital.globally_suppressed", [mail(5)])
    assert run(stage, secrets, "validate").code == 0
    assert run(stage, secrets, "plan").code == 0
    assert "•••" in run(stage, secrets, "plan", "--verbose", "--samples", "100").out
    applied = run(stage, secrets, "apply", "--auto-approve", "--samples", "100", "--allow", "max_overwrites")
    assert (applied.code, "globallySuppressed" in applied.out) == (6, True), applied.text
    stage.world.set_setting("dotdigital.globally_suppressed", None)
    stage.marketer("unsubscribe", email=mail(6), account=88)
    stage.marketer("remove_from_list", email=mail(7), list="Spring book", account=88)
    stage.marketer("change_email", email=mail(8), new_email="zqmail8.new@example.com", account=88)
    assert run(stage, secrets, "plan", "--verbose", "--samples", "100").code == 0
    run(stage, secrets, "apply", "--auto-approve", "--verbose", "--samples", "100")
    assert run(stage, secrets, "state", "list").code == 0
    assert run(stage, secrets, "unlock").code == 0
    assert "/v3/import" in caplog.text
    assert leaks(stage, secrets, caplog.text) == []


def test_nothing_that_is_kept_of_a_plan_shows_anybody(
    stage: Stage, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    kept = "kept.sfddplan"
    assert run(stage, secrets, "state", "init").code == 0
    flags = ("--samples", "100", "--allow", "max_overwrites")
    assert run(stage, secrets, "plan", "--out", kept, "--markdown", "plan.md", *flags).code == 0
    for line in (
        ("plan", "--json", "--events", *flags),
        ("show", kept, "--samples", "100", "--verbose"),
        ("show", kept, "--json", "--markdown", "again.md"),
        ("explain", mail(3), "--json"),
        ("apply", kept, "--json", "--events", "--auto-approve", "--markdown", "done.md"),
        ("apply", kept, "--verbose"),
        ("errors", "--json"),
        ("state", "show", "--json"),
        ("state", "list", "--json"),
    ):
        assert run(stage, secrets, *line).code == 0, line
    files = [path for path in stage.folder.glob("*") if path.suffix in (".md", ".sfddplan")]
    assert len(files) == 4
    with zipfile.ZipFile(stage.folder / kept) as archive:
        contents = [archive.read(name) for name in archive.namelist()]
    for content in (*contents, *(path.read_bytes() for path in files)):
        assert leaks(stage, secrets, content.decode("latin-1")) == []
    assert leaks(stage, secrets, caplog.text) == []


@dataclass(frozen=True)
class Wrong:
    """A wrong answer at one call."""

    name: str
    system: str
    path: str
    fault: dict[str, Any]

    def __str__(self) -> str:
        return self.name


_REFUSED = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
PICKLIST = {
    "statusCode": _REFUSED,
    "errorCode": _REFUSED,
    "message": "zqmail3@example.com: bad value for restricted picklist field: Zqtitle3",
}
INVALID = {"errorCode": "contacts:invalid", "description": GOSSIP,
           "details": [{"item": "identifiers", "description": f"The value {GOSSIP} is invalid"}]}  # fmt: skip
ROW = {"success": False, "errors": [PICKLIST]}
WRONGS = (
    Wrong("page of a gateway", "dotdigital", "v3/import$", {"kind": "html", "body": f"<html>{GOSSIP}</html>"}),
    Wrong("cut answer", "dotdigital", "v3/import$", {"kind": "truncate"}),
    Wrong("outage", "dotdigital", "v3/import$", {"kind": "status", "status": 500, "body": {"message": GOSSIP}}),
    Wrong("no JSON", "salesforce", "query", {"kind": "status", "status": 200, "body": f"{GOSSIP} {{"}),
    Wrong("another shape", "dotdigital", "v2/contacts", {"kind": "status", "status": 200, "body": {"x": [GOSSIP]}}),
    Wrong("another list", "salesforce", "sobjects$", {"kind": "status", "status": 200, "body": [{"id": GOSSIP}]}),
    Wrong("refused rows", "salesforce", "sobjects$", {"kind": "status", "status": 200, "body": [ROW] * 20}),
    Wrong("refused by Salesforce", "salesforce", "query", {"kind": "status", "status": 400, "body": [PICKLIST]}),
    Wrong("refused by Dotdigital", "dotdigital", "v3/import$", {"kind": "status", "status": 400, "body": INVALID}),
)


@pytest.mark.parametrize("wrong", WRONGS, ids=str)
def test_no_error_of_a_vendor_tells_about_people(
    stage: Stage, secrets: Secrets, caplog: pytest.LogCaptureFixture, wrong: Wrong
) -> None:
    stage.control("POST", "faults", {"system": wrong.system, "path": wrong.path, "times": 0, **wrong.fault})
    failed = run(stage, secrets, "apply", "--auto-approve", "--samples", "50", "--allow", "max_overwrites")
    assert failed.code in (1, 6), failed.text
    assert "Error SFDD-E" in failed.err or "failed" in failed.out, failed.text
    stage.control("DELETE", "faults")
    assert run(stage, secrets, "apply", "--auto-approve", "--allow", "max_overwrites").code == 0
    assert leaks(stage, secrets, caplog.text) == []


@pytest.mark.parametrize("command", [("plan",), ("apply", "--auto-approve")], ids=["plan", "apply"])
def test_personal_data_is_only_shown_at_a_terminal(stage: Stage, secrets: Secrets, command: tuple[str, ...]) -> None:
    refused = run(stage, secrets, *command, "--show-personal-data")
    assert refused.code == 1
    assert "SFDD-E9023" in refused.err
    assert stage.calls()["salesforce"]["total"] == 0


def test_INV_10_state_and_run_directories_are_for_their_owner_alone_and_nothing_readable_is_left(
    stage: Stage, secrets: Secrets
) -> None:
    stage.control("POST", "faults", {"kind": "hang_before", "path": "v3/import$", "seconds": 60})
    process = stage.process("apply", "--auto-approve", "--allow", "max_overwrites")
    while stage.world.setting(HANGING) is None:
        assert process.poll() is None
    home = stage.folder / ".sfdd"
    during = {path: mode(path) for path in (home, *home.rglob("*"))}
    folders = [path for path in during if path.is_dir()]
    process.terminate()  # ends after the call in hand
    assert process.stderr is not None
    while "Stopping after the call in hand" not in process.stderr.readline():
        assert process.poll() is None
    process.terminate()  # ends now
    process.communicate()
    assert any(path.parent == home / "runs" for path in folders)
    assert len(folders) > 3
    assert {during[path] for path in folders} == {0o700}
    assert during[home / "state.db"] == during[home / "state.db-wal"] == 0o600
    assert list((home / "runs").iterdir()) == []
    run(stage, secrets, "apply", "--auto-approve", "--allow", "max_overwrites")
    run(stage, secrets, "apply", "--auto-approve")
    left = [path for path in home.rglob("*") if path.is_file()]
    assert home / "state.db.backup" in left
    assert {mode(path) for path in left} == {0o600}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
