"""Describes: which objects and fields exist for this user. All asked for in one composite call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sfdd_declare.model import limits
from sfdd_declare.model.errors import NotFound, Terminal
from sfdd_declare.model.live import FieldInfo, ObjectInfo
from sfdd_declare.salesforce.client import Client, SubReply, SubRequest
from sfdd_declare.salesforce.soql import chunks, identifier


class _Choice(msgspec.Struct):
    value: str | None = None
    active: bool = True


class _Field(msgspec.Struct, rename="camel"):
    name: str
    type: str
    label: str | None = None
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    filterable: bool = True
    calculated: bool = False
    defaulted_on_create: bool = False
    restricted_picklist: bool = False
    picklist_values: list[_Choice] = []
    reference_to: list[str] = []
    relationship_name: str | None = None


class _Object(msgspec.Struct):
    name: str
    createable: bool = False
    updateable: bool = False
    deletable: bool = False
    fields: list[_Field] = []


def describes(client: Client, names: Iterable[str]) -> dict[str, ObjectInfo | None]:
    """Describe every object, 25 to a call; None for one that is not there or not visible."""
    return describes_and(client, names, ())[0]


def describes_and(
    client: Client, names: Iterable[str], others: Sequence[SubRequest]
) -> tuple[dict[str, ObjectInfo | None], dict[str, SubReply]]:
    """Describe, and ask a few other things in the first of these calls; their answers by label."""
    found: dict[str, ObjectInfo | None] = {}
    answered: dict[str, SubReply] = {}
    for group in chunks(names, limits.COMPOSITE_SUBREQUESTS - len(others)):
        labels = {name: f"d{number}" for number, name in enumerate(group)}
        parts = [SubRequest(labels[name], f"sobjects/{identifier(name)}/describe") for name in group]
        asked = () if answered else others
        answers = client.composite([*parts, *asked], template="composite describe")
        found.update({name: _object(answers[labels[name]], name) for name in group})
        answered |= {part.label: answers[part.label] for part in asked}
    return found, answered


def _object(answer: SubReply, name: str) -> ObjectInfo | None:
    error = answer.error(f"sobjects/{name}/describe")
    if isinstance(error, NotFound):
        return None
    if error is not None:
        raise error
    try:
        read = msgspec.json.decode(answer.body, type=_Object)
    except msgspec.DecodeError:
        summary = f"Salesforce describes {name} in a form this program does not know."
        raise Terminal("SFDD-E2129", summary, hint="salesforce.api_version") from None
    return ObjectInfo(
        name=read.name,
        createable=read.createable,
        updateable=read.updateable,
        deletable=read.deletable,
        fields={field.name: _field(field) for field in read.fields},
    )


def _field(read: _Field) -> FieldInfo:
    return FieldInfo(
        name=read.name,
        type=read.type,
        label=read.label or read.name,
        length=read.length,
        precision=read.precision,
        scale=read.scale,
        digits=read.digits,
        nillable=read.nillable,
        createable=read.createable,
        updateable=read.updateable,
        filterable=read.filterable,
        calculated=read.calculated,
        defaulted_on_create=read.defaulted_on_create,
        restricted_picklist=read.restricted_picklist,
        choices=tuple(choice.value for choice in read.picklist_values if choice.active and choice.value),
        reference_to=tuple(read.reference_to),
        relationship_name=read.relationship_name,
    )
