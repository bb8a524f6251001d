"""One delivery to one receiver, once."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from sfdd_declare.model.receiver import Mail, Receiver, Webhook
from sfdd_declare.notify.mail import send_mail
from sfdd_declare.notify.outbox import Delivery
from sfdd_declare.notify.webhook import send_webhook

SECONDS = 10.0


def send(
    receiver: Receiver, delivery: Delivery, *, configuration: str, now: datetime, timeout: float = SECONDS
) -> None:
    """Tell it. `configuration` is the name of what is synchronised; `timeout` is in seconds, of each step.

    Raises Transient where it may arrive later (RateLimited says when), and another RemoteError where this delivery will
    not. No text of theirs holds an address, a host or a secret.
    """
    way = receiver.way
    match way:
        case Webhook():
            send_webhook(receiver.key, way, delivery, configuration=configuration, now=now, timeout=timeout)
        case Mail():
            send_mail(receiver.key, way, delivery, configuration=configuration, timeout=timeout)
        case _:
            assert_never(way)
