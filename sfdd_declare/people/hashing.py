"""The keyed hash of the state as an expression; the same formula as `model.canonical.keyed_hash`.

It must give the same digits on every engine, so it is made of SHA-256 and concatenation only: no engine's own hash.
"""

from __future__ import annotations

from typing import Any

import ibis

from sfdd_declare.model.canonical import keyed_hash

DIGITS = 16


def keyed(key: str, text: Any) -> Any:
    """Hash of a comparison form; a blank (null) hashes as the empty text, so the result is never null."""
    return (
        text.isnull()
        .ifelse(keyed_hash(key, ""), (ibis.literal(f"{key}\x1f") + text).hexdigest("sha256").left(DIGITS))
        .cast("string")
    )
