"""`--json` and `--events`: one document on stdout whatever happens, and what excludes it."""

from __future__ import annotations

import errno
import io
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from pydantic import SecretStr

from sfdd_declare.app.plan_file import Shown
from sfdd_declare.app.state import StateShown
from sfdd_declare.model.assumed import Intent, Line, Probed
from sfdd_declare.model.declared import Desired, NotApplied, Salesforce
from sfdd_declare.model.errors import ConfigError, ErrorList, Locked, Position, Stale
from sfdd_declare.model.explanation import Explanation
from sfdd_declare.model.planfile import Asked as FileOptions
from sfdd_declare.model.planfile import plan_file
from sfdd_declare.model.ports import Event
from sfdd_declare.model.rules import ASSUMPTIONS
from sfdd_declare.model.standing import Standing
from sfdd_declare.model.state import Resource, RunRecord, StateHeader
from tests.cli.surroundings import Asked, applying, run
from tests.cli.test_help import commands
from tests.cli.test_streams import command
from tests.golden import cases, drift_cases

SCHEMAS = Path(__file__).parents[2] / "schemas"
STARTED = datetime(2026, 3, 2, tzinfo=UTC)
ANSWERS = {
    "plan": cases.first_plan(),
    "apply": applying(cases.complete()),
    "show_plan": Shown(plan_file(cases.first_plan(), FileOptions()), True),
    "drift": drift_cases.none(),
    "problems": (),
    "explain": Explanation(()),
    "resources": (Resource("campaign.a"),),
    "show_state": StateShown(
        "/x/state.db", StateHeader("a1", 7, 3, SecretStr("k")), (RunRecord("r", STARTED, None, "f", ""),), (), False
    ),
    "status": Standing("acme", "/x/state.db", STARTED, True, False, ()),
    "probe_intent": Intent(("main",), (), of_salesforce=True, domain="example.com", names=("overlong",)),
    "probe": Probed((Line(ASSUMPTIONS[0], "main", "no", "2026-03-02T00:00:00Z"),)),
    "history": (RunRecord("r", STARTED, None, "f", ""),),
    "validate": Desired(
        "d" * 64,
        Salesforce(None, "", "", None, True),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        warnings=("look",),
        not_applied=(NotApplied("schedule", "l"),),
    ),
}
LINES = [
    ("validate", "validate"),
    ("plan", "plan"),
    ("apply --auto-approve", "apply"),
    ("sync --auto-approve", "apply"),
    ("show spring.sfddplan", "plan"),
    ("drift", "drift"),
    ("errors", "errors"),
    ("explain ada@example.com", "explain"),
    ("state show", "state"),
    ("state list", "state"),
    ("status", "status"),
    ("history", "history"),
    ("probe --yes", "probe"),
]


def asked(**answers):
    return Asked({**ANSWERS, **answers})


def the_document(text):
    """The one document on stdout, once it fits the schema of its kind."""
    found = json.loads(text)
    schema = json.loads((SCHEMAS / f"{found['kind']}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


@pytest.mark.parametrize(("line", "kind"), LINES)
def test_stdout_holds_one_valid_document_and_nothing_else(line, kind, capsys):
    assert run(*line.split(), "--json", asked=asked()) == 0
    assert the_document(capsys.readouterr().out)["kind"] == kind


def test_every_command_with_the_flag_is_tried_above():
    having = {" ".join(path) for path, each in commands() if any("--json" in p.opts for p in each.params)}
    assert having == {
        line.removesuffix(" --auto-approve")
        .removesuffix(" --yes")
        .removesuffix(" ada@example.com")
        .removesuffix(" spring.sfddplan")
        for line, _ in LINES
    }


@pytest.mark.parametrize("line", [line for line, _ in LINES])
def test_an_error_is_a_document_too_and_its_usual_text_stands_on_stderr(line, capsys):
    sooner = ConfigError("SFDD-E1101", "first", where=Position("sfdd.yaml", 3, 1, "a: 1"), hint="a:")
    several = ErrorList((ConfigError("SFDD-E1102", "second"), sooner))
    assert run(*line.split(), "--json", asked=Asked(dict.fromkeys(ANSWERS, several))) == 1
    shown = capsys.readouterr()
    found = the_document(shown.out)
    assert (found["kind"], [one["id"] for one in found["errors"]]) == ("error", ["SFDD-E1101", "SFDD-E1102"])
    assert "Error SFDD-E1101: first" in shown.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(Stale("SFDD-E5002", "another plan"), 3), (Locked("SFDD-E3001", "locked"), 4), (ValueError("ada@example.com"), 1)],
    ids=["stale", "locked", "bug"],
)
def test_exit_codes_are_those_of_the_text_and_stand_in_the_document(error, code, capsys):
    assert run("apply", "--auto-approve", "--json", asked=asked(apply=error)) == code
    shown = capsys.readouterr()
    assert the_document(shown.out)["exit_code"] == code
    assert "ada@example.com" not in shown.out


