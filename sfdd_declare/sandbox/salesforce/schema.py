"""The objects and fields of the fake org, as values.

Standard objects come from two committed files: `schema_data.json` is compacted from recorded describes,
`schema_added.json` is written by hand (fields no recording shows, helper objects, custom fields for tests).
Custom objects deployed at run time use the same types. Who may see what is not decided here (`views`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce.compact import FLAGS, OBJECT_FLAGS

TEXT_TYPES = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox"})
NUMBER_TYPES = frozenset({"double", "currency", "percent", "int"})
ID_TYPES = frozenset({"id", "reference"})
SHORT_TEXT = 255
"""Text areas longer than this can be neither filtered nor sorted."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `flags` holds the letters of `compact.FLAGS`, and `f` when it cannot be filtered."""

    name: str
    label: str
    type: str
    flags: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    values: tuple[str, ...] = ()
    inactive: tuple[str, ...] = ()
    default: str | None = None
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    compound: str | None = None
    on_delete: str = "SetNull"  # of a custom look-up: SetNull, Restrict or Cascade
    display_format: str | None = None  # of an auto number
    extra: str | None = None  # what a describe says of the type besides
    formula: str | None = None

    def has(self, flag: str) -> bool:
        """Whether the field has a describe flag, by its Salesforce name."""
        return FLAGS[flag] in self.flags

    @property
    def is_custom(self) -> bool:
        """Custom fields are those whose name ends in `__c`."""
        return self.name.endswith("__c")

    @property
    def is_filterable(self) -> bool:
        """Whether WHERE may use it: long text and compound fields may not be."""
        is_long = self.type == "textarea" and self.length > SHORT_TEXT
        return "f" not in self.flags and self.type != "address" and not is_long

    @property
    def is_required(self) -> bool:
        """Whether a new record must bring a value."""
        return self.has("createable") and not self.has("nillable") and not self.has("defaultedOnCreate")

    @property
    def is_stored(self) -> bool:
        """Whether the table has a column for it; the others are computed."""
        return self.type != "address" and not self.has("calculated")

    def without(self, *flags: str) -> Field:
        """The same field with some flags taken away."""
        letters = {FLAGS[flag] for flag in flags}
        return replace(self, flags="".join(letter for letter in self.flags if letter not in letters))


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object with its fields by lower-case name, in describe order."""

    name: str
    label: str
    plural: str
    prefix: str
    flags: str
    fields: Mapping[str, Field]
    children: tuple[tuple[str, str, str, bool], ...] = ()  # object, field, relationship, cascade
    scopes: tuple[tuple[str, str], ...] = ()  # name and label

    def has(self, flag: str) -> bool:
        """Whether the object has a describe flag, by its Salesforce name."""
        return OBJECT_FLAGS[flag] in self.flags

    def field(self, name: str) -> Field | None:
        """The field of that name, in any case."""
        return self.fields.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a relationship name such as `Account` or `Campaign__r`."""
        lowered = name.lower()
        found = (one for one in self.fields.values() if (one.relationship or "").lower() == lowered)
        return next(found, None)

    @property
    def is_custom(self) -> bool:
        """Custom objects are those whose name ends in `__c`."""
        return self.name.endswith("__c")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All objects of the org by lower-case name."""

    objects: Mapping[str, ObjectType]
    by_prefix: Mapping[str, ObjectType] = field(init=False)

    def __post_init__(self) -> None:
        found = {one.prefix: one for one in self.objects.values() if one.prefix}
        object.__setattr__(self, "by_prefix", MappingProxyType(found))

    def object(self, name: str) -> ObjectType | None:
        """The object of that name, in any case."""
        return self.objects.get(name.lower())

    def of_id(self, record: str) -> ObjectType | None:
        """The object that a record id belongs to."""
        return self.by_prefix.get(record[:3])


def catalog_of(objects: Iterable[ObjectType]) -> Catalog:
    """A catalog of these objects."""
    return Catalog(MappingProxyType({one.name.lower(): one for one in objects}))


def read_field(raw: Mapping[str, Any]) -> Field:
    """A field from its compact JSON form."""
    return Field(
        name=raw["name"],
        label=raw["label"],
        type=raw["type"],
        flags=raw.get("flags", ""),
        length=raw.get("length", 0),
        precision=raw.get("precision", 0),
        scale=raw.get("scale", 0),
        digits=raw.get("digits", 0),
        values=tuple(raw.get("values", ())),
        inactive=tuple(raw.get("inactive", ())),
        default=raw.get("default"),
        reference_to=tuple(raw.get("referenceTo", ())),
        relationship=raw.get("relationshipName"),
        compound=raw.get("compoundFieldName"),
        on_delete=raw.get("onDelete", "SetNull"),
        display_format=raw.get("displayFormat"),
        extra=raw.get("extraTypeInfo"),
        formula=raw.get("formula"),
    )


def write_field(one: Field) -> dict[str, Any]:
    """The compact JSON form of a field."""
    raw = {
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "flags": one.flags,
        "length": one.length,
        "precision": one.precision,
        "scale": one.scale,
        "digits": one.digits,
        "values": one.values,
        "inactive": one.inactive,
        "default": one.default,
        "referenceTo": one.reference_to,
        "relationshipName": one.relationship,
        "compoundFieldName": one.compound,
        "onDelete": one.on_delete,
        "displayFormat": one.display_format,
        "extraTypeInfo": one.extra,
        "formula": one.formula,
    }
    return {key: value for key, value in raw.items() if value or key == "flags"}


def read_object(raw: Mapping[str, Any]) -> ObjectType:
    """An object from its compact JSON form."""
    fields = (read_field(one) for one in raw["fields"])
    return ObjectType(
        name=raw["name"],
        label=raw["label"],
        plural=raw["labelPlural"],
        prefix=raw["keyPrefix"],
        flags=raw["flags"],
        fields=MappingProxyType({one.name.lower(): one for one in fields}),
        children=tuple((a, b, c, bool(d)) for a, b, c, d in raw.get("children", ())),
        scopes=tuple((name, label) for name, label in raw.get("scopes", ())),
    )


def write_object(one: ObjectType) -> dict[str, Any]:
    """The compact JSON form of an object."""
    return {
        "name": one.name,
        "label": one.label,
        "labelPlural": one.plural,
        "keyPrefix": one.prefix,
        "flags": one.flags,
        "children": [list(child) for child in one.children],
        "scopes": [list(scope) for scope in one.scopes],
        "fields": [write_field(field) for field in one.fields.values()],
    }


@functools.cache
def standard() -> tuple[ObjectType, ...]:
    """The objects that every org has from the start."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("schema_data.json", "schema_added.json"):
        text = resources.files(__package__).joinpath(name).read_text("utf-8")
        for raw in json.loads(text):
            known = found.setdefault(raw["name"], {**raw, "fields": []})
            known["fields"] = [*known["fields"], *raw["fields"]]
    return tuple(read_object(raw) for raw in found.values())
