"""Signals in a real process: at once while nothing is written, after the call in hand while something is."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import io, os, sys, time
import typer
from sfdd_declare.cli.main import main
from sfdd_declare.cli.use_cases import UseCases
from sfdd_declare.model.errors import Interrupted
from sfdd_declare.model.ports import Event

def ready():
    print("ready", flush=True)

def plan(options, watch):
    watch(Event("read", "members"))
    ready()
    time.sleep(30)

def apply(options, approval, watch):
    watch(Event("stage", "contacts"))
    ready()
    for _ in range(300):
        if options.stop():
            print("call finished", flush=True)
            raise Interrupted(options.stop())
        time.sleep(0.05)

def stubborn(options, approval, watch):
    watch(Event("stage", "contacts"))
    ready()
    time.sleep(30)

class Finaliser:
    def __del__(self):
        import signal
        os.kill(os.getpid(), signal.SIGTERM)

def deaf(options, watch):
    keep = Finaliser()
    del keep  # whatever is raised in here is lost
    print("went on, knowing", options.stop(), flush=True)
    if "--verbose" in sys.argv:
        raise ValueError("as an engine says that was interrupted")
    raise typer.Exit(0)  # there is no plan to show

plan = deaf if "--samples" in sys.argv else plan
apply_case = stubborn if "--verbose" in sys.argv else apply
sys.exit(main(sys.argv[1:], environ={}, stdin=io.StringIO(), cases=UseCases(plan=plan, apply=apply_case)))
"""


def started(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_reading_ends_at_once(number, code):
    process = started("plan")
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_writing_lets_the_call_in_hand_finish(number, code):
    process = started("apply", "--auto-approve")
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert out == "call finished\n"
    assert "Stopping after the call in hand" in err
    assert "Traceback" not in err


def test_a_second_signal_while_writing_ends_at_once():
    process = started("apply", "--auto-approve", "--verbose")
    process.send_signal(signal.SIGINT)
    line = ""
    while "Stopping after" not in line:
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


@pytest.mark.parametrize("more", [[], ["--verbose"]], ids=["a plan that goes on", "an error made of it"])
def test_a_signal_whose_exception_is_lost_still_ends_as_terminated(more):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "plan", "--samples", "3", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, err = process.communicate(timeout=60)
    assert out == "went on, knowing 15\n"
    assert process.returncode == 143
    assert "mistake" not in err
