"""How a configuration stands, as a document. People are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.notice import Condition
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.standing import Running, Standing
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled
from sfdd_declare.render.machine.history import HistoryRun, run_part, time


@dataclass(frozen=True, slots=True)
class MembersPart(Shape):
    """Members of a link's campaign who pass its filter."""

    all: int
    in_step: int
    """Nothing is to be done about them."""
    pending: int
    """Newcomers who lack a value."""
    failed: int
    """Tried again with the next run."""
    parked: int
    held: int
    """Wait for a human."""
    opted_out: int
    others: dict[str, int]
    """Left out for another reason, by it."""
    counted: str | None
    """When everybody was counted last, ISO 8601; joiners since then are added. Null: never."""


@dataclass(frozen=True, slots=True)
class LinkPart(Shape):
    """One declared link."""

    link: str
    campaign: str
    address_book: str
    schedule: str
    """That is in force: `every 15 minutes`, a cron expression, or `manual`."""
    members: MembersPart | None
    """As of the last runs over it; null before the first."""
    last_run: str | None
    """When the last run over it began, ISO 8601; null before the first."""
    last_success: str | None
    """When one began that carried everything; null: it waits for its first synchronisation."""
    next_run: str | None
    """When it is due after the last run, or from now on before the first; null: by hand."""
    oldest_change: str | None
    """When the oldest change was first seen that is not carried yet; null: none."""


@dataclass(frozen=True, slots=True)
class RunningPart(Shape):
    """Who holds the state right now."""

    who: str
    since: str
    """ISO 8601."""


@dataclass(frozen=True, slots=True)
class ConditionPart(Shape):
    """Something that waits for a human."""

    kind: str
    """failure, guard, held or parked."""
    subject: str
    """The id of an error, a guard, what is held."""
    count: int
    text: str
    hint: str | None
    """The command that settles it, or shows it."""


@dataclass(frozen=True, slots=True)
class StatusDocument(Shape):
    """How a configuration stands by its state alone: `sfdd status --json`. Exit code 2 where something waits."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["status"]
    configuration: str
    state: str
    """The file, or the address of the database without credentials."""
    is_new: bool
    """Nothing was ever run with this state, or there is none."""
    at: str
    """The moment of this answer, ISO 8601."""
    last_run: HistoryRun | None
    """Null before the first."""
    running: RunningPart | None
    """Null: nobody."""
    setup_left: tuple[str, ...]
    """Addresses of what differs from the configuration, as of the last run."""
    links: tuple[LinkPart, ...]
    """In the order of the configuration."""
    waiting: tuple[ConditionPart, ...]
    """What waits for a human."""


def status_document(standing: Standing) -> StatusDocument:
    return StatusDocument(
        format_version=FORMAT_VERSION,
        kind="status",
        configuration=standing.configuration,
        state=standing.place,
        is_new=standing.is_new,
        at=standing.now.isoformat(),
        last_run=run_part(standing.last) if standing.last else None,
        running=_running(standing.running),
        setup_left=standing.setup_left,
        links=tuple(_link(link) for link in standing.links),
        waiting=tuple(_condition(condition) for condition in standing.conditions),
    )


def _running(running: Running | None) -> RunningPart | None:
    return RunningPart(running.who, running.since.isoformat()) if running else None


def _link(link: LinkStatus) -> LinkPart:
    counted = filled(MembersPart, link, all=link.members, others=dict(link.others), counted=time(link.counted))
    return filled(
        LinkPart,
        link,
        members=counted if link.last else None,
        last_run=time(link.last),
        last_success=time(link.last_ok),
        next_run=time(link.next),
        oldest_change=time(link.oldest),
    )


def _condition(condition: Condition) -> ConditionPart:
    return filled(ConditionPart, condition, kind=condition.kind.value, hint=condition.hint or None)
