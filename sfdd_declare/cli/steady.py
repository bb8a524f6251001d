"""A console that survives its reader. Apart from `consoles` because its base class is slow to import."""

from __future__ import annotations

import os
from typing import Any, TextIO

from rich.console import Console

from sfdd_declare.render.commands import disarmed


class Disarmed:
    """A stream that is read by a runner of jobs, or may be: no line of it is a command."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(disarmed(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class SteadyConsole(Console):
    """Goes on silently when its reader went away: `sfdd apply | head` must not end an apply midway."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())
