"""The key of every hash of personal data: plain in the state, or wrapped by SFDD_KEY when that is set.

A wrong SFDD_KEY is noticed and can never pass for an empty state. The hash key itself never changes: setting or
changing SFDD_KEY wraps it anew at the next run and re-hashes nothing. To change or remove SFDD_KEY, the old one is
given once as SFDD_KEY_PREVIOUS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from sfdd_declare.model.errors import StateError

VARIABLE = "SFDD_KEY"
PREVIOUS = "SFDD_KEY_PREVIOUS"
PLAIN, SEALED = "hash_key", "hash_key_sealed"

_CONTEXT = b"sfdd hash key 1"


@dataclass(frozen=True, slots=True)
class HashKey:
    """The key, and whether `meta` holds it in another form than SFDD_KEY asks for."""

    value: SecretStr
    outdated: bool


def read_key(meta: Mapping[str, str], environ: Mapping[str, str], place: str) -> HashKey:
    """The hash key of a state; raises StateError when SFDD_KEY is missing or wrong."""
    now, before = environ.get(VARIABLE, ""), environ.get(PREVIOUS, "")
    if SEALED not in meta:
        return HashKey(SecretStr(meta[PLAIN]), outdated=bool(now))
    for passphrase in filter(None, (now, before)):
        opened = _unseal(meta[SEALED], passphrase)
        if opened is not None:
            return HashKey(SecretStr(opened), outdated=passphrase != now)
    if now:
        raise StateError(
            "SFDD-E3007",
            f"{VARIABLE} is not the key this state was sealed with.",
            where=place,
            hint=f"export {VARIABLE}=… (to change it, give the old one as {PREVIOUS})",
        )
    raise StateError(
        "SFDD-E3008", f"This state is sealed: {VARIABLE} is not set.", where=place, hint=f"export {VARIABLE}=…"
    )


def key_rows(key: SecretStr, environ: Mapping[str, str], random: Callable[[int], bytes]) -> dict[str, str]:
    """The one row of `meta` that keeps the key, in the form SFDD_KEY asks for."""
    passphrase = environ.get(VARIABLE, "")
    if not passphrase:
        return {PLAIN: key.get_secret_value()}
    from sfdd_declare.store.sealed import seal  # noqa: PLC0415 - most states are not sealed, and ciphers load slowly

    return {SEALED: json.dumps(seal(key.get_secret_value().encode(), passphrase, _CONTEXT, random))}


def _unseal(text: str, passphrase: str) -> str | None:
    from sfdd_declare.store.sealed import unseal  # noqa: PLC0415 - as above

    opened = unseal(json.loads(text), passphrase, _CONTEXT)
    return None if opened is None else opened.decode()
