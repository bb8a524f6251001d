"""The two sandbox systems behind real HTTP servers.

Both get the same edge: control routes, the `Date` header from the sandbox's clock, the count of requests, and
the faults.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfdd_declare.sandbox import control, faults
from sfdd_declare.sandbox.access import Access, access_of
from sfdd_declare.sandbox.dotdigital import app as dotdigital
from sfdd_declare.sandbox.encoding import compressed, spelt
from sfdd_declare.sandbox.salesforce import app as salesforce
from sfdd_declare.sandbox.world import World

HOST = "127.0.0.1"
KEEP_ALIVE = 75
"""Seconds for which an idle connection is kept: longer than clients wait between two looks at a job."""


class Edge:
    """What every request passes first and every response passes last."""

    def __init__(self, app: ASGIApp, world: World, system: str) -> None:
        self._world = world
        self._system = system
        self._app = faults.Faults(app, world, system)
        self._control = control.build(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a control request, or let the system answer and count it."""
        if scope["type"] != "http":
            return
        scope["sandbox.system"] = self._system
        # The server's own request object: the only way to drop a connection without an answer.
        scope["sandbox.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        if scope["path"].startswith(control.PREFIX):
            await self._control(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0
        is_logged = False

        def log() -> None:
            nonlocal is_logged
            if is_logged:
                return
            is_logged = True
            self._world.log_request(
                system=self._system,
                method=scope["method"],
                path=scope["path"],
                template=getattr(scope.get("route"), "path", None) or "(unknown)",
                status=status,
                ms=(time.perf_counter() - begun) * 1000,
            )

        scope[faults.LOG] = log

        async def dated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": spelt((*message.get("headers", ()), self._date()))}
                # Before a byte is out: an answer without a body is whole with its head, and whoever has it may look
                # at the counters at once.
                log()
            await send(message)

        try:
            await self._app(scope, receive, dated)
        finally:
            log()

    def _date(self) -> tuple[bytes, bytes]:
        return b"date", format_datetime(self._world.now(), usegmt=True).encode()


def build_apps(world: World) -> tuple[ASGIApp, ASGIApp]:
    """The Salesforce and the Dotdigital application over one world, each behind its edge."""
    return (
        Edge(compressed(salesforce.build(world)), world, "salesforce"),
        Edge(dotdigital.build(world), world, "dotdigital"),
    )


class Running:
    """Both systems served on this machine by threads of this process, until `stop`."""

    def __init__(self, world: World | str | Path, *, sf_port: int = 0, dd_port: int = 0) -> None:
        """Start both; port 0 takes a free one. Raises OSError when a port is taken."""
        sockets = _listen_on(sf_port, dd_port)
        self.salesforce_url, self.dotdigital_url = (f"http://{HOST}:{s.getsockname()[1]}" for s in sockets)
        self.world = world if isinstance(world, World) else World(world)
        self._owns_world = not isinstance(world, World)
        self._servers = [
            _Server(app, listening) for app, listening in zip(build_apps(self.world), sockets, strict=True)
        ]
        for server in self._servers:
            server.wait_until_up()

    @property
    def access(self) -> Access:
        """How a program gets in."""
        return access_of(self.world)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that a configuration takes addresses and credentials from."""
        return self.access.environment(self.salesforce_url, self.dotdigital_url)

    def stop(self) -> None:
        """Stop both servers and wait for them; safe to call twice."""
        for server in self._servers:
            server.stop()
        if self._owns_world and self._servers:
            self.world.close()
        self._servers = []

    def __enter__(self) -> Self:
        """Running sandboxes are context managers."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at the end of the block."""
        self.stop()


class _Server:
    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            h11_max_incomplete_event_size=262_144,  # the systems themselves refuse what is too long, in their form
            lifespan="off",
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=KEEP_ALIVE,
        )
        self._server = uvicorn.Server(config)
        self._socket = listening
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise OSError("a sandbox server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()


def _listen_on(*ports: int) -> list[socket.socket]:
    listening: list[socket.socket] = []
    try:
        for port in ports:
            # Named as TCP, or the event loop leaves Nagle's algorithm on: 40 ms per answer.
            opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listening.append(opened)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((HOST, port))
    except OSError:
        for opened in listening:
            opened.close()
        raise
    return listening


def serve(path: str | Path, sf_port: int, dd_port: int, *, announce: Callable[[Running], None] | None = None) -> None:
    """Serve both systems until interrupted (Ctrl-C); `announce` is told the addresses once they are up."""
    with Running(path, sf_port=sf_port, dd_port=dd_port) as running:
        if announce is not None:
            announce(running)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return
