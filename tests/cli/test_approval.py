"""Asking: only at a terminal, only `yes` counts, names are typed, and refusing writes nothing."""

from __future__ import annotations

import pytest

from tests.cli.surroundings import Asked, applying, run
from tests.golden import cases

NAMES = ("--confirm", "JOB_TITLE", "--confirm", "Old news")


@pytest.fixture
def asked():
    return Asked({"apply": applying(cases.complete())})


@pytest.fixture
def destroying():
    plan = cases.every_action()
    return Asked({"apply": applying(cases.an_outcome(plan), plan)})


def test_yes_is_asked_on_stderr_after_the_plan_and_lets_the_apply_go_on(asked, capsys):
    assert run("apply", asked=asked, typed="yes\n") == 0
    shown = capsys.readouterr()
    assert "Do you want to perform these actions? Only 'yes' will be accepted to approve." in shown.err
    assert shown.out.startswith("Plan: 4 to add")
    assert "Apply complete!" in shown.out


@pytest.mark.parametrize("answer", ["no\n", "y\n", "YES\n", "\n", ""])
def test_anything_else_declines(answer, asked, capsys):
    assert run("apply", asked=asked, typed=answer) == 1
    shown = capsys.readouterr()
    assert "Nothing was written" in shown.err
    assert "Apply complete" not in shown.out


def test_nobody_is_asked_without_a_terminal(asked, capsys):
    assert run("apply", asked=asked) == 1
    err = capsys.readouterr().err
    assert "SFDD-E9024" in err
    assert "sfdd apply --auto-approve" in err
    assert asked.calls == []


def test_auto_approve_asks_nothing(asked, capsys):
    assert run("apply", "--auto-approve", asked=asked) == 0
    assert "Do you want" not in capsys.readouterr().err


def test_names_are_typed_after_yes(destroying, capsys):
    assert run("apply", asked=destroying, typed="yes\nJOB_TITLE\nOld news\n") == 0
    assert 'Type its name, "JOB_TITLE", to go on:' in capsys.readouterr().err


def test_a_wrong_name_declines(destroying):
    assert run("apply", asked=destroying, typed="yes\njob_title\nOld news\n") == 1


def test_auto_approve_does_not_answer_for_names(destroying, capsys):
    assert run("apply", "--auto-approve", asked=destroying) == 1
    err = capsys.readouterr().err
    assert "SFDD-E9025" in err
    assert 'sfdd apply --confirm "JOB_TITLE"' in err


def test_names_may_be_confirmed_on_the_command_line(destroying):
    assert run("apply", "--auto-approve", *NAMES, asked=destroying) == 0


def test_confirmed_names_do_not_answer_the_question(destroying):
    assert run("apply", *NAMES, asked=destroying, typed="no\n") == 1
