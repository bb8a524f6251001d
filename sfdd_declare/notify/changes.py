"""What is news: the difference between the conditions of two moments."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sfdd_declare.model.notice import Change, Condition, Kind, Notice

Name = tuple[Kind, str]


def notices(before: tuple[Condition, ...], now: tuple[Condition, ...]) -> tuple[Notice, ...]:
    """What began, changed and ended, in this order of conditions: those that are, then those that are no more. Another
    hint alone is no news.
    """
    known, current = by_name(before), by_name(now)
    found = [
        Notice(Change.CHANGED if name in known else Change.BEGAN, condition)
        for name, condition in current.items()
        if name not in known or is_news(known[name], condition)
    ]
    ended = [Notice(Change.ENDED, condition) for name, condition in known.items() if name not in current]
    return (*found, *ended)


def of_kinds(conditions: Iterable[Condition], on: Collection[Kind]) -> tuple[Condition, ...]:
    """Those that a receiver is told about."""
    return tuple(condition for condition in conditions if condition.kind in on)


def name_of(condition: Condition) -> Name:
    return condition.kind, condition.subject


def by_name(conditions: Iterable[Condition]) -> dict[Name, Condition]:
    return {name_of(condition): condition for condition in conditions}


def is_news(told: Condition, now: Condition) -> bool:
    return (told.count, told.text) != (now.count, now.text)
