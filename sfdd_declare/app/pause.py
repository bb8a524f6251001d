"""Waiting that a signal cuts short: the call in hand is finished and journalled, a wait is not sat out."""

from __future__ import annotations

import time
from collections.abc import Callable

from sfdd_declare.model.errors import Interrupted

_SLICE = 0.2


def interruptible(stop: Callable[[], int]) -> Callable[[float], None]:
    """A sleep that raises Interrupted as soon as `stop` answers with a signal."""

    def pause(seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            if signal := stop():
                raise Interrupted(signal)
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _SLICE))

    return pause
