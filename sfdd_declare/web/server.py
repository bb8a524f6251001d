"""The server of a running `sfdd watch`: its addresses, in a thread of its own, until it is closed."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from sfdd_declare.model.errors import BugError, UsageError
from sfdd_declare.model.service import Service
from sfdd_declare.web import pages
from sfdd_declare.web.access import Guarded, security_headers
from sfdd_declare.web.listen import Listen, open_socket
from sfdd_declare.web.meters import Meters
from sfdd_declare.web.page import STYLE_HASH

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SECONDS_TO_START = 10
_SECONDS_TO_STOP = 5


def serve(
    listen: Listen,
    service: Callable[[], Service],
    token: SecretStr | None,
    *,
    alive: Callable[[], bool] = lambda: True,
    meters: Meters | None = None,
) -> Running:
    """Show a service over HTTP until the value returned is closed. `service` and `alive` are called from other threads,
    once per request; they should only hand out what the loop has put there.

    Raises UsageError: an empty token, none where other machines reach the server, an address that is taken.
    """
    if token is not None and not token.get_secret_value().strip():
        raise UsageError("SFDD-E9053", "SFDD_WATCH_TOKEN is empty.", hint="export SFDD_WATCH_TOKEN=...")
    listening = open_socket(listen, has_token=token is not None)
    app = Guarded(
        pages.build(service, alive, meters or Meters()),
        token=token,
        hosts=_OWN_NAMES if token is None else None,
        headers=security_headers(STYLE_HASH),
    )
    return Running(app, listening)


class Running:
    """A server that answers. It is a context manager, and `stop` may be called twice."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self.url = _url(listening)
        self._socket = listening
        self._server = uvicorn.Server(_config(app))
        self._thread = threading.Thread(target=self._serve, name="sfdd-web", daemon=True)
        self._thread.start()
        self._wait_until_up()

    def stop(self) -> None:
        """Answer what was asked, and close."""
        self._server.should_exit = True
        self._thread.join(timeout=_SECONDS_TO_STOP)
        self._socket.close()

    def __enter__(self) -> Self:
        """The server answers already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at the end of the block."""
        self.stop()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                self.stop()
                raise BugError("SFDD-E9953", "The server of the page did not start.")
            time.sleep(0.005)


def _config(app: ASGIApp) -> uvicorn.Config:
    # The loop speaks on this process's streams, so the server is silent: no access log, no start-up lines.
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )


def _url(listening: socket.socket) -> str:
    """Where this machine reaches it."""
    host, port = listening.getsockname()[:2]
    if host in ("::", "0.0.0.0"):  # noqa: S104
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
