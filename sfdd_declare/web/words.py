"""Times, numbers and names as the page writes them."""

from __future__ import annotations

from datetime import UTC, datetime

_STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def number(count: int) -> str:
    """A count with thousands separators."""
    return f"{count:,}"


def duration(seconds: float) -> str:
    """A time by its two largest units: `8 s`, `2 min 5 s`, `1 h 20 min`, `3 d 4 h`."""
    left = max(0, round(seconds))
    for place, (size, unit) in enumerate(_STEPS):
        if left >= size:
            rest = left % size // _STEPS[place + 1][0] if size > 1 else 0
            return f"{left // size} {unit}" + (f" {rest} {_STEPS[place + 1][1]}" if rest else "")
    return "0 s"


def apart(moment: datetime, now: datetime) -> str:
    """How far a moment is: `5 min ago`, `in 2 h`, `now`. Its largest unit only."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 1:
        return "now"
    size, unit = next(step for step in _STEPS if abs(seconds) >= step[0])
    amount = f"{int(abs(seconds)) // size} {unit}"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def machine_time(moment: datetime) -> str:
    """For programs: `2026-11-30T16:41:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_time(moment: datetime, now: datetime) -> str:
    """For people: the time of day (UTC), and the day unless it is today."""
    there, here = moment.astimezone(UTC), now.astimezone(UTC)
    if there.date() == here.date():
        return f"{there:%H:%M}"
    year = f" {there.year}" if there.year != here.year else ""
    return f"{there.day} {there:%b}{year}, {there:%H:%M}"


def full_time(moment: datetime) -> str:
    """For people, where nothing else says the day: `30 November 2026, 16:41:05 UTC`."""
    there = moment.astimezone(UTC)
    return f"{there.day} {there:%B %Y, %H:%M:%S} UTC"
