"""Every outcome and every error has its exit code; errors go to stderr, results to stdout, tracebacks nowhere."""

from __future__ import annotations

import pytest

from sfdd_declare.cli.signals import Terminated
from sfdd_declare.model.errors import (
    BugError,
    ConfigError,
    Denied,
    ErrorList,
    GuardError,
    Interrupted,
    Locked,
    Position,
    Stale,
)
from tests.cli.surroundings import Asked, applying, run
from tests.golden import cases


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("SFDD-E1101", "unknown key", where=Position("sfdd.yaml", 3, 1, "feild: 1")), 1),
        (ErrorList((ConfigError("SFDD-E1101", "one"), ConfigError("SFDD-E1102", "two"))), 1),
        (Denied("SFDD-E2101", "wrong password"), 1),
        (Stale("SFDD-E5002", "another plan"), 3),
        (Locked("SFDD-E3001", "locked by ada"), 4),
        (GuardError("SFDD-E4101", "blocked"), 5),
        (BugError("SFDD-E9902", "a circle"), 1),
        (Interrupted(2), 130),
        (Interrupted(15), 143),
        (KeyboardInterrupt(), 130),
        (Terminated(), 143),
        (PermissionError(13, "Permission denied", ".sfdd"), 1),
        (BrokenPipeError(), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_ends_with_its_code_and_without_a_traceback(error, code, capsys):
    assert run("plan", asked=Asked({"plan": error})) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err


def test_an_unexpected_error_is_named_by_its_type_and_place_only(capsys):
    assert run("plan", asked=Asked({"plan": ValueError("ada@example.com")})) == 1
    err = capsys.readouterr().err
    assert err.startswith("Error SFDD-E9901: Nobody expected this ValueError.")
    assert "ada@example.com" not in err
    assert "Please report it" in err
    assert "Traceback" not in err


def test_a_traceback_is_shown_when_it_is_asked_for(capsys):
    run("plan", asked=Asked({"plan": ValueError("boom")}), environ={"SFDD_DEBUG": "1"})
    assert "Traceback" in capsys.readouterr().err


def test_a_refusal_of_the_operating_system_is_no_bug(capsys):
    run("plan", asked=Asked({"plan": PermissionError(13, "Permission denied", ".sfdd")}))
    err = capsys.readouterr().err
    assert "SFDD-E9026" in err
    assert ".sfdd" in err


def test_all_configuration_errors_are_shown_by_place_with_their_count(capsys):
    later = ConfigError("SFDD-E1102", "second", where=Position("sfdd.yaml", 9, 1, "b: 2"))
    sooner = ConfigError("SFDD-E1101", "first", where=Position("sfdd.yaml", 3, 1, "a: 1"))
    run("validate", asked=Asked({"validate": ErrorList((later, sooner))}))
    err = capsys.readouterr().err
    assert err.index("first") < err.index("second")
    assert err.rstrip().endswith("2 errors.")


@pytest.mark.parametrize(
    ("plan", "flags", "code"),
    [
        (cases.empty(), (), 0),
        (cases.empty(), ("--detailed-exitcode",), 0),
        (cases.held_only(), ("--detailed-exitcode",), 0),
        (cases.drift(), (), 0),
        (cases.drift(), ("--detailed-exitcode",), 2),
    ],
)
def test_plan_tells_changes_by_its_exit_code_only_when_asked(plan, flags, code, capsys):
    assert run("plan", *flags, asked=Asked({"plan": plan})) == code
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (cases.complete(), 0),
        (cases.nothing_to_do(), 0),
        (cases.partial(), 6),
        (cases.blocked_outcome(), 5),
        (cases.interrupted(), 130),
    ],
)
def test_apply_ends_with_the_code_of_its_outcome(outcome, code, capsys):
    asked = Asked({"apply": applying(outcome, outcome.plan)})
    assert run("apply", "--auto-approve", asked=asked) == code
    assert "Apply " in capsys.readouterr().out.splitlines()[-1]
