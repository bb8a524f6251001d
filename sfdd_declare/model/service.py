"""The scheduled synchronisation as values: how each link stands, what waits for a human, what the last runs did.

`sfdd status`, the page, the metrics and the notifications are made of nothing else. No personal data is in here: links
are named by their addresses, people are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sfdd_declare.model.state import RunRecord


class Kind(StrEnum):
    """Why somebody is told."""

    FAILURE = "failure"  # a run ended in an error, or rows of it failed
    DRIFT = "drift"  # the set-up differs from the configuration: `sfdd apply` is not done by the schedule
    GUARD = "guard"  # a guard holds something back
    HELD = "held"  # people wait for a decision (RUN-4)
    PARKED = "parked"  # rows that were refused too often


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so until it is settled. `kind` and `subject` say which one it is; `text` and `hint` are for
    people.
    """

    kind: Kind
    subject: str  # the address of a link or thing, the name of a guard, the id of an error
    count: int
    text: str
    hint: str = ""


class Change(StrEnum):
    """What became of a condition since the last notice about it."""

    BEGAN = "began"
    CHANGED = "changed"  # its count or its text
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of one condition; an ended one is told with what was said of it last."""

    change: Change
    condition: Condition


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
    is_ready: bool = False  # a run got through since the start
