"""When a link is due: by hand, on a grid of time, or by a cron expression."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sfdd_declare.model.schedule import SPREAD, Schedule, spread_of, wrong_with


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(schedule: Schedule, after: str, count: int) -> list[str]:
    moment, found = at(after), []
    for _ in range(count):
        following = schedule.next(moment)
        assert following is not None
        assert following > moment
        moment = following
        found.append(moment.strftime("%d %H:%M:%S"))
    return found


def test_a_manual_link_is_never_due() -> None:
    assert Schedule("manual").is_manual
    assert Schedule("manual").next(at("2026-11-30T12:00")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 15 minutes", ["30 12:15:00", "30 12:30:00"]),
        ("every minute", ["30 12:08:00", "30 12:09:00"]),
        ("every 1 hour", ["30 13:00:00", "30 14:00:00"]),
        ("every hour", ["30 13:00:00", "30 14:00:00"]),
        ("every 6 hours", ["30 18:00:00", "01 00:00:00"]),
        ("every day", ["01 00:00:00", "02 00:00:00"]),
    ],
)
def test_a_grid_is_counted_in_utc_whatever_the_last_run_took(text: str, expected: list[str]) -> None:
    assert times(Schedule(text, zone="Asia/Kolkata"), "2026-11-30T12:07:13", 2) == expected


def test_intervals_that_are_multiples_fall_due_together() -> None:
    quarter, hour = Schedule("every 15 minutes", spread=0.7), Schedule("every hour", spread=0.7)
    quarters = times(quarter, "2026-11-30T12:07:00", 8)
    assert [moment for moment in times(hour, "2026-11-30T12:07:00", 2) if moment not in quarters] == []


def test_all_moments_of_a_state_are_moved_by_the_same_little() -> None:
    assert times(Schedule("every 15 minutes", spread=0.5), "2026-11-30T12:00:40", 1) == ["30 12:15:30"]
    assert times(Schedule("every 15 minutes", spread=0.5), "2026-11-30T12:00:00", 1) == ["30 12:00:30"]
    assert times(Schedule("0 2 * * *", spread=0.5), "2026-11-30T12:00:00", 1) == ["01 02:00:30"]
    assert times(Schedule("0 2 * * *", spread=0.5), "2026-11-30T02:00:10", 1) == ["30 02:00:30"]


def test_a_short_interval_is_moved_by_a_tenth_of_it_at_most() -> None:
    assert times(Schedule("every minute", spread=0.999), "2026-11-30T12:00:30", 1) == ["30 12:01:05"]
    assert timedelta(seconds=60) == SPREAD


def test_a_cron_expression_is_wall_clock_time_of_its_zone() -> None:
    working_days = Schedule("30 6 * * 1-5", zone="Europe/London")
    assert times(working_days, "2026-11-27T12:00", 2) == ["30 06:30:00", "01 06:30:00"]
    assert times(Schedule("30 6 * * *", zone="Europe/London"), "2026-07-01T12:00", 1) == ["02 05:30:00"]


def test_a_night_job_runs_once_in_the_nights_when_clocks_are_changed() -> None:
    night = Schedule("30 1 * * *", zone="Europe/London")
    assert times(night, "2026-10-24T12:00", 2) == ["25 00:30:00", "26 01:30:00"]  # 01:30 comes twice on the 25th
    assert times(night, "2026-03-28T12:00", 2) == ["29 01:00:00", "30 00:30:00"]  # and not at all on the 29th


def test_every_ten_minutes_goes_on_through_the_hour_that_comes_twice() -> None:
    found = times(Schedule("*/30 * * * *", zone="Europe/London"), "2026-10-25T00:10", 4)
    assert found == ["25 00:30:00", "25 01:00:00", "25 01:30:00", "25 02:00:00"]


@pytest.mark.parametrize("text", ["manual", "every 5 minutes", "every day", "*/5 * * * *", "0 9 1 JAN-MAR MON#1"])
def test_these_are_schedules(text: str) -> None:
    assert wrong_with(text) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sometimes", "wrong number of fields"),
        ("every 0 minutes", "wrong number"),
        ("61 * * * *", "bad minute"),
        ("* * * *", "wrong number of fields"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("", "wrong number of fields"),
    ],
)
def test_these_are_none_and_it_is_said_why(text: str, why: str) -> None:
    assert why in wrong_with(text)


def test_the_share_of_a_state_is_the_same_on_every_machine_and_another_for_another_state() -> None:
    shares = [spread_of(f"{number:016x}") for number in range(200)]
    assert all(0 <= share < 1 for share in shares)
    assert len({int(share * 10) for share in shares}) == 10
    assert spread_of("a1") == pytest.approx(0.958495226)
