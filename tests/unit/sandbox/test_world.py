"""The shared state: clock, switches, settings, history, transactions, reset."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sfdd_declare.sandbox.switches import SWITCHES
from sfdd_declare.sandbox.world import World, stamp

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "world.db")
    yield made
    made.close()


def note(world: World, field: str = "status") -> None:
    world.history(system="dotdigital", kind="contact", record="1", field=field, old=None, new=["é", 1], who="me")


def test_frozen_clock_stands_still_until_it_is_advanced(world: World) -> None:
    world.set_clock(at=NOON, freeze=True)
    assert world.now() == NOON
    world.set_clock(advance=timedelta(minutes=15))
    assert world.now() == NOON + timedelta(minutes=15)


def test_running_clock_keeps_its_offset(world: World) -> None:
    world.set_clock(at=NOON)
    assert NOON <= world.now() < NOON + timedelta(seconds=5)
    assert not world.is_frozen


def test_unfrozen_clock_goes_on_from_where_it_stood(world: World) -> None:
    world.set_clock(at=NOON, freeze=True)
    world.set_clock(freeze=False)
    assert NOON <= world.now() < NOON + timedelta(seconds=5)


def test_clock_switches_and_settings_survive_a_restart(tmp_path: Path) -> None:
    first = World(tmp_path / "world.db")
    first.set_clock(at=NOON, freeze=True)
    first.set_switch("overlong", "cut")
    first.set_setting("dotdigital.page_size", 10)
    first.close()
    second = World(tmp_path / "world.db")
    assert (second.now(), second.switch("overlong"), second.setting("dotdigital.page_size")) == (NOON, "cut", 10)
    second.close()


@pytest.mark.parametrize("name", list(SWITCHES))
def test_every_switch_is_cautious_until_lucky_is_asked_for(world: World, name: str) -> None:
    assert world.switch(name) == SWITCHES[name].cautious
    world.set_switches("lucky")
    assert world.switch(name) == SWITCHES[name].lucky


def test_unknown_switch_or_value_is_refused(world: World) -> None:
    with pytest.raises(KeyError):
        world.set_switch("no_such_switch", "yes")
    with pytest.raises(ValueError, match="overlong"):
        world.set_switch("overlong", "yes")
    with pytest.raises(ValueError, match="account_time_zone is a time zone such as Europe/London"):
        world.set_switch("account_time_zone", "Europe/Londn")
    world.set_switch("account_time_zone", "Asia/Kolkata")
    assert world.switch("account_time_zone") == "Asia/Kolkata"


def test_setting_none_removes_a_setting(world: World) -> None:
    world.set_setting("a.b", {"x": [1]})
    assert world.settings() == {"a.b": {"x": [1]}}
    world.set_setting("a.b", None)
    assert world.setting("a.b", "default") == "default"


def test_history_keeps_values_as_json_with_the_sandbox_time(world: World) -> None:
    world.set_clock(at=NOON, freeze=True)
    note(world)
    row = world.db.execute("SELECT * FROM history").fetchone()
    assert (row["at"], row["old"], row["new"], row["who"]) == (stamp(NOON), None, '["é",1]', "me")


def note_and_fail(world: World) -> None:
    with world.transaction():
        with world.transaction():
            note(world)
        raise RuntimeError


def test_nested_transaction_is_undone_with_the_outer_one(world: World) -> None:
    with pytest.raises(RuntimeError):
        note_and_fail(world)
    assert world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0] == 0


def test_writers_of_other_threads_wait_for_the_transaction(world: World) -> None:
    with world.transaction():
        other = threading.Thread(target=note, args=(world, "other"))
        other.start()
        note(world, "mine")
        other.join(timeout=0.1)
        assert other.is_alive()
    other.join(timeout=60)
    rows = world.db.execute("SELECT field FROM history ORDER BY seq").fetchall()
    assert [row["field"] for row in rows] == ["mine", "other"]


def test_reset_empties_everything_and_sets_up_again(world: World) -> None:
    def prepare(one: World) -> None:
        one.db.execute("CREATE TABLE IF NOT EXISTS thing (name TEXT)")
        one.db.execute("INSERT INTO thing VALUES ('first')")

    world.install("things", prepare)
    world.install("things", prepare)
    world.db.execute("INSERT INTO thing VALUES ('second')")
    world.set_setting("a", 1)
    world.set_switch("overlong", "cut")
    world.set_clock(at=NOON, freeze=True)
    note(world)
    world.reset()
    assert [row["name"] for row in world.db.execute("SELECT name FROM thing")] == ["first"]
    assert (world.settings(), world.switch("overlong"), world.is_frozen) == ({}, "fail", False)
    assert world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0] == 0


def test_a_failed_write_leaves_the_world_usable(world: World) -> None:
    with pytest.raises(sqlite3.OperationalError), world.transaction() as db:
        db.execute("INSERT INTO no_such_table VALUES (1)")
    note(world)
    assert world.db.execute("SELECT COUNT(*) FROM history").fetchone()[0] == 1
