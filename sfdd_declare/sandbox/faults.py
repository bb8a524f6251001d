"""Faults on demand: rules that hit the nth matching request and how they are played out.

Transport faults (latency, statuses, dropped connections, cut bodies) happen here, around an application.
Faults with a meaning (`row_lock`, `row_error`, `watchdog`, `job_failed`, `lost_locator`) are only announced to the
application, which asks for them with `planned` where it handles the request. A request that hangs is never answered: it
waits for its client to go away, before or after it took effect, and says so in the setting `faults.hanging`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol, cast

import msgspec
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfdd_declare.sandbox.world import World

SYSTEMS = ("salesforce", "dotdigital", "any")
KINDS = (
    "latency",
    "status",
    "reset_before",
    "reset_after",
    "hang_before",
    "hang_after",
    "html",
    "truncate",
    "expired_session",
    "row_lock",
    "row_error",
    "watchdog",
    "job_failed",
    "lost_locator",
)
HANGING = "faults.hanging"
"""Setting: the id of the rule whose request hangs at this moment."""
_HANGS = ("hang_before", "hang_after")
NOTICE = 0.01
"""Seconds in which the server notices that a connection is gone, before it looks for a response."""
_PLANNED = "sandbox.faults"
LOG = "sandbox.log"
"""Key of a request's scope: writes it into the log of requests, once. Whoever misses an answer may look at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: which requests it matches, which of those it hits, and what then happens."""

    kind: str
    system: str = "any"
    method: str = "*"
    path: str = ".*"
    nth: int = 1
    times: int = 1  # 0 hits every matching request from the nth on
    status: int = 500
    seconds: float = 0.1
    body: Any = None
    id: int = 0

    def matches(self, system: str, method: str, path: str) -> bool:
        """Whether a request counts towards this rule."""
        return (
            self.system in ("any", system)
            and self.method.upper() in ("*", method)
            and re.search(self.path, path) is not None
        )

    def is_due(self, seen: int) -> bool:
        """Whether the rule hits the request that is the `seen`-th to match."""
        return seen >= self.nth and (self.times == 0 or seen < self.nth + self.times)


def parse(rule: Mapping[str, Any]) -> Fault:
    """A rule from its JSON form. Raises ValueError when it is not one."""
    unknown = set(rule) - set(Fault.__dataclass_fields__)
    if unknown:
        raise ValueError(f"unknown key: {', '.join(sorted(unknown))}")
    fault = msgspec.convert({"kind": "", **rule, "id": 0}, Fault)
    if fault.kind not in KINDS or fault.system not in SYSTEMS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}; system is one of {', '.join(SYSTEMS)}")
    try:
        re.compile(fault.path)
    except re.error as error:
        raise ValueError(f"path is not a regular expression: {error}") from error
    return fault


def add(world: World, rule: Mapping[str, Any]) -> Fault:
    """Store a rule and return it with its id."""
    fault = parse(rule)
    with world.transaction() as db:
        cursor = db.execute("INSERT INTO faults (rule) VALUES (?)", (json.dumps(asdict(fault)),))
    return replace(fault, id=cursor.lastrowid or 0)


def stored(world: World) -> list[dict[str, Any]]:
    """Every rule with how many requests matched it so far."""
    with world.lock:
        rows = world.db.execute("SELECT id, rule, seen FROM faults ORDER BY id").fetchall()
    return [{**json.loads(row["rule"]), "id": row["id"], "seen": row["seen"]} for row in rows]


def clear(world: World) -> None:
    """Remove every rule."""
    with world.transaction() as db:
        db.execute("DELETE FROM faults")


def planned(scope: Scope, kind: str) -> Fault | None:
    """The fault of this kind that hits the request, if any; for the applications."""
    faults: tuple[Fault, ...] = scope.get(_PLANNED, ())
    return next((fault for fault in faults if fault.kind == kind), None)


def drop(scope: Scope) -> None:
    """Cut the connection of a request at once."""
    _log(scope)
    transport = scope.get("sandbox.transport")
    if transport is None:
        raise ConnectionResetError("the sandbox dropped the connection")
    transport.abort()


