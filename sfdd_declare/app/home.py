"""Where a configuration keeps its state and its run directories: `.sfdd/` beside it.

Each environment has a state of its own: what is known of one org says nothing about another (RUN-8).
"""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path

from sfdd_declare.app.options import Options
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import StateError
from sfdd_declare.people.spool import RunDirectory, sweep
from sfdd_declare.store.backup import copies_beside
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.state import State, open_state

FOLDER = ".sfdd"


def open_home(desired: Desired, options: Options, *, create: bool) -> State:
    """Open the state the configuration names, or the default file. Without `create` nothing is written.

    Raises StateError beside copies of a state that is not there any more.
    """
    place = state_place(desired, options.env)
    if isinstance(place, Path) and not place.exists():
        _refuse_beside_copies(place, options)
    state = open_state(place, create=create, environ=options.environ, adopts=options.adopt_lineage)
    header = state.header()
    if isinstance(place, Path) and header.fresh and not header.begun_anew:
        try:
            _refuse_beside_copies(place, options)
        except StateError:
            state.close()
            raise
    return state


def _refuse_beside_copies(place: Path, options: Options) -> None:
    """A state that is lost or was emptied is missed: to begin again unasked would bring back whom somebody took off."""
    if copies := copies_beside(place):
        names = ", ".join(copy.name for copy in copies)
        flags = f" --env {options.env}" if options.env else ""
        raise StateError(
            "SFDD-E3015",
            f"There is no state here, or an empty one, but copies of one that was used: {names}.",
            where=str(place),
            hint=f"sfdd state restore{flags}; or `sfdd state init --forget{flags}` to begin again on purpose",
        )


def state_place(desired: Desired, env: str | None) -> Path | str:
    """Where `state:` says, else the default file of the environment."""
    if desired.state is None:
        return default_place(desired, env)
    return desired.state if "://" in desired.state else Path(desired.root) / desired.state


def default_place(desired: Desired, env: str | None = None) -> Path:
    """The default file of an environment, or that of the configuration without one."""
    folder = Path(desired.root) / FOLDER
    return folder / "env" / f"{env}.db" if env else folder / "state.db"


def configuration_name(desired: Desired, options: Options) -> str:
    """How people tell configurations apart: by the folder, and the environment if there is one."""
    name = Path(desired.root).resolve().name
    return f"{name} ({options.env})" if options.env else name


def run_directory(desired: Desired) -> RunDirectory:
    """A fresh run directory; leftovers of killed runs are removed first (INV-10)."""
    parent = Path(desired.root) / FOLDER / "runs"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(parent)
    return RunDirectory(parent)


def holder(operation: str) -> Holder:
    return Holder(getpass.getuser(), socket.gethostname(), os.getpid(), operation)
