"""Record ids: 15 characters in base 62, 18 with the checksum that makes them safe against changed case."""

from __future__ import annotations

from sfdd_declare.sandbox.salesforce.errors import Refusal

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE = "5g0"  # the middle of every id: which instance made it
_SERIAL_LENGTH = 9


def checksum(short: str) -> str:
    """The three characters that say which of the fifteen are capitals."""
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECK[sum(1 << at for at, char in enumerate(part) if char.isupper())] for part in parts)


def make(prefix: str, serial: int) -> str:
    """The 18-character id of the serial-th record of an object."""
    digits = ""
    for _ in range(_SERIAL_LENGTH):
        serial, digit = divmod(serial, 62)
        digits = _DIGITS[digit] + digits
    short = prefix + _INSTANCE + digits
    return short + checksum(short)


def normalise(text: str) -> str | None:
    """The 18-character form of an id given with 15 or 18 characters; None if it is no id.

    Eighteen characters may come in any case: the checksum restores it.
    """
    if len(text) not in (15, 18) or not text.isalnum() or not text.isascii():
        return None
    if len(text) == 15:
        return text + checksum(text)
    short, check = text[:15], text[15:].upper()
    if any(char not in _CHECK for char in check):
        return None
    restored = "".join(
        char.upper() if _CHECK.index(check[at // 5]) >> (at % 5) & 1 else char.lower() for at, char in enumerate(short)
    )
    return restored + check if checksum(restored) == check else None


def require(text: object, *, label: str = "Record ID") -> str:
    """The 18-character form, or MALFORMED_ID."""
    found = normalise(text) if isinstance(text, str) else None
    if found is None:
        raise Refusal("MALFORMED_ID", f"{label}: id value of incorrect type: {text}", ("Id",))
    return found
