"""An outbox as text, to be kept in the state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sfdd_declare.model.canonical import canonical_json
from sfdd_declare.model.notice import Change, Condition, Kind, Notice
from sfdd_declare.notify.outbox import Outbox

_VERSION = 1


def to_text(outbox: Outbox) -> str:
    """The same outbox always gives the same text."""
    return canonical_json({"version": _VERSION, "outbox": outbox})


def from_text(receiver: str, text: str | None) -> Outbox:
    """The outbox of a receiver; an empty one where there is none, and where the text cannot be read or is of a later
    version: then things are told once more, rather than nothing at all.
    """
    if text is None:
        return Outbox(receiver)
    try:
        body = json.loads(text)
        return _outbox(receiver, body["outbox"]) if body["version"] == _VERSION else Outbox(receiver)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Outbox(receiver)


def _outbox(receiver: str, body: Mapping[str, Any]) -> Outbox:
    return Outbox(
        receiver=receiver,
        told=tuple(_condition(each) for each in body["told"]),
        waiting=tuple(Notice(Change(each["change"]), _condition(each["condition"])) for each in body["waiting"]),
        at=_moment(body["at"]),
        number=int(body["number"]),
        lost=int(body["lost"]),
        attempts=int(body["attempts"]),
        next_try=_moment(body["next_try"]),
    )


def _condition(body: Mapping[str, Any]) -> Condition:
    return Condition(Kind(body["kind"]), str(body["subject"]), int(body["count"]), str(body["text"]), str(body["hint"]))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
