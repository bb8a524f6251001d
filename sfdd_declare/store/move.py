"""A state brought to another place: pulled into a file, pushed back, or moved for good (`sfdd state pull` and others).

One state has one place (RUN-8): whatever would put another state, or an older one, over what is there is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sfdd_declare.model.errors import StateError, UsageError
from sfdd_declare.model.state import StateHeader
from sfdd_declare.store.database import shown_place, sqlite_file
from sfdd_declare.store.homes import database_at
from sfdd_declare.store.journal import count_change
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.meta import MOVED
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.state import State
from sfdd_declare.store.transfer import a_file


def pull(place: Path | str, target: Path, environ: Mapping[str, str]) -> StateHeader:
    """Write the state as a file. Raises UsageError where there is one, StateError where there is no state."""
    if target.exists():
        raise UsageError("SFDD-E9043", "There is a file of this name already.", where=str(target), hint=f"rm {target}")
    made = target.with_name(f"{target.name}.part")
    try:
        with open_state(place, create=False, environ=environ) as state:
            header = _used(state, shown_place(place))
            with a_file(made) as file:
                state.copy_to(file)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return header


def push(place: Path | str, source: Path, holder: Holder, environ: Mapping[str, str]) -> StateHeader:
    """Put a file in the state's place, if it goes on from what is there. Returns what it says of itself.

    Raises StateError for another state, an older one and a fork, Locked while an apply holds the lease.
    """
    if not source.exists():
        raise StateError("SFDD-E3018", "There is no such copy of the state.", where=str(source), hint="ls *.db")
    with open_state(source, create=False, environ=environ) as file:
        header = _used(file, str(source))
        with open_state(place, create=True, environ=environ) as state, state.lock(holder) as lease:
            _require_next(state, file, shown_place(place), str(source))
            with closing(sqlite_file(source)) as found:
                state.put(lease, found, count_change)
    return header


def migrate(place: Path | str, target: Path | str, holder: Holder, environ: Mapping[str, str]) -> StateHeader:
    """Move the state: what is left behind says where it is. Again after it was interrupted, it ends the move.

    Raises StateError where another state is already, Locked while an apply holds the lease.
    """
    with open_state(place, create=False, environ=environ) as state:
        header = _used(state, shown_place(place))
        with state.lock(holder) as lease:
            _require_room(target, header, environ)
            with closing(database_at(target, create=True, environ=environ)) as found:
                state.move_to(lease, found, shown_place(target))
                found.tidy()
    return header


def _used(state: State, place: str) -> StateHeader:
    header = state.header()
    if header.fresh:
        raise StateError("SFDD-E3020", "There is no state here that was used.", where=place, hint="sfdd state show")
    return header


def _require_next(state: State, file: State, place: str, source: str) -> None:
    """What is there must be an earlier moment of the file: each run of it one that the file knows, too."""
    there, header = state.header(), file.header()
    if there.fresh:
        return
    if there.lineage != header.lineage:
        raise StateError(
            "SFDD-E3027",
            f"Another state is there: lineage {there.lineage}, not {header.lineage}.",
            where=place,
            hint=f"sfdd state restore {source} puts it aside, and tells the org",
        )
    last = next(iter(state.runs(1)), None)
    if there.serial > header.serial or (last is not None and not file.knows(last.run)):
        raise StateError(
            "SFDD-E3028",
            f"What is there is newer than {source}: serial {there.serial} and {header.serial}.",
            where=place,
            hint=f"sfdd state pull; to go back on purpose: sfdd state restore {source}",
        )


def _require_room(target: Path | str, header: StateHeader, environ: Mapping[str, str]) -> None:
    """Nothing is there, or what a move left there: this very state, or one that was moved away."""
    try:
        with open_state(target, create=False, environ=environ) as found:
            there = found.header()
    except StateError as error:
        if error.id != MOVED:
            raise
        return
    if not there.fresh and (there.lineage, there.serial) != (header.lineage, header.serial):
        raise StateError(
            "SFDD-E3029",
            f"Another state is there: lineage {there.lineage}, serial {there.serial}.",
            where=shown_place(target),
            hint="Name another place.",
        )