@pytest.mark.parametrize(
    ("line", "id", "hint"),
    [
        ("plan --json --show-personal-data", "SFDD-E9027", "sfdd plan --json"),
        ("apply --json --auto-approve --show-personal-data", "SFDD-E9027", "sfdd apply --json"),
        ("sync --json --auto-approve --show-personal-data", "SFDD-E9027", "sfdd sync --json"),
        ("explain ada@example.com --json --show-personal-data", "SFDD-E9027", "sfdd explain EMAIL|ID --json"),
        ("apply --json", "SFDD-E9028", "sfdd apply --json --auto-approve"),
        ("sync --json", "SFDD-E9028", "sfdd sync --json --auto-approve"),
        ("unlock --json", "SFDD-E9002", "sfdd unlock --help"),
        ("plan --json --samples many", "SFDD-E9005", "sfdd plan --help"),
    ],
)
def test_a_wrong_command_line_is_an_error_document_with_a_hint(line, id, hint, capsys):
    """Also at a terminal, where somebody could be asked."""
    called = asked()
    assert run(*line.split(), asked=called, typed="yes\n") == 1
    (failure,) = the_document(capsys.readouterr().out)["errors"]
    assert (failure["id"], failure["hint"]) == (id, hint)
    assert called.calls == []


def test_the_document_of_a_plan_has_its_exit_codes(capsys):
    assert run("plan", "--json", "--detailed-exitcode", asked=asked()) == 2
    assert run("plan", "--json", "--detailed-exitcode", asked=asked(plan=cases.empty())) == 0
    assert capsys.readouterr().err == ""


def test_a_token_that_does_not_cover_the_plan_gives_the_error_alone(capsys):
    stale = Stale("SFDD-E4051", "not covered")
    assert run("plan", "--json", "--check", "3f9c0a1b2c3d:1.1.1.1.1", asked=asked(demand=stale)) == 3
    assert the_document(capsys.readouterr().out)["kind"] == "error"
    assert run("plan", "--json", "--check", "3f9c0a1b2c3d:1.1.1.1.1", asked=asked()) == 0
    assert the_document(capsys.readouterr().out)["kind"] == "plan"


def test_people_in_clear_are_refused_whatever_planned_them(capsys):
    plan = cases.a_plan(people_plan=cases.people(samples=(cases.a_sample(email="ada@example.com"),), revealed=True))
    assert run("plan", "--json", asked=asked(plan=plan)) == 1
    (failure,) = the_document(capsys.readouterr().out)["errors"]
    assert failure["id"] == "SFDD-E9907"


def test_a_name_is_never_asked_for_but_taken_from_the_command_line(capsys):
    plan = cases.every_action()
    destroying = asked(apply=applying(cases.an_outcome(plan), plan))
    line = ("apply", "--json", "--auto-approve", "--confirm", "JOB_TITLE")
    assert run(*line, asked=destroying, typed="Old news\n") == 1
    (failure,) = the_document(capsys.readouterr().out)["errors"]
    assert (failure["id"], failure["hint"]) == ("SFDD-E9025", 'sfdd apply --confirm "Old news"')
    assert run(*line, "--confirm", "Old news", asked=destroying) == 0


@pytest.mark.parametrize(("outcome", "code"), [(cases.partial(), 6), (cases.interrupted(), 130)])
def test_an_apply_in_part_prints_its_document_and_ends_with_its_code(outcome, code, capsys):
    assert run("apply", "--auto-approve", "--json", asked=asked(apply=applying(outcome, outcome.plan))) == code
    assert the_document(capsys.readouterr().out)["outcome"]["exit_code"] == code


def watched(options, watch):
    watch(Event("read", "contacts", 3, 9))
    return cases.first_plan()


def test_progress_stays_on_stderr_as_text_unless_events_are_asked_for(capsys):
    assert run("plan", "--json", asked=asked(plan=watched)) == 0
    assert "Reading done in" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [("--events",), ("--events", "--json")])
def test_events_are_lines_on_stderr_in_place_of_progress(flags, capsys):
    assert run("plan", *flags, asked=asked(plan=watched)) == 0
    shown = capsys.readouterr()
    first, event, last = [json.loads(line) for line in shown.err.splitlines()]
    assert (first["type"], first["format_version"]) == ("version", "1.0")
    assert (event["name"], event["done"], event["total"]) == ("contacts", 3, 9)
    assert last == {"type": "end", "failed": False}
    assert shown.out.startswith("{" if "--json" in flags else "Plan: ")


def applied(options, approval, watch):
    watch(Event("stage", "setup"))
    return applying(cases.complete())(options, approval, watch)


@pytest.mark.parametrize("name", ["apply", "sync"])
def test_an_apply_streams_events_too(name, capsys):
    assert run(name, "--auto-approve", "--events", asked=asked(apply=applied)) == 0
    shown = capsys.readouterr()
    assert [json.loads(line)["type"] for line in shown.err.splitlines()] == ["version", "progress", "end"]
    assert "Apply complete!" in shown.out


def test_a_document_is_utf_8_whatever_the_terminal_speaks(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1", errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", out)
    assert run("plan", "--json", asked=asked(plan=cases.a_plan(warnings=("zo\xeb \u2022",)))) == 0
    assert the_document(out.buffer.getvalue().decode("utf-8"))["warnings"] == ["zo\xeb \u2022"]


class Full(io.StringIO):
    """A stream on a disk without room."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_events_that_cannot_be_told_do_not_end_an_apply(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr", Full())
    assert run("apply", "--auto-approve", "--json", "--events", asked=asked(apply=applied)) == 0
    assert the_document(capsys.readouterr().out)["kind"] == "apply"


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_an_apply_goes_on_when_the_reader_of_its_document_or_events_went_away(closed):
    line = command("apply", "--auto-approve", "--json", "--events")
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert json.loads(process.stderr.readline())["type"] == "version"
    assert process.stderr.readline() == b"warm\n"
    getattr(process, closed).close()
    process.stdin.write(b"go\n")
    process.stdin.close()
    said = (process.stderr if closed == "stdout" else process.stdout).read()
    assert process.wait(timeout=20) == 6
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
