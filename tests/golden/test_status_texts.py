"""`sfdd status` and `sfdd history` as text, compared exactly with `tests/golden/status_<case>` and `history_<case>`."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from sfdd_declare.render.history import history_text, run_text
from sfdd_declare.render.status import status_text
from tests.golden import status_cases
from tests.golden.test_texts import a_console, compare

WIDTHS = (60, 80, 200)


def listed(width, **how):
    console = a_console(width, terminal=True, **how)
    history_text(status_cases.runs(), console)
    return console.file.getvalue()


def as_text(show, value, width, *, colour=None, **how):
    console = a_console(width, terminal=True, colour=colour)
    show(value, console, **how)
    return console.file.getvalue()


def everything(width):
    for case in status_cases.STANDINGS:
        yield as_text(status_text, case(), width, verbose=True)
    for case in status_cases.RUNS:
        yield as_text(run_text, case(), width)
        yield as_text(history_text, (case(),), width)
    yield listed(width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", status_cases.STANDINGS, ids=lambda case: case.__name__)
def test_how_it_stands_is_as_recorded(case, width):
    compare(f"status_{case.__name__}", width, as_text(status_text, case(), width, verbose=True))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_of_runs_is_as_recorded(width):
    compare("history_list", width, listed(width))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", status_cases.RUNS, ids=lambda case: case.__name__)
def test_one_run_is_as_recorded(case, width):
    compare(f"history_{case.__name__}", width, as_text(run_text, case(), width))


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal_or_ends_in_a_blank_or_moves_the_cursor(width):
    for text in everything(width):
        assert [line for line in text.splitlines() if cell_len(line) > width or line.endswith(" ")] == []
        assert [char for char in text if not (char.isprintable() or char == "\n")] == []


def test_colour_only_repeats_what_the_words_say():
    found = as_text(status_text, status_cases.waiting(), 200, colour="standard", verbose=True)
    assert "\x1b[" in found
    console = a_console(200, terminal=True, colour="standard")
    console.no_color = True
    status_text(status_cases.waiting(), console, verbose=True)
    assert "\x1b[3" not in console.file.getvalue()


def test_reasons_of_others_are_for_who_asks():
    usual = as_text(status_text, status_cases.waiting(), 200, verbose=False)
    assert ("no address" in usual, "76" in usual) == (False, True)
    assert "70 no address; 6 shadowed" in as_text(status_text, status_cases.waiting(), 200, verbose=True)
