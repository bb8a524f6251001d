"""Small commands around the state: unlock, list."""

from __future__ import annotations

from sfdd_declare.app.home import open_home, read_home
from sfdd_declare.app.options import Options
from sfdd_declare.config.read import load
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.state import Resource


def unlock(options: Options) -> str:
    """Remove the lease, whoever holds it; says whose it was."""
    with open_home(without_credentials(options), options, create=False) as state:
        removed = state.unlock()
    return f"Removed the lock of {removed.holder}." if removed else "Nobody holds the lock."


def resources(options: Options) -> tuple[Resource, ...]:
    """Everything the state knows, by address."""
    with read_home(without_credentials(options), options) as state:
        return tuple(sorted(state.resources(), key=lambda resource: resource.address))


def without_credentials(options: Options) -> Desired:
    """The configuration for a command that talks to nobody."""
    return load(
        options.folder, env=options.env, variables=options.variables, environ=options.environ, credentials=False
    )
