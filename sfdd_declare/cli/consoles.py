"""The two consoles: results on stdout, progress and diagnostics on stderr."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console


#: Columns of a stream that is no terminal: nobody looks at its right edge, and what wraps cannot be searched.
UNBROKEN = 1_000_000


def results(*, no_color: bool = False) -> Console:
    """The console of stdout."""
    return _console(sys.stdout, no_color=no_color)


def diagnostics(*, no_color: bool = False) -> Console:
    """The console of stderr."""
    return _console(sys.stderr, no_color=no_color)


def say(text: str) -> None:
    """Write text to stdout as it is, without wrapping."""
    results().out(text, highlight=False)


def speak_any_text(*streams: TextIO) -> None:
    """Let streams show what their encoding cannot, as escapes, instead of failing on it."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _console(stream: TextIO, *, no_color: bool) -> Console:
    from sfdd_declare.cli.steady import Disarmed, SteadyConsole

    width = None if stream.isatty() else UNBROKEN
    file = stream if stream.isatty() else cast("TextIO", Disarmed(stream))
    return SteadyConsole(file=file, width=width, no_color=no_color or None, highlight=False, emoji=False, markup=False)
