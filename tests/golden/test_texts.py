"""Plans and outcomes as text, compared exactly with `tests/golden/<case>/expected*.txt` on a
terminal of 80 and 120 columns.

After a wanted change of the wording, write the files anew and read the difference before committing it:

    SFDD_GOLDEN=write .venv/bin/pytest tests/golden
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from sfdd_declare.render.outcome import outcome_text
from sfdd_declare.render.text import plan_text
from tests.golden import cases

HERE = Path(__file__).parent
WIDTHS = (80, 120)


def a_console(width, *, terminal=False, colour=None):
    return Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=colour, legacy_windows=False, _environ={}
    )


def plan_as_text(plan, width, *, terminal=False, samples=5, verbose=False):
    console = a_console(width, terminal=terminal)
    plan_text(plan, console, samples=samples, verbose=verbose)
    return console.file.getvalue()


def outcome_as_text(outcome, width, *, terminal=False):
    console = a_console(width, terminal=terminal)
    outcome_text(outcome, console)
    return console.file.getvalue()


def compare(case, width, text):
    path = HERE / case / ("expected.txt" if width == 80 else f"expected-{width}.txt")
    if os.environ.get("SFDD_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
def test_plan_text_is_as_recorded(case, width):
    compare(case.__name__, width, plan_as_text(case(), width, terminal=True))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", cases.OUTCOMES, ids=lambda case: case.__name__)
def test_outcome_text_is_as_recorded(case, width):
    compare(case.__name__, width, outcome_as_text(case(), width, terminal=True))


@pytest.mark.parametrize("width", [40, 53, 80, 200])
@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
def test_no_line_of_a_plan_is_wider_than_the_terminal_or_ends_in_a_blank(case, width):
    lines = plan_as_text(case(), width, terminal=True, verbose=True).splitlines()
    assert [line for line in lines if cell_len(line) > width or line.endswith(" ")] == []


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("case", cases.OUTCOMES, ids=lambda case: case.__name__)
def test_no_line_of_an_outcome_is_wider_than_the_terminal(case, width):
    lines = outcome_as_text(case(), width, terminal=True).splitlines()
    assert [line for line in lines if cell_len(line) > width or line.endswith(" ")] == []


@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
def test_every_word_of_a_wide_plan_is_still_there_in_a_narrow_terminal(case):
    """Folding must not cut anything off; only table headings turn into words."""
    narrow = "".join(plan_as_text(case(), 40, terminal=True).split())
    headings = {"Link", "Members", "Add", "Update", "Remove", "On", "book", "Field", "mapping", "Overwritten", "To"}
    lost = [word for word in plan_as_text(case(), 200).split() if word not in headings and word not in narrow]
    assert lost == []


def test_a_file_gets_the_summary_on_one_line():
    first, *_, token, bound, last = plan_as_text(cases.first_plan(), 40).splitlines()
    expected = (
        "Plan: 4 to add, 0 to change, 0 to destroy. People: 412 to add, 57 to update, 0 to remove, 4 to suppress."
    )
    assert (first, last) == (expected, expected)
    assert token == "To apply no more than this: sfdd apply --expect 3f9c0a1b2c3d:412.57.0.0.3"
    assert bound == "It lets through at most 432 added, 67 updated, 0 removed, 0 leads, 3 overwritten."


def test_summary_line_has_the_documented_wording():
    operations = [cases.a_thing(f"campaign.c{i}", cases.Action.CREATE) for i in range(3)]
    totals = cases.PeopleTotals(add=412, update=57, remove=9, new_leads=3, conflicts=2)
    plan = cases.a_plan(*operations, cases.a_thing(fields=(cases.a_change(),)), people_plan=cases.people(totals=totals))
    assert plan_as_text(plan, 80).splitlines()[0] == (
        "Plan: 3 to add, 1 to change, 0 to destroy. "
        "People: 412 to add, 57 to update, 9 to remove, 3 new leads, 2 conflicts."
    )


def test_what_a_guard_holds_back_is_counted_as_that_with_everything_that_needs_it():
    counts = (("list:add", 43), ("FIRSTNAME:fill", 43))
    creation = cases.a_people_operation(people=43, id="create:main", counts=counts, blocked_by="double_opt_in")
    rest = cases.a_people_operation(people=7, id="import:main", counts=(("list:add", 7),))
    removal = cases.a_people_operation(
        cases.Task.REMOVE_FROM_LIST, "address_book.news", people=9, needs=("address_book.news",)
    )
    book = cases.a_thing("address_book.news", cases.Action.REPLACE, blocked_by="replace")
    totals = cases.PeopleTotals(add=50, remove=9)
    verdict = cases.Blocked("double_opt_in", "account.main", 43, "0", 43, (creation.id,))
    plan = cases.a_plan(creation, rest, book, removal, people_plan=cases.people(totals=totals), blocked=(verdict,))
    first, *between, last = plan_as_text(plan, 1000).splitlines()
    assert first == last
    assert "1 to add, blocked by replace" in first
    assert "50 to add, 43 of them blocked by double_opt_in" in first
    assert "9 to remove, all of them blocked by replace" in first
    (said,) = [line for line in between if "double_opt_in  account.main" in line]
    remedies = ("`dotdigital.accounts.main.double_opt_in: not_enforced`", "--allow double_opt_in")
    assert 0 < said.index(remedies[0]) < said.index(remedies[1])


def test_an_empty_plan_is_one_line():
    assert plan_as_text(cases.empty(), 80) == "No changes. Salesforce and Dotdigital match the configuration.\n"


def test_an_empty_plan_tells_about_links_only_when_asked():
    link = cases.a_link(add=0, update=0, remove=0, skipped=(("opted out", 3),))
    plan = cases.a_plan(people_plan=cases.people(links=(link,)))
    assert plan_as_text(plan, 80).count("\n") == 1
    assert "3 opted out" in plan_as_text(plan, 80, verbose=True)


def test_held_items_that_wait_for_a_human_are_the_headline_of_an_empty_plan():
    first = plan_as_text(cases.held_only(), 80).splitlines()[0]
    assert first == "No changes. 2 conflicts held, 3 leads pending."


def test_routine_held_items_are_shown_only_when_asked_for():
    assert "blanks kept" not in plan_as_text(cases.held_only(), 80)
    assert "81 blanks kept" in plan_as_text(cases.held_only(), 80, verbose=True)


def test_nothing_is_counted_that_is_not_declared():
    plan = cases.a_plan(cases.a_thing(fields=(cases.a_change(),)))
    assert plan_as_text(plan, 80).splitlines()[0] == "Plan: 0 to add, 1 to change, 0 to destroy."


def test_what_is_dangerous_stands_first_then_drift_then_people_then_set_up():
    removal = cases.a_people_operation(cases.Task.REMOVE_FROM_LIST, "address_book.newsletter", people=9)
    member = cases.a_people_operation(cases.Task.REMOVE_MEMBERS, "campaign.webinars", people=7)
    plan = cases.drift()
    fields = (cases.a_field("Title", "JOB_TITLE", overwritten=41, blanked=3, replaced_here=44),)
    renewed = cases.held(8, "values held, because their field lost its values at once", "VAL-26")
    plan = cases.a_plan(
        *plan.operations,
        removal,
        member,
        people_plan=cases.people(links=(cases.a_link(),), fields=fields, held=(renewed,)),
        blocked=(cases.Blocked("max_removals", "campaign.webinars", 7, "10%", 9, (member.id,)),),
    )
    text = plan_as_text(plan, 200)
    marks = (
        "Look at this first",
        "9 people are taken off the address book",
        "7 people are removed from the campaign",
        "41 values overwritten and 3 values blanked in Salesforce",
        "direction two_way → salesforce_to_dotdigital",
        "8 values held",
        "! max_removals",
        "Drift: changed by hand",
        "People by link",
        "Set-up",
    )
    assert [text.index(mark) for mark in marks] == sorted(text.index(mark) for mark in marks)
    assert [text.count(mark) for mark in marks] == [1] * len(marks)


def test_a_flip_says_that_on_blank_turns_with_it():
    turned = (
        cases.a_change("Direction__c", "two_way", "salesforce_to_dotdigital"),
        cases.a_change("On_Blank__c", "keep", "propagate"),
    )
    flip = cases.a_thing("field_mapping.main.contacts.Title", task=cases.Task.REGISTRY_ROW, fields=turned)
    said = "direction two_way → salesforce_to_dotdigital; with it on_blank keep → propagate"
    assert said in plan_as_text(cases.a_plan(flip), 200)


def test_many_creations_of_a_kind_are_one_line_until_all_are_asked_for():
    names = [f"field_mapping.main.contacts.Field_{i}" for i in range(40)]
    rows = [cases.a_thing(n, cases.Action.CREATE, task=cases.Task.REGISTRY_ROW, note="→ X") for n in names]
    statuses = [
        cases.a_thing(f"campaign.c{i}", cases.Action.CREATE, task=cases.Task.CAMPAIGN_STATUS, part='member status "S"')
        for i in range(4)
    ]
    plan = cases.a_plan(cases.a_thing("campaign.spring", cases.Action.CREATE), *rows, *statuses)
    text = plan_as_text(plan, 120)
    assert "  + 40 field mappings will be created  (--verbose shows them)\n" in text
    assert "  + 4 member statuses will be created" in text
    assert "campaign.spring  will be created" in text
    assert "Field_7" not in text
    assert all(name in plan_as_text(plan, 120, verbose=True) for name in names)


def test_drift_stands_before_the_changes_that_the_configuration_asks_for():
    text = plan_as_text(cases.drift(), 80)
    assert text.index("Drift:") < text.index("campaign.spring_launch") < text.index("Set-up")
    assert "8,412 people carry this field" in text
    assert "changed by 0055g000004AdminAAA at 2026-03-02T09:58:00Z" in text


def test_samples_are_counted_by_person():
    assert "0035g00000BBBBBQA2" not in plan_as_text(cases.first_plan(), 80, samples=1)
    assert "Samples" not in plan_as_text(cases.first_plan(), 80, samples=0)


@pytest.mark.parametrize("width", [40, 80])
def test_nothing_in_the_data_reaches_the_terminal_as_a_control(width):
    console = a_console(width, terminal=True, colour=None)
    plan_text(cases.hostile(), console, samples=5, verbose=True)
    text = console.file.getvalue()
    assert [char for char in text if not (char.isprintable() or char in "\n\u200d")] == []
    assert "\\u202e" in text
    assert "\\x1b" in text


def test_rich_markup_in_data_is_printed_as_it_is():
    text = plan_as_text(cases.hostile(), 120)
    for markup in ("[bold red]old[/]", "[link=http://evil]x[/link]", "[bold]w[/bold]", "[blink]now[/]", "[red]F[/]"):
        assert markup in text


def test_secrets_are_never_shown():
    text = plan_as_text(cases.every_action(), 80)
    assert "(sensitive value)" in text
    assert '"abc"' not in text
    assert '"def"' not in text


def test_colour_is_only_written_to_terminals():
    console = Console(file=io.StringIO(), width=80, _environ={})
    plan_text(cases.every_action(), console, samples=5, verbose=False)
    assert "\x1b" not in console.file.getvalue()
    coloured = a_console(80, terminal=True, colour="standard")
    plan_text(cases.every_action(), coloured, samples=5, verbose=False)
    assert "\x1b[" in coloured.file.getvalue()


def test_no_colour_when_the_environment_forbids_it():
    console = Console(file=io.StringIO(), width=80, force_terminal=True, _environ={"NO_COLOR": "1"})
    plan_text(cases.drift(), console, samples=5, verbose=False)
    assert re.findall(r"\x1b\[[0-9;]*3[0-7]m", console.file.getvalue()) == []


def test_the_closing_line_is_made_of_results_and_names_everybody_who_is_missing():
    plan = cases.a_plan(
        cases.a_people_operation(people=20), people_plan=cases.people(totals=cases.PeopleTotals(add=20))
    )
    left_out = (("opted out meanwhile", 3),)
    result = cases.a_result(
        *plan.operations, cases.Status.PARTIAL, done=10, failed=2, skipped=8, unknown=4, left_out=left_out
    )
    closing = outcome_as_text(cases.an_outcome(plan, [result], people=cases.Figures(add=10)), 1000).splitlines()[-1]
    assert "People: 10 added, 0 updated, 0 removed. Not done: 2 failed, 3 opted out meanwhile, " in closing
    assert "4 of unknown end (the answer was lost), 1 not sent." in closing
    assert "20" not in closing


def test_a_complete_apply_counts_whom_it_left_out():
    plan = cases.a_plan(
        cases.a_people_operation(people=17), people_plan=cases.people(totals=cases.PeopleTotals(add=17))
    )
    result = cases.a_result(*plan.operations, done=16, skipped=1, left_out=(("edited meanwhile", 1),))
    closing = outcome_as_text(cases.an_outcome(plan, [result], people=cases.Figures(add=16)), 1000).splitlines()[-1]
    assert closing.endswith("People: 16 added, 0 updated, 0 removed. Not done: 1 edited meanwhile.")


def test_what_a_guard_holds_back_does_not_make_light_of_what_was_done():
    closing = outcome_as_text(cases.blocked_outcome(), 1000).splitlines()[-1]
    assert closing.startswith("Apply complete, but for what a guard holds back: 1 operation done, 1 blocked by max_rem")


def test_an_apply_that_a_guard_holds_back_whole_has_not_failed():
    removal, _ = cases.blocked_removals().operations
    plan = cases.a_plan(removal, blocked=cases.blocked_removals().blocked)
    outcome = cases.an_outcome(plan, [cases.a_result(removal, cases.Status.BLOCKED, done=0, skipped=312)])
    closing = outcome_as_text(outcome, 1000).splitlines()[-1]
    assert closing.startswith("Nothing was applied: 1 blocked by max_removals.")


def test_a_guard_that_stops_one_of_several_speaks_of_people():
    verdict = cases.Blocked("max_removals", "address_book.news", 1, "10%", 3, ())
    plan = cases.a_plan(cases.a_people_operation(), blocked=(verdict,))
    assert "1 of 3 people taken off (33.3%)" in plan_as_text(plan, 1000)


def test_what_was_refused_as_a_whole_has_one_advice():
    plan = cases.a_plan(cases.a_people_operation(people=5))
    refused = cases.a_result(
        *plan.operations, cases.Status.FAILED, done=0, skipped=5, message="refused", hint="sfdd errors", refused=True
    )
    text = outcome_as_text(cases.an_outcome(plan, [refused]), 1000)
    assert "`sfdd errors`" in text.splitlines()[-1]
    assert "sfdd apply" not in text


@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
def test_no_heading_stands_alone(case):
    lines = plan_as_text(case(), 80, verbose=True).splitlines()
    headings = [
        i
        for i, line in enumerate(lines)
        if line and not line.startswith((" ", "Plan:", "No changes", "To a", "It lets"))
    ]
    assert [lines[i] for i in headings if not lines[i + 1].startswith("  ")] == []
