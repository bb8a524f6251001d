"""Who is told about a scheduled synchronisation, and which way: what `notifications:` declares, resolved.

The address of a webhook is a credential, like the secret that signs what is sent there: both are wrapped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from sfdd_declare.model.errors import Position
from sfdd_declare.model.notice import Kind


class Format(StrEnum):
    """The form of what a webhook is sent."""

    JSON = "json"  # our own document
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Told by HTTP POST. With a secret every request is signed."""

    url: SecretStr
    format: Format = Format.JSON
    secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls` from the first byte on; else STARTTLS, which credentials demand."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: SecretStr | None = None  # set exactly where there is a user


@dataclass(frozen=True, slots=True)
class Mail:
    """Told by mail."""

    to: tuple[str, ...]
    sender: str
    server: MailServer


@dataclass(frozen=True, slots=True)
class Receiver:
    """One entry of `notifications:`. Its key is what is remembered of it: another key is told everything anew."""

    key: str
    way: Webhook | Mail
    on: frozenset[Kind] = frozenset(Kind)
    where: Position | None = None
