"""A console that survives its reader. Apart from `consoles` because its base class is slow to import."""

from __future__ import annotations

import os

from rich.console import Console


class SteadyConsole(Console):
    """Goes on silently when its reader went away: `sfdd apply | head` must not end an apply midway."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())
