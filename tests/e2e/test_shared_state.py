"""Runs on machines of their own over one state: in an object store, and in a PostgreSQL database."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sfdd_declare.model.operation import Operation
from sfdd_declare.run import execute
from sfdd_declare.run.tools import Run
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.opening import open_state
from tests import servers
from tests.crash.picture import differences, picture
from tests.e2e.stage import Stage, buyers, known_contact
from tests.unit.store.builders import a_home

SHARED = ("postgresql", "s3")


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest, stage: Stage) -> Iterator[Stage]:
    """A stage whose state lives elsewhere; `wiped` is another machine."""
    with ExitStack() as stack:
        buyers(stage.world, 5)
        stage.overrides["SFDD_STATE"] = str(stack.enter_context(a_home(request.param)))
        if request.param == "s3":
            stage.overrides |= servers.s3()
        yield stage


def wiped(stage: Stage) -> None:
    shutil.rmtree(stage.folder / ".sfdd", ignore_errors=True)


def test_what_one_machine_applied_the_next_one_knows(shared: Stage) -> None:
    shared.apply()
    wiped(shared)
    assert shared.sfdd("plan", "--detailed-exitcode").code == 0
    shared.marketer("remove_from_list", email="buyer1@example.com", list="Spring book")
    wiped(shared)
    shared.apply()
    assert shared.lists_of("buyer1@example.com") == []  # who left by hand is remembered, and not added again
    wiped(shared)
    shown = shared.sfdd("state", "show")
    assert shown.code == 0
    assert "hunter2" not in shown.text
    assert sorted(path.name for path in shared.folder.rglob("*.db")) == []  # nothing of the state stays on the disk


def test_two_merges_at_once_end_as_one_after_the_other(shared: Stage) -> None:
    first, second = (shared.process("apply", "--auto-approve", "--lock-timeout", "300") for _ in range(2))
    said = [process.communicate() for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    together = picture(shared)
    assert shared.sfdd("plan", "--detailed-exitcode").code == 0
    shared.apply()
    assert differences(picture(shared), together) == []


@pytest.mark.parametrize("shared", ["s3"], indirect=True)
def test_without_waiting_one_of_two_is_told_who_holds_the_state(shared: Stage) -> None:
    shared.apply()
    shared.write(replace=("name: Spring book", "name: Summer book"))
    with (
        open_state(shared.overrides["SFDD_STATE"], create=False, environ=shared.environ) as state,
        state.lock(Holder("ci", socket.gethostname(), os.getpid(), "apply")),
    ):
        refused = shared.sfdd("apply", "--auto-approve")
        assert shared.sfdd("plan", "--detailed-exitcode").code == 2  # who only reads is not stopped
    assert refused.code == 4, refused.text
    assert "is locked by ci on" in refused.text
    shared.apply()


@pytest.mark.parametrize("shared", ["s3"], indirect=True)
@pytest.mark.parametrize("first_stage", ["consent", "contacts"])
def test_a_run_that_is_overtaken_after_it_wrote_ends_in_part_and_says_the_way_back(
    shared: Stage, monkeypatch: pytest.MonkeyPatch, first_stage: str
) -> None:
    """Before its first write it is locked out (4), after it its work is in part (6); the next apply ends it."""
    real = execute._run_group

    def overtaken(group: tuple[Operation, ...], run: Run) -> None:
        if group[0].stage.value == first_stage:
            with open_state(shared.overrides["SFDD_STATE"], create=False, environ=shared.environ) as state:
                assert state.unlock() is not None
        real(group, run)

    buyers(shared.world, 1, start=9, HasOptedOutOfEmail=True)
    known_contact(shared.world, "buyer9@example.com")
    with monkeypatch.context() as patch:
        patch.setattr(execute, "_run_group", overtaken)
        ended = shared.sfdd("apply", "--auto-approve")
    assert "SFDD-E3005" in ended.text or "took the state over" in ended.text
    assert "sfdd apply" in ended.text
    assert ended.code == (4 if first_stage == "consent" else 6), ended.text
    wiped(shared)
    shared.apply()
    assert shared.sfdd("plan", "--detailed-exitcode").code == 0
