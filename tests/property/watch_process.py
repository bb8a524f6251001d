"""A watch in another process, seen from here: it is told to look, answers, is killed while it waits for a vendor."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from select import select
from typing import Any

from sfdd_declare.sandbox.faults import HANGING
from tests.e2e.stage import Stage
from tests.property.watcher import URL_VARIABLE

_ROOT = Path(__file__).parents[2]
_SECONDS = 60.0


@dataclass(slots=True)
class WatchProcess:
    """Start it, `step` it, end it. `steps` are those in which it ran something."""

    stage: Stage
    process: subprocess.Popen[str]
    runs: int = 0

    @classmethod
    def start(cls, stage: Stage) -> WatchProcess:
        environ = {**stage.environ, URL_VARIABLE: stage.running.salesforce_url}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.property.watcher", str(stage.folder)],
            cwd=_ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return cls(stage, process)

    def step(self) -> dict[str, Any]:
        self._say("step")
        return self._answered()

    def _answered(self) -> dict[str, Any]:
        answer = self._read()
        self.runs += sum(line["event"] == "run_began" for line in answer["lines"])
        answer["until"] = datetime.fromisoformat(answer["until"]) if answer["until"] else None
        return answer

    def memory(self) -> int:
        self._say("memory")
        return int(self._read()["memory"])

    def ended_by(self, number: signal.Signals, rule: dict[str, Any]) -> dict[str, Any] | None:
        """Have it look, and send the signal while it waits for an answer to such a request. Its own answer when it came
        to an end before.

        After SIGKILL nobody waits any more; after SIGTERM the call in hand gets no answer and the process ends itself.
        """
        seconds = 1.0 if number is signal.SIGTERM else _SECONDS
        self.stage.control("POST", "faults", {**rule, "seconds": seconds})
        self._say("step")
        deadline = time.monotonic() + _SECONDS
        while not (hangs := self._hangs()) and not self._has_answered() and time.monotonic() < deadline:
            time.sleep(0.01)
        if hangs:
            self.process.send_signal(number)
            self.end()
        self.stage.control("DELETE", "faults")
        return None if hangs else self._answered()

    def end(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=_SECONDS + 10)
        finally:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()

    def _hangs(self) -> bool:
        return self.stage.world.setting(HANGING) is not None

    def _has_answered(self) -> bool:
        return bool(select([self.process.stdout], [], [], 0)[0])

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the watch ended: {self.process.wait()}"
        found: dict[str, Any] = json.loads(line)
        return found

    def _say(self, order: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
