"""A notification as a document: what a webhook of the format `json` is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sfdd_declare.model.notice import Change, Kind, Notice
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape


@dataclass(frozen=True, slots=True)
class NoticeShape(Shape):
    """What became of one condition. Its kind and its subject together say which one it is."""

    change: Change
    """`began`, `changed` (its count or its text) or `ended`. One that began and ended while it could not be told is
    told as ended only."""
    kind: Kind
    """`failure`, `drift`, `guard`, `held` or `parked`."""
    subject: str
    """The address of a link or a thing, the name of a guard, the id of an error."""
    count: int
    """How many people, rows or things it is about."""
    text: str
    """In words. Of one that ended, as it was said last."""
    hint: str
    """A command to type or a key to write; empty where there is none."""


@dataclass(frozen=True, slots=True)
class NotificationDocument(Shape):
    """What is sent to a webhook. People are numbers in it."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["notification"]
    delivery: str
    """The same when it is sent again, and the same as in the header X-Sfdd-Delivery: readers that have seen it drop
    it."""
    at: str
    """When the newest of it came about, in UTC."""
    configuration: str
    """The name of what is synchronised."""
    summary: str
    """All of it in one line."""
    notices: tuple[NoticeShape, ...]
    """At least one, of each condition at most one."""
    lost: int
    """Notices before these that could not be told."""


def notification_document(
    *, delivery: str, at: datetime, configuration: str, summary: str, notices: Iterable[Notice], lost: int
) -> NotificationDocument:
    shapes = tuple(
        NoticeShape(
            notice.change,
            notice.condition.kind,
            notice.condition.subject,
            notice.condition.count,
            notice.condition.text,
            notice.condition.hint,
        )
        for notice in notices
    )
    moment = at.astimezone(UTC).isoformat()
    return NotificationDocument(FORMAT_VERSION, "notification", delivery, moment, configuration, summary, shapes, lost)
