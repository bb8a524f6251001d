"""For programs: `--json` prints one document on stdout, `--events` one event a line on stderr.

Both are written as UTF-8 whatever the terminal speaks, since JSON is, and both survive a reader that went away.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from sfdd_declare import __version__
from sfdd_declare.model.errors import UsageError

if TYPE_CHECKING:
    from sfdd_declare.app.options import Options
    from sfdd_declare.cli.session import Session
    from sfdd_declare.model.outcome import Outcome
    from sfdd_declare.model.plan import Plan
    from sfdd_declare.render.machine.document import Shape
    from sfdd_declare.render.machine.events import Stream
    from sfdd_declare.render.progress import Progress

FLAG = "--json"


def write(document: Shape) -> None:
    """Print a document; nothing else may be printed on stdout."""
    from sfdd_declare.render.machine.document import to_json

    _put(sys.stdout, to_json(document))


def write_text(text: str) -> None:
    """Print a document whose form somebody else made; nothing else may be printed on stdout."""
    _put(sys.stdout, text)


def require_masked(command: str, *, as_json: bool, reveal: bool, flag: str = "--show-personal-data") -> None:
    """Raise when people are asked for in clear where a document is: it is read by nobody at a terminal."""
    if as_json and reveal:
        summary = f"{flag} and --json exclude each other: a document never shows people in clear."
        raise UsageError("SFDD-E9027", summary, hint=f"sfdd {command} --json")


def watching(*, events: bool, no_color: bool) -> Progress | Stream:
    """Progress on stderr, for people or for programs."""
    if events:
        from sfdd_declare.render.machine.events import Stream

        return Stream(_tell, f"sfdd {__version__}")
    from sfdd_declare.cli import consoles
    from sfdd_declare.render.progress import Progress

    return Progress(consoles.diagnostics(no_color=no_color))


@dataclass(frozen=True, slots=True)
class Approved:
    """An `app.options.Approval` given on the command line: nobody sees the plan, so nobody can be asked."""

    confirmed: frozenset[str]

    def show(self, plan: Plan) -> None:
        """The plan stands in the document."""

    def approve(self, plan: Plan) -> bool:  # noqa: ARG002 - the protocol's
        return True

    def typed(self, name: str, why: str) -> bool:
        if name not in self.confirmed:
            from sfdd_declare.render.words import quoted

            summary = f"{why.rstrip('.')}: its name must be given with --confirm."
            raise UsageError("SFDD-E9025", summary, hint=f"sfdd apply --confirm {quoted(name)}")
        return True


def carry_out(
    session: Session, asked: Options, approval: Approved, command: str, progress: Progress | Stream, *, auto: bool
) -> Outcome:
    """Apply and print the document. Raises UsageError where the command line does not approve."""
    if not auto:
        summary = "With --json nobody reads the plan before it is carried out."
        raise UsageError("SFDD-E9028", summary, hint=f"sfdd {command} --json --auto-approve")
    with progress:
        outcome = session.cases.apply(asked, approval, session.signals.following(progress.watch))
    from sfdd_declare.render.machine.apply import apply_document

    write(apply_document(outcome))
    return outcome


def _tell(line: str) -> None:
    """Progress that cannot be told must not end an apply."""
    with contextlib.suppress(OSError):
        _put(sys.stderr, line)


def _put(stream: TextIO, text: str) -> None:
    raw = getattr(stream, "buffer", None)
    try:
        stream.flush()
        if raw is None:
            stream.write(text)
        else:
            raw.write(text.encode())
            raw.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
