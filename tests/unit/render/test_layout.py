"""The page: tables that become sentences, and nothing cut off."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from sfdd_declare.render.layout import Column, Entry, Section, Tidy, aligned, counts, hanging, print_sections

COLUMNS = (Column("Add", "to add"), Column("Update", "to update"), Column("Conflicts", "conflicts"))


def shown(renderable, width):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, _environ={})
    console.print(Tidy(renderable))
    return console.file.getvalue()


def test_a_table_leaves_out_columns_without_counts():
    text = shown(counts("Link", COLUMNS, [(Text("link.a.b"), (1200, 0, 1))], 80), 80)
    assert text == "  Link        Add  Conflicts\n  link.a.b  1,200          1\n"


def test_a_table_without_room_becomes_sentences():
    rows = [(Text("link.a_long_name_of_a_campaign.and_of_a_book"), (1200, 3, 1))]
    assert shown(counts("Link", COLUMNS, rows, 40), 40) == (
        "  link.a_long_name_of_a_campaign.\n  and_of_a_book\n    1,200 to add, 3 to update, 1\n    conflict\n"
    )


def test_a_long_name_in_a_table_is_shortened_in_the_middle():
    names = [f"link.a_long_name_of_a_campaign.and_of_book_{i}" for i in (1, 2)]
    text = shown(counts("Link", COLUMNS[:1], [(Text(name), (1200,)) for name in names], 40), 40)
    lines = text.splitlines()[1:]
    assert [(cell_len(line), "…" in line) for line in lines] == [(40, True)] * 2
    assert [line.split()[0][-6:] for line in lines] == ["book_1", "book_2"]


def test_names_that_would_look_alike_when_shortened_stay_whole():
    names = [f"link.a_long_name_of_a_campaign_{i}_that_goes_on_and_on" for i in (1, 2)]
    text = shown(counts("Link", COLUMNS[:1], [(Text(name), (1200,)) for name in names], 44), 44)
    assert "…" not in text
    assert "1_that" in text


@pytest.mark.parametrize("width", [30, 40, 60])
def test_an_address_is_never_cut_inside_one_of_its_names(width):
    address = "field_mapping.main.contacts.Region__r.Manager__r.Email"
    text = shown(hanging(Text("~"), Text(f"{address}  will be updated")), width)
    assert "".join(line.strip() for line in text.splitlines()[:2]).startswith("~ field_mapping.main.contacts.")
    assert all(part in text for part in address.split("."))
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_row_without_counts_heads_the_rows_below():
    rows = [(Text("main"), ()), (Text("  a"), (1, 0, 0))]
    assert shown(counts("Field", COLUMNS, rows, 80), 80) == "  Field  Add\n  main\n    a      1\n"


def test_values_stand_below_each_other():
    entries = [Entry(Text("+"), Text("Name"), Text("= 1")), Entry(Text("~"), Text("Status"), Text("= 2"))]
    assert shown(aligned(entries, 80, 4), 80) == "    + Name   = 1\n    ~ Status = 2\n"


@pytest.mark.parametrize("width", [20, 40, 80])
def test_long_values_fold_and_lose_nothing(width):
    value = "".join(chr(65 + i % 26) for i in range(300))
    entry = Entry(Text("+"), Text("Description"), Text(value))
    text = shown(aligned([entry], width, 6), width)
    assert value in "".join(text.split())
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_section_without_a_body_prints_no_heading():
    console = Console(file=io.StringIO(), width=40, _environ={})
    print_sections((Section("Empty", ()), Section("Full", (Text("x"),))), console)
    assert console.file.getvalue() == "Full\nx\n\n"
