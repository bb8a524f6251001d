"""Date literals (`TODAY`, `LAST_N_DAYS:7`) as half-open ranges of days.

Weeks begin on Monday, days in UTC, the fiscal year in January.
"""

from __future__ import annotations

from datetime import date, timedelta

_DAY = timedelta(days=1)
_AWAY = {"LAST": -1, "THIS": 0, "NEXT": 1}


def day_range(literal: str, today: date) -> tuple[date, date]:
    """The first day of a literal and the first day after it."""
    name, _, count = literal.upper().replace("FISCAL_", "").partition(":")
    single = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
    if name in single:
        first = today + single[name] * _DAY
        return first, first + _DAY
    if name == "LAST_90_DAYS":
        return today - 90 * _DAY, today + _DAY
    if name == "NEXT_90_DAYS":
        return today + _DAY, today + 91 * _DAY
    words = name.split("_")
    if words[-1] == "AGO":  # N_DAYS_AGO:3
        return _around(words[1], today, -int(count), 1)
    if words[1] == "N":  # LAST_N_WEEKS:3
        return _n_units(words[0], words[2], int(count), today)
    return _around(words[1] + "S", today, _AWAY[words[0]], 1)


def _n_units(direction: str, unit: str, count: int, today: date) -> tuple[date, date]:
    if direction == "LAST":
        first, _ = _around(unit, today, -count, 1)
        # Days run up to today, longer units end with the last whole one.
        return (first, today + _DAY) if unit == "DAYS" else _around(unit, today, -count, count)
    return _around(unit, today, 1, count)


def _around(unit: str, today: date, offset: int, count: int) -> tuple[date, date]:
    """`count` units, beginning `offset` units away from the one that today is in."""
    if unit == "DAYS":
        return today + offset * _DAY, today + (offset + count) * _DAY
    if unit == "WEEKS":
        monday = today - today.weekday() * _DAY
        return monday + 7 * offset * _DAY, monday + 7 * (offset + count) * _DAY
    months = {"MONTHS": 1, "QUARTERS": 3, "YEARS": 12}[unit]
    start = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    return _plus_months(start, offset * months), _plus_months(start, (offset + count) * months)


def _plus_months(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(min(max(year, 1), 9999), month + 1, 1)
