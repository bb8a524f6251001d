"""Errors: id, place, caret under the right column, hint; several sorted and counted."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from sfdd_declare.model.errors import BugError, ConfigError, DeclareError, Denied, ErrorList, Position
from sfdd_declare.render.errors import error_text


def shown(error, width=80):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, _environ={})
    error_text(error, console)
    return console.file.getvalue()


def at(line=3, col=1, text="", file="sfdd.yaml"):
    return Position(file, line, col, text)


def test_a_configuration_error_in_full():
    error = ConfigError(
        "SFDD-E1101",
        "unknown key `feild_mappings`",
        detail="Known keys are campaigns and links.",
        where=at(12, 1, "feild_mappings:"),
        hint="did you mean `field_mappings`?",
    )
    assert shown(error) == (
        "Error SFDD-E1101: unknown key `feild_mappings`\n"
        "  sfdd.yaml:12:1\n"
        "    12 | feild_mappings:\n"
        "       | ^\n"
        "  Known keys are campaigns and links.\n"
        "  Hint: did you mean `field_mappings`?\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("text", "col"),
    [
        ("  name: x", 3),
        ("\tname: x", 2),
        ("株式会社: x", 3),
        ("a\x1b[2Jb: x", 6),
        ("x" * 300 + " HERE " + "y" * 300, 302),
        ("HERE" + "y" * 900, 1),
        ("short", 6),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_caret_stands_under_the_column(text, col, width):
    offending, caret = shown(ConfigError("SFDD-E1101", "x", where=at(3, col, text)), width).splitlines()[2:4]
    cells = cell_len(caret[: caret.index("^")])
    before = next(offending[:i] for i in range(len(offending) + 1) if cell_len(offending[:i]) >= cells)
    assert cell_len(before) == cells
    assert offending[len(before) :][:1] == text[col - 1 : col]
    assert cell_len(offending) <= width


def test_a_long_line_is_cut_between_words():
    text = "    where: \"MailingCountry = 'United Kingdom' AND Title LIKE '%Director%' AND Department = 'Marketing'\""
    offending = shown(ConfigError("SFDD-E1101", "x", where=at(3, 60, text)), 60).splitlines()[2].split(" | ")[1]
    assert offending.strip("…").strip() in text
    assert all(word in text.split() for word in offending.replace("…", " ").split())


def test_several_errors_are_sorted_by_place_and_counted():
    errors = (
        DeclareError("SFDD-E4001", "no place"),
        ConfigError("SFDD-E1103", "third", where=at(2, file="b.yaml")),
        ConfigError("SFDD-E1102", "second", where=at(10)),
        ErrorList((ConfigError("SFDD-E1101", "first", where=at(9, file="a.yaml")),)),
    )
    text = shown(ErrorList(errors))
    places = [text.index(word) for word in ("first", "third", "second", "no place")]
    assert places == sorted(places)
    assert text.endswith("4 errors.\n")


def test_one_error_in_a_list_is_not_counted():
    assert "1 error" not in shown(ErrorList((DeclareError("SFDD-E4001", "x"),)))


def test_a_remote_error_names_the_vendors_code():
    text = shown(Denied("SFDD-E2101", "Salesforce refused", code="INVALID_SESSION_ID", status=401, where="main"))
    assert "INVALID_SESSION_ID, HTTP 401" in text
    assert "  main\n" in text


def test_a_bug_asks_to_be_reported():
    assert "Please report it" in shown(BugError("SFDD-E9902", "a circle"))


def test_nothing_in_an_error_reaches_the_terminal_as_a_control():
    evil = "\x1b[2J\u202e[red]x[/red]"
    text = shown(ConfigError("SFDD-E1101", evil, detail=evil, where=at(1, 1, evil, file=evil), hint=evil))
    assert text.count("\\x1b[2J\\u202e[red]x[/red]") == 5
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(width):
    error = ConfigError("SFDD-E1101", "long " * 40, detail="w" * 300, where=at(1, 200, "z" * 500), hint="h " * 200)
    assert [line for line in shown(error, width).splitlines() if cell_len(line) > width or line.endswith(" ")] == []
