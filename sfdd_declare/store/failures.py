"""What a database error means to the user: one StateError with an id and a command, never a driver's traceback.

Texts come from the driver's first line only. Statements and their values never get into a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from sfdd_declare.model.errors import Locked, StateError


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the errors of the database at `place` into StateErrors."""
    try:
        yield
    except DBAPIError as error:
        raise state_error(str(error.orig), place) from error


def state_error(text: str, place: str) -> StateError:
    """The error for a driver's message."""
    line = text.strip().splitlines()[0] if text.strip() else "no reason given"
    for needles, build in _MEANINGS:
        if any(needle in line.lower() for needle in needles):
            return build(line, place)
    return StateError(
        "SFDD-E3010", "The state database refused a statement.", detail=line, where=place, hint="sfdd doctor"
    )


def busy(place: str, line: str = "") -> Locked:
    """Somebody else has the state for the moment."""
    return Locked(
        "SFDD-E3006",
        "Another process is writing to the state just now.",
        detail=line,
        where=place,
        hint="Wait for it with `--lock-timeout 300`.",
    )


def _busy(line: str, place: str) -> StateError:
    return busy(place, line)


def corrupt(line: str, place: str) -> StateError:
    return StateError(
        "SFDD-E3002",
        "The state file is damaged, or is not a state file.",
        detail=line,
        where=place,
        hint="sfdd state restore",
    )


def _full(line: str, place: str) -> StateError:
    return StateError(
        "SFDD-E3003",
        "The state could not be written; the last step was not recorded.",
        detail=line,
        where=place,
        hint="Free some disk space, then run `sfdd apply` again: it goes on where this run stopped.",
    )


def _closed(line: str, place: str) -> StateError:
    return StateError(
        "SFDD-E3001",
        "The state cannot be opened.",
        detail=line,
        where=place,
        hint=f"ls -l {place}",
    )


def _unreachable(line: str, place: str) -> StateError:
    return StateError(
        "SFDD-E3009",
        "The database of the state does not answer, or refuses the login.",
        detail=line,
        where=place,
        hint="Check the key `state`.",
    )


_MEANINGS: tuple[tuple[tuple[str, ...], Callable[[str, str], StateError]], ...] = (
    (("is locked", "lock timeout"), _busy),
    (("not a database", "malformed", "file is encrypted"), corrupt),
    (("is full", "disk i/o", "no space left"), _full),
    (("readonly", "read-only", "unable to open", "permission denied"), _closed),
    (("connection", "authentication", "could not translate host", "does not exist on"), _unreachable),
)
