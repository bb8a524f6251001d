"""Resolving `notifications:`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from pydantic import SecretStr

from sfdd_declare.config.positions import Places
from sfdd_declare.config.shape.notify import Receiver as Shape
from sfdd_declare.config.shape.notify import smtp_parts
from sfdd_declare.model.notice import Kind
from sfdd_declare.model.receiver import Format, Mail, MailServer, Receiver, Webhook

_TLS_PORT, _PORT, _PLAIN_PORT = 465, 587, 25


def receivers(shapes: Mapping[str, Shape], places: Places) -> tuple[Receiver, ...]:
    """In the order of the file."""
    return tuple(
        Receiver(
            key=key,
            way=_way(shape),
            on=frozenset(Kind(word) for word in shape.on) if shape.on else frozenset(Kind),
            where=places.key("notifications", key),
        )
        for key, shape in shapes.items()
    )


def _way(shape: Shape) -> Webhook | Mail:
    if shape.webhook is not None:
        return Webhook(shape.webhook, Format(shape.format or "json"), shape.secret)
    to, sender, smtp = shape.email, shape.sender, shape.smtp
    assert to is not None, "the shape admits nothing else"
    assert sender is not None, "the shape admits nothing else"
    assert smtp is not None, "the shape admits nothing else"
    return Mail(tuple(dict.fromkeys(to)), sender, mail_server(smtp))


def mail_server(url: SecretStr) -> MailServer:
    """Without a port: 465 with TLS, 587 with credentials, else 25."""
    found = smtp_parts(url.get_secret_value())
    assert found, "the shape admits nothing else"
    tls, user = found["scheme"] == "smtps", unquote(found["user"] or "")
    usual = _TLS_PORT if tls else _PORT if user else _PLAIN_PORT
    return MailServer(
        host=found["host"].strip("[]"),
        port=int(found["port"] or usual),
        tls=tls,
        user=user,
        password=SecretStr(unquote(found["password"])) if user else None,
    )
