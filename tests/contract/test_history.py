"""What a state tells of its runs and links, in every home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.store import history
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.state import State
from tests.unit.store.builders import HOMES, NOW, Clock, a_home

ME = Holder("ada", "host", 1, "watch")
BEFORE = RunDetails("watch", user="ada", host="host", commit="3f9c", planned=Figures(add=3), setup_left=("campaign.a",))
AFTER = replace(BEFORE, done=Figures(add=2), failed=1, problems=(("INVALID", 1),), salesforce_calls=7, held=(("x", 2),))
ERROR = RunDetails("watch", error="SFDD-E4001: nobody answers")
SPRING = LinkStatus("link.a.b", "a", "b", "", members=5, in_step=4, last=NOW, last_ok=NOW, others=(("shadowed", 1),))


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


def run(state: State, name: str, before: RunDetails | None = BEFORE, after: RunDetails | None = AFTER) -> None:
    with state.lock(ME) as lease:
        journal = state.begin_run(lease, run=name, fingerprint="f", sets={}, details=before)
        journal.end("done", after, (SPRING,))


def failed(state: State, name: str, details: RunDetails = ERROR) -> None:
    with state.lock(ME) as lease:
        state.note_failure(lease, RunRecord(name, NOW, NOW + timedelta(seconds=3), "", "failed", details))


def test_a_run_tells_who_did_what_and_what_became_of_it(state: State) -> None:
    run(state, "r1")
    (record,) = state.runs()
    assert (record.run, record.result, record.fingerprint, record.details) == ("r1", "done", "f", AFTER)
    assert state.links() == {"link.a.b": SPRING}


def test_a_run_that_was_killed_tells_what_was_known_before(state: State) -> None:
    with state.lock(ME) as lease:
        state.begin_run(lease, run="r1", fingerprint="f", sets={}, details=BEFORE)
    run(state, "r2")
    assert [(record.result, record.details) for record in state.runs()] == [("done", AFTER), ("interrupted", BEFORE)]


def test_a_run_is_found_by_its_id_or_the_beginning_of_it(state: State) -> None:
    run(state, "2026-a")
    run(state, "2026-ab")
    found = {name: [one.run for one in state.named(name, 5)] for name in ("2026-a", "2026-ab", "2026-", "x", "%")}
    assert found == {"2026-a": ["2026-a"], "2026-ab": ["2026-ab"], "2026-": ["2026-ab", "2026-a"], "x": [], "%": []}
    assert [one.run for one in state.named("2026-", 1)] == ["2026-ab"]


def test_a_failure_that_comes_again_is_counted_and_another_one_is_new(state: State, clock: Clock) -> None:
    serial = state.header().serial
    failed(state, "f1")
    failed(state, "f2")
    failed(state, "f3", replace(ERROR, error="SFDD-E4002: another"))
    assert [(r.run, r.details.attempts) for r in state.runs() if r.details] == [("f3", 1), ("f1", 2)]
    assert state.header().serial == serial  # nothing that planning reads has changed


def test_of_runs_that_wrote_nothing_the_last_ones_are_kept(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT_IDLE", 3)
    run(state, "wrote")
    idle = replace(BEFORE, planned=Figures())
    with state.lock(ME) as lease:
        for number in range(5):
            journal = state.begin_run(
                lease, run=f"idle{number}", fingerprint="f", sets={}, details=idle, backs_up=False
            )
            journal.end("done", idle)
    names = {record.run for record in state.runs(20)}
    assert len(names) == 4
    assert names >= {"wrote", "idle4"}
    assert "idle0" not in names
    assert state.knows("wrote")


def test_marks_that_planning_does_not_read_are_kept_without_counting(state: State) -> None:
    serial = state.header().serial
    with state.lock(ME) as lease:
        state.keep_marks(lease, {"notified:ops": "{}"})
    assert (state.marks()["notified:ops"], state.header().serial) == ("{}", serial)


def test_a_run_of_a_tool_that_kept_no_details_has_none(state: State) -> None:
    run(state, "old", None, None)
    assert [record.details for record in state.runs()] == [None]
