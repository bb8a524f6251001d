"""Progress as a stream for programs: one JSON object a line, the first of which names the format.

Apart from the documents' version: a stream may change without them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Literal

from sfdd_declare.model.ports import Event
from sfdd_declare.render.machine.document import Shape, filled, to_line

#: Of the stream. Messages and names may be added under the same first number; readers ignore what they do not know.
EVENTS_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class VersionMessage(Shape):
    """The first line of a stream."""

    type: Literal["version"]
    format_version: str
    """Of the stream. Readers refuse another first number, and ignore names and types they do not know."""
    tool: str
    """The program and its version."""


@dataclass(frozen=True, slots=True)
class ProgressMessage(Shape):
    """Something goes on."""

    type: Literal["progress"]
    phase: str
    """What kind of work: `read`, `stage`, `operation`, and others."""
    name: str
    """What is worked on: a stage, an operation's id, a dataset. Never a person."""
    done: int
    """How much of it is done; not of every phase."""
    total: int | None
    """Of how much; null where nobody knows."""
    salesforce_calls: int
    """Calls of the run so far. Lines may cross: the largest number counts."""
    dotdigital_calls: int
    """The same for Dotdigital."""


@dataclass(frozen=True, slots=True)
class EndMessage(Shape):
    """The last line of a stream. The exit code and the document say what became of it."""

    type: Literal["end"]
    failed: bool
    """Whether it ended with an error or a signal."""


Message = VersionMessage | ProgressMessage | EndMessage


class Stream:
    """A watch as a context manager, like the progress that people see. Several threads may call it."""

    def __init__(self, write: Callable[[str], object], tool: str) -> None:
        self._write = write
        self._tool = tool
        self._lock = threading.Lock()

    def __enter__(self) -> Stream:
        self._say(VersionMessage("version", EVENTS_VERSION, self._tool))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._say(EndMessage("end", failed=kind is not None))

    def watch(self, event: Event) -> None:
        """One line per event."""
        self._say(filled(ProgressMessage, event, type="progress"))

    def pause(self) -> None:
        """Nothing is drawn, so nothing is in the way of a question."""

    def _say(self, message: Message) -> None:
        with self._lock:
            self._write(to_line(asdict(message)))
