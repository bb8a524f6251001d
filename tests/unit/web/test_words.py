"""Times as the page writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sfdd_declare.web import words

NOW = datetime(2026, 11, 30, 16, 40, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0 s"), (0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (125, "2 min 5 s"), (4800, "1 h 20 min"),
        (3605, "1 h"), (273_600, "3 d 4 h"),
    ],
)  # fmt: skip
def test_a_duration_has_two_units_at_most(seconds: float, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "now"), (1, "in 1 s"), (-59.9, "59 s ago"), (-300, "5 min ago"), (7300, "in 2 h"), (-90_000, "1 d ago")],
)  # fmt: skip
def test_a_moment_is_told_by_how_far_it_is(seconds: float, shown: str) -> None:
    assert words.apart(NOW + timedelta(seconds=seconds), NOW) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOW, "16:40"),
        (NOW - timedelta(days=1), "29 Nov, 16:40"),
        (NOW - timedelta(days=365), "30 Nov 2025, 16:40"),
        (datetime.fromisoformat("2026-12-01T01:30:00+10:00"), "15:30"),
    ],
)
def test_a_time_has_its_day_unless_it_is_today(moment: datetime, shown: str) -> None:
    assert words.clock_time(moment, NOW) == shown


def test_programs_get_utc() -> None:
    assert words.machine_time(datetime.fromisoformat("2026-12-01T01:30:00+10:00")) == "2026-11-30T15:30:00Z"
    assert words.full_time(NOW) == "30 November 2026, 16:40:05 UTC"
