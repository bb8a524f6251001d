"""However much there is: the budget holds, dangers keep their counts, and a cut body says what it lacks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdd_declare.model.errors import BugError, ConfigError, ErrorList
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.render.markdown import (
    COMMENT,
    JOB_SUMMARY,
    MINIMUM,
    Budget,
    Place,
    drift_markdown,
    error_markdown,
    outcome_markdown,
    plan_markdown,
)
from sfdd_declare.render.text import NO_CHANGES
from tests.golden import cases
from tests.golden.drift_cases import a_drift
from tests.golden.test_markdown import PLACE
from tests.unit.render.markdown_reading import (
    ANY_TEXT,
    a_hostile_outcome,
    a_hostile_place,
    a_hostile_plan,
    is_harmless,
    marker_of,
)

ROOM = st.integers(MINIMUM.bytes, 70_000)
BUDGETS = st.builds(Budget, ROOM, ROOM)
SETTINGS = settings(max_examples=25, deadline=None)


def a_first_plan(links=20, mappings=40):
    """Everything is new, as in a plan of somebody who begins."""
    names = [f"link.campaign_{i}.address_book_{i}" for i in range(links)]
    fields = [f"field_mapping.main.contacts.A_Field_{i}__c" for i in range(mappings)]
    things = [cases.a_thing(n, cases.Action.CREATE, task=cases.Task.REGISTRY_ROW, note="x → y") for n in names + fields]
    return cases.a_plan(
        *things,
        cases.a_people_operation(people=9000),
        people_plan=cases.people(
            totals=cases.PeopleTotals(add=9000),
            links=tuple(cases.a_link(name) for name in names),
            fields=tuple(cases.a_field(f"A_Field_{i}__c", f"FIELD_{i}") for i in range(mappings)),
            samples=tuple(cases.a_sample(f"0035g00000{i:08}") for i in range(5)),
        ),
    )


@SETTINGS
@given(ANY_TEXT, st.integers(1, 20), BUDGETS)
def test_a_plan_obeys_any_budget_and_keeps_its_counts(text, copies, budget):
    body = plan_markdown(a_hostile_plan(text, copies), a_hostile_place(text), budget)
    assert len(body) <= budget.characters
    assert len(body.encode()) <= budget.bytes
    is_harmless(body)
    assert NO_CHANGES not in body
    assert "People: 3 to add" in body
    for title in ("Removals", "Destroyed", "Replaced", "Filled values overwritten", "Direction flips", "Blocked by"):
        assert f"**{title}" in body
    assert f"**Read these first ({8 * copies + 2:,})**" in body
    shortened = body.splitlines()[1].startswith("**Shortened:**")
    assert marker_of(body)["truncated"] is shortened
    assert shortened is ("Shown: everything." not in body)


@pytest.mark.parametrize("count", [1, 30, 3000])
def test_limits_that_a_proposal_loosens_are_named_first_however_much_else_there_is(count):
    hostile = "`a` | <b> @team\n</details>"
    first = Loosened("", "guards.max_removals", "5%", "100%", "5%")
    rest = tuple(Loosened(f"campaign.{hostile}{i}", "on_destroy", "forget", hostile, "forget") for i in range(count))
    plan = replace(a_hostile_plan(hostile, 500), loosened=(first, *rest))
    body = plan_markdown(plan, a_hostile_place(hostile), COMMENT)
    is_harmless(body)
    (line,) = (line for line in body.splitlines() if line.startswith("> 1. "))
    assert "`guards.max_removals` `5%` → `100%`: judged with `5%`" in line
    assert COMMENT.holds(body)
    least = plan_markdown(plan, a_hostile_place(hostile), MINIMUM)
    assert MINIMUM.holds(least)
    assert "> 1. **Limits that this change loosens:** " in least
    drift = replace(a_drift(), loosened=(first, *rest))
    for budget in (COMMENT, MINIMUM):
        told = drift_markdown(drift, a_hostile_place(hostile), budget)
        assert budget.holds(told)
        is_harmless(told)
        assert "`guards.max_removals` `5%` → `100%`: judged with `5%`" in told


@SETTINGS
@given(ANY_TEXT, st.integers(1, 10), BUDGETS)
def test_an_outcome_obeys_any_budget(text, copies, budget):
    body = outcome_markdown(a_hostile_outcome(text, copies), a_hostile_place(text), budget)
    assert budget.holds(body)
    is_harmless(body)
    assert "**Failed**" in body


@SETTINGS
@given(ANY_TEXT, st.integers(1, 300), BUDGETS)
def test_errors_obey_any_budget(text, count, budget):
    errors = tuple(ConfigError(f"SFDD-E1{i:03}", text, detail=text, hint=text) for i in range(count))
    body = error_markdown(ErrorList(errors), a_hostile_place(text), budget)
    assert budget.holds(body)
    is_harmless(body)
    assert f"No plan could be made: {count} error" in body


@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
@pytest.mark.parametrize("room", [MINIMUM.bytes, 8_000, 60_000])
def test_only_a_plan_without_changes_says_that_there_are_none(case, room):
    body = plan_markdown(case(), PLACE, Budget(room, room))
    assert (NO_CHANGES in body) is (case is cases.empty)
    assert ("No changes" in body) is case().is_empty


def test_a_budget_counts_characters_and_bytes():
    plan = a_hostile_plan("株" * 60, 3)
    whole = plan_markdown(plan, PLACE, JOB_SUMMARY)
    characters, size = len(whole), len(whole.encode())
    assert characters < size < JOB_SUMMARY.bytes
    assert plan_markdown(plan, PLACE, Budget(characters, size)) == whole
    for budget in (Budget(characters - 1, size), Budget(characters, size - 1)):
        body = plan_markdown(plan, PLACE, budget)
        assert body != whole
        assert budget.holds(body)


def test_long_names_of_guards_do_not_push_counts_out_of_the_summary():
    removal = cases.a_people_operation(cases.Task.REMOVE_FROM_LIST, people=9, blocked_by="a_guard " * 200)
    totals = cases.PeopleTotals(add=3, update=2, remove=9)
    body = plan_markdown(cases.a_plan(removal, people_plan=cases.people(totals=totals)), PLACE)
    assert "**Plan: 0 to add, 0 to change, 0 to destroy. People: 3 to add, 2 to update, 9 to remove.**" in body


def test_nothing_is_written_into_less_than_the_minimum():
    with pytest.raises(BugError, match="SFDD-E9941"):
        plan_markdown(cases.first_plan(), PLACE, Budget(300, 300))


def test_an_outcome_fits_below_the_longest_plan_in_one_comment():
    above = "x" * COMMENT.characters
    below = outcome_markdown(a_hostile_outcome("x" * 60, 20), PLACE, Budget(65_536, 65_536).beside(above))
    assert len((above + below).encode()) <= 65_536


def test_a_first_plan_shows_set_up_and_people_in_one_comment():
    body = plan_markdown(a_first_plan(), PLACE)
    assert len(body) < 65_536
    assert "Shown: everything." in body
    assert "`link.campaign_19.address_book_19`" in body
    assert "`field_mapping.main.contacts.A_Field_39__c`" in body
    assert "`A_Field_39__c` → `FIELD_39`" in body
    assert "| 1,024 | 412 | 57 |" in body


def test_sections_are_dropped_in_their_order_and_the_body_says_which():
    plan = a_first_plan(120, 200)
    whole = plan_markdown(plan, PLACE, JOB_SUMMARY)
    assert "Shown: everything." in whole
    seen = []
    for room in range(len(whole.encode()), MINIMUM.bytes, -500):
        body = plan_markdown(plan, PLACE, Budget(room, room))
        said = re.search(r"rows shown; left out: (.*?)\.", body)
        lacks = said[1] if said else ""
        seen += [lacks] if lacks not in seen else []
    assert seen == [
        "",
        "samples",
        "people by field and samples",
        "people by link beyond 50, people by field and samples",
        "set-up beyond 100, people by link beyond 50, people by field and samples",
        "set-up beyond 100, people by link beyond 10, people by field and samples",
        "set-up beyond 25, people by link beyond 10, people by field and samples",
    ]


def test_the_first_line_counts_the_rows_that_are_shown():
    body = plan_markdown(a_first_plan(20, 40), PLACE, Budget(7_000, 7_000))
    shown, total = map(int, re.findall(r"Shortened:\*\* (\d+) of (\d+) rows", body.splitlines()[1])[0])
    assert total == 60 + 20 + 40 + 5
    assert shown == sum(line.startswith(("| `+` |", "| `link.")) for line in body.splitlines())


def test_dangers_that_do_not_fit_are_counted_with_the_first_ones_named():
    removals = [
        cases.a_people_operation(cases.Task.REMOVE_FROM_LIST, f"address_book.b{i:04}", people=7) for i in range(1000)
    ]
    verdicts = [
        cases.Blocked("max_removals", f"address_book.b{i:04}", 7, "1%", 9, (op.id,)) for i, op in enumerate(removals)
    ]
    plan = cases.a_plan(
        *removals, people_plan=cases.people(totals=cases.PeopleTotals(remove=7000)), blocked=tuple(verdicts)
    )
    body = plan_markdown(plan, PLACE)
    assert "**Read these first (2,000)**" in body
    assert "`address_book.b0099`" in body
    assert "**Removals:** and 900 more (6,300 people)" in body
    assert "**Blocked by a guard:** and 900 more. Next: `--allow max_removals`" in body
    assert "all is counted and the first 100 of each kind named" in body.splitlines()[1]


def test_samples_in_clear_are_refused():
    plan = cases.a_plan(cases.a_people_operation(), people_plan=cases.people(revealed=True))
    with pytest.raises(BugError, match="SFDD-E9940"):
        plan_markdown(plan, Place("crm"))


@pytest.mark.parametrize("char", ["😀", "`", "-", "<", "é", "\x1b", "|", "x", "\U000e0001", "` ", "a`"])
def test_the_minimum_holds_the_longest_names_everywhere(char):
    text = char * 500
    place = Place(*(text for _ in range(5)), "https://a.example/" + "x" * 280, text, text)
    errors = ErrorList(tuple(ConfigError(text, text, detail=f"{text}\n" * 9, where=text, hint=text) for _ in range(30)))
    for body in (
        plan_markdown(a_hostile_plan(text, 30), place, MINIMUM),
        outcome_markdown(a_hostile_outcome(text, 30), place, MINIMUM),
        error_markdown(errors, place, MINIMUM),
    ):
        assert MINIMUM.holds(body)
        is_harmless(body, links=(place.run_url,) if place.run_url in body else ())
        assert marker_of(body)["truncated"] is True
        assert body.splitlines()[1].startswith("**Shortened:**")


def test_what_failed_is_counted_where_it_is_not_named():
    operations = [cases.a_thing(f"campaign.c{i:04}") for i in range(2000)]
    results = [
        cases.a_result(op, cases.Status.FAILED, done=0, failed=1, message="no", hint=f"fix {i}")
        for i, op in enumerate(operations)
    ]
    body = outcome_markdown(cases.an_outcome(cases.a_plan(*operations), results), PLACE, Budget(20_000, 20_000))
    assert "`campaign.c0099`: not updated: `no`; hint: `fix 99`" in body
    assert "- and 1,900 more" in body
    assert "all is counted and 100 of each named" in body.splitlines()[1]


def test_what_is_done_is_dropped_before_any_problem():
    operations = [cases.a_thing(f"campaign.a_rather_long_name_{i:04}") for i in range(2000)]
    failed = cases.a_thing("campaign.failed")
    results = [*(cases.a_result(op) for op in operations), cases.a_result(failed, cases.Status.FAILED)]
    problems = [cases.a_problem(failed, code=f"CODE_{i}") for i in range(15)]
    outcome = cases.an_outcome(cases.a_plan(*operations, failed), results, problems)
    body = outcome_markdown(outcome, PLACE, Budget(9_000, 9_000))
    assert "115 of 2,015 rows shown; left out: done beyond 100." in body.splitlines()[1]
    assert "CODE_14" in body
    body = outcome_markdown(outcome, PLACE, Budget(6_000, 6_000))
    assert "15 of 2,015 rows shown; left out: done." in body.splitlines()[1]
    assert "CODE_14" in body
