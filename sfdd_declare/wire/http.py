"""One HTTP client per host: timeouts on every call, a small bounded pool, every request counted, transient failures
repeated within a budget.

A vendor's client passes `classify`, which says what a reply means; without one only 429 and 5xx are errors. Bodies
never get into errors or logs.
"""

from __future__ import annotations

import functools
import json as jsonlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import httpx
import msgspec
from pydantic import SecretStr

from sfdd_declare.model.errors import RateLimited, RemoteError, Terminal, Transient
from sfdd_declare.wire import redact
from sfdd_declare.wire.pacing import Budget, LostReply, Unsent, paced, retry_after

CONNECT_SECONDS = 10.0
POOL_SIZE = 4
_REDIRECTS = (301, 302, 303, 307, 308)
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_BUDGET = Budget()

#: Part of a multipart body: file name (None for a plain part), content, content type.
Part = tuple[str | None, bytes, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Header names are lower-cased; `host` and `template` are for messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str = ""
    template: str = ""

    def json(self) -> Any:
        """The decoded body. Raises Transient (SFDD-E2006) on an HTML page of a gateway or a cut or empty body."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise self._unreadable() from error

    def _unreadable(self) -> RemoteError:
        start = self.body[:200].lstrip().lower()
        what = "an empty body" if not start else "an HTML page" if start.startswith(b"<") else "no valid JSON"
        kind = Transient if self.status >= 500 or not self.status else Terminal
        return kind(
            "SFDD-E2006",
            f"{self.host} answered {self.status} with {what} where JSON was expected ({self.template}).",
            status=self.status,
            hint="sfdd plan",
        )


Classify = Callable[[Reply], RemoteError | None]


class Http:
    """Sends requests to one host. Thread-safe; close it, or use it as a context manager."""

    def __init__(
        self,
        *,
        base_url: str,
        name: str,
        timeout: float,
        headers: Mapping[str, str] = _NO_HEADERS,
        auth: tuple[str, SecretStr] | None = None,
        pause: Callable[[float], None] = time.sleep,
        classify: Classify | None = None,
        hint: str = "",
        budget: Budget = _BUDGET,
    ) -> None:
        """`name` is the system's name in messages; `hint` the YAML key that holds the host.

        `pause` is also called before each request, with no time to wait: it raises when nothing may be sent any more.
        """
        redact.quiet_libraries()
        self.name = name
        self.pause = pause
        self.calls = 0
        self._hint = hint
        self._budget = budget
        self._classify = classify
        self._counting = threading.Lock()
        self._client = httpx.Client(
            base_url=base_url,
            headers={"accept": "application/json", "accept-encoding": "gzip", **headers},
            auth=httpx.BasicAuth(auth[0], auth[1].get_secret_value()) if auth else None,
            verify=_trusted(),
            timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
            follow_redirects=False,
            limits=httpx.Limits(max_connections=POOL_SIZE, max_keepalive_connections=POOL_SIZE),
        )

    @property
    def base_url(self) -> str:
        """Scheme and host, without a slash at the end."""
        return str(self._client.base_url).rstrip("/")

    @property
    def host(self) -> str:
        return self._client.base_url.netloc.decode()

    def send(
        self,
        method: str,
        path: str,
        *,
        template: str,
        idempotent: bool,
        params: Mapping[str, str | int | float | bool] | None = None,
        json: bytes | None = None,
        content: bytes | None = None,
        files: Mapping[str, Part] | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        classify: Classify | None = None,
        may_point: bool = False,
    ) -> Reply:
        """Send one request, repeated as far as that is safe. `json` is an encoded body; `template` stands for the path
        in logs and errors; `classify` stands in for that of the client, for this call only. With `may_point` an answer
        that points to another address is an answer; nothing is sent there.

        Raises RemoteError: what `classify` made of the reply, or SFDD-E2001 to E2009 when there was none to classify.
        """
        if json is not None:
            headers = {"content-type": "application/json", **headers}
        body = json if json is not None else content
        request = self._client.build_request(
            method, path, params=params, content=body, files=dict(files) if files else None, headers=dict(headers)
        )
        if request.url.netloc != self._client.base_url.netloc:  # an answer's link, with our credentials on it
            raise self._led_away(template)
        request.read()  # a multipart body would otherwise be a stream, and a stream cannot be sent twice
        return paced(
            lambda attempt: self._judged(
                self._exchange(request, template, attempt), classify or self._classify, may_point=may_point
            ),
            idempotent=idempotent,
            budget=self._budget,
            pause=self.pause,
        )

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, request: httpx.Request, template: str, attempt: int) -> Reply:
        self.pause(0)
        with self._counting:
            self.calls += 1
        begun = time.perf_counter()
        try:
            response = self._client.send(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._log(request.method, template, type(error).__name__, begun, attempt)
            raise self._unanswered(error, template) from error
        self._log(request.method, template, str(response.status_code), begun, attempt)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, response.content, self.host, template)

    def _judged(self, reply: Reply, classify: Classify | None, *, may_point: bool) -> Reply:
        if reply.status in _REDIRECTS:
            if may_point:
                return reply
            raise self._led_away(reply.template, reply.status)
        error = classify(reply) if classify else None
        if error is None:
            error = self._plain_error(reply)
        if error is None:
            return reply
        if isinstance(error, RateLimited) and not error.retry_after:
            error.retry_after = retry_after(reply.headers)
        raise error

    def _led_away(self, template: str, status: int = 0) -> RemoteError:
        """Every request carries credentials, and they go to one host."""
        summary = f"{self.host} ({self.name}) points to another address, which is not followed ({template})."
        return Terminal("SFDD-E2009", summary, status=status, where=self.host, hint=self._hint)

    def _plain_error(self, reply: Reply) -> RemoteError | None:
        if reply.status == 429:
            summary = f"{self.name} turned the call away: too many calls ({reply.template})."
            return RateLimited("SFDD-E2008", summary, status=429, hint="sfdd plan")
        if reply.status >= 500:
            summary = f"{self.name} answered {reply.status} ({reply.template})."
            return Transient("SFDD-E2007", summary, status=reply.status, hint="sfdd plan")
        return None

    def _unanswered(self, error: Exception, template: str) -> RemoteError:
        for cause in _chain(error):
            if isinstance(cause, ssl.SSLError):
                summary = f"No secure connection to {self.host} ({self.name}): {_tls_reason(cause)}."
                return Terminal("SFDD-E2003", summary, where=self.host, hint=self._hint)
            if isinstance(cause, socket.gaierror):
                summary = f"The host {self.host} ({self.name}) is not known: its name does not resolve."
                kind = Unsent if cause.errno == socket.EAI_AGAIN else Terminal
                return kind("SFDD-E2001", summary, where=self.host, hint=self._hint)
        if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)):
            return Terminal(
                "SFDD-E2005", f"{self.host or 'The address'} ({self.name}) is no valid web address.", hint=self._hint
            )
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
            summary = f"{self.host} ({self.name}) cannot be reached."
            return Unsent("SFDD-E2002", summary, where=self.host, hint=self._hint)
        if isinstance(error, httpx.PoolTimeout):
            return Unsent(
                "SFDD-E2004", f"No connection to {self.host} ({self.name}) became free ({template}).", hint="sfdd plan"
            )
        what = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "closed the connection"
        return LostReply(
            "SFDD-E2004", f"{self.host} ({self.name}) {what} ({template}).", where=self.host, hint="sfdd plan"
        )

    def _log(self, method: str, template: str, status: str, begun: float, attempt: int) -> None:
        ms = (time.perf_counter() - begun) * 1000
        redact.log.info("%s %s %s %s %.0f ms, attempt %d", self.name, method, template, status, ms, attempt)


def encoded(value: Any) -> bytes:
    """A JSON body: what `send(json=…)` takes."""
    return jsonlib.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _chain(error: BaseException) -> list[BaseException]:
    """An exception with everything that caused it."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


@functools.cache
def _trusted() -> ssl.SSLContext:
    """One for all clients: reading the certificate authorities takes longer than a call."""
    return httpx.create_ssl_context()


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return f"TLS failed ({(error.reason or 'unknown reason').replace('_', ' ').lower()})"
