"""Where a configuration keeps its state and its run directories: `.sfdd/` beside it, unless somebody says otherwise.

A plan of a checkout that can only be read has its run directory elsewhere, and reads a copy of the state there.
Each environment has a state of its own: what is known of one org says nothing about another (RUN-8).
"""

from __future__ import annotations

import errno
import getpass
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from sfdd_declare.app.options import Options
from sfdd_declare.config import within
from sfdd_declare.config.base import read_base
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import StateError, UsageError
from sfdd_declare.people.spool import RunDirectory, sweep
from sfdd_declare.store.backup import copies_beside
from sfdd_declare.store.database import shown_place
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.opening import open_state
from sfdd_declare.store.state import State
from sfdd_declare.wire.runner import is_runner

FOLDER = ".sfdd"
RUNS_VARIABLE = "SFDD_TMPDIR"
STATE_VARIABLE = "SFDD_STATE"
_NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


@contextmanager
def read_home(desired: Desired, options: Options) -> Iterator[State]:
    """The state like `open_home`, for whoever only reads it: where nothing may be written, from a copy."""
    with room_for_copies(desired, options) as aside, open_home(desired, options, create=False, aside=aside) as state:
        yield state


@contextmanager
def room_for_copies(desired: Desired, options: Options) -> Iterator[Callable[[], Path]]:
    """Makes folders, once they are asked for, that are there until the block ends."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(run_directory(desired, options.environ))).root


def open_home(desired: Desired, options: Options, *, create: bool, aside: Callable[[], Path] | None = None) -> State:
    """Open the state the configuration names, or the default file. Without `create` nothing is written.

    Raises StateError beside copies of a state that is not there any more.
    """
    place = state_place(desired, options)
    if isinstance(place, Path) and not place.exists():
        _refuse_beside_copies(place, options)
    state = open_state(
        place,
        create=create,
        environ=options.environ,
        adopts=options.adopt_lineage,
        clock=options.now,
        aside=aside,
        room=partial(_room, desired, options.environ),
    )
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


def state_place(desired: Desired, options: Options) -> Path | str:
    """Where the environment's variable says, else `state:`, else the default file of the environment.

    The variable wins, so that whoever runs this for others decides where their states are, whatever a file proposes.
    Raises StateError on a runner for a place that only the configuration names, and that is no part of it.
    """
    if named := options.environ.get(STATE_VARIABLE):
        return _place(named, desired)
    place = default_place(desired, options.env) if desired.state is None else _place(desired.state, desired)
    if is_runner(options.environ) and not _is_asked_for(place, desired, options):
        raise StateError(
            "SFDD-E3031",
            "On a runner a state that is no file below the configuration is named by the environment, which no "
            "proposal can change, or by the base.",
            where=f"state: {shown_place(place)}",
            hint=f"export {STATE_VARIABLE}=…; or `--base DIR` where the base names the same place",
        )
    return place


def _place(named: str, desired: Desired) -> Path | str:
    return named if "://" in named else Path(desired.root) / named


def _is_asked_for(place: Path | str, desired: Desired, options: Options) -> bool:
    """Whether it is below the configuration, or somebody else than the configuration's author names it, too: our
    credentials for states go there, and what is written there stays.
    """
    if isinstance(place, Path) and within.is_inside(place, (Path(desired.root),)):
        return True
    if desired.state is None or desired.state in options.environ.values():
        return desired.state is not None
    if options.base is None:
        return False
    base = read_base(options.base, env=options.env, variables=options.variables, environ=options.environ)
    return base.state == desired.state and not isinstance(place, Path)


def default_place(desired: Desired, env: str | None = None) -> Path:
    """The default file of an environment, or that of the configuration without one."""
    folder = Path(desired.root) / FOLDER
    return folder / "env" / f"{env}.db" if env else folder / "state.db"


def configuration_name(desired: Desired, options: Options) -> str:
    """How people tell configurations apart: by the folder, and the environment if there is one."""
    name = Path(desired.root).resolve().name
    return f"{name} ({options.env})" if options.env else name


def run_directory(desired: Desired, environ: Mapping[str, str]) -> RunDirectory:
    """A fresh run directory; leftovers of killed runs are removed first (INV-10).

    It is made where the environment says; else beside the state, and where that cannot be, in the system's folder for
    such things. Raises UsageError for a place that the environment asks for in vain.
    """
    if named := environ.get(RUNS_VARIABLE):
        try:
            return _made(Path(named))
        except OSError as error:
            summary = f"No run directory can be made in {named}: {error.strerror}."
            hint = f"export {RUNS_VARIABLE}=/tmp"
            raise UsageError("SFDD-E9038", summary, where=RUNS_VARIABLE, hint=hint) from error
    usual = environ.get("TMPDIR") or Path(desired.root) / FOLDER / "runs"
    try:
        return _made(Path(usual))
    except OSError as error:
        if error.errno not in _NO_PLACE:
            raise
    return _made(Path(tempfile.gettempdir()))


@contextmanager
def _room(desired: Desired, environ: Mapping[str, str]) -> Iterator[Path]:
    """A folder for the copy of a state; what a killed run left of one is swept, like all it left."""
    with closing(run_directory(desired, environ)) as made:
        yield made.root


def _made(parent: Path) -> RunDirectory:
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(parent)
    return RunDirectory(parent)


def holder(operation: str) -> Holder:
    return Holder(getpass.getuser(), socket.gethostname(), os.getpid(), operation)
