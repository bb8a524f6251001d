"""The scheduled synchronisation as values: how each link stands, what waits for a human, what the last runs did.

`sfdd status`, the page, the metrics and the notifications are made of nothing else. No personal data is in here: links
are named by their addresses, people are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sfdd_declare.model.notice import Change, Condition, Kind, Notice
from sfdd_declare.model.state import RunRecord

__all__ = ["Change", "Condition", "Kind", "LinkStatus", "Notice", "Service"]


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """One link. Numbers are of its campaign's members who pass its filter, as of the last runs over it."""

    link: str
    campaign: str
    address_book: str
    schedule: str  # that is in force: `every 15 minutes`, a cron expression, or `manual`
    members: int = 0
    in_step: int = 0  # nothing is to be done about them
    pending: int = 0  # newcomers who lack a value (NEW-4)
    failed: int = 0  # tried again with the next run
    parked: int = 0
    held: int = 0
    opted_out: int = 0
    others: tuple[tuple[str, int], ...] = ()  # left out for another reason -> people (INV-11)
    last: datetime | None = None  # when a run over it began last
    last_ok: datetime | None = None  # when one began that carried everything; None: waits for its first synchronisation
    next: datetime | None = None  # None: by hand
    counted: datetime | None = None  # when everybody was counted last; joiners since then are added to it
    oldest: datetime | None = None  # when the oldest change was first seen that is not carried yet


@dataclass(frozen=True, slots=True)
class Service:
    """A running `sfdd watch` as it stands at one moment; times are UTC."""

    configuration: str
    tool: str
    now: datetime
    started: datetime
    links: tuple[LinkStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    runs: tuple[RunRecord, ...] = ()  # the newest first
    running_since: datetime | None = None
    next: datetime | None = None
    trouble: str = ""  # why nothing was synchronised last: the last error, or who holds the state
    refused: str = ""  # why a changed configuration was not taken: the one before is in force
    is_ready: bool = False  # the state was read, and no run has failed since one got through
