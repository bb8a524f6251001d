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
from sfdd_declare.people.spool import RunDirectory, sweep
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.state import State, open_state

FOLDER = ".sfdd"


def open_home(desired: Desired, options: Options, *, create: bool) -> State:
    """Open the state the configuration names, or the default file. Without `create` nothing is written."""
    return open_state(state_place(desired, options.env), create=create, environ=options.environ)


def state_place(desired: Desired, env: str | None) -> Path | str:
    """Where `state:` says, else the default file of the environment."""
    if desired.state is None:
        return default_place(desired, env)
    return desired.state if "://" in desired.state else Path(desired.root) / desired.state


def default_place(desired: Desired, env: str | None = None) -> Path:
    """The default file of an environment, or that of the configuration without one."""
    folder = Path(desired.root) / FOLDER
    return folder / "env" / f"{env}.db" if env else folder / "state.db"


def run_directory(desired: Desired) -> RunDirectory:
    """A fresh run directory; leftovers of killed runs are removed first (INV-10)."""
    parent = Path(desired.root) / FOLDER / "runs"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(parent)
    return RunDirectory(parent)


def holder(operation: str) -> Holder:
    return Holder(getpass.getuser(), socket.gethostname(), os.getpid(), operation)
