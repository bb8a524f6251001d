"""A state goes from every home to every home, and never over another or a later one (RUN-8)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.model.errors import Locked, StateError, UsageError
from sfdd_declare.model.ports import Settlement
from sfdd_declare.store.move import migrate, pull, push
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.restore import begin, restore
from tests.e2e.sampling import sampled
from tests.unit.store.builders import HOMES, a_holder, a_home, a_mapping, a_run, base_of, h, memberships, pairs

MAPPING = a_mapping("Title>JOB")


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Iterator[Path | str]:
    with a_home(request.param) as place:
        yield place


def used(home: Path | str, run: str = "one") -> None:
    """An apply about one person."""
    with open_state(home, create=True, environ={}) as state, a_run(state, MAPPING, run=run) as opened:
        opened.record(pairs({"item": "Title>JOB", "expect_s": h(run), "expect_d": h(run)}))
        opened.record(memberships({"contact_id": 2, "wanted": True, "on_book": True}))
        opened.record(Settlement(marks=((f"mark:{run}", "1"),)))
        opened.end("done")


def content(home: Path | str) -> Any:
    with open_state(home, create=False, environ={}) as state:
        header = state.header()
        return header.lineage, header.serial, state.marks(), base_of(state, MAPPING), [run.run for run in state.runs()]


def id_of(call: Any, *arguments: Any) -> str:
    with pytest.raises((StateError, UsageError)) as caught:
        call(*arguments, *(() if call is pull else (a_holder("state"),)), {})
    return caught.value.id


@pytest.mark.parametrize(("old", "new"), sampled(list(itertools.permutations(HOMES, 2)), 4))
def test_a_state_moves_and_what_is_left_behind_says_where_to(old: str, new: str) -> None:
    with ExitStack() as stack:
        here, there = stack.enter_context(a_home(old)), stack.enter_context(a_home(new))
        used(here)
        before = content(here)
        migrate(here, there, a_holder("state migrate"), {})
        assert content(there) == before
        with pytest.raises(StateError) as caught:
            content(here)
        assert caught.value.id == "SFDD-E3026"
        used(there, "two")
        after = content(there)
        migrate(there, here, a_holder("state migrate"), {})  # and back again
        assert content(here) == after
        assert after[1] > before[1]


def test_a_move_that_was_interrupted_is_ended_by_the_next(
    home: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(home)
    target = tmp_path / "new" / "state.db"
    with monkeypatch.context() as patch:
        patch.setattr("sfdd_declare.store.state.MOVED_TO", None)  # no name for the mark: it is refused
        with pytest.raises(StateError):
            migrate(home, target, a_holder(), {})
    assert content(home) == content(target)
    migrate(home, target, a_holder(), {})
    assert id_of(pull, home, tmp_path / "copy.db") == "SFDD-E3026"


def test_a_state_does_not_move_over_another(home: Path | str, tmp_path: Path) -> None:
    used(home)
    used(tmp_path / "other.db")
    before = content(tmp_path / "other.db")
    assert id_of(migrate, home, tmp_path / "other.db") == "SFDD-E3029"
    assert content(tmp_path / "other.db") == before
    content(home)


def test_nothing_moves_while_an_apply_runs(home: Path | str, tmp_path: Path) -> None:
    used(home)
    with open_state(home, create=False, environ={}) as state, state.lock(a_holder()), pytest.raises(Locked):
        migrate(home, tmp_path / "new.db", a_holder("state migrate"), {})
    assert not (tmp_path / "new.db").exists()


def test_a_pulled_state_can_be_pushed_back(home: Path | str, tmp_path: Path) -> None:
    file = tmp_path / "pulled.db"
    used(home)
    pull(home, file, {})
    assert content(file) == content(home)
    assert file.stat().st_mode & 0o077 == 0
    used(file, "two")  # goes on elsewhere
    push(home, file, a_holder("state push"), {})
    assert content(home)[2:] == content(file)[2:]
    assert content(home)[1] > content(file)[1]  # a plan that was made before it is not applied any more
    assert id_of(pull, home, file) == "SFDD-E9043"


def test_a_push_into_an_empty_place_brings_the_state_there(home: Path | str, tmp_path: Path) -> None:
    used(tmp_path / "state.db")
    push(home, tmp_path / "state.db", a_holder("state push"), {})
    assert content(home)[2:] == content(tmp_path / "state.db")[2:]


def test_an_older_state_a_fork_and_another_one_are_not_pushed(home: Path | str, tmp_path: Path) -> None:
    used(home)
    pull(home, tmp_path / "old.db", {})
    pull(home, tmp_path / "fork.db", {})
    used(home, "two")
    for run in ("three", "four"):
        used(tmp_path / "fork.db", run)
    used(tmp_path / "other.db")
    before = content(home)
    assert id_of(push, home, tmp_path / "old.db") == "SFDD-E3028"
    assert id_of(push, home, tmp_path / "fork.db") == "SFDD-E3028"
    assert id_of(push, home, tmp_path / "other.db") == "SFDD-E3027"
    assert id_of(push, home, tmp_path / "none.db") == "SFDD-E3018"
    assert content(home) == before


def test_a_file_is_restored_into_every_home(home: Path | str, tmp_path: Path) -> None:
    used(home)
    pull(home, tmp_path / "old.db", {})
    used(home, "two")
    restore(home, tmp_path / "old.db", a_holder("state restore"), {})
    _, _, marks, _, runs = content(home)
    assert runs == ["one"]
    assert marks["taken_over"] == "row"


@pytest.mark.parametrize("kind", ["sqlite", "s3", "azure"])
def test_the_newest_copy_is_what_the_last_run_began_with(kind: str) -> None:
    with a_home(kind) as home:
        for run in ("one", "two", "three"):
            used(home, run)
        restore(home, None, a_holder("state restore"), {})
        assert content(home)[4] == ["two", "one"]


@pytest.mark.parametrize("kind", ["s3", "azure"])
def test_an_object_store_keeps_three_copies_and_what_was_forgotten(kind: str) -> None:
    with a_home(kind) as home:
        for number in range(5):
            used(home, f"run {number}")
        with open_state(home, create=False, environ={}) as state:
            assert len(state.copies()) == 3
            lineage = state.header().lineage
        begin(home, a_holder("state init"), {}, anew=True)
        assert content(home)[0] != lineage
        used(home, "anew")
        restore(home, None, a_holder("state restore"), {})
        with open_state(home, create=False, environ={}) as state:
            copies = state.copies()
        restore(home, copies[1], a_holder("state restore"), {})
