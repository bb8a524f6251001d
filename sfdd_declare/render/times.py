"""Moments and ages as commands say them: UTC, and the largest unit alone."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ((86400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def moment(at: datetime) -> str:
    """`2026-03-02 16:30 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def age(since: datetime, now: datetime) -> str:
    """How long ago: `40 s`, `5 min`, `2 h`, `3 days`."""
    seconds = max(0, int((now - since).total_seconds()))
    size, unit = next((step for step in _UNITS if seconds >= step[0]), _UNITS[-1])
    amount = seconds // size
    return f"{amount:,} {'day' if amount == 1 and unit == 'days' else unit}"
