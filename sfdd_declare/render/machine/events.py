"""Progress as a stream for programs: one JSON object a line, the first of which names the format.

Apart from the documents' version: a stream may change without them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from sfdd_declare.model.ports import Event
from sfdd_declare.render.machine.document import to_line

#: Of the stream. Messages and names may be added under the same first number; readers ignore what they do not know.
EVENTS_VERSION = "1.0"


class Stream:
    """A watch as a context manager, like the progress that people see. Several threads may call it."""

    def __init__(self, write: Callable[[str], object], tool: str) -> None:
        self._write = write
        self._tool = tool
        self._lock = threading.Lock()

    def __enter__(self) -> Stream:
        self._say({"type": "version", "format_version": EVENTS_VERSION, "tool": self._tool})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._say({"type": "end", "failed": kind is not None})

    def watch(self, event: Event) -> None:
        """One line per event. Calls are totals so far; of those that cross between threads the largest counts."""
        self._say(
            {
                "type": "progress",
                "phase": event.phase,
                "name": event.name,
                "done": event.done,
                "total": event.total,
                "salesforce_calls": event.salesforce_calls,
                "dotdigital_calls": event.dotdigital_calls,
            }
        )

    def pause(self) -> None:
        """Nothing is drawn, so nothing is in the way of a question."""

    def _say(self, message: dict[str, object]) -> None:
        with self._lock:
            self._write(to_line(message))
