"""Real time for a watch: it sleeps until something is due, and looks up now and then whether files changed."""

from __future__ import annotations

from datetime import datetime
from threading import Event

from sfdd_declare.app.options import now

#: Seconds between two looks at the files of the configuration.
LOOK = 2.0


class RealClock:
    """`woken` ends a wait at once; whoever sets it has something to say."""

    def __init__(self, woken: Event) -> None:
        self._woken = woken

    def now(self) -> datetime:
        return now()

    def wait(self, until: datetime | None) -> None:
        left = LOOK if until is None else (until - self.now()).total_seconds()
        self._woken.wait(max(0.05, min(left, LOOK)))
