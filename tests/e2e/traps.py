"""What a stranger would set up: a server that hears whatever is sent to it, and a command run with little to spend."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.stage import Ended, Stage

CPU_SECONDS = 20
MEMORY = 2_000_000_000

_LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({CPU_SECONDS}, {CPU_SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
from sfdd_declare.cli.main import run
run()
"""


@dataclass
class Trap:
    """Listens on one port of several addresses of this machine; `heard` is what was said, a connection an entry."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def a_trap(*hosts: str) -> Iterator[Trap]:
    """Nobody gets an answer."""
    listening = [socket.create_server((hosts[0], 0))]
    trap = Trap(listening[0].getsockname()[1])
    for host in hosts[1:]:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening.append(socket.create_server((host, trap.port), family=family))
    for one in listening:
        threading.Thread(target=_listen, args=(one, trap), daemon=True).start()
    try:
        yield trap
    finally:
        for one in listening:
            one.close()


def _listen(listening: socket.socket, trap: Trap) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(1)
            try:
                trap.heard.append(connection.recv(65_536))
            except OSError:
                trap.heard.append(b"")


def limited(stage: Stage, *arguments: str) -> Ended:
    """Run one command line in a process that is killed beyond its processor time, and has no memory beyond its own."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, *arguments],
        cwd=stage.folder,
        env=stage.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
