"""The words of a notification, for every way it takes: one line that says it all, and one or two of each notice.

Conditions may hold names that others chose. Whatever looks like a person's address or a credential is masked, what
could break a line or turn it round is shown as an escape, and everything has its room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sfdd_declare.model.notice import Change, Condition, Kind, Notice
from sfdd_declare.model.visible import safe
from sfdd_declare.render.words import number
from sfdd_declare.wire.redact import scrub

_NAME, _SUBJECT, _TEXT, _HINT, _LINE = 80, 200, 500, 300, 150
_ELLIPSIS = "…"

#: The word before a notice, and after a number of them.
CHANGES = {Change.BEGAN: "new", Change.CHANGED: "changed", Change.ENDED: "over"}
KINDS = {
    Kind.FAILURE: "failure",
    Kind.DRIFT: "drift",
    Kind.GUARD: "guard",
    Kind.HELD: "held",
    Kind.PARKED: "parked",
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One notice. The hint, a command or a key, is empty where there is none and where all is over."""

    head: str
    text: str
    hint: str


def cleaned(condition: Condition) -> Condition:
    """The condition as it may be kept and sent; of what is clean already, the same."""
    return replace(
        condition,
        subject=_cut(scrub(condition.subject), _SUBJECT),
        text=_cut(scrub(condition.text), _TEXT),
        hint=_cut(scrub(condition.hint), _HINT),
    )


def cleaned_notice(notice: Notice) -> Notice:
    return replace(notice, condition=cleaned(notice.condition))


def name(configuration: str) -> str:
    """The name of what is synchronised."""
    return _cut(safe(scrub(configuration)), _NAME)


def summary(configuration: str, notices: Sequence[Notice]) -> str:
    """The one line that says it all."""
    of = f"sfdd {name(configuration)}".rstrip()
    if len(notices) == 1:
        condition = cleaned(notices[0].condition)
        said = f"{CHANGES[notices[0].change]}: {KINDS[condition.kind]} {safe(condition.subject)}"
    else:
        counts = Counter(notice.change for notice in notices)
        said = ", ".join(f"{number(counts[change])} {word}" for change, word in CHANGES.items() if counts[change])
    return _cut(f"{of}: {said}", _LINE)


def paragraph(notice: Notice) -> Paragraph:
    condition = cleaned(notice.condition)
    head = f"[{CHANGES[notice.change]}] {KINDS[condition.kind]} {safe(condition.subject)} ({number(condition.count)})"
    hint = "" if notice.change is Change.ENDED else safe(condition.hint)
    return Paragraph(head, safe(condition.text), hint)


def lost_line(lost: int) -> str:
    """What the receiver has not been told; empty where it was told everything."""
    return f"Not told before: {number(lost)}. `sfdd status` shows how things stand." if lost else ""


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + _ELLIPSIS
