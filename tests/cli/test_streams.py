"""Streams as they are found: readers that go away, encodings that cannot hold every character, colours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import io, os, sys
sys.path.insert(0, sys.argv.pop(1))
from sfdd_declare.cli.consoles import speak_any_text
from sfdd_declare.cli.main import main
from sfdd_declare.cli.use_cases import UseCases
from sfdd_declare.model.ports import Event
from tests.cli.surroundings import applying
from tests.golden import cases

def apply(options, approval, watch):
    print("warm", file=sys.stderr, flush=True)
    sys.stdin.readline()
    for stage in ("consent", "setup", "contacts"):
        watch(Event("stage", stage))
    return applying(cases.partial())(options, approval, watch)

speak_any_text(sys.stdout, sys.stderr)
use_cases = UseCases(plan=lambda options, watch: cases.first_plan(), apply=apply)
sys.exit(main(sys.argv[1:], environ=os.environ, stdin=io.StringIO(), cases=use_cases))
"""


def command(*arguments):
    return [sys.executable, "-c", SCRIPT, str(ROOT), *arguments]


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_an_apply_goes_on_when_its_reader_went_away(closed):
    process = subprocess.Popen(
        command("apply", "--auto-approve"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr.readline() == b"warm\n"
    getattr(process, closed).close()
    process.stdin.write(b"go\n")
    process.stdin.close()
    left = process.stderr if closed == "stdout" else process.stdout
    said = left.read()
    assert process.wait(timeout=20) == 6
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said


def test_an_encoding_without_the_characters_gets_escapes():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command("plan"), capture_output=True, env=environment, check=False, timeout=30)
    assert done.returncode == 0
    assert b"a\\u2022\\u2022\\u2022@example.com" in done.stdout


@pytest.mark.parametrize(
    ("flags", "environment", "coloured"),
    [((), {}, True), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False), ((), {"TERM": "dumb"}, False)],
)
def test_colours_on_a_terminal_only_while_they_are_wanted(flags, environment, coloured):
    pty = pytest.importorskip("pty")
    shown = bytearray()

    def keep(descriptor):
        data = os.read(descriptor, 4096)
        shown.extend(data)
        return data

    before = {name: os.environ.get(name) for name in ("NO_COLOR", "TERM")}
    os.environ.pop("NO_COLOR", None)
    os.environ.update({"TERM": "xterm", **environment})
    try:
        status = pty.spawn(command("plan", *flags), keep, lambda _: b"")
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"Plan: 4 to add" in shown
    assert (b"\x1b[32m" in shown) is coloured
