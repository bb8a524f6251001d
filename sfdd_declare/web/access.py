"""What every request passes before a page answers: the host it names, its method, and the token.

Also what every answer carries. All of it is outside of the pages, so none of them can forget it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping

from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What says no more than whether the loop is well: probes carry no token.
PROBES = frozenset({"/healthz", "/readyz"})
_METHODS = ("GET", "HEAD")
_CHALLENGES = ('Basic realm="sfdd watch", charset="UTF-8"', 'Bearer realm="sfdd watch"')


def security_headers(style_hash: str) -> Mapping[str, str]:
    """What browsers are told: run nothing, load nothing but the page's own style, frame and keep nothing."""
    policy = (
        f"default-src 'none'; style-src '{style_hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class Guarded:
    """An application behind these checks. `hosts`: the names that a request may give the server; None: any, for then a
    token is asked for.
    """

    def __init__(
        self, app: ASGIApp, *, token: SecretStr | None, hosts: frozenset[str] | None, headers: Mapping[str, str]
    ) -> None:
        self._app = app
        self._token = token
        self._hosts = hosts
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, or refuse; either with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        # A page of a stranger can name this machine as its own host and read what it answers (DNS rebinding); its
        # requests still carry the stranger's name.
        if self._hosts is not None and host_of(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("This server answers to its own address only.\n", status_code=421)
        if scope["method"] not in _METHODS:
            allowed = {"Allow": ", ".join(_METHODS)}
            return PlainTextResponse("Nothing is changed through here.\n", status_code=405, headers=allowed)
        if self._token is None or scope["path"] in PROBES or is_authorised(headers.get("authorization"), self._token):
            return None
        answer = PlainTextResponse("A token is needed: SFDD_WATCH_TOKEN of the server.\n", status_code=401)
        for challenge in _CHALLENGES:
            answer.headers.append("WWW-Authenticate", challenge)
        return answer


def is_authorised(header: str | None, token: SecretStr) -> bool:
    """Whether an `Authorization` header carries the token: as a bearer's, or as the password of any user."""
    scheme, _, rest = (header or "").partition(" ")
    given = rest.strip().encode("latin-1")  # the bytes as they came
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif scheme.lower() != "bearer":
        return False
    # What a secret is kept in often ends in a line break, which no header can carry.
    return hmac.compare_digest(given, token.get_secret_value().strip().encode())


def host_of(header: str) -> str:
    """The host in a `Host` header, without its port."""
    host, separator, port = header.rpartition(":")
    is_port = separator and (port.isascii() and port.isdigit()) and (not host.count(":") or host.endswith("]"))
    return (host if is_port else header).lower()
