"""Ctrl-C and SIGTERM while something takes long: an end that waits nothing out, nothing held, nothing forgotten."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from random import Random

import pytest

from sfdd_declare.dotdigital.client import TIMEOUT
from sfdd_declare.sandbox.faults import HANGING
from tests.crash.cast import apply, killed_apply
from tests.crash.picture import differences, picture
from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage

#: Whoever waits out a request that hangs takes as long as the client does, and a job that does not end takes hours.
UNWAITED = TIMEOUT / 2


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert process.poll() is None, "the apply ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def end(process: subprocess.Popen[str], number: int) -> None:
    """Send a signal: the process ends with the code that belongs to it, and waits nothing out."""
    process.send_signal(number)
    out, err = process.communicate(timeout=UNWAITED)
    assert process.returncode == 128 + number, out + err
    assert "Traceback" not in out + err


def rows(stage: Stage, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{stage.folder / '.sfdd' / 'state.db'}?mode=ro", uri=True)) as state:
        return state.execute(query).fetchall()


def run_directories(stage: Stage) -> list[str]:
    return [path.name for path in (stage.folder / ".sfdd" / "runs").iterdir()]


def polls(stage: Stage) -> int:
    query = "SELECT COUNT(*) FROM requests WHERE method = 'GET' AND template = '/contacts/v3/import/{id}'"
    with stage.world.lock:
        return int(stage.world.db.execute(query).fetchone()[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_during_a_long_poll_ends_the_wait_and_the_next_run_goes_on(stage: Stage, number: int) -> None:
    stage.world.set_setting("dotdigital.job_polls", 1000)
    process = stage.process("apply", "--auto-approve", "--allow", "max_overwrites")
    wait_until(lambda: polls(stage) >= 4, process)
    end(process, number)
    [(job, held)] = rows(stage, "SELECT job, (SELECT COUNT(*) FROM leases) FROM journal")
    assert str(job).startswith("import:")
    assert held == 0
    assert run_directories(stage) == []
    stage.world.set_setting("dotdigital.job_polls", 1)
    with stage.world.transaction() as db:
        db.execute("UPDATE dd_job SET polls = 1")
    apply(stage)
    assert rows(stage, "SELECT * FROM journal") == []
    resumed = picture(stage)
    apply(stage)
    assert differences(picture(stage), resumed) == []
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_ctrl_c_while_a_read_hangs_does_not_wait_for_it(stage: Stage) -> None:
    stage.control("POST", "faults", {"kind": "hang_before", "path": "suppressed-since", "seconds": 600})
    process = stage.process("plan")
    wait_until(lambda: stage.world.setting(HANGING) is not None, process)
    end(process, signal.SIGINT)
    assert run_directories(stage) == []


def test_a_second_ctrl_c_does_not_wait_for_the_call_in_hand(stage: Stage) -> None:
    stage.control("POST", "faults", {"kind": "hang_after", "method": "PUT", "path": "v3/import$", "seconds": 600})
    process = stage.process("apply", "--auto-approve", "--allow", "max_overwrites")
    wait_until(lambda: stage.world.setting(HANGING) is not None, process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "Stopping after the call in hand" not in process.stderr.readline():
        assert process.poll() is None
    end(process, signal.SIGINT)
    assert rows(stage, "SELECT * FROM leases") == []
    assert run_directories(stage) == []


def test_what_a_killed_run_leaves_is_swept_by_the_next_plan(stage: Stage) -> None:
    assert killed_apply(stage, "hang_before", system="salesforce", method="POST", path="deployRequest$")
    assert len(run_directories(stage)) > 0
    assert stage.sfdd("plan").code == 0
    assert run_directories(stage) == []


#: Ends itself after so many seconds of its own processor, counted from the moment on which signals are listened to.
TIMED = """
import os, signal, sys, threading, time
from sfdd_declare.cli.main import run
from sfdd_declare.cli.signals import Signals

after, enter = float(sys.argv.pop(1)), Signals.__enter__

def entered(signals):
    begun = time.process_time()
    def wait():
        while time.process_time() - begun < after:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Thread(target=wait, daemon=True).start()
    return enter(signals)

Signals.__enter__ = entered
run()
"""
US = ("integration", "apiuser-sandbox@apiconnector.com")
MOMENTS = [(command, Random(number).random()) for number in range(100) for command in ("plan", "apply")]


FRAGILE = """
import atexit, os, signal
from sfdd_declare.cli.main import run
from sfdd_declare.cli.signals import Signals

def entered(signals):
    enter(signals)
    atexit.register(lambda: os.kill(os.getpid(), signal.SIGSEGV))
    os.kill(os.getpid(), signal.SIGTERM)

enter, Signals.__enter__ = Signals.__enter__, entered
run()
"""


def test_RUN_9_a_library_that_does_not_survive_its_end_changes_no_exit_code() -> None:
    ended = subprocess.run([sys.executable, "-c", FRAGILE, "plan"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (143, "Terminated.\n")


def seconds_of_a_plan(stage: Stage) -> float:
    """Seconds of its processor that a plan takes, start-up included."""
    before = os.times()
    process = stage.process("plan")
    process.communicate()
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


@pytest.mark.parametrize(
    ("command", "share"), sampled(MOMENTS, 2, always=1, name=lambda moment: f"{moment[0]} {moment[1]:.3f}")
)
def test_RUN_9_sigterm_at_any_moment_before_the_first_write_writes_nothing(
    stage: Stage, command: str, share: float
) -> None:
    seconds = seconds_of_a_plan(stage) * share
    flags = {"plan": [], "apply": ["--auto-approve", "--allow", "max_overwrites"]}[command]
    process = subprocess.run(
        [sys.executable, "-c", TIMED, str(seconds), command, *flags],
        cwd=stage.folder,
        env=stage.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    has_begun = "Results" in process.stdout  # then it ends after the call in hand
    is_through = process.returncode == 0 and (command == "plan" or has_begun)
    assert process.returncode == 143 or is_through, process.stdout + process.stderr
    assert has_begun or [entry for entry in stage.control("GET", "history") if entry["who"] in US] == []
    assert run_directories(stage) == []
