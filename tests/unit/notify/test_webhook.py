"""Webhooks over real HTTP: what is sent, how it is signed, and what each answer means."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from sfdd_declare.model.errors import RateLimited, RemoteError, Terminal, Transient
from sfdd_declare.model.notice import Change, Kind
from sfdd_declare.model.receiver import Format, Receiver
from sfdd_declare.notify import kept
from sfdd_declare.notify.outbox import Delivery, Outbox, delivered, due, failed, with_conditions
from sfdd_declare.notify.send import send
from sfdd_declare.notify.webhook import document

from .builders import (
    CANARY,
    NOON,
    SECRET,
    Hook,
    a_condition,
    a_delivery,
    a_hook,
    a_notice,
    a_receiver,
    after,
    told,
)

SCHEMA = Path(__file__).parents[3] / "schemas" / "notification.schema.json"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_hook() as hook:
        yield hook


def tell(receiver: Receiver, delivery: Delivery, *, timeout: float = 10.0) -> None:
    send(receiver, delivery, configuration="production", now=NOON, timeout=timeout)


def at(hook: Hook, **more: object) -> Receiver:
    return a_receiver(url=hook.url, **more)  # type: ignore[arg-type]


def test_a_document_is_sent_as_its_schema_says(hook: Hook) -> None:
    delivery = a_delivery(a_notice(), a_notice(Change.ENDED, kind=Kind.FAILURE, subject="SFDD-E2002"), lost=2)
    tell(at(hook), delivery)
    ((headers, content),) = hook.requests
    body = json.loads(content)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(body)
    assert headers["content-type"] == "application/json"
    assert headers["x-sfdd-delivery"] == body["delivery"] == delivery.id
    assert hook.paths == ["/services/T0/B0/caNary-token?q=caNary"]
    assert body == {
        "format_version": "1.0",
        "kind": "notification",
        "delivery": delivery.id,
        "at": "2026-03-01T12:00:00+00:00",
        "configuration": "production",
        "summary": "sfdd production: 1 new, 1 over",
        "lost": 2,
        "notices": [
            {
                "change": change,
                "kind": kind,
                "subject": subject,
                "count": 3,
                "text": "3 people wait.",
                "hint": "sfdd plan",
            }
            for change, kind, subject in (
                ("began", "held", "link.spring.newsletter"),
                ("ended", "failure", "SFDD-E2002"),
            )
        ],
    }


def test_the_signature_is_of_time_and_body(hook: Hook) -> None:
    tell(at(hook, secret=SECRET), a_delivery())
    ((headers, content),) = hook.requests
    timestamp = headers["x-sfdd-timestamp"]
    expected = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + content, hashlib.sha256).hexdigest()
    assert headers["x-sfdd-signature-256"] == f"sha256={expected}"
    assert int(timestamp) == int(NOON.timestamp())


def test_without_a_secret_nothing_is_signed(hook: Hook) -> None:
    tell(at(hook), a_delivery())
    assert "x-sfdd-signature-256" not in hook.requests[0][0]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_answer_of_success_is_one(hook: Hook, status: int) -> None:
    hook.answers = [status]
    tell(at(hook), a_delivery())
    assert len(hook.requests) == 1


MEANINGS = {
    500: ("SFDD-E8001", Transient),
    503: ("SFDD-E8001", Transient),
    429: ("SFDD-E8002", RateLimited),
    400: ("SFDD-E8003", Terminal),
    404: ("SFDD-E8003", Terminal),
    410: ("SFDD-E8003", Terminal),
    302: ("SFDD-E8003", Terminal),
    304: ("SFDD-E8003", Terminal),
}


@pytest.mark.parametrize(("status", "expected"), MEANINGS.items(), ids=map(str, MEANINGS))
def test_each_answer_has_its_meaning_and_is_asked_for_once(
    hook: Hook, status: int, expected: tuple[str, type[RemoteError]]
) -> None:
    hook.answers = [status]
    with a_hook() as other:
        hook.headers = {"location": other.url, "retry-after": "7"}
        with pytest.raises(RemoteError) as raised:
            tell(at(hook, secret=SECRET), a_delivery())
        assert other.requests == []
    id, kind = expected
    assert raised.value.id == id
    assert type(raised.value) is kind
    assert raised.value.status == status
    assert raised.value.hint == "notifications.ops"
    assert len(hook.requests) == 1
    if isinstance(raised.value, RateLimited):
        assert raised.value.retry_after == 7.0


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_receiver_that_hangs_or_is_away_may_come_back(hook: Hook) -> None:
    hook.answers = [None]
    with pytest.raises(Transient) as hanging:
        tell(at(hook), a_delivery(), timeout=0.2)
    with pytest.raises(Transient) as away:
        tell(a_receiver(url=f"http://127.0.0.1:{closed_port()}/caNary"), a_delivery())
    with pytest.raises(Transient) as unknown:
        tell(a_receiver(url="http://caNary.invalid/x"), a_delivery())
    with pytest.raises(Transient) as unsealed:
        tell(a_receiver(url=hook.url.replace("http://", "https://")), a_delivery())
    said = [error.value.summary for error in (hanging, away, unknown, unsealed)]
    assert len(set(said)) == 4


def test_no_error_and_no_log_names_the_address_or_the_secret(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (302, 404, 429, 500):
        hook.answers = [status]
        with pytest.raises(RemoteError) as raised:
            tell(at(hook, secret=SECRET), a_delivery())
        error = raised.value
        shown = f"{error} {error.detail} {error.hint} {error.code} {error.where} {caplog.text}"
        for secret in ("caNary", "127.0.0.1", "services", SECRET):
            assert secret not in shown
        assert error.__suppress_context__
    assert "POST webhook" in caplog.text


def test_nothing_personal_and_nothing_that_hides_is_sent(hook: Hook) -> None:
    hostile = f"link.{CANARY}\u202e\n::set-output name=x::"
    tell(at(hook), a_delivery(a_notice(subject=hostile, text=f"Bearer abc of {CANARY}")))
    tell(at(hook, format=Format.SLACK), a_delivery(a_notice(subject=hostile, text=f"Bearer abc of {CANARY}")))
    for _, content in hook.requests:
        assert b"lovelace" not in content
        assert b"Bearer abc" not in content
        assert "\u202e".encode() not in content
    assert json.loads(hook.requests[0][1])["notices"][0]["subject"].startswith("l•••@canary.example")


def test_a_condition_that_is_clean_is_sent_as_it_is() -> None:
    plain = json.loads(document(a_delivery(), "production"))["notices"][0]
    condition = a_condition()
    assert (plain["subject"], plain["text"]) == (condition.subject, condition.text)


def test_a_receiver_that_was_away_is_told_once_whatever_restarts(hook: Hook) -> None:
    """The loop as a schedule runs it: send what is due, keep the outbox, and begin again from what was kept."""
    hook.answers = [500, 429, 200]
    receiver = at(hook)
    text = kept.to_text(told(a_condition()))
    for minute in (0, 1, 3, 4, 5):
        outbox = with_conditions(kept.from_text("ops", text), (a_condition(),), receiver, after(minute))
        delivery = due(outbox, after(minute))
        if delivery:
            try:
                tell(receiver, delivery)
                outbox = delivered(outbox)
            except Transient:
                outbox = failed(outbox, after(minute))
        text = kept.to_text(outbox)
    assert len(hook.requests) == 3
    assert len({content for _, content in hook.requests}) == 1
    assert len({headers["x-sfdd-delivery"] for headers, _ in hook.requests}) == 1
    assert kept.from_text("ops", text) == Outbox("ops", told=(a_condition(),), number=1)
