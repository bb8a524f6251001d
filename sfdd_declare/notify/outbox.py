"""What is still to be told to one receiver, as a value.

It says what waits, and from when on it may be tried again; it sends nothing and knows no clock. Kept in the state under
`mark(key)`, it outlives this program. A delivery is named after what is in it: what is sent again has the same id, and
what has come to hold more has another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfdd_declare.model.canonical import digest
from sfdd_declare.model.notice import Change, Condition, Notice
from sfdd_declare.model.receiver import Receiver
from sfdd_declare.notify.changes import Name, by_name, is_news, name_of, notices, of_kinds
from sfdd_declare.notify.text import cleaned

#: Notices that wait for one receiver at most; of more, the oldest are only counted.
MOST = 100
_LONGEST_WAIT = 60  # minutes


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is sent at once."""

    id: str
    at: datetime  # when the newest of it came about
    notices: tuple[Notice, ...]
    lost: int = 0  # notices before these that the receiver was not told


@dataclass(frozen=True, slots=True)
class Outbox:
    """Of one receiver. `told` is what it takes for true now; with `waiting` told, it would know how things stand."""

    receiver: str
    told: tuple[Condition, ...] = ()
    waiting: tuple[Notice, ...] = ()
    at: datetime | None = None  # when something came to wait last
    number: int = 0  # of deliveries before; two that hold the same are two all the same
    lost: int = 0
    attempts: int = 0  # that failed, of what waits
    next_try: datetime | None = None  # None: at once


def mark(receiver: str) -> str:
    """The name in the state that an outbox is kept under."""
    return f"notified:{receiver}"


def with_conditions(outbox: Outbox, conditions: Iterable[Condition], receiver: Receiver, at: datetime) -> Outbox:
    """The outbox with what is news about the conditions as they stand now. Kinds that the receiver is no longer told
    about are dropped without a word.
    """
    told = of_kinds(outbox.told, receiver.on)
    before = tuple(notice for notice in outbox.waiting if notice.condition.kind in receiver.on)
    now = of_kinds((cleaned(condition) for condition in conditions), receiver.on)
    waiting = _merged(told, before, notices(_after(told, before), now))
    left_out = waiting[: max(0, len(waiting) - MOST)]
    waiting = waiting[len(left_out) :]
    changed = replace(
        outbox,
        told=_after(told, left_out),  # else it would be news again the next time
        waiting=waiting,
        at=at if waiting != outbox.waiting else outbox.at,
        lost=outbox.lost + len(left_out),
    )
    return changed if waiting else replace(changed, attempts=0, next_try=None)


def due(outbox: Outbox, at: datetime) -> Delivery | None:
    """What is to be sent now; None where nothing waits, or nothing may be tried yet."""
    if not outbox.waiting or outbox.at is None or (outbox.next_try is not None and at < outbox.next_try):
        return None
    holds = (outbox.receiver, outbox.number, outbox.at, outbox.lost, outbox.waiting)
    return Delivery(digest(holds)[:32], outbox.at, outbox.waiting, outbox.lost)


def delivered(outbox: Outbox) -> Outbox:
    """What was due has arrived."""
    return Outbox(outbox.receiver, told=_after(outbox.told, outbox.waiting), number=outbox.number + 1)


def given_up(outbox: Outbox) -> Outbox:
    """What was due is refused for good: the next delivery says how much was lost."""
    return replace(delivered(outbox), lost=outbox.lost + len(outbox.waiting))


def failed(outbox: Outbox, at: datetime, *, retry_after: float = 0.0) -> Outbox:
    """What was due may arrive later: after 1, 2, 4 … minutes, or as many seconds as the receiver asked for, but within
    the hour.
    """
    minutes = min(_LONGEST_WAIT, 2 ** min(outbox.attempts, 6))
    seconds = min(_LONGEST_WAIT * 60.0, max(minutes * 60.0, retry_after))
    return replace(outbox, attempts=outbox.attempts + 1, next_try=at + timedelta(seconds=seconds))


def _after(told: tuple[Condition, ...], waiting: Iterable[Notice]) -> tuple[Condition, ...]:
    """What is taken for true once the notices are told."""
    known = by_name(told)
    for notice in waiting:
        known.pop(name_of(notice.condition), None)
        if notice.change is not Change.ENDED:
            known[name_of(notice.condition)] = notice.condition
    return tuple(known.values())


def _merged(told: tuple[Condition, ...], waiting: Iterable[Notice], news: Iterable[Notice]) -> tuple[Notice, ...]:
    """One notice of each condition at most, the newest last."""
    known = by_name(told)
    found: dict[Name, Notice] = {name_of(notice.condition): notice for notice in waiting}
    for notice in news:
        name = name_of(notice.condition)
        overtakes = found.pop(name, None) is not None
        merged = _overtaking(notice, known.get(name)) if overtakes else notice
        if merged is not None:
            found[name] = merged
    return tuple(found.values())


def _overtaking(notice: Notice, told: Condition | None) -> Notice | None:
    """A notice instead of an untold one before it. What came and went is told as ended; what is as it was told, not."""
    if notice.change is Change.ENDED:
        return notice
    if told is None:
        return Notice(Change.BEGAN, notice.condition)
    return Notice(Change.CHANGED, notice.condition) if is_news(told, notice.condition) else None
