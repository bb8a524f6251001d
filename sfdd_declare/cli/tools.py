"""The small commands: `schema`, `registry`, `unlock`, `version`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare import __version__
from sfdd_declare.cli import consoles, flags
from sfdd_declare.cli.session import session_of

_HERE = Path(".")

ZipFile = Annotated[Path, typer.Option("--zip", metavar="FILE", help="The file to write; an existing one is replaced.")]


class Schema(StrEnum):
    """What has a schema: the YAML, and each kind of document that `--json` prints or a webhook is sent."""

    CONFIG = "config"
    PLAN = "plan"
    APPLY = "apply"
    DRIFT = "drift"
    ERROR = "error"
    ERRORS = "errors"
    EVENTS = "events"
    EXPLAIN = "explain"
    HISTORY = "history"
    NOTIFICATION = "notification"
    PROBE = "probe"
    STATE = "state"
    STATUS = "status"
    VALIDATE = "validate"


What = Annotated[
    Schema,
    typer.Argument(metavar="[KIND]", help=f"One of {', '.join(Schema)}.", show_choices=False),
]


def schema(context: typer.Context, *, what: What = Schema.CONFIG) -> int:
    """Print the JSON Schema of the YAML or a document.

    For editors, which complete and check the configuration with it, and for programs that read what --json prints.

    \b
    Examples:
      sfdd schema > schemas/config.schema.json
      sfdd schema plan
    """
    consoles.say(session_of(context).cases.schema(what.value).rstrip())
    return 0


def package(context: typer.Context, *, zip_file: ZipFile) -> int:
    """Write a package for an admin to deploy.

    It holds the registry objects and their permission set, for organisations where apply may not deploy.

    \b
    Example:
      sfdd registry package --zip registry.zip
    """
    session_of(context).cases.package(zip_file)
    consoles.say(f"Wrote {zip_file}. An admin deploys it, then `sfdd plan` finds the objects.")
    return 0


def unlock(
    context: typer.Context, *, folder: flags.Folder = _HERE, env: flags.Env = None, var: flags.Variables = None
) -> int:
    """Take the lock from a run that died.

    Make sure that it is dead: two applies at once would undo each other.

    \b
    Example:
      sfdd unlock
    """
    session = session_of(context)
    consoles.say(session.cases.unlock(flags.options(session, folder, env, var=var)))
    return 0


def clean(
    context: typer.Context, *, folder: flags.Folder = _HERE, env: flags.Env = None, var: flags.Variables = None
) -> int:
    """Remove rows that a copied org brought along.

    A sandbox made from production holds the rows of production's states; a plan ignores them.

    \b
    Example:
      sfdd registry clean --env staging
    """
    session = session_of(context)
    removed = session.cases.clean_registry(flags.options(session, folder, env, var=var))
    consoles.say(f"Removed {removed:,} rows of another org." if removed else "There are no rows of another org.")
    return 0


def version() -> int:
    """Print the version.

    \b
    Example:
      sfdd version
    """
    typer.echo(f"sfdd {__version__}")
    return 0
