"""Text of others as it is shown: whatever shows nothing, moves the cursor or turns a line around is an escape."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # needed inside Persian words and emoji; they hide nothing
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """The text with every character that could move the cursor, reverse the line or break it shown as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_unsafe(char) else char for char in text)


def _is_unsafe(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _JOINERS


def _escaped(char: str) -> str:
    return _NAMED.get(char) or _code(ord(char))


def _code(point: int) -> str:
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
