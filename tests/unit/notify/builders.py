"""Conditions and deliveries, and a server that takes what it is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr

from sfdd_declare.model.notice import Change, Condition, Kind, Notice
from sfdd_declare.model.receiver import Format, Receiver, Webhook
from sfdd_declare.notify.outbox import Delivery, Outbox, due, with_conditions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINK = "link.spring.newsletter"
SECRET = "0penSesame"
CANARY = "ada.lovelace@canary.example"


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def a_condition(kind: Kind = Kind.HELD, subject: str = LINK, count: int = 3, text: str = "3 people wait.") -> Condition:
    return Condition(kind, subject, count, text, "sfdd plan")


def a_notice(change: Change = Change.BEGAN, **of: object) -> Notice:
    return Notice(change, a_condition(**of))  # type: ignore[arg-type]


def a_receiver(*on: Kind, url: str = "https://x.example", format: Format = Format.JSON, secret: str = "") -> Receiver:
    way = Webhook(SecretStr(url), format, SecretStr(secret) if secret else None)
    return Receiver("ops", way, frozenset(on or Kind))


def told(*conditions: Condition, at: datetime = NOON, receiver: Receiver | None = None) -> Outbox:
    """An outbox in which these wait."""
    return with_conditions(Outbox("ops"), conditions, receiver or a_receiver(), at)


def a_delivery(*notices: Notice, lost: int = 0) -> Delivery:
    return Delivery("d" * 32, NOON, notices or (a_notice(),), lost)


def of(outbox: Outbox, at: datetime = NOON) -> tuple[tuple[Change, str, int], ...]:
    """What is due, in short."""
    delivery = due(outbox, at)
    found = delivery.notices if delivery else ()
    return tuple((notice.change, notice.condition.subject, notice.condition.count) for notice in found)


@dataclass
class Hook:
    """Answers with each status in turn, then with the last for good; `None` says nothing at all."""

    url: str
    answers: list[int | None] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)


@contextmanager
def a_hook(path: str = "/services/T0/B0/caNary-token?q=caNary") -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            hook.requests.append(({name.lower(): value for name, value in self.headers.items()}, content))
            hook.paths.append(self.path)
            status = hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0]
            if status is None:
                hook.go_on.wait(30)
                return
            self.send_response(status)
            for name, value in {"content-length": "0", **hook.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook = Hook(f"http://127.0.0.1:{server.server_address[1]}{path}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield hook
    finally:
        hook.go_on.set()
        server.shutdown()
        server.server_close()
