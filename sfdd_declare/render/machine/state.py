"""The state as a document: what it is, and what is managed. Nothing about people, and no key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.state import Resource, RunRecord, StateHeader
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled


@dataclass(frozen=True, slots=True)
class RunPart(Shape):
    """One of the last applies."""

    run: str
    started: str
    """ISO 8601."""
    finished: str | None
    """ISO 8601; null while it is under way, or where it was interrupted."""
    fingerprint: str
    """Of the plan that it carried out."""
    result: str


@dataclass(frozen=True, slots=True)
class StatePart(Shape):
    """Which state this is."""

    place: str
    """The file, or the address of the database without credentials."""
    fresh: bool
    """Nothing was applied with it yet."""
    lineage: str
    serial: int
    state_format: int
    """Version of the format in which it is kept."""
    org_id: str | None
    """The Salesforce org that it belongs to; null before the first apply."""
    accounts: dict[str, str]
    """Id of each Dotdigital account that it belongs to, by its key."""
    taken_over: bool
    """It was restored or taken over, and may not know everything."""
    runs: tuple[RunPart, ...]
    """The newest first."""
    copies: tuple[str, ...]
    """Backups beside it."""


@dataclass(frozen=True, slots=True)
class ResourcePart(Shape):
    """One thing that is managed or linked to."""

    address: str
    salesforce_id: str | None
    dotdigital_id: str | None
    created_by_us: bool
    prevent_destroy: bool
    on_destroy: str
    """What happens when it is taken out of the configuration: forget or delete."""


@dataclass(frozen=True, slots=True)
class StateDocument(Shape):
    """Which state this is, `sfdd state show --json`, or what is in it, `sfdd state list --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["state"]
    state: StatePart | None
    """Null in `state list`."""
    resources: tuple[ResourcePart, ...] | None
    """By address; null in `state show`."""


def state_document(
    place: str, header: StateHeader, runs: Iterable[RunRecord], copies: Iterable[str], *, taken_over: bool
) -> StateDocument:
    """Which state this is."""
    part = StatePart(
        place=place,
        fresh=header.fresh,
        lineage=header.lineage,
        serial=header.serial,
        state_format=header.format_version,
        org_id=header.bound.org_id or None,
        accounts=dict(header.bound.accounts),
        taken_over=taken_over,
        runs=tuple(_run(run) for run in runs),
        copies=tuple(copies),
    )
    return StateDocument(FORMAT_VERSION, "state", part, None)


def resources_document(resources: Iterable[Resource]) -> StateDocument:
    """What is managed."""
    found = tuple(_resource(each) for each in sorted(resources, key=lambda each: each.address))
    return StateDocument(FORMAT_VERSION, "state", None, found)


def _run(run: RunRecord) -> RunPart:
    finished = run.finished.isoformat() if run.finished else None
    return filled(RunPart, run, started=run.started.isoformat(), finished=finished)


def _resource(resource: Resource) -> ResourcePart:
    ids = {"salesforce_id": resource.salesforce_id or None, "dotdigital_id": resource.dotdigital_id or None}
    return filled(ResourcePart, resource, on_destroy=resource.on_destroy.value, **ids)
