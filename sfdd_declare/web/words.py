"""Times, numbers and names as the page writes them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

_JOINERS = "\u200c\u200d"  # needed inside Persian words and emoji; they hide nothing
_STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def visible(text: str) -> str:
    """The text with every character that shows nothing or turns the line around as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_hidden(char) else char for char in text)


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


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _JOINERS


def _escaped(char: str) -> str:
    point = ord(char)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
