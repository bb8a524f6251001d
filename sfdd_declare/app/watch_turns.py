"""Which links are due. Pure: the moment, the schedules and the last runs decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfdd_declare.model.address import link as link_address
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.schedule import Schedule
from sfdd_declare.model.service import LinkStatus

#: How long a run that failed waits before it is tried again: doubled each time, never longer than the shortest interval
#: of the links that wait for it.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Turn:
    """A link, its schedule, and when a run over it began last."""

    link: str
    schedule: Schedule
    last: datetime | None

    def at(self, began: datetime) -> datetime | None:
        """When it is due; None: by hand. What was never synchronised is due at once, or, where a time of day is
        declared, at the first one since the watch `began`.
        """
        if self.schedule.is_manual:
            return None
        if self.last is None:
            return began if self.schedule.interval else self.schedule.next(began)
        return self.schedule.next(self.last)


def turns(
    desired: Desired, links: Mapping[str, LinkStatus], tried: Mapping[str, datetime], spread: float
) -> tuple[Turn, ...]:
    """One per link, in file order. `tried`: when this process began a run over it, whatever became of that."""
    found = []
    for link in desired.links:
        address = str(link_address(link.campaign, link.address_book))
        known = links.get(address)
        ran = [at for at in (known.last if known else None, tried.get(address)) if at is not None]
        schedule = Schedule(desired.schedule_of(link), desired.time_zone, spread)
        found.append(Turn(address, schedule, max(ran, default=None)))
    return tuple(found)


def due(all_turns: Iterable[Turn], began: datetime, now: datetime) -> tuple[str, ...]:
    """Links that are due together; they share one run."""
    return tuple(turn.link for turn in all_turns if (at := turn.at(began)) is not None and at <= now)


def next_due(all_turns: Iterable[Turn], began: datetime) -> datetime | None:
    """When the first link is due; None when all are synchronised by hand."""
    return min((at for turn in all_turns if (at := turn.at(began)) is not None), default=None)


def wait_after(failures: int, all_turns: Iterable[Turn]) -> timedelta:
    """Between a run that failed and the next try."""
    intervals = (turn.schedule.interval for turn in all_turns)
    shortest = min((interval for interval in intervals if interval), default=LONGEST_WAIT)
    doubled: int = 2 ** min(failures - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT, shortest)


def with_schedule(turn: Turn, known: LinkStatus | None, desired: Desired, following: datetime | None) -> LinkStatus:
    """How a link is shown: what the state knows of it, its schedule and when it is due next."""
    link = next(one for one in desired.links if str(link_address(one.campaign, one.address_book)) == turn.link)
    status = known or LinkStatus(turn.link, link.campaign, link.address_book, "")
    return replace(status, schedule=turn.schedule.text, next=following)
