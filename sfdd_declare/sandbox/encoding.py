"""How messages look on the wire: names of headers as the real services write them, bodies compressed both ways."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIN_COMPRESSED = 1024
"""Bytes of a body below which compressing it gains nothing."""

MAX_BODY = 150 * 1024 * 1024
"""Bytes that a compressed body may unpack to: what a bulk job may hold."""

_SPELT = {
    "etag": "ETag",
    "www-authenticate": "WWW-Authenticate",
    "sforce-numberofrecords": "Sforce-NumberOfRecords",
    "x-ratelimit-limit": "X-RateLimit-Limit",
    "x-ratelimit-remaining": "X-RateLimit-Remaining",
    "x-ratelimit-reset": "X-RateLimit-Reset",
    "x-ratelimit-scope": "X-RateLimit-Scope",
}
_ANY_FORM = 32 + zlib.MAX_WBITS


def spelt(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers with their names as HTTP/1.1 servers write them: some clients look for `Content-Type` to the letter."""
    return [(_spelling(name), value) for name, value in headers]


@cache
def _spelling(name: bytes) -> bytes:
    lowered = name.decode("latin-1").lower()
    return _SPELT.get(lowered, lowered.title()).encode("latin-1")


def compressed(app: ASGIApp) -> ASGIApp:
    """The application, taking compressed bodies and sending them to whoever takes them."""
    return GZipMiddleware(_Unpacking(app), minimum_size=MIN_COMPRESSED, compresslevel=1)


class _Unpacking:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        encoding = Headers(scope=scope).get("content-encoding", "").lower() if scope["type"] == "http" else ""
        if encoding in ("", "identity"):
            await self._app(scope, receive, send)
            return
        body = _unpacked(await _body(receive)) if encoding in ("gzip", "deflate") else None
        if body is None:
            refused = [{"message": f"The body is no {encoding}", "errorCode": "JSON_PARSER_ERROR"}]
            await JSONResponse(refused, 400 if encoding in ("gzip", "deflate") else 415)(scope, receive, send)
            return
        kept = [(n, v) for n, v in scope["headers"] if n.lower() not in (b"content-encoding", b"content-length")]
        scope["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _unpacked(body: bytes) -> bytes | None:
    unpacker = zlib.decompressobj(_ANY_FORM)
    try:
        found = unpacker.decompress(body, MAX_BODY)
    except zlib.error:
        return None
    return found if unpacker.eof else None
