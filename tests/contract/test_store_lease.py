"""One writer at a time, in every home of the state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.model.errors import Locked
from sfdd_declare.model.ports import Settlement
from sfdd_declare.store import schema
from sfdd_declare.store.lease import EXPIRY_SECONDS
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.state import State
from tests.unit.store.builders import HOMES, Clock, a_holder, a_home, a_run


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Iterator[Path | str]:
    with a_home(request.param) as place:
        yield place


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(home: Path | str, clock: Clock) -> Iterator[State]:
    with open_state(home, create=True, environ={}, clock=clock) as opened:
        yield opened


def test_a_second_writer_is_told_who_holds_the_lease_and_since_when(
    state: State, home: Path | str, clock: Clock
) -> None:
    with state.lock(a_holder("sync")):
        clock.pass_by(5)
        with open_state(home, create=False, environ={}, clock=clock) as other, pytest.raises(Locked) as caught:
            other.lock(a_holder())
    assert (
        f"ci on here (process {os.getpid()}), running `sfdd sync` since 2026-03-01 12:00:00 UTC" in caught.value.summary
    )
    with state.lock(a_holder()):
        pass


def test_whoever_holds_the_lease_is_read_without_taking_it(state: State, home: Path | str, clock: Clock) -> None:
    with open_state(home, create=False, environ={}, clock=clock) as other:
        assert other.holder() is None
        with state.lock(a_holder("sync")):
            found = other.holder()
            assert found is not None
            assert (found.holder, found.since) == (a_holder("sync"), clock.now)
        assert other.holder() is None


def test_waiting_for_the_lease_backs_off_and_ends_in_time(state: State) -> None:
    pauses: list[float] = []
    with state.lock(a_holder()), pytest.raises(Locked):
        state.lock(a_holder(), timeout=60, pause=pauses.append)
    assert pauses == [1, 2, 4, 8, 16, 16, 13]


def test_waiting_ends_as_soon_as_the_lease_is_free(state: State) -> None:
    held = state.lock(a_holder())
    with state.lock(a_holder(), timeout=60, pause=lambda _: held.release()):
        pass


#: A process that runs nowhere: no system numbers them so high.
NOWHERE = 2**22 + 7


def test_the_lease_of_another_machine_is_taken_over_only_when_its_heartbeat_stopped(state: State, clock: Clock) -> None:
    lost = state.lock(a_holder(pid=NOWHERE, host="elsewhere"))
    with pytest.raises(Locked):
        state.lock(a_holder())
    clock.pass_by(EXPIRY_SECONDS)
    with pytest.raises(Locked):
        state.lock(a_holder())
    clock.pass_by(1)
    with state.lock(a_holder()):
        lost.release()
        with pytest.raises(Locked):
            state.lock(a_holder())


def test_the_lease_of_a_process_that_is_gone_from_this_machine_is_taken_over_at_once(state: State) -> None:
    state.lock(a_holder(pid=NOWHERE))
    with state.lock(a_holder("sync")), pytest.raises(Locked, match="running `sfdd sync`"):
        state.lock(a_holder())


def test_the_lease_of_another_user_s_process_is_left_alone(state: State) -> None:
    state.lock(a_holder(pid=1))
    with pytest.raises(Locked):
        state.lock(a_holder())


def test_the_lease_of_a_process_that_hangs_is_taken_over_when_its_heartbeat_stopped(state: State, clock: Clock) -> None:
    state.lock(a_holder())
    clock.pass_by(EXPIRY_SECONDS + 1)
    with state.lock(a_holder("sync")), pytest.raises(Locked, match="running `sfdd sync`"):
        state.lock(a_holder())


def test_whoever_is_interrupted_gives_the_lease_back(state: State) -> None:
    with pytest.raises(KeyboardInterrupt), state.lock(a_holder()):
        raise KeyboardInterrupt
    with state.lock(a_holder()):
        pass


def test_a_lease_that_cannot_be_given_back_does_not_hide_what_went_wrong(state: State) -> None:
    lease = state.lock(a_holder())
    with state._database.writing() as connection:
        schema.leases.drop(connection)
    with pytest.raises(ZeroDivisionError), lease:
        raise ZeroDivisionError


def test_every_write_is_a_heartbeat(state: State, clock: Clock) -> None:
    with a_run(state) as run:
        clock.pass_by(EXPIRY_SECONDS - 1)
        run.record(Settlement())
        clock.pass_by(EXPIRY_SECONDS - 1)
        with pytest.raises(Locked):
            state.lock(a_holder())


def test_a_writer_that_lost_its_lease_writes_nothing_more(state: State, clock: Clock) -> None:
    with a_run(state) as run:
        clock.pass_by(EXPIRY_SECONDS + 1)
        with state.lock(a_holder()):
            with pytest.raises(Locked):
                run.record(Settlement(marks=(("m", "1"),)))
            assert state.marks() == {}


def test_unlocking_removes_the_lease_and_stops_its_holder(state: State) -> None:
    with a_run(state) as run:
        removed = state.unlock()
        assert removed is not None
        assert removed.holder == a_holder()
        with pytest.raises(Locked):
            run.record(Settlement())
    assert state.unlock() is None
