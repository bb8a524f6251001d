"""Drift as text and as a document, compared exactly with `tests/golden/drift_<case>`, and what counts in it."""

from __future__ import annotations

import io
from datetime import date

import pytest
from rich.cells import cell_len

from sfdd_declare.model.drift import DriftKind, exit_code, only, without_ignored
from sfdd_declare.model.operation import Cause
from sfdd_declare.render.drift import drift_text, summary_line
from sfdd_declare.render.machine.drift import drift_document
from tests.golden import drift_cases
from tests.golden.builders import a_change
from tests.golden.test_texts import WIDTHS, a_console, compare


def as_text(drift, width, *, terminal=True):
    console = a_console(width, terminal=terminal)
    drift_text(drift, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", drift_cases.DRIFTS, ids=lambda case: case.__name__)
def test_the_text_is_as_recorded(case, width):
    compare(f"drift_{case.__name__}", width, as_text(case(), width))


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("case", drift_cases.DRIFTS, ids=lambda case: case.__name__)
def test_no_line_is_wider_than_the_terminal_or_ends_in_a_blank_or_moves_the_cursor(case, width):
    text = as_text(case(), width)
    assert [line for line in text.splitlines() if cell_len(line) > width or line.endswith(" ")] == []
    assert [char for char in text if not (char.isprintable() or char == "\n")] == []


def test_the_order_is_drift_then_what_is_merged_then_what_is_ignored():
    text = as_text(drift_cases.everything(), 1000)
    marks = ("Drift: set-up", "Drift: people", "Merged but not applied", "\nIgnored", "No longer ignored", "Warnings")
    assert [text.index(mark) for mark in marks] == sorted(text.index(mark) for mark in marks)
    assert text.splitlines()[0] == text.splitlines()[-1] == summary_line(drift_cases.everything())


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (drift_cases.none, 0),
        (drift_cases.pending, 0),
        (drift_cases.everything, 2),
        (drift_cases.incomplete, 1),
    ],
)
def test_only_drift_makes_the_exit_code_2_and_an_incomplete_look_1(case, code):
    assert exit_code(case()) == code
    assert drift_document(case()).exit_code == code


def test_drift_does_not_make_an_incomplete_look_complete():
    drift = drift_cases.a_drift(things=(drift_cases.a_turn(),), unread=("main",))
    assert exit_code(drift) == 1
    assert summary_line(drift).startswith("Not everybody was read. Drift: 1 thing")


def test_a_line_that_names_a_field_leaves_the_others_of_its_thing():
    turned, other = a_change("Direction__c", cause=Cause.DRIFT), a_change("On_Blank__c", cause=Cause.DRIFT)
    drift = drift_cases.a_drift(things=(drift_cases.a_turn(fields=(turned, other)),))
    found = without_ignored(drift, (drift_cases.known(field="direction__C"),), drift_cases.TODAY)
    assert [(thing.fields, bool(thing.ignored)) for thing in found.things] == [((other,), False), ((turned,), True)]
    assert (found.counted, found.ignored) == ({DriftKind.SETUP: 1}, 1)


def test_the_last_day_of_a_line_still_counts():
    drift = drift_cases.a_drift(things=(drift_cases.a_turn(),))
    line = drift_cases.known(date(2026, 3, 2))
    assert exit_code(without_ignored(drift, (line,), date(2026, 3, 2))) == 0
    over = without_ignored(drift, (line,), date(2026, 3, 3))
    assert (exit_code(over), over.expired) == (2, (line,))


def test_a_line_of_another_address_ignores_nothing():
    drift = drift_cases.a_drift(things=(drift_cases.a_turn(),), people=(drift_cases.an_edit(),))
    found = without_ignored(drift, (drift_cases.known(address="field_mapping.main.contacts"),), drift_cases.TODAY)
    assert found.counted == {DriftKind.SETUP: 1, DriftKind.VALUE: 3}


@pytest.mark.parametrize(
    ("word", "counted", "pending"),
    [
        ("value", {DriftKind.VALUE: 1205}, 0),
        ("setup", {DriftKind.SETUP: 2}, 0),
        ("left", {DriftKind.LEFT: 2}, 0),
        ("address_book", {DriftKind.SETUP: 1, DriftKind.LEFT: 2}, 1),
        ("campaign.spring_launch", {DriftKind.MEMBER_ADDED: 4, DriftKind.MEMBER_REMOVED: 1}, 1),
        ("campaign.spring", {}, 0),
        (drift_cases.TITLE, {DriftKind.SETUP: 1, DriftKind.VALUE: 1204}, 0),
        ("field_mapping.main", {DriftKind.SETUP: 1, DriftKind.VALUE: 1205}, 0),
    ],
)
def test_only_what_is_asked_for_is_left(word, counted, pending):
    found = only(drift_cases.everything(), (word,))
    assert (found.counted, len(found.pending)) == (counted, pending)
