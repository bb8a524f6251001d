"""Drift as a document: what was changed by hand, apart from what is merged but not applied; always masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.drift import Drift, DriftKind, Ignored, MoreDrift, PeopleDrift, System, ThingDrift, exit_code
from sfdd_declare.model.operation import Action
from sfdd_declare.render.machine.document import FORMAT_VERSION, Place, Shape, filled, place
from sfdd_declare.render.machine.plan import change_part, header_part, loosened_parts, operation_part
from sfdd_declare.render.machine.plan_shapes import Change, HeaderPart, LoosenedPart, OperationPart


@dataclass(frozen=True, slots=True)
class IgnoredPart(Shape):
    """A line of the ignore file."""

    address: str
    field: str
    """Empty: whatever drifted there."""
    reason: str
    until: str
    """The last day on which it counts (ISO 8601)."""
    where: Place | None
    """Where it is written."""


@dataclass(frozen=True, slots=True)
class ThingPart(Shape):
    """A thing, or a part of one, that was changed or deleted by hand."""

    address: str
    """Of the thing in the configuration: `campaign.spring_launch`."""
    part: str
    """Which part of the thing, where it is not the thing itself."""
    system: System
    action: Action
    """What puts it back: `create` for what was deleted."""
    fields: tuple[Change, ...]
    """Attributes that were changed: `old` is there, `new` is declared."""
    changed_by: str | None
    """Id of the user who changed it last; null where the vendor does not tell."""
    changed_at: str | None
    """When that was (ISO 8601); null where the vendor does not tell."""
    people: int
    """Who carry a field whose direction was turned."""
    ignored: IgnoredPart | None
    """The line by which it does not count."""


@dataclass(frozen=True, slots=True)
class GroupPart(Shape):
    """People of whom the same was changed."""

    kind: DriftKind
    address: str
    """Of the field mapping, address book, campaign or account."""
    system: System
    people: int
    field: str
    """Of values: the edited one; else empty."""
    value: str | None
    """Masked. Of values: what all of them hold now; null where it was blanked."""
    changed_by: str | None
    """Id of the user who changed all of these records last; null where the vendor does not tell."""
    changed_at: str | None
    """When the last of them was changed (ISO 8601); null where the vendor does not tell."""
    ignored: IgnoredPart | None
    """The line by which they do not count."""


@dataclass(frozen=True, slots=True)
class MorePart(Shape):
    """Groups that are counted, but not listed."""

    kind: DriftKind
    address: str
    field: str
    groups: int
    people: int
    ignored: IgnoredPart | None
    """The line by which they do not count."""


@dataclass(frozen=True, slots=True)
class DriftDocument(Shape):
    """What somebody changed by hand since the last apply: `sfdd drift --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["drift"]
    header: HeaderPart
    exit_code: int
    """0: none, 2: drift, 1: not everybody was read."""
    complete: bool
    """Everybody was read; where not, nobody can tell that there is no drift."""
    unread: tuple[str, ...]
    """Accounts that were read in part."""
    summary: dict[str, int]
    """Things (`setup`), values (`value`) and people (the rest), without what is ignored; zeroes are left out."""
    things: tuple[ThingPart, ...]
    people: tuple[GroupPart, ...]
    more: tuple[MorePart, ...]
    """What is beyond fifty groups of a kind."""
    pending: tuple[OperationPart, ...]
    """Merged but not applied: no drift. Operations without what they undo; `rows.counts` is left empty."""
    expired: tuple[IgnoredPart, ...]
    """Lines of the ignore file whose day is over."""
    loosened: tuple[LoosenedPart, ...]
    """Limits that the proposal loosens (`--base`); they are not the ones that judged."""
    warnings: tuple[str, ...]


def drift_document(drift: Drift) -> DriftDocument:
    return DriftDocument(
        format_version=FORMAT_VERSION,
        kind="drift",
        header=header_part(drift.header),
        exit_code=exit_code(drift),
        complete=drift.is_complete,
        unread=drift.unread,
        summary={kind.value: count for kind, count in drift.counted.items()},
        things=tuple(_thing(thing) for thing in drift.things),
        people=tuple(_group(group) for group in drift.people),
        more=tuple(_more(more) for more in drift.more),
        pending=tuple(operation_part(operation) for operation in drift.pending),
        expired=tuple(_line(line) for line in drift.expired),
        loosened=loosened_parts(drift.loosened),
        warnings=drift.warnings,
    )


def _thing(thing: ThingDrift) -> ThingPart:
    return filled(
        ThingPart,
        thing,
        fields=tuple(change_part(change) for change in thing.fields),
        changed_by=thing.by or None,
        changed_at=thing.at or None,
        ignored=_ignored(thing.ignored),
    )


def _group(group: PeopleDrift) -> GroupPart:
    seen = {"changed_by": group.by or None, "changed_at": group.at or None}
    return filled(GroupPart, group, **seen, ignored=_ignored(group.ignored))


def _more(more: MoreDrift) -> MorePart:
    return filled(MorePart, more, ignored=_ignored(more.ignored))


def _ignored(line: Ignored | None) -> IgnoredPart | None:
    return None if line is None else _line(line)


def _line(line: Ignored) -> IgnoredPart:
    return filled(IgnoredPart, line, until=line.until.isoformat(), where=place(line.where))
