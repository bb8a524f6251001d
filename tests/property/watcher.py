"""A watch as a process of its own, on the sandbox's time: whoever started it says when to look, and moves the clock.

`python -m tests.property.watcher FOLDER`. Each line of stdin is an order, each line of stdout the answer, as JSON.
Where the tool would wait (between two tries, for a job), the sandbox's clock is moved instead: nothing takes real time.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
from contextlib import closing, suppress
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from sfdd_declare.app.options import Options
from sfdd_declare.app.pause import Stop
from sfdd_declare.app.watch import Surroundings, Watching
from sfdd_declare.app.watch_log import Log
from sfdd_declare.cli.signals import SIGNALLED, Signals, Terminated
from sfdd_declare.model.ports import unwatched

URL_VARIABLE = "SFDD_TEST_SANDBOX"


class FarClock:
    """The clock of a sandbox in another process, over its control route."""

    def __init__(self, url: str) -> None:
        self._netloc = urlsplit(url).netloc

    def now(self) -> datetime:
        return datetime.fromisoformat(str(self._asked("GET")["now"]))

    def wait(self, until: datetime | None) -> None:
        raise AssertionError(f"{until}: whoever gives the orders waits")

    def advance(self, seconds: float) -> None:
        self._asked("PUT", {"advance_seconds": seconds})

    def _asked(self, method: str, body: object = None) -> dict[str, Any]:
        with closing(HTTPConnection(self._netloc, timeout=60)) as connection:
            connection.request(method, "/__sandbox__/clock", None if body is None else json.dumps(body))
            found: dict[str, Any] = json.load(connection.getresponse())
            return found


def resident() -> int:
    """Bytes of memory, after what is free was given back."""
    gc.collect()
    with suppress(OSError, AttributeError):  # another C library keeps it
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    clock, lines = FarClock(os.environ[URL_VARIABLE]), []

    def pause(stop: Stop, seconds: float) -> None:
        stop.check()
        if seconds:
            clock.advance(seconds)

    Stop.pause = pause  # type: ignore[method-assign]
    with Signals() as signals:
        log = Log(lambda line: lines.append(json.loads(line)), True, clock.now)
        options = Options(Path(sys.argv[1]), environ=dict(os.environ), stop=signals.stop)
        around = Surroundings(clock, log, Event(), signals.following(unwatched))
        with suppress(Terminated):
            watching = Watching.begin(options, around)
            for order in sys.stdin:
                if order.strip() == "memory":
                    answer: dict[str, Any] = {"memory": resident()}
                else:
                    watching.step()
                    answer = _answer(watching, lines)
                    lines.clear()
                sys.stdout.write(f"{json.dumps(answer)}\n")
                sys.stdout.flush()
                if signals.stop():
                    break
        if signals.stop():
            os._exit(SIGNALLED + signals.stop())  # whoever waits for an answer gets an end


def _answer(watching: Watching, lines: list[dict[str, Any]]) -> dict[str, Any]:
    until, service = watching.until(), watching.service
    return {
        "until": until.isoformat() if until else None,
        "lines": list(lines),
        "conditions": [[c.kind.value, c.subject] for c in service.conditions],
        "refused": service.refused,
    }


if __name__ == "__main__":
    main()
