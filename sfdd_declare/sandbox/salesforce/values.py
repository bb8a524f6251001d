"""Values on their way in and out: JSON as a client sends it, what the tables hold, JSON as Salesforce answers.

Booleans are stored as 0 and 1, moments as UTC text to the second, multi-picklists as `A;B`. A value of the wrong
JSON type is refused here; whether a well-formed value is allowed is decided in `rules`.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field
from sfdd_declare.sandbox.salesforce.store import stamp

Stored = str | int | float | None

_TRIMMED = frozenset({"string", "email", "phone", "url", "picklist", "combobox"})
_EARLIEST, _LATEST = 1700, 4000


def to_stored(field: Field, value: Any) -> Stored:
    """The stored form of a JSON value. Raises the refusal Salesforce gives to a value of the wrong type."""
    if value is None or value == "":
        if field.type == "boolean":
            raise Refusal(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{field.label}: value not of required type: ",
                (field.name,),
            )
        return None
    if field.type == "boolean":
        return int(_expect(field, value, bool))
    if field.type in NUMBER_TYPES:
        return _number(field, value)
    text = str(_expect(field, value, str))
    if field.type == "date":
        return _date(field, text)
    if field.type == "datetime":
        return _moment(field, text)
    if field.type in ID_TYPES:
        return text.strip() or None
    if field.type in _TRIMMED:
        text = text.strip()
    return text or None


def to_json(kind: str, value: Any) -> Any:
    """The JSON form of a stored value of that field type."""
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "datetime":
        return f"{str(value).removesuffix('Z')}.000+0000"
    if kind == "address":
        return json.loads(value)
    if kind in ("double", "currency", "percent"):
        return float(value)
    return value


def plain(value: Any) -> Any:
    """A Python value as it is stored, for records that are made without a client."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def parse_moment(text: str) -> datetime | None:
    """A moment with its offset (`Z` or `+01:00`); None when it is none."""
    if "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _expect(field: Field, value: Any, wanted: type) -> Any:
    if not isinstance(value, wanted):
        raise _wrong(field, value)
    return value


def _wrong(field: Field, value: Any) -> Refusal:
    return malformed_json(
        f"Cannot deserialize instance of {field.type} from {_token(value)} value {_shown(value)} or request may be "
        "missing a required field at [line:1, column:2]"
    )


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    names = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", dict: "START_OBJECT"}
    return names.get(type(value), "START_ARRAY")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _number(field: Field, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(field, value)
    if field.type == "int":
        if value != int(value):
            raise _wrong(field, value)
        return max(-(2**62), min(2**62, int(value)))
    if abs(value) >= 10**18:
        return float(value)  # far out of range; the rules refuse it
    exponent = Decimal(1).scaleb(-field.scale)
    return float(Decimal(str(value)).quantize(exponent, rounding=ROUND_HALF_UP))


def _date(field: Field, text: str) -> str:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError:
        raise _wrong(field, text) from None
    if not _EARLIEST <= day.year <= _LATEST:
        raise _wrong(field, text)
    return day.isoformat()


def _moment(field: Field, text: str) -> str:
    moment = parse_moment(text)
    if moment is None or not _EARLIEST <= moment.year <= _LATEST:
        raise _wrong(field, text)
    return stamp(moment)
