"""What waits for a human, by what the state keeps; whose turn is next; and which runs were killed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sfdd_declare.app.standing import conditions, links_of, settled, told
from sfdd_declare.model.declared import Account, Consent, Desired, Lifecycle, Link, Salesforce
from sfdd_declare.model.notice import Kind
from sfdd_declare.model.standing import Running, has_told
from sfdd_declare.model.state import LedgerEntry, RunDetails
from sfdd_declare.people import held
from tests.golden.status_cases import NOW, a_link, a_run

OF_LEADS = held.WORDS[held.PENDING].what


def a_row(*, parked):
    return LedgerEntry("main", "003A", "Title", "TOO_LONG", "too long", 2, "2026-03-01", "2026-03-02", parked)


def a_run_with(result="done", **parts):
    return a_run(result, details=RunDetails("sync", **parts))


def kinds(runs=(), ledger=(), links=()):
    return [(found.kind, found.count, found.hint) for found in conditions(runs, ledger, links)]


ERROR = a_run("failed", details=RunDetails("watch", error="SFDD-E4001: nobody answers", attempts=3))

WAITING = {
    "failed": (([ERROR],), [(Kind.FAILURE, 3, f"sfdd history {ERROR.run}")]),
    "interrupted": (([a_run_with("interrupted")],), [(Kind.FAILURE, 1, "sfdd sync")]),
    "interrupted apply": (([a_run("interrupted", details=RunDetails("apply"))],), [(Kind.FAILURE, 1, "sfdd apply")]),
    "guard": (
        ([a_run_with("in part", blocked=("max_removals",))],),
        [(Kind.GUARD, 1, "sfdd plan, then sfdd sync --allow max_removals")],
    ),
    "held": (
        ([a_run_with(held=((held.WORDS[held.FIRST_SYNC].what, 2),))],),
        [(Kind.HELD, 2, "sfdd apply --accept-first-sync")],
    ),
    "pending": (([a_run_with(held=((OF_LEADS, 4),))], (), [a_link(pending=4)]), [(Kind.HELD, 4, "sfdd plan")]),
    "pending of a full run before": (([a_run_with()], (), [a_link(pending=4)]), [(Kind.HELD, 4, "sfdd plan")]),
    "held in a full run before": (([a_run_with()], (), [a_link(held=1)]), [(Kind.HELD, 1, "sfdd plan")]),
    "parked, told once": (
        ([a_run_with(held=((held.WORDS[held.PARKED].what, 1),))], (a_row(parked=True), a_row(parked=False))),
        [(Kind.PARKED, 1, "sfdd errors, sfdd errors retry")],
    ),
    "what held before the error": (
        ([ERROR, a_run_with(blocked=("replace",))],),
        [(Kind.FAILURE, 3, f"sfdd history {ERROR.run}"), (Kind.GUARD, 1, "sfdd plan, then sfdd sync --allow replace")],
    ),
}
NOT_WAITING = {
    "no run": ((),),
    "in part, with rows that are tried again": ([a_run_with("in part", failed=3)], (a_row(parked=False),)),
    "under way": ([a_run_with("", held=())],),
    "set-up that differs": ([a_run_with(setup_left=("campaign.a",))],),
    "failed rows and opted out": ([a_run_with()], (), [a_link(failed=2, opted_out=9, oldest=NOW)]),
    "an error that a later run got over": ([a_run_with(), ERROR],),
    "no details": ([a_run(known=False)],),
}


@pytest.mark.parametrize(("given", "expected"), WAITING.values(), ids=WAITING)
def test_it_waits_for_a_human(given, expected):
    assert kinds(*given) == expected


@pytest.mark.parametrize("given", NOT_WAITING.values(), ids=NOT_WAITING)
def test_it_waits_for_nobody(given):
    assert kinds(*given) == []


def test_every_headline_has_words_and_a_command():
    for reason, words in held.WORDS.items():
        if words.headline and reason != held.PARKED:
            (found,) = conditions([a_run_with(held=((words.what, 2),))], (), ())
            assert words.what in found.text
            assert found.hint.startswith("sfdd ")


def test_what_is_told_is_of_the_newest_run_that_came_as_far_as_a_plan():
    newer, older = a_run_with(setup_left=("campaign.b",)), a_run_with(setup_left=("campaign.a",))
    assert told([ERROR, a_run(known=False), newer, older]).setup_left == ("campaign.b",)
    assert told([]) == RunDetails()


def test_a_run_without_an_end_is_interrupted_unless_its_holder_lives():
    going_on = a_run("", finished=None)
    holder = Running("ada", going_on.started)
    assert settled([going_on], holder) == (going_on,)
    assert [run.result for run in settled([going_on], None)] == ["interrupted"]
    later = replace(holder, since=going_on.started + timedelta(seconds=1))
    assert [run.result for run in settled([going_on, a_run()], later)] == ["interrupted", "done"]


def test_what_was_done_is_known_only_of_a_run_that_came_to_its_end():
    runs = (a_run(), a_run("in part"), a_run("", finished=None), a_run("interrupted", finished=None), ERROR)
    assert [has_told(run) for run in runs] == [True, True, False, False, False]
    assert not has_told(a_run(known=False))


def desired(*links, **more):
    account = Account("main", "u", None, "auto", enabled=True, double_opt_in=None, consent=Consent())
    salesforce = Salesforce(None, "https://login.salesforce.com", "66.0", None, registry=True)
    return Desired("d", salesforce, (account,), (), (), (), (), (), links, **more)


def a_declared(campaign, schedule=None):
    return Link(campaign, "book", (), None, schedule, Lifecycle())


def test_links_are_those_declared_in_their_order_with_the_schedule_in_force_and_the_next_turn():
    known = a_link("b", "book", schedule="", last=NOW - timedelta(minutes=11), next=None, members=7)
    gone = a_link("gone", "book")
    declared = desired(a_declared("b"), a_declared("a", "manual"), a_declared("c", "every hour"))
    found = links_of(declared, {known.link: known, gone.link: gone}, 0.0, NOW)
    assert [(x.link, x.schedule, x.members) for x in found] == [
        ("link.b.book", "every 15 minutes", 7),
        ("link.a.book", "manual", 0),
        ("link.c.book", "every hour", 0),
    ]
    assert [x.next and f"{x.next:%H:%M:%S}" for x in found] == ["16:45:00", None, "17:00:00"]


def test_turns_are_spread_by_the_lineage_and_late_ones_stay_due():
    known = a_link("b", "book", last=NOW - timedelta(hours=2))
    (found,) = links_of(desired(a_declared("b")), {known.link: known}, 0.5, NOW)
    assert f"{found.next:%H:%M:%S}" == "14:45:30"
