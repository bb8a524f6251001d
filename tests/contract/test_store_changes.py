"""What planning sees of books that got another key or another list, and hashes of rows whose values rest."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.state import BookChanges, Intent
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.state import State
from tests.unit.store.builders import (
    HOMES,
    a_field,
    a_holder,
    a_home,
    a_mapping,
    a_run,
    an_operation,
    base_of,
    h,
    memberships,
    pairs,
)


@pytest.fixture(params=HOMES)
def state(request: pytest.FixtureRequest) -> Iterator[State]:
    with a_home(request.param) as place, open_state(place, create=True, environ={}) as opened:
        yield opened


def members(state: State, changes: BookChanges) -> list[tuple[str, int]]:
    """(book, contact) of the memberships that planning sees."""
    with tempfile.TemporaryDirectory() as folder:
        spool = RunDirectory(Path(folder))
        state.export("main", (), spool, changes)
        rows = [row for part in spool.parts(columns.memberships("main")) for row in pq.read_table(part).to_pylist()]
    return [(row["address_book"], row["contact_id"]) for row in rows]


@pytest.fixture
def two_books(state: State) -> State:
    with a_run(state) as run:
        run.record(
            memberships(
                {"contact_id": 1, "address_book": "a", "left": True},
                {"contact_id": 2, "address_book": "a", "list_optout": True},
                {"contact_id": 3, "address_book": "b", "on_book": True},
            )
        )
    return state


def test_planning_sees_moved_books_under_their_new_keys(two_books: State) -> None:
    assert members(two_books, BookChanges(moved={"a": "c"})) == [("b", 3), ("c", 1), ("c", 2)]
    assert members(two_books, BookChanges(moved={"a": "b"})) == [("b", 1), ("b", 2)]
    assert members(two_books, BookChanges(moved={"a": "b", "b": "a"})) == [("a", 3), ("b", 1), ("b", 2)]


def test_of_a_book_with_another_list_only_opt_outs_are_seen_and_kept(two_books: State) -> None:
    assert members(two_books, BookChanges(relisted=frozenset({"a"}))) == [("a", 2), ("b", 3)]
    assert members(two_books, BookChanges(moved={"a": "c"}, relisted=frozenset({"c"}))) == [("b", 3), ("c", 2)]
    with a_run(two_books, run="run-2") as run:
        run.record(Settlement(relisted=("a",)))
    assert members(two_books, BookChanges()) == [("a", 2), ("b", 3)]


def test_what_was_about_to_be_added_to_a_moved_book_is_seen_under_its_new_key(state: State) -> None:
    with a_run(state) as run:
        run.begin(an_operation(), 1, "main", (Intent("main", "a", h("x@example.com")),))
        with tempfile.TemporaryDirectory() as folder:
            spool = RunDirectory(Path(folder))
            state.export("main", (), spool, BookChanges(moved={"a": "c"}))
            (part,) = spool.parts(columns.intents("main"))
            assert [row["address_book"] for row in pq.read_table(part).to_pylist()] == ["c"]


def test_a_declared_row_keeps_its_hashes_while_its_values_rest(state: State) -> None:
    both = a_mapping("Title>JOB", "City>CITY")
    with a_run(state, both) as run:
        run.record(pairs({"contact_id": 1, "item": "Title>JOB", "expect_s": h("1"), "expect_d": h("1")}))
    resting, moving = a_field(0, "Title", "JOB").mapping, a_mapping("City>CITY")
    with state.lock(a_holder()) as lease:
        state.begin_run(lease, run="run-2", fingerprint="", sets={"main": (moving,)}, declared=(resting,))
    assert base_of(state, both)["003A"]["bs0"] == h("1")
    with a_run(state, moving, run="run-3"):
        pass
    assert base_of(state, both)["003A"]["bs0"] is None


def test_newcomers_are_remembered_once_each(state: State) -> None:
    assert state.newcomers() == ()
    with a_run(state) as run:
        run.record(Settlement(newcomers=(("701B", "00Q2"), ("701A", "00Q1"))))
        run.record(Settlement(newcomers=(("701A", "00Q1"),)))
    assert state.newcomers() == (("701A", "00Q1"), ("701B", "00Q2"))


def test_a_state_older_than_newcomers_has_none_and_gets_them(tmp_path: Path) -> None:
    with open_state(tmp_path / "state.db", create=True, environ={}):
        pass
    with sqlite3.connect(tmp_path / "state.db") as file:
        file.execute("DROP TABLE newcomers")
    with open_state(tmp_path / "state.db", create=True, environ={}) as old:
        assert old.newcomers() == ()
        with a_run(old) as run:
            run.record(Settlement(newcomers=(("701A", "00Q1"),)))
        assert old.newcomers() == (("701A", "00Q1"),)
