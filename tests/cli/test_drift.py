"""`sfdd drift` as it is typed: what reaches the use-case, what is refused, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.surroundings import Asked, run
from tests.golden import drift_cases


def asked(drift=None):
    return Asked({"drift": drift or drift_cases.none()})


@pytest.mark.parametrize(
    ("case", "code"),
    [(drift_cases.none, 0), (drift_cases.pending, 0), (drift_cases.everything, 2), (drift_cases.incomplete, 1)],
)
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_the_exit_code_says_whether_there_is_drift(case, code, flags, capsys):
    assert run("drift", *flags, asked=asked(case())) == code
    assert capsys.readouterr().out


def test_flags_reach_the_use_case_and_everybody_is_read():
    called = asked()
    line = (
        "-C",
        "config",
        "--env",
        "staging",
        "--var",
        "a=b",
        "--only",
        "left",
        "--only",
        "campaign.a",
        "--ignore",
        "k",
    )
    assert run("drift", *line, asked=called) == 0
    ((name, options, only, ignore, _),) = called.calls
    assert (name, options.env, options.variables, only, ignore) == (
        "drift", "staging", {"a": "b"}, ("left", "campaign.a"), Path("k"),
    )  # fmt: skip
    assert (options.delta, options.reveal, options.samples) == (False, False, 0)


@pytest.mark.parametrize("word", ["setup", "value", "member_added", "campaign", "address_book.news"])
def test_only_takes_addresses_kinds_of_things_and_kinds_of_drift(word):
    assert run("drift", "--only", word, asked=asked()) == 0


@pytest.mark.parametrize(
    ("word", "hint"),
    [("lefft", "did you mean `--only left`?"), ("nowhere.a", "--only account"), ("campaign.", "--only")],
)
def test_only_refuses_what_is_neither(word, hint, capsys):
    called = asked()
    assert run("drift", "--only", word, asked=called) == 1
    shown = capsys.readouterr().err
    assert "SFDD-E9040" in shown
    assert hint in " ".join(shown.split())
    assert called.calls == []


@pytest.mark.parametrize("flag", ["--samples", "--delta", "--show-personal-data", "--target"])
def test_drift_shows_no_single_person_and_reads_no_part(flag, capsys):
    assert run("drift", flag, asked=asked()) == 1
    assert "SFDD-E9002" in capsys.readouterr().err
