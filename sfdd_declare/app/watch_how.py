"""What the command line says of a watch. Light: no other room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class How:
    """What the command line says of a watch. `woken` is set by a signal that asks for the configuration to be read."""

    put: Callable[[str], None]
    as_json: bool
    woken: Event
    listen: str | None = None
    token: SecretStr | None = None
