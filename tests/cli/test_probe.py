"""`sfdd probe` asks before it begins, says what it will make, and ends with the right code."""

from __future__ import annotations

import os
import signal

import pytest

from sfdd_declare.model.assumed import Intent, LeftBehind, Line, Probed
from sfdd_declare.model.begun import Begun
from sfdd_declare.model.errors import Interrupted, Locked
from sfdd_declare.model.rules import ASSUMPTIONS
from tests.cli.surroundings import Asked, run

NAMES = tuple(one.name for one in ASSUMPTIONS)
AT = "2026-03-02T16:30:00Z"
BUMPS, ORG = ASSUMPTIONS[0], next(one for one in ASSUMPTIONS if one.of_salesforce)
SETTLED = Probed((Line(BUMPS, "main", "yes", AT), Line(ORG, "", "no", AT)), calls=(5, 60))
LEFT = LeftBehind("address book", "sfdd probe 1a2b", "901", "Dotdigital is busy", "Lists: delete the list")


def asked(found=SETTLED, *, left_out=(), names=NAMES):
    wanted = Intent(("main",), left_out, of_salesforce=True, domain="acme.example", names=names)
    return Asked({"probe_intent": wanted, "probe": found, "probe_known": found})


def test_it_says_what_it_will_make_and_begins_once_yes_was_typed(capsys):
    called = asked(left_out=(("other", "it may mail"),))
    assert run("probe", "--domain", "acme.example", asked=called, typed="yes\n") == 0
    shown = capsys.readouterr()
    for said in (
        "Dotdigital (main): in each account a private address book, a private data field and 13 contacts",
        "sfdd-probe-1a2b3c4d-1@acme.example",
        "Salesforce: an inactive campaign, a contact without an address",
        "Dotdigital (other): nothing is made: it may mail.",
        "All of it is removed at the end",
    ):
        assert said in shown.err
    assert [name for name, *_ in called.calls] == ["probe_intent", "probe"]
    _, options, names, domain, _ = called.calls[1]
    assert (options.command, names, domain) == ("apply", (), "acme.example")


def test_what_earlier_probes_left_behind_is_said_before_and_where_it_is(capsys):
    old = Begun("main", "1a2b3c4d", "example.com", AT, "77")
    wanted = Intent(("main",), (), of_salesforce=False, domain="acme.example", names=NAMES, unfinished=(old,))
    known = Probed((Line(BUMPS, "main"),), unfinished=(old,))
    line = "  Dotdigital (main), id 77: things with 1a2b3c4d in their names, since 2026-03-02 16:30 UTC.\n"
    called = Asked({"probe_intent": wanted, "probe": SETTLED, "probe_known": known})
    assert run("probe", "--yes", asked=called) == 0
    assert f"is what earlier probes left behind:\n{line}" in capsys.readouterr().err
    assert run("probe", "--show", asked=called) == 0
    assert f"the next `sfdd probe` there removes it:\n{line}" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["no\n", "y\n", ""])
def test_nothing_is_made_unless_yes_was_typed(typed, capsys):
    called = asked()
    assert run("probe", asked=called, typed=typed) == 1
    assert "Probe declined. Nothing was made." in capsys.readouterr().err
    assert [name for name, *_ in called.calls] == ["probe_intent"]


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_without_a_terminal_it_refuses_unless_yes_was_given(flags, capsys):
    called = asked()
    assert run("probe", *flags, asked=called) == 1
    assert "SFDD-E9058" in capsys.readouterr().err
    assert called.calls == []
    assert run("probe", "--yes", *flags, asked=called) == 0


def test_the_table_says_what_was_assumed_found_and_when(capsys):
    assert run("probe", "--yes", asked=asked()) == 0
    shown = capsys.readouterr().out
    assert (
        "Dotdigital, account main\n    ~ list_join_bumps_updated assumed no, found yes, 2026-03-02 16:30 UTC" in shown
    )
    assert "Salesforce\n    = deleted_member_visible assumed no, found no" in shown
    assert shown.endswith("2 assumptions settled. Calls: Salesforce 5, Dotdigital 60.\n")


def test_what_could_not_be_settled_or_removed_is_named_and_the_code_is_1(capsys):
    doubtful = Probed((Line(BUMPS, "main", why="nobody knows"), Line(ORG, "", "no", AT)), calls=(5, 60))
    assert run("probe", "--yes", asked=asked(doubtful)) == 1
    assert "? list_join_bumps_updated assumed no; not settled: nobody knows" in capsys.readouterr().out
    assert run("probe", "--yes", asked=asked(Probed(SETTLED.lines, (LEFT,), (5, 60)))) == 1
    assert (
        "address book sfdd probe 1a2b (id 901): Dotdigital is busy. Lists: delete the list." in capsys.readouterr().out
    )


def test_what_is_known_is_shown_without_asking_and_calling_anybody(capsys):
    called = asked(Probed((Line(BUMPS, "main"), Line(ORG, "", "no", AT))))
    assert run("probe", "--show", "--only", BUMPS.name, asked=called) == 0
    assert "1 of 2 assumptions known" in capsys.readouterr().out
    ((name, _, names),) = called.calls
    assert (name, names) == ("probe_known", (BUMPS.name,))


@pytest.mark.parametrize(
    ("flags", "id"),
    [
        (("--only", "overlnog"), "SFDD-E9059"),
        (("--domain", "acme"), "SFDD-E9060"),
        (("--domain", "a b.example"), "SFDD-E9060"),
        (("--domain", "x@acme.example"), "SFDD-E9060"),
    ],
)
def test_a_wrong_name_or_domain_is_said_before_anything_else(flags, id, capsys):
    called = asked()
    assert run("probe", "--yes", *flags, asked=called) == 1
    assert id in capsys.readouterr().err
    assert called.calls == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_lets_it_remove_what_was_made_and_names_what_is_left(number, code, capsys):
    def stopped(options, names, domain, hands):
        os.kill(os.getpid(), number)
        assert options.stop() == number
        hands.left_behind((LEFT,))
        raise Interrupted(number)

    assert run("probe", "--yes", asked=asked(stopped)) == code
    shown = capsys.readouterr().err
    assert "what was made is removed first" in shown
    assert "address book sfdd probe 1a2b (id 901)" in shown


def test_what_is_left_is_named_where_an_error_ends_it_too(capsys):
    def failing(options, names, domain, hands):
        hands.left_behind((LEFT,))
        raise Locked("SFDD-E3001", "locked")

    assert run("probe", "--yes", "--json", asked=asked(failing)) == 4
    assert "address book sfdd probe 1a2b (id 901)" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "done"), [("\n", True), ("skip\n", False), ("", False)])
def test_somebody_at_the_terminal_is_asked_to_do_what_no_call_does(typed, done, capsys):
    answers = []

    def by_hand(options, names, domain, hands):
        answers.append(hands.by_hand("account main: type a date"))
        return SETTLED

    assert run("probe", "--yes", asked=asked(by_hand), typed=typed) == 0
    assert answers == [done]
    assert "Please do this in Dotdigital, account main: type a date." in capsys.readouterr().err
    assert run("probe", "--yes", asked=asked(by_hand)) == 0
    assert run("probe", "--yes", "--json", asked=asked(by_hand), typed="\n") == 0
    assert answers == [done, False, False]
