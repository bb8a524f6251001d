"""Ctrl-C and SIGTERM: while an apply writes, the first one asks it to end after the call in hand; otherwise at once.

A signal is a record before it is an exception (RUN-9): an exception that is raised inside a finaliser, or inside the
engine, can be lost, and whoever asks `stop` learns of the signal all the same.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfdd_declare.model.ports import Event, Watch

#: A program that a signal ended exits with this and its number.
SIGNALLED = 128

_ASKED = b"\nStopping after the call in hand. Once more stops at once; `sfdd apply` goes on where this run stops.\n"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

Handler = Callable[[int, FrameType | None], object] | int | None


class Terminated(BaseException):
    """SIGTERM arrived while nothing had to be finished first."""


class Signals:
    """A context manager that owns both signals. `stop` is what every call to a vendor asks before it is made."""

    def __init__(self) -> None:
        self._number = 0
        self._writing = False
        self._told: Callable[[], None] | None = None
        self._before: dict[int, Handler] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._arrived) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def stop(self) -> int:
        """The number of the signal that asked to end, or 0."""
        return self._number

    def following(self, watch: Watch) -> Watch:
        """The watch, and through it the knowledge whether something is being written."""

        def follow(event: Event) -> None:
            if event.phase in ("stage", "operation", "done"):
                self._writing = event.phase != "done"
            watch(event)

        return follow

    @contextlib.contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """While the block runs, the first signal only tells: whoever runs in it asks `stop` and ends by themselves."""
        self._told = tell
        try:
            yield
        finally:
            self._told = None

    def _arrived(self, number: int, _frame: FrameType | None) -> None:
        is_first, self._number = not self._number, self._number or number
        if self._told is not None and is_first:
            self._told()
            return
        if self._writing and is_first:
            with contextlib.suppress(
                OSError, ValueError
            ):  # past all buffers: the program may be in the middle of a line
                os.write(sys.stderr.fileno(), _ASKED)
            return
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated
