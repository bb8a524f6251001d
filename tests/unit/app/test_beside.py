"""Reads side by side: results and errors arrive, the number at a time is kept, nobody is waited for."""

from __future__ import annotations

import threading

import pytest

from sfdd_declare.app.beside import Beside
from sfdd_declare.model.errors import Interrupted


def test_results_and_errors_arrive_in_the_future() -> None:
    beside = Beside(2)
    fine, wrong = beside.start(int, "7"), beside.start(int, "seven")
    assert fine.result(timeout=60) == 7
    with pytest.raises(ValueError, match="seven"):
        wrong.result(timeout=60)


def test_no_more_than_the_given_number_run_at_a_time() -> None:
    beside, lock, two, gate = Beside(2), threading.Lock(), threading.Event(), threading.Event()
    running, most = 0, 0

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if most == 2:
            two.set()
        two.wait(60)
        gate.wait(0.05)  # time for one too many to come
        with lock:
            running -= 1

    for future in [beside.start(call) for _ in range(8)]:
        future.result(timeout=60)
    assert most == 2


def test_a_call_that_hangs_does_not_keep_the_process_alive() -> None:
    hanging, before = threading.Event(), set(threading.enumerate())
    Beside(1).start(hanging.wait)
    [thread] = set(threading.enumerate()) - before
    assert thread.daemon
    hanging.set()
    thread.join(60)


def test_RUN_9_nobody_waits_for_a_read_that_hangs_once_a_signal_arrived() -> None:
    hangs = threading.Event()
    waiting = Beside(1, lambda: 15).start(hangs.wait)
    with pytest.raises(Interrupted) as stopped:
        waiting.result()
    hangs.set()
    assert stopped.value.signal == 15


def test_what_a_read_raises_is_raised_where_it_is_waited_for() -> None:
    def late() -> None:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        Beside(1).start(late).result()
