"""A contact's values: JSON as the two API frameworks give it <-> raw text as the people tables hold it.

Reading: null, absent and blank are one thing (None); numbers become plain decimal text, dates UTC text to the second.
Writing: text becomes JSON of the data field's type, and None clears (a JSON null; an absent key would leave it alone).
Nothing goes through a float. Which values a target can hold is decided before; what still cannot be converted here is
a ValueError that says nothing about the value.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from sfdd_declare.model.mapping import DataFieldType

#: What stands in a data field on its way out.
Json = str | bool | Decimal | None

_MOST_DIGITS = 40  # far above the 27 that fit; keeps `1E999999999` from becoming a gigabyte of zeros


def raw_text(value: object, kind: DataFieldType) -> str | None:
    """The raw text of a value that was read; None when blank."""
    if value is None:
        return None
    if isinstance(value, str):
        return _raw_string(value, kind)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return _plain(Decimal(value))
    return str(value)


def json_value(text: str | None, kind: DataFieldType) -> Json:
    """The JSON to send for a raw value; None clears. Raises ValueError when the text is no value of that type."""
    if text is None or not text.strip():
        return None
    if kind is DataFieldType.STRING:
        return text
    if kind is DataFieldType.NUMERIC:
        return Decimal(_plain(_decimal(text)))
    if kind is DataFieldType.DATE:
        return instant(text)
    return _truth(text)


def instant(text: str) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ` of any ISO date or date-time; without an offset it is UTC, a date is its midnight.

    Raises ValueError when it is neither. Fractions of a second are cut.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a date") from None
    return moment.isoformat()[:19] + "Z"


def _raw_string(value: str, kind: DataFieldType) -> str | None:
    if not value.strip():
        return None
    if kind is DataFieldType.STRING:
        return value
    # What the vendor's own types do not promise is kept as it came: comparing decides what it is worth.
    try:
        if kind is DataFieldType.DATE:
            return instant(value)
        if kind is DataFieldType.NUMERIC:
            return _plain(_decimal(value))
        return "true" if _truth(value) else "false"
    except ValueError:
        return value


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError("not a number that can be stored")
    return number


def _plain(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return str(number)
    return format(number, "f")


def _truth(text: str) -> bool:
    folded = text.strip().casefold()
    if folded not in ("true", "false"):
        raise ValueError("neither true nor false")
    return folded == "true"
