"""The type table: Salesforce types × data field types, how values of a pair compare, convert, and what is refused.

The form is the coarser of the two types (BASE-3). A pair that does not convert back only flows towards Dotdigital: its
data field can hold text that Salesforce would refuse (VAL-22). What is not in the table cannot be mapped: `address` and
`location` (their parts can), `encryptedstring`, `base64`, `anyType`. Blank string, null and absent are one thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sfdd_declare.model.live import FieldInfo
from sfdd_declare.model.mapping import DataFieldType, Form, FormKind
from sfdd_declare.model.rules import TEXT_LIMIT

NUMERIC_SCALE = 9  # digits after the decimal mark that Dotdigital keeps
INTEGER_DIGITS = 10  # of a Salesforce `int`, which also ends at 2,147,483,647


class Misfit(StrEnum):
    """Why a target cannot hold a value (VAL-23)."""

    TEXT_TOO_LONG = "text_too_long"
    NOT_IN_PICKLIST = "not_in_picklist"  # of a restricted picklist, active values only
    INVALID_EMAIL = "invalid_email"
    EMAIL_TOO_LONG = "email_too_long"  # the address people are matched by
    NOT_A_NUMBER = "not_a_number"
    TOO_MANY_DIGITS = "too_many_digits"
    NOT_A_DATE = "not_a_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"  # Salesforce: 1700 to 4000
    NOT_A_BOOLEAN = "not_a_boolean"


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of the type table. `loses`: what does not survive the way to Dotdigital."""

    salesforce: tuple[str, ...]  # describe `type`
    data_field: DataFieldType
    form: FormKind
    converts_back: bool
    loses: str = ""
    refused: tuple[Misfit, ...] = ()  # by Salesforce


_TEXTS = ("string", "textarea", "phone", "url", "combobox")
_NUMBERS = ("int", "long", "double", "percent")
_S, _N, _D, _B = DataFieldType.STRING, DataFieldType.NUMERIC, DataFieldType.DATE, DataFieldType.BOOLEAN
_LONG, _NUMBER = (Misfit.TEXT_TOO_LONG,), (Misfit.NOT_A_NUMBER, Misfit.TOO_MANY_DIGITS)
_MOMENT = (Misfit.NOT_A_DATE, Misfit.DATE_OUT_OF_RANGE)

TABLE: tuple[Pair, ...] = (
    Pair(_TEXTS, _S, FormKind.TEXT, True, "white space around it; what exceeds 1,000 characters", _LONG),
    Pair(("email",), _S, FormKind.TEXT, True, "white space around it", (*_LONG, Misfit.INVALID_EMAIL)),
    Pair(("picklist",), _S, FormKind.TEXT, True, "", (*_LONG, Misfit.NOT_IN_PICKLIST)),
    Pair(("multipicklist",), _S, FormKind.SET, True, "order, repetition", (*_LONG, Misfit.NOT_IN_PICKLIST)),
    Pair(("boolean",), _B, FormKind.BOOL, True, "", (Misfit.NOT_A_BOOLEAN,)),
    Pair(("boolean",), _S, FormKind.BOOL, False),
    Pair(_NUMBERS, _N, FormKind.DECIMAL, True, "digits beyond the field's scale, and beyond nine", _NUMBER),
    Pair(_NUMBERS, _S, FormKind.DECIMAL, False),
    Pair(("currency",), _N, FormKind.DECIMAL, True, "the currency; digits beyond the field's scale", _NUMBER),
    Pair(("currency",), _S, FormKind.DECIMAL, False, "the currency"),
    Pair(("date",), _D, FormKind.DATE, True, "the time of day (a data field has one, in UTC)", _MOMENT),
    Pair(("date",), _S, FormKind.DATE, False),
    Pair(("datetime",), _D, FormKind.DATETIME, True, "fractions of a second; the offset (UTC is sent)", _MOMENT),
    Pair(("datetime",), _S, FormKind.DATETIME, False, "fractions of a second; the offset (UTC is sent)"),
    Pair(("time", "id", "reference"), _S, FormKind.TEXT, False),
)

#: Forms that are written instead of the text that was read, by side. Everything else goes as it stands, trimmed.
WRITTEN_TO_DOTDIGITAL = (FormKind.DECIMAL,)
WRITTEN_TO_SALESFORCE = (FormKind.DECIMAL, FormKind.DATE, FormKind.DATETIME, FormKind.BOOL, FormKind.SET)


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


def whole_digits(field: FieldInfo) -> int:
    """Digits before the point that a number of Salesforce may have; 0 = not limited."""
    if field.type == "int":
        return field.digits or INTEGER_DIGITS
    return max(field.precision - field.scale, 1) if field.precision else 0


def may_be_cut(field: FieldInfo) -> bool:
    """Whether a value can be longer than Dotdigital's longest text."""
    return field.length > TEXT_LIMIT and pair(field.type, DataFieldType.STRING) is not None
