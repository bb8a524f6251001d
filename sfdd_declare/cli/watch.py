"""`sfdd watch`."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli import flags
from sfdd_declare.cli.bell import Bell
from sfdd_declare.cli.session import session_of
from sfdd_declare.cli.signals import SIGNALLED

_HERE = Path(".")
TOKEN_VARIABLE = "SFDD_WATCH_TOKEN"  # noqa: S105 - its name


class LogFormat(StrEnum):
    """How stderr is written."""

    TEXT = "text"
    JSON = "json"


ListenAt = Annotated[
    str | None,
    typer.Option("--listen", metavar="HOST:PORT", help="Show a page, /metrics, /healthz and /readyz here."),
]
LogAs = Annotated[LogFormat, typer.Option("--log-format", help="Lines for people, or one JSON object a line.")]


def watch(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    listen: ListenAt = None,
    log_format: LogAs = LogFormat.TEXT,
    parallelism: flags.Parallelism = 4,
) -> int:
    """Synchronise people by schedule, until stopped.

    Each link follows its `schedule:`, or `sync.schedule`. Links that are due together share one run; a link by
    hand waits for sfdd sync NAME. The set-up is left to apply: what differs is reported. A changed configuration
    is read again, also on SIGHUP; a wrong one is refused and the one before stays in force.

    \b
    Examples:
      sfdd watch
      sfdd watch --listen 127.0.0.1:9464     with a page, metrics and probes
      sfdd watch --log-format json
    """
    from pydantic import SecretStr

    from sfdd_declare.app.options import WatchOptions

    session = session_of(context)
    asked = flags.options(session, folder, env, var=var, parallelism=parallelism)
    given = session.environ.get(TOKEN_VARIABLE)
    bell = Bell()
    token = None if given is None else SecretStr(given)
    how = WatchOptions(_put, bell, log_format is LogFormat.JSON, listen, token)
    with _hang_ups(bell), session.signals.telling(bell.ring):
        return SIGNALLED + session.cases.watch(asked, how)


def _put(line: str) -> None:
    """Whoever reads the log may go away; the synchronisation goes on."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


@contextmanager
def _hang_ups(bell: Bell) -> Iterator[None]:
    """SIGHUP asks for the configuration to be read again, while the block runs."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, lambda number, frame: bell.set())  # noqa: ARG005 - the protocol's
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
