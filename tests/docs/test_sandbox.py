"""docs/sandbox.md is what the sandbox's own tables and notes say, and what it tells to type works."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
import typer

from sfdd_declare.cli.main import build
from sfdd_declare.sandbox import control, faults, settings
from sfdd_declare.sandbox.notes import around, page
from sfdd_declare.sandbox.notes.note import Notes
from sfdd_declare.sandbox.switches import SWITCHES
from tests.docs.test_readme import ROOT, SERVE, commands, sfdd, typed

COMMITTED = ROOT / "docs" / "sandbox.md"
SANDBOX = ROOT / "sfdd_declare" / "sandbox"
#: They look like settings, and are keys of a request's scope.
SCOPE = {"sandbox.faults", "sandbox.log", "sandbox.system", "sandbox.transport"}


def test_the_page_is_current() -> None:
    renew = "python -m sfdd_declare.sandbox.notes.page > docs/sandbox.md"
    assert COMMITTED.read_text(encoding="utf-8") == page.render(), f"write it anew: {renew}"


@pytest.mark.parametrize(
    ("calls", "notes"),
    [
        (page.salesforce_calls(), page.salesforce_notes()),
        (page.dotdigital_calls(), page.dotdigital_notes()),
    ],
)
def test_every_route_has_a_note_and_every_note_a_route(calls: list[page.Call], notes: Notes) -> None:
    assert set(calls) == set(notes)


def test_every_switch_is_named_by_a_note_and_there_is_no_other() -> None:
    notes = (*page.salesforce_notes().values(), *page.dotdigital_notes().values())
    assert {name for note in notes for name in note.switches} == set(SWITCHES)


def test_every_control_route_fault_and_setting_is_explained() -> None:
    assert set(around.CONTROL) == set(control.ACTIONS)
    assert set(around.FAULTS) == set(faults.KINDS)
    code = [
        path.read_text(encoding="utf-8")
        for path in SANDBOX.rglob("*.py")
        if path.parent.name != "notes" and path.name != "settings.py"
    ]
    found = {
        name for text in code for name in re.findall(r'f?"((?:salesforce|dotdigital|faults|sandbox)\.[\w{}]+)"', text)
    }
    there = {name.replace("{kind}", kind) for name in found for kind in ("query", "ingest")}
    assert there - SCOPE == set(around.SETTINGS)
    assert set(around.SETTINGS) - set(settings.KINDS) == {"faults.hanging", "sandbox.seeded"}


def test_every_command_of_the_sandbox_stands_on_the_page_and_works(tmp_path: Path) -> None:
    group: click.Command = typer.main.get_command(build())
    there = {" ".join(words) for words in commands(group) if words[0] == "sandbox"}
    lines = typed(COMMITTED.read_text(encoding="utf-8"))
    assert {" ".join(line[:2]) for line in lines} == there
    for line in lines:
        if line != SERVE:
            code, printed = sfdd(tmp_path, {}, *line)
            assert code == 0, (line, printed)


def test_the_fault_on_the_page_is_one() -> None:
    (body,) = re.findall(r"curl --json '([^']+)'", COMMITTED.read_text(encoding="utf-8"))
    assert faults.parse(json.loads(body)).kind == "reset_after"
