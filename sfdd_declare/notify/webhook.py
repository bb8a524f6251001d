"""Telling by HTTP POST: our own document, signed, or a message for Slack."""

from __future__ import annotations

import hmac
from datetime import datetime

from pydantic import SecretStr

from sfdd_declare.model.errors import RateLimited, RemoteError, Terminal
from sfdd_declare.model.receiver import Format, Webhook
from sfdd_declare.notify import errors, slack, text
from sfdd_declare.notify.outbox import Delivery
from sfdd_declare.render.machine.document import to_json
from sfdd_declare.render.machine.notification import notification_document
from sfdd_declare.wire.hosts import origin_of
from sfdd_declare.wire.http import Http, Reply, encoded
from sfdd_declare.wire.pacing import Budget

_ONCE = Budget(attempts=1)  # the outbox tries again
_NAME, _TEMPLATE = "notification", "webhook"


def send_webhook(
    key: str, way: Webhook, delivery: Delivery, *, configuration: str, now: datetime, timeout: float
) -> None:
    """Raises Transient (SFDD-E8001), RateLimited (SFDD-E8002) or Terminal (SFDD-E8003)."""
    content = body(way.format, delivery, configuration)
    headers = {"x-sfdd-delivery": delivery.id, "user-agent": "sfdd"}
    if way.secret is not None:
        timestamp = str(int(now.timestamp()))
        headers["x-sfdd-timestamp"] = timestamp
        headers["x-sfdd-signature-256"] = signature(way.secret, timestamp, content)
    url = way.url.get_secret_value()
    try:
        with Http(
            base_url=origin_of(url), name=_NAME, timeout=timeout, headers=headers, classify=_classify, budget=_ONCE
        ) as http:
            http.send("POST", url, template=_TEMPLATE, idempotent=False, json=content)
    except RemoteError as error:
        raise _told(key, error) from None  # its text has the host


def body(format: Format, delivery: Delivery, configuration: str) -> bytes:
    """What is sent."""
    if format is Format.SLACK:
        return encoded(slack.message(delivery, configuration))
    return document(delivery, configuration).encode()


def document(delivery: Delivery, configuration: str) -> str:
    """Our own document. Its texts are the conditions' own: whoever shows them has rules of their own for that."""
    notices = tuple(text.cleaned_notice(notice) for notice in delivery.notices)
    return to_json(
        notification_document(
            delivery=delivery.id,
            at=delivery.at,
            configuration=text.name(configuration),
            summary=text.summary(configuration, notices),
            notices=notices,
            lost=delivery.lost,
        )
    )


def signature(secret: SecretStr, timestamp: str, content: bytes) -> str:
    """Of the timestamp, too: who reads it can refuse what is old, whoever sends it once more."""
    signed = timestamp.encode() + b"." + content
    return f"sha256={hmac.digest(secret.get_secret_value().encode(), signed, 'sha256').hex()}"


def _classify(reply: Reply) -> RemoteError | None:
    if 200 <= reply.status < 300 or reply.status == 429 or reply.status >= 500:
        return None
    return Terminal("SFDD-E8003", "refused", status=reply.status)


def _told(key: str, error: RemoteError) -> RemoteError:
    """The same meaning, without the address. Where nobody answered, a later try may find somebody."""
    if isinstance(error, RateLimited):
        return errors.too_many(key, error.retry_after)
    if error.status >= 500:
        return errors.unreachable(key, f"it answered {error.status}", status=error.status)
    if 300 <= error.status < 400:
        return errors.refused(key, f"it points to another address ({error.status})", status=error.status)
    if error.status:
        return errors.refused(key, f"it answered {error.status}", status=error.status)
    return errors.unreachable(key, _WHY.get(error.id, "it did not answer"))


_WHY = {
    "SFDD-E2001": "the name of its host does not resolve",
    "SFDD-E2002": "it cannot be reached",
    "SFDD-E2003": "there is no secure connection to it",
}
