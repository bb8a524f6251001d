"""What is assumed about the vendors as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.assumed import LeftBehind, Line, Probed
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled


@dataclass(frozen=True, slots=True)
class AssumptionPart(Shape):
    """One assumption on one account, or on the org."""

    name: str
    meaning: str
    account: str | None
    """Key of the Dotdigital account; null for Salesforce."""
    assumed: str
    """The cautious value, which counts while nothing else was found."""
    found: str | None
    """What the vendor answered; null where it is not known."""
    found_at: str | None
    """ISO 8601."""
    settled: bool
    """False where it is not known, or could not be settled this time."""
    why: str | None
    """What kept it from being settled this time."""


@dataclass(frozen=True, slots=True)
class LeftPart(Shape):
    """A throw-away thing that could not be removed."""

    what: str
    name: str
    id: str | None
    """The vendor's; null where it is not known."""
    why: str
    way: str
    """How it is removed by hand."""


@dataclass(frozen=True, slots=True)
class UnfinishedPart(Shape):
    """An earlier probe whose things are still there, by the text that their names have in common."""

    account: str | None
    """Key of the Dotdigital account; null for Salesforce."""
    token: str
    at: str
    """ISO 8601."""
    of: str
    """The vendor's id of the account or org."""


@dataclass(frozen=True, slots=True)
class Calls(Shape):
    """Calls made."""

    salesforce: int
    dotdigital: int


@dataclass(frozen=True, slots=True)
class ProbeDocument(Shape):
    """What is assumed about both systems and what was found: `sfdd probe --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["probe"]
    assumptions: tuple[AssumptionPart, ...]
    left_behind: tuple[LeftPart, ...]
    unfinished: tuple[UnfinishedPart, ...]
    calls: Calls


def probe_document(probed: Probed) -> ProbeDocument:
    return ProbeDocument(
        FORMAT_VERSION,
        "probe",
        tuple(_assumption(line) for line in probed.lines),
        tuple(_left(thing) for thing in probed.left),
        tuple(filled(UnfinishedPart, one, account=one.account or None) for one in probed.unfinished),
        Calls(*probed.calls),
    )


def _assumption(line: Line) -> AssumptionPart:
    return AssumptionPart(
        name=line.assumption.name,
        meaning=line.assumption.meaning,
        account=line.account or None,
        assumed=line.assumption.cautious,
        found=line.value or None,
        found_at=line.at or None,
        settled=line.is_settled,
        why=line.why or None,
    )


def _left(thing: LeftBehind) -> LeftPart:
    return filled(LeftPart, thing, id=thing.id or None)
