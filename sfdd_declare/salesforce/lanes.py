"""The three kinds of people as Salesforce spells them, and from a page of records to rows of `people.columns`.

A lane says where, seen from the queried object, a person's id and fields stand: on the record itself, or behind
`Contact`, `Lead` or `Contact.Account` of a campaign member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.people import forms
from sfdd_declare.people.columns import records_schema


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of person. Names of the standard fields, and the path to them from the object that is queried."""

    record_type: RecordType
    prefix: str  # `Contact.`, `Lead.`, `Contact.Account.`, or empty
    email: str
    opted_out: str
    has_conversion: bool = False

    def path(self, field: str) -> str:
        return self.prefix + field

    def standard(self) -> dict[str, str]:
        """Columns every record needs, by path, with their describe types."""
        columns = {
            "Id": "id",
            self.email: "email",
            self.opted_out: "boolean",
            "LastModifiedDate": "datetime",
            "LastModifiedById": "reference",
        }
        if self.has_conversion:
            columns |= {"IsConverted": "boolean", "ConvertedContactId": "reference"}
        return {self.path(name): kind for name, kind in columns.items()}

    def mapped(self, sets: Sequence[MappingSet]) -> dict[str, str]:
        """Columns of every mapped field, whatever its direction."""
        return {
            self.path(field.mapping.salesforce_field): field.salesforce_type
            for mapping in sets
            if mapping.record_type is self.record_type
            for field in mapping.fields
        }


def direct(record_type: RecordType) -> Lane:
    """The lane of a query over the people themselves."""
    return _lane(record_type, "")


def behind_member(record_type: RecordType) -> Lane:
    """The lane of a query over campaign members."""
    prefixes = {
        RecordType.CONTACT: "Contact.",
        RecordType.LEAD: "Lead.",
        RecordType.PERSON_ACCOUNT: "Contact.Account.",
    }
    return _lane(record_type, prefixes[record_type])


def _lane(record_type: RecordType, prefix: str) -> Lane:
    email = "PersonEmail" if record_type is RecordType.PERSON_ACCOUNT else "Email"
    return Lane(record_type, prefix, email, record_type.opt_out_field, has_conversion=record_type is RecordType.LEAD)


#: The values of one path of the records in hand.
Column = Callable[[str], list[Any]]


def records_batch(lane: Lane, mapping: MappingSet, column: Column) -> pa.RecordBatch:
    """The records as rows of `records.<account>.<record type>`."""
    ids = column(lane.path("Id"))
    email = _texts(column(lane.path(lane.email)))
    blank = [None] * len(ids)
    converted = column(lane.path("IsConverted")) if lane.has_conversion else blank
    converted_to = column(lane.path("ConvertedContactId")) if lane.has_conversion else blank
    arrays = [
        pa.array(ids, pa.string()),
        email,
        forms.email_key(email),
        pa.array([bool(value) for value in column(lane.path(lane.opted_out))], pa.bool_()),
        seconds(column(lane.path("LastModifiedDate"))),
        pa.array(column(lane.path("LastModifiedById")), pa.string()),
        pa.array([bool(value) for value in converted], pa.bool_()),
        pa.array(converted_to, pa.string()),
        *_values(lane, mapping, column),
    ]
    return pa.record_batch(arrays, schema=records_schema(mapping))


def _values(lane: Lane, mapping: MappingSet, column: Column) -> Iterator[pa.Array]:
    for field in mapping.fields:
        raw = raw_text(column(lane.path(field.mapping.salesforce_field)), field.salesforce_type)
        compared = forms.comparison(raw, field.form)
        yield compared
        yield pc.if_else(pc.is_valid(compared), raw, pa.scalar(None, pa.string()))


def raw_text(values: Sequence[Any], kind: str) -> pa.Array:
    """Values of one describe type as text, the way they would be written."""
    if kind == "boolean":
        return pa.array([None if value is None else "true" if value else "false" for value in values], pa.string())
    if kind == "datetime":
        return pa.array([None if value is None else _moment(value) for value in values], pa.string())
    if kind in ("double", "currency", "percent", "int", "long"):
        return pa.array([None if value is None else _plain(value) for value in values], pa.string())
    return _texts(values)


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([value or None for value in values], pa.string())


def _plain(number: Any) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(text: str) -> str:
    """`2026-11-23T09:15:12.000+0000` as `2026-11-23T09:15:12Z`; the API answers in UTC."""
    if text.endswith(("+0000", "Z", "+00:00")):
        return f"{text[:19]}Z"
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(values: Sequence[Any]) -> pa.Array:
    """Datetimes as whole seconds since 1970."""
    texts = pa.array([None if value is None else _moment(value)[:19] for value in values], pa.string())
    return pc.strptime(texts, format="%Y-%m-%dT%H:%M:%S", unit="s").cast(pa.int64())