class Faults:
    """ASGI middleware that plays the stored rules on the requests of one system."""

    def __init__(self, app: ASGIApp, world: World, system: str) -> None:
        self._app = app
        self._world = world
        self._system = system

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, delay, cut or pass on one request."""
        hits = self._take(scope["method"], scope["path"])
        scope[_PLANNED] = hits
        for fault in hits:
            if fault.kind == "latency":
                await asyncio.sleep(fault.seconds)
        terminal = next((fault for fault in hits if _is_terminal(fault, scope)), None)
        if terminal is None:
            await self._app(scope, receive, send)
        elif terminal.kind in _HANGS:
            await self._hang(terminal, scope, receive)
        else:
            await _PLAYS[terminal.kind](self._app, terminal, scope, receive, send)

    async def _hang(self, fault: Fault, scope: Scope, receive: Receive) -> None:
        """Answer nothing until the client is gone, or the fault's seconds have passed."""
        if fault.kind == "hang_after":
            await self._app(scope, receive, _swallow)
        _log(scope)
        self._world.set_setting(HANGING, fault.id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        self._world.set_setting(HANGING, None)
        drop(scope)
        await asyncio.sleep(NOTICE)

    def _take(self, method: str, path: str) -> tuple[Fault, ...]:
        hits: list[Fault] = []
        with self._world.lock:
            rules = stored(self._world)
            for rule in rules:
                seen = rule.pop("seen") + 1
                fault = Fault(**rule)
                if not fault.matches(self._system, method, path):
                    continue
                with self._world.transaction() as db:
                    db.execute("UPDATE faults SET seen = ? WHERE id = ?", (seen, fault.id))
                if fault.is_due(seen):
                    hits.append(fault)
        return tuple(hits)


def _is_terminal(fault: Fault, scope: Scope) -> bool:
    """Whether the fault is played here. Bulk API 1.0 and SOAP refuse a session in forms of their own."""
    if fault.kind == "expired_session" and scope["path"].startswith(("/services/async/", "/services/Soap/")):
        return False
    return fault.kind in (*_PLAYS, *_HANGS)


def _log(scope: Scope) -> None:
    cast("Callable[[], None]", scope.get(LOG, lambda: None))()


async def _swallow(message: Message) -> None:
    del message


class _Play(Protocol):
    async def __call__(self, app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None: ...


async def _status(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    del app
    default: Any = {"message": "Something went wrong on our side."}
    if scope.get("sandbox.system") == "salesforce":
        default = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}]
    body = default if fault.body is None else fault.body
    response: Response = JSONResponse(body, status_code=fault.status)
    if isinstance(body, str):
        response = Response(body, status_code=fault.status, media_type="text/plain")
    await response(scope, receive, send)


async def _html(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    del app
    page = fault.body or "<!DOCTYPE html><html><body><h1>Service Unavailable</h1></body></html>"
    await HTMLResponse(str(page), status_code=fault.status)(scope, receive, send)


async def _expired(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    body = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    await _status(app, replace(fault, status=401, body=body), scope, receive, send)


async def _reset_before(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    del app, fault, receive, send
    drop(scope)
    await asyncio.sleep(NOTICE)


async def _reset_after(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, _swallow)
    await _reset_before(app, fault, scope, receive, send)


async def _truncate(app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    del fault
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    start = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in messages[1:])
    headers = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
    length = (b"content-length", str(max(len(body), 2)).encode())
    await send({**start, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    transport = cast("asyncio.Transport | None", scope.get("sandbox.transport"))
    if transport is not None:
        _log(scope)
        transport.close()  # unlike abort, this sends what was written first
        await asyncio.sleep(NOTICE)


_PLAYS: Mapping[str, _Play] = {
    "status": _status,
    "html": _html,
    "expired_session": _expired,
    "reset_before": _reset_before,
    "reset_after": _reset_after,
    "truncate": _truncate,
}
