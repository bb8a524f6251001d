"""Parked rows (RUN-4): what was refused is neither planned nor sent until something about it differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sfdd_declare.people import columns
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.parked import is_same, may_park, park, refused_hash
from sfdd_declare.people.sources import open_views
from sfdd_declare.people.spool import RunDirectory
from tests.unit.people.worlds import KEY, Decision, World, a_world, decided

Row = dict[str, Any]


def three_people() -> World:
    """Nobody is on the book: `b` has a contact with another title, `a` and `c` get one."""
    world = a_world()
    for name in "abc":
        world.record(f"003{name}", f"{name}@example.com", "First", "Title")
        world.member(f"003{name}")
    world.contact(2, "b@example.com", "First", "Other", looked_up=True)
    return world


def refused(found: Decision, operation: str, person: str) -> Row:
    rows = found.rows(operation=operation, person=person)
    assert rows
    return {"operation": operation, "person": person, "hash": refused_hash(KEY, rows)}


def people(found: Decision, operation: str) -> set[str]:
    return {row["person"] for row in found.rows(operation=operation)}


ONE: Row = {
    "aspect": "list",
    "contact_id": 1,
    "email": "a@example.com",
    "address_book": "news",
    "campaign": None,
    "field": "00v1",
    "new": None,
    "decision": "add",
}


@pytest.mark.parametrize("name", ["aspect", "contact_id", "email", "address_book", "campaign", "new", "decision"])
def test_whatever_differs_of_what_was_sent_is_another_row(name: str) -> None:
    assert is_same(refused_hash(KEY, [ONE]), refused_hash(KEY, [ONE | {"old": "not sent", "reason": "MEM-1"}]))
    assert not is_same(refused_hash(KEY, [ONE]), refused_hash(KEY, [ONE | {name: "another"}]))
    assert not is_same(refused_hash(KEY, [ONE]), refused_hash("another key", [ONE]))


def test_a_value_is_another_row_by_its_field_and_a_list_by_the_members_who_want_it() -> None:
    value = ONE | {"aspect": "value", "field": "TITLE", "new": "Captain"}
    assert not is_same(refused_hash(KEY, [value]), refused_hash(KEY, [value | {"field": "NOTES"}]))
    assert not is_same(refused_hash(KEY, [ONE]), refused_hash(KEY, [ONE | {"field": "00v2"}]))
    assert is_same(refused_hash(KEY, [ONE, value]), refused_hash(KEY, [value, ONE]))
    assert not is_same(refused_hash(KEY, [ONE, value]), refused_hash(KEY, [ONE]))


def test_a_member_who_was_only_about_to_be_made_may_have_any_id_later() -> None:
    before, later = refused_hash(KEY, [ONE | {"field": ""}]), refused_hash(KEY, [ONE])
    assert is_same(before, later)
    assert is_same(later, before)
    assert not is_same(before, refused_hash(KEY, [ONE | {"email": "b@example.com"}]))


@pytest.mark.parametrize(
    ("operation", "may"),
    [
        ("suppress:main", False),
        ("opt_out_records:main", False),
        ("import_opted_out:main", False),
        ("import:main", True),
        ("update_records:main", True),
        ("members:spring", True),
    ],
)
def test_everything_but_an_opt_out_may_be_parked(operation: str, *, may: bool) -> None:
    assert may_park(operation) is may


def rests(*held: tuple[str, str], rows: list[Row], folder: Path) -> tuple[list[tuple[str, str]], int]:
    """What goes when this is parked, by operation and person, and how many persons wait."""
    changes = [dict.fromkeys(columns.CHANGE.names) | {"account": "main"} | row for row in rows]
    spool = RunDirectory(folder)
    parked = [
        {"operation": op, "person": person, "hash": refused_hash(KEY, of)}
        for op, person in held
        if (of := [row for row in changes if (row["operation"], row["person"]) == (op, person)])
    ]
    with spool.sink(columns.parked("main"), columns.PARKED) as sink:
        sink.write(pa.RecordBatch.from_pylist(parked, schema=columns.PARKED))
    with Engine(spool, "1 GB") as engine:
        engine.make_tables()
        open_views(engine, a_world().question())
        engine.insert("changes", columns.CHANGE.names, [tuple(row.values()) for row in changes])
        people = park(engine, a_world().question())
        left = engine.rows("SELECT operation, person FROM changes ORDER BY operation, person")
    return [(row["operation"], row["person"]) for row in left], people


def a_list(operation: str, person: str, decision: str, old: str | None) -> Row:
    row = {"operation": operation, "person": person, "aspect": "list", "address_book": "news", "contact_id": 1}
    return row | {"decision": decision, "old": old}


def a_member(operation: str, person: str, field: str | None = None) -> Row:
    return {"operation": operation, "person": person, "aspect": "member", "campaign": "spring", "field": field}


def test_nobody_is_taken_off_a_book_while_the_end_of_a_membership_is_parked(tmp_path: Path) -> None:
    out, off = "remove_members:spring", "remove:main:news"
    rows = [
        a_member(out, "003a", "00v1"),
        a_member(out, "003b", "00v2"),
        a_list(off, "003a", "remove", "00v1;00v2"),
        a_list(off, "003b", "remove", "00v2"),
        a_list(off, "003c", "remove", None),
    ]
    found = rests((out, "003a"), rows=rows, folder=tmp_path)
    assert found == ([(off, "003b"), (off, "003c"), (out, "003b")], 1)


def test_whoever_has_another_membership_joins_although_one_is_parked(tmp_path: Path) -> None:
    make, join = "members:spring", "import:main"
    rows = [
        a_member(make, "003a"),
        a_member(make, "003b"),
        a_list(join, "003a", "add", "003a"),
        a_list(join, "003b", "add", "003a;003b"),
    ]
    assert rests((make, "003a"), rows=rows, folder=tmp_path) == ([(join, "003b"), (make, "003b")], 1)


def test_ID_4_nothing_is_written_to_a_contact_whose_new_address_is_parked(tmp_path: Path) -> None:
    rename = {"operation": "rename:main", "person": "003a", "aspect": "identity", "decision": "rename"}
    value = {"person": "003a", "aspect": "value", "field": "TITLE", "new": "Captain"}
    rows = [
        rename,
        value | {"operation": "import:main"},
        value | {"operation": "update_records:main"},
        value | {"operation": "import:main", "person": "003b"},
    ]
    found = rests(("rename:main", "003a"), rows=rows, folder=tmp_path)
    assert found == ([("import:main", "003b"), ("update_records:main", "003a")], 1)


def test_a_person_who_is_parked_twice_waits_once(tmp_path: Path) -> None:
    value = {"person": "003a", "aspect": "value", "field": "TITLE", "new": "Captain"}
    rows = [value | {"operation": "import:main"}, value | {"operation": "update_records:main"}]
    held = (("import:main", "003a"), ("update_records:main", "003a"))
    assert rests(*held, rows=rows, folder=tmp_path) == ([], 1)


@pytest.mark.parametrize("person", ["003a", "003b"], ids=["a new contact", "an existing one"])
def test_what_was_refused_is_held_and_counted_and_its_neighbours_go(person: str) -> None:
    world = three_people()
    parked = refused(decided(world), "import:main", person)
    world.add(columns.parked("main"), **parked)
    found = decided(world)
    assert people(found, "import:main") == {"003a", "003b", "003c"} - {person}
    assert found.held()["people with parked rows"] == 1
    assert found.answer.people.totals.add == 2
    [(_, rows)] = found.answer.operations
    assert rows.people == 2


@pytest.mark.parametrize(
    "change", [{"r1": "New", "c1": "New"}, {"email": "x@example.com", "email_key": "x@example.com"}]
)
def test_another_value_or_address_is_tried_again(change: Row) -> None:
    world = three_people()
    world.add(columns.parked("main"), **refused(decided(world), "import:main", "003a"))
    world.rows["records.main.contact"][0] |= change
    assert people(decided(world), "import:main") == {"003a", "003b", "003c"}


def test_a_new_campaign_member_is_tried_again() -> None:
    world = three_people()
    world.add(columns.parked("main"), **refused(decided(world), "import:main", "003a"))
    world.rows["members"][0]["member_id"] = "00v-another"
    assert "003a" in people(decided(world), "import:main")


def test_consent_is_never_parked() -> None:
    world = three_people()
    world.rows["records.main.contact"][1]["opted_out"] = True
    world.rows["records.main.contact"][0]["opted_out"] = True
    before = decided(world)
    for operation, person in (("suppress:main", "003b"), ("import_opted_out:main", "003a")):
        world.add(columns.parked("main"), **refused(before, operation, person))
    assert decided(world).changes == before.changes


def test_nobody_joins_a_book_on_a_membership_that_is_parked() -> None:
    world = three_people()
    world.rows["members"].clear()
    for name in "ab":
        world.selected(f"003{name}")
    world.add(columns.parked("main"), **refused(decided(world), "members:spring", "003a"))
    found = decided(world)
    assert people(found, "members:spring") == {"003b"}
    assert people(found, "import:main") == {"003b"}


def test_INV_11_a_parked_addition_is_named_in_the_line_of_its_link() -> None:
    world = three_people()
    world.add(columns.parked("main"), **refused(decided(world), "import:main", "003a"))
    (link,) = decided(world).answer.people.links
    assert (link.members, link.add, link.on_book, link.skipped) == (3, 2, 0, (("parked", 1),))
