"""What somebody is told about a scheduled synchronisation: conditions, and what became of them since.

No personal data is in here: things are named by their addresses, people are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
