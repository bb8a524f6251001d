"""Shapes of `notifications:`, who is told about a scheduled synchronisation."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, model_validator

from sfdd_declare.config.shape.base import Secret, Shape, wrong
from sfdd_declare.wire.hosts import ADDRESS

_ORIGIN = ADDRESS.removesuffix("/?")
_WEBHOOK = re.compile(rf"{_ORIGIN}(/[!-\"$-\[\]-~]*)?")  # no fragment; no backslash, which some read as a slash
_USER = r"((?P<user>[^\s:@/?#\\]+):(?P<password>[^\s:@/?#\\]+)@)?"
_SMTP = re.compile(
    rf"(?P<scheme>smtps?)://{_USER}(?P<host>\[::1\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:(?P<port>\d{{1,5}}))?/?"
)
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")

_OF_WEBHOOK, _OF_MAIL = ("format", "secret"), ("sender", "smtp")
_MOST = 50


def smtp_parts(url: str) -> re.Match[str] | None:
    """The parts of the address of a mail server, `user` and `password` still escaped; None where it is none."""
    found = _SMTP.fullmatch(url)
    if not found or int(found["port"] or 25) not in range(1, 65536):
        return None
    credentials = (found["user"] or "") + (found["password"] or "")
    plain = unquote(credentials)
    if _ESCAPE.search(credentials) or not (plain.isascii() and plain.isprintable()):
        return None
    return found


def _webhook(value: SecretStr) -> SecretStr:
    if not _WEBHOOK.fullmatch(value.get_secret_value()):
        raise wrong("SFDD-E1105", "A webhook is an https address.", hint='webhook: "${env:OPS_WEBHOOK}"')
    return value


def _smtp(value: SecretStr) -> SecretStr:
    if smtp_parts(value.get_secret_value()) is None:
        summary = "A mail server is written smtp://user:password@host:587, or smtps://…; special characters as %XX."
        raise wrong("SFDD-E1105", summary, hint='smtp: "${env:SMTP_URL}"')
    return value


def _mailbox(value: str) -> str:
    if not _MAILBOX.fullmatch(value):
        raise wrong("SFDD-E1105", "An address of mail such as ops@acme.example is expected here.")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]
KindWord = Literal["failure", "drift", "guard", "held", "parked"]


class Receiver(Shape):
    """One who is told: by a webhook or by mail."""

    model_config = ConfigDict(
        validate_by_alias=True,
        json_schema_extra={
            "oneOf": [
                {"required": ["webhook"], "properties": {"email": False, "from": False, "smtp": False}},
                {
                    "required": ["email", "from", "smtp"],
                    "properties": {"webhook": False, "format": False, "secret": False},
                },
            ]
        },
    )

    webhook: Annotated[Secret, AfterValidator(_webhook)] | None = Field(
        default=None,
        description="Where it is sent by HTTP POST: an https address; http on this machine only.",
        examples=["${env:OPS_WEBHOOK}"],
    )
    format: Literal["json", "slack"] | None = Field(
        default=None,
        description="What a webhook is sent: our own document (the default), or a message for Slack.",
        examples=["slack"],
    )
    secret: Secret | None = Field(
        default=None,
        description="Signs every request of the format json (X-Sfdd-Signature-256).",
        examples=["${env:OPS_WEBHOOK_SECRET}"],
    )
    email: list[Mailbox] | None = Field(
        default=None,
        min_length=1,
        max_length=_MOST,
        description="Whom it is mailed to.",
        examples=[["ops@acme.example"]],
    )
    sender: Mailbox | None = Field(
        default=None, alias="from", description="The sender of the mails.", examples=["sfdd@acme.example"]
    )
    smtp: Annotated[Secret, AfterValidator(_smtp)] | None = Field(
        default=None,
        description="Where mails are handed in: smtp://user:password@host:587, or smtps:// for TLS from the start.",
        examples=["${env:SMTP_URL}"],
    )
    on: list[KindWord] | None = Field(
        default=None,
        min_length=1,
        description="What is told; absent: everything.",
        examples=[["failure", "guard"]],
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.webhook is None) == (self.email is None):
            at = "email" if self.email else ""
            hint = f"remove `{at}:`" if at else 'webhook: "${env:OPS_WEBHOOK}"'
            raise wrong("SFDD-E1106", "A receiver has exactly one of `webhook` and `email`.", hint=hint, at=at)
        self._nothing_of_the_other_way()
        if self.email is not None:
            for key, value, example in (
                ("from", self.sender, "sfdd@acme.example"),
                ("smtp", self.smtp, '"${env:SMTP_URL}"'),
            ):
                if value is None:
                    raise wrong("SFDD-E1102", f"`{key}` is missing.", hint=f"{key}: {example}")
        if self.secret is not None and self.format == "slack":
            summary = "Slack checks no signature: `secret` belongs to the format json."
            raise wrong("SFDD-E1107", summary, at="secret", hint="remove `secret:`")
        return self

    def _nothing_of_the_other_way(self) -> None:
        way, other = ("webhook", "email") if self.webhook else ("email", "webhook")
        foreign = _OF_MAIL if self.webhook else _OF_WEBHOOK
        for name in foreign:
            if getattr(self, name) is not None:
                key = "from" if name == "sender" else name
                summary = f"`{key}` belongs to `{other}`, and this receiver has `{way}`."
                raise wrong("SFDD-E1107", summary, at=key, hint=f"remove `{key}:`")
