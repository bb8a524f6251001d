"""Stopping when a signal asks for it (RUN-9): before any call to a vendor, and in the middle of a wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sfdd_declare.model.errors import Interrupted

_SLICE = 0.2


class Stop:
    """What everybody asks before a call: the number of the signal that arrived, or 0.

    Inside `owing` the answer is 0: what a call in hand still owes is done first (CON-3).
    """

    def __init__(self, arrived: Callable[[], int]) -> None:
        self._arrived = arrived
        self._owes = 0

    def __call__(self) -> int:
        return 0 if self._owes else self._arrived()

    @contextmanager
    def owing(self) -> Iterator[None]:
        """Whatever runs inside is carried to its end."""
        self._owes += 1
        try:
            yield
        finally:
            self._owes -= 1

    def check(self) -> None:
        """Raise Interrupted if a signal arrived."""
        if signal := self():
            raise Interrupted(signal)

    def pause(self, seconds: float) -> None:
        """A sleep that raises Interrupted as soon as a signal arrives; of no length it is a check."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _SLICE))
