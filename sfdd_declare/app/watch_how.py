"""What the command line says of a watch. Light: no other room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from sfdd_declare.app.watch_bell import Bell


@dataclass(frozen=True, slots=True)
class How:
    """What the command line says of a watch. Signals ring the `bell`."""

    put: Callable[[str], None]
    as_json: bool
    bell: Bell
    listen: str | None = None
    token: SecretStr | None = None
