"""What may become of a delivery, by meaning. No text names an address, a host or a secret: the receiver's key is the
name it has.
"""

from __future__ import annotations

from sfdd_declare.model.errors import Denied, RateLimited, Terminal, Transient


def unreachable(key: str, why: str, *, status: int = 0) -> Transient:
    return Transient("SFDD-E8001", f"The receiver {_name(key)} was not told: {why}.", status=status, hint=_hint(key))


def too_many(key: str, retry_after: float) -> RateLimited:
    error = RateLimited(
        "SFDD-E8002", f"The receiver {_name(key)} was not told: it takes no more for now.", status=429, hint=_hint(key)
    )
    error.retry_after = retry_after
    return error


def refused(key: str, why: str, *, status: int = 0) -> Terminal:
    return Terminal(
        "SFDD-E8003", f"The receiver {_name(key)} refused what it was told: {why}.", status=status, hint=_hint(key)
    )


def denied(key: str, why: str, *, status: int = 0) -> Denied:
    return Denied("SFDD-E8004", f"The receiver {_name(key)} was not told: {why}.", status=status, hint=_hint(key))


def _name(key: str) -> str:
    return f"`{key}`"


def _hint(key: str) -> str:
    return f"notifications.{key}"
