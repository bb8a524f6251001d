"""Canonical JSON and digests: the same value always gives the same bytes, on every machine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from pydantic import SecretStr


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces. Dataclasses become objects, tuples lists, enums their values, moments
    ISO in UTC; secrets vanish.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def email_key(email: str) -> str:
    """The address people are matched by (ID-1): trimmed, lower-cased, NFC. Not case-folded: `ß` is not `ss`."""
    return unicodedata.normalize("NFC", email.strip().lower())


def keyed_hash(key: str, text: str) -> str:
    """The state's hash of one piece of personal data: 16 hex digits of SHA-256 over key, unit separator and text.

    The same formula stands in the rules' texts; every engine must agree on it (design: state).
    """
    return hashlib.sha256(f"{key}\x1f{text}".encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(v) for v in value)
    return value
