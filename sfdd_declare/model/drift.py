"""What somebody changed by hand since the last apply, apart from what is merged but not applied. Values only.

Who and when are said where the vendor tells: Salesforce keeps who changed a record last, Dotdigital keeps nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sfdd_declare.model.errors import Position
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.operation import Action, FieldChange, Operation
from sfdd_declare.model.outcome import Exit
from sfdd_declare.model.plan import Header


class DriftKind(StrEnum):
    """What was changed by hand. All but the first are about people."""

    SETUP = "setup"
    VALUE = "value"  # edited on the side that is not the source
    LEFT = "left"  # taken off an address book
    MEMBER_ADDED = "member_added"  # of a campaign whose members are declared exactly
    MEMBER_REMOVED = "member_removed"  # of a campaign whose members are declared
    RESUBSCRIBED = "resubscribed"  # in Dotdigital, while opted out in Salesforce
    RECONSENTED = "reconsented"  # Email Opt Out unticked in Salesforce, while opted out in Dotdigital


class System(StrEnum):
    """Where it was changed."""

    SALESFORCE = "Salesforce"
    DOTDIGITAL = "Dotdigital"


@dataclass(frozen=True, slots=True)
class Ignored:
    """One line of an ignore file: what is known and accepted until a day, that day included."""

    address: str
    reason: str
    until: date
    field: str = ""  # empty: whatever drifted there
    where: Position | None = None

    def covers(self, address: str, field: str) -> bool:
        return self.address == address and self.field.casefold() in ("", field.casefold())


@dataclass(frozen=True, slots=True)
class ThingDrift:
    """A thing, or a part of one, that was changed or deleted by hand. `fields` run from what is there to what is
    declared. `by` and `at` say who changed it last and when; empty where nobody tells.
    """

    address: str
    part: str
    system: System
    action: Action  # what puts it back
    fields: tuple[FieldChange, ...]
    by: str = ""
    at: str = ""
    people: int = 0  # who carry a field whose direction was turned
    ignored: Ignored | None = None


@dataclass(frozen=True, slots=True)
class PeopleDrift:
    """People of whom the same was changed: of values, to the same value. `value` is masked, null where it was blanked
    and where there is none. `by`: who changed all of these records last, `at`: when that last was.
    """

    kind: DriftKind
    address: str
    system: System
    people: int
    field: str = ""  # of values: the one that was edited, in the words of its system
    value: str | None = None
    by: str = ""
    at: str = ""
    ignored: Ignored | None = None


@dataclass(frozen=True, slots=True)
class MoreDrift:
    """Groups that are counted but not listed, by where they are."""

    kind: DriftKind
    address: str
    groups: int
    people: int
    field: str = ""
    ignored: Ignored | None = None


@dataclass(frozen=True, slots=True)
class PeopleDrifts:
    """All that was changed by hand about people, and what each operation of the plan does besides undoing it."""

    groups: tuple[PeopleDrift, ...] = ()
    more: tuple[MoreDrift, ...] = ()
    others: tuple[tuple[str, int, int], ...] = ()  # operation, people, rows


@dataclass(frozen=True, slots=True)
class Drift:
    """The answer. What is ignored says so and does not count; `pending` is merged but not applied, and is no drift."""

    header: Header
    things: tuple[ThingDrift, ...]
    people: tuple[PeopleDrift, ...]
    more: tuple[MoreDrift, ...]
    pending: tuple[Operation, ...]
    unread: tuple[str, ...] = ()  # accounts of which not everybody was looked at
    expired: tuple[Ignored, ...] = ()  # lines of the ignore file whose day is over
    warnings: tuple[str, ...] = ()
    loosened: tuple[Loosened, ...] = ()  # by the proposal that was looked at; those of its base judged it
    names: tuple[tuple[str, str], ...] = ()  # of users by id: for the terminal that asked, and for nothing else

    @property
    def is_complete(self) -> bool:
        return not self.unread

    @property
    def counted(self) -> dict[DriftKind, int]:
        """Things, values, and people of the other kinds that are not ignored; kinds without any are left out."""
        found = dict.fromkeys(DriftKind, 0)
        found[DriftKind.SETUP] = sum(not thing.ignored for thing in self.things)
        counts = [(g.kind, g.people) for g in self.people if not g.ignored]
        counts += [(more.kind, more.people) for more in self.more if not more.ignored]
        for kind, people in counts:
            found[kind] += people
        return {kind: count for kind, count in found.items() if count}

    @property
    def ignored(self) -> int:
        """How many things and groups of people are ignored."""
        marks = [*(thing.ignored for thing in self.things), *(group.ignored for group in self.people)]
        return sum(map(bool, marks)) + sum(more.groups for more in self.more if more.ignored)


def who(drift: Drift) -> tuple[str, ...]:
    """Ids of the users who are named."""
    found: tuple[ThingDrift | PeopleDrift, ...] = (*drift.things, *drift.people)
    return tuple(dict.fromkeys(one.by for one in found if one.by))


def exit_code(drift: Drift) -> int:
    """An incomplete look says neither that there is drift nor that there is none."""
    if not drift.is_complete:
        return Exit.ERROR
    return Exit.CHANGES if drift.counted else Exit.OK


def without_ignored(drift: Drift, lines: tuple[Ignored, ...], today: date) -> Drift:
    """The drift with what the lines cover marked as ignored; a line whose day is over ignores nothing."""
    valid = tuple(line for line in lines if line.until >= today)

    def covering(address: str, field: str) -> Ignored | None:
        return next((line for line in valid if line.covers(address, field)), None)

    return replace(
        drift,
        things=tuple(part for thing in drift.things for part in _split(thing, valid)),
        people=tuple(replace(group, ignored=covering(group.address, group.field)) for group in drift.people),
        more=tuple(replace(more, ignored=covering(more.address, more.field)) for more in drift.more),
        expired=tuple(line for line in lines if line.until < today),
    )


def _split(thing: ThingDrift, lines: tuple[Ignored, ...]) -> tuple[ThingDrift, ...]:
    """A thing is ignored as a whole, or by the fields that are named."""
    whole = next((line for line in lines if line.covers(thing.address, "")), None)
    if whole is not None:
        return (replace(thing, ignored=whole),)
    covered: dict[Ignored, list[FieldChange]] = {}
    rest: list[FieldChange] = []
    for change in thing.fields:
        line = next((line for line in lines if line.covers(thing.address, change.name)), None)
        (rest if line is None else covered.setdefault(line, [])).append(change)
    parts = [replace(thing, fields=tuple(changes), ignored=line) for line, changes in covered.items()]
    return tuple([replace(thing, fields=tuple(rest)), *parts] if rest or not parts else parts)


def only(drift: Drift, words: tuple[str, ...]) -> Drift:
    """What is about these addresses, kinds of things or kinds of drift; everything where there are none."""
    if not words:
        return drift

    def asked(address: str, kind: DriftKind | None) -> bool:
        return any(word in (kind, address) or address.startswith(f"{word}.") for word in words)

    return replace(
        drift,
        things=tuple(thing for thing in drift.things if asked(thing.address, DriftKind.SETUP)),
        people=tuple(group for group in drift.people if asked(group.address, group.kind)),
        more=tuple(more for more in drift.more if asked(more.address, more.kind)),
        pending=tuple(operation for operation in drift.pending if asked(str(operation.address), None)),
    )
