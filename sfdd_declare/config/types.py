"""Which Salesforce types go with which data field types, and the comparison form of each pair (BASE-3, VAL-22).

The form is the coarser of the two types. A pair that does not convert back only flows towards Dotdigital: its data
field can hold text that Salesforce would refuse. What is not in the table cannot be mapped.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfdd_declare.model.live import FieldInfo
from sfdd_declare.model.mapping import DataFieldType, Form, FormKind
from sfdd_declare.model.rules import TEXT_LIMIT

NUMERIC_SCALE = 9  # digits after the decimal mark that Dotdigital keeps


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of the type table."""

    salesforce: tuple[str, ...]  # describe `type`
    data_field: DataFieldType
    form: FormKind
    converts_back: bool


_TEXTS = ("string", "textarea", "email", "phone", "url", "picklist", "combobox")
_NUMBERS = ("int", "long", "double", "currency", "percent")

TABLE: tuple[Pair, ...] = (
    Pair(_TEXTS, DataFieldType.STRING, FormKind.TEXT, True),
    Pair(("multipicklist",), DataFieldType.STRING, FormKind.SET, True),
    Pair(("boolean",), DataFieldType.BOOLEAN, FormKind.BOOL, True),
    Pair(("boolean",), DataFieldType.STRING, FormKind.BOOL, False),
    Pair(_NUMBERS, DataFieldType.NUMERIC, FormKind.DECIMAL, True),
    Pair(_NUMBERS, DataFieldType.STRING, FormKind.DECIMAL, False),
    Pair(("date",), DataFieldType.DATE, FormKind.DATE, True),
    Pair(("date",), DataFieldType.STRING, FormKind.DATE, False),
    Pair(("datetime",), DataFieldType.DATE, FormKind.DATETIME, True),
    Pair(("datetime",), DataFieldType.STRING, FormKind.DATETIME, False),
    Pair(("time", "id", "reference"), DataFieldType.STRING, FormKind.TEXT, False),
)


def pair(salesforce_type: str, data_field: DataFieldType) -> Pair | None:
    """The row for two types; None when values of the one cannot become values of the other."""
    return next((row for row in TABLE if salesforce_type in row.salesforce and row.data_field is data_field), None)


def fitting(salesforce_type: str) -> tuple[DataFieldType, ...]:
    """Data field types the Salesforce type goes with, the closest first."""
    rows = [row for row in TABLE if salesforce_type in row.salesforce]
    return tuple(row.data_field for row in sorted(rows, key=lambda row: not row.converts_back))


def form(field: FieldInfo, kind: FormKind) -> Form:
    """The comparison form with its size: length of a text, scale of a number."""
    if kind is FormKind.TEXT:
        return Form(kind, min(field.length or TEXT_LIMIT, TEXT_LIMIT))
    if kind is FormKind.DECIMAL:
        return Form(kind, min(field.scale, NUMERIC_SCALE))
    return Form(kind)


def may_be_cut(field: FieldInfo) -> bool:
    """Whether a value can be longer than Dotdigital's longest text."""
    return field.length > TEXT_LIMIT and pair(field.type, DataFieldType.STRING) is not None
