"""Real time for a watch: it sleeps until something is due, and looks up now and then whether files changed."""

from __future__ import annotations

from datetime import datetime

from sfdd_declare.app.options import Bell, now

#: Seconds between two looks at the files of the configuration.
LOOK = 2.0


class RealClock:
    """The `bell` ends a wait at once."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def now(self) -> datetime:
        return now()

    def wait(self, until: datetime | None) -> None:
        left = LOOK if until is None else (until - self.now()).total_seconds()
        self._bell.wait(max(0.05, min(left, LOOK)))
