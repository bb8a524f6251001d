"""When a link is due: `manual`, a grid of time such as `every 15 minutes`, or a cron expression.

Moments of a grid are counted from 1970 in UTC, so links of one interval, and of multiples of it, fall due together
whatever the last runs took. A cron expression means wall-clock time in the zone of the configuration and is read as
Debian's cron does, also where clocks are changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

MANUAL = "manual"

EVERY = r"every ([1-9]\d{0,4} )?(minute|hour|day)s?"
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_EVERY = re.compile(EVERY)

#: The most that a run is moved, so that not everybody's falls on the full minute; of a grid also at most a tenth of it.
SPREAD = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`text` as written, in the `zone`. `spread`, from 0 up to 1, is the share of SPREAD by which all moments are later
    than written: the same for one state, another for another.
    """

    text: str
    zone: str = "UTC"
    spread: float = 0.0

    @property
    def is_manual(self) -> bool:
        return self.text == MANUAL

    @property
    def interval(self) -> timedelta | None:
        """Of a grid; None for the others."""
        found = _EVERY.fullmatch(self.text)
        return timedelta(seconds=int(found[1] or 1) * _SECONDS[found[2]]) if found else None

    def next(self, after: datetime) -> datetime | None:
        """The first moment later than `after`, in UTC; None for a manual one, or when there is no such day."""
        if self.is_manual:
            return None
        interval = self.interval
        if interval is None:
            shift = SPREAD * self.spread
            fired = next(_cron(self.text, (after - shift).astimezone(zone_of(self.zone))), None)
            return fired.astimezone(UTC) + shift if fired else None
        shift = min(SPREAD, interval / 10) * self.spread
        start = datetime(1970, 1, 1, tzinfo=UTC) + shift
        return start + ((after - start) // interval + 1) * interval


def spread_of(lineage: str) -> float:
    """The share of SPREAD of a state: the same on every machine."""
    return int(hashlib.sha256(lineage.encode()).hexdigest()[:8], 16) / 0x1_0000_0000


def zone_of(name: str) -> tzinfo:
    """Raises ZoneInfoNotFoundError, ValueError or OSError for a name that is none."""
    return UTC if name == "UTC" else ZoneInfo(name)  # a machine without a list of zones has UTC all the same


def wrong_with(text: str) -> str:
    """What is wrong with a text as a schedule, or nothing."""
    if text == MANUAL or _EVERY.fullmatch(text):
        return ""
    from cronsim import CronSimError  # noqa: PLC0415 - few configurations hold such an expression

    try:
        fires = next(_cron(text, datetime(2024, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        return str(error).lower()
    return "" if fires else "there is no such day"


def _cron(text: str, after: datetime) -> Iterator[datetime]:
    from cronsim import CronSim  # noqa: PLC0415

    return CronSim(text, after)
