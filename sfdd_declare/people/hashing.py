"""The keyed hash of the state as an expression; the same formula as `model.canonical.keyed_hash`.

It must give the same digits on every engine, so it is made of SHA-256 and concatenation only: no engine's own hash.
"""

from __future__ import annotations

from typing import Any

import ibis

DIGITS = 16

#: The key, known when an expression is run and not before: expressions of different states are the same.
KEY: Any = ibis.param("string")


def keyed(key: Any, text: Any) -> Any:
    """Hash of a comparison form; a blank (null) hashes as the empty text, so the result is never null."""
    return text.isnull().ifelse(hash_of_blank(key), _hash(_prefix(key) + text)).cast("string")


def hash_of_blank(key: Any) -> Any:
    """Hash of a blank."""
    return _hash(_prefix(key))


def _prefix(key: Any) -> Any:
    return (ibis.literal(key) if isinstance(key, str) else key) + ibis.literal("\x1f")


def _hash(value: Any) -> Any:
    return value.hexdigest("sha256").left(DIGITS)
