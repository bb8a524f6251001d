"""`sfdd status` and `sfdd history`: how everything stands and what was done, by the state alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.session import session_of

_HERE = Path(".")

Verbose = Annotated[bool, typer.Option("--verbose", help="Also why members are left out for another reason.")]
Run = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="The id of a run, or the beginning of it that no other has.")
]
Count = Annotated[int, typer.Option("-n", metavar="COUNT", min=1, help="How many runs to list.", show_default=True)]


def status(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    verbose: Verbose = False,
    as_json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> int:
    """How every link stands, and what waits for you.

    Who is in step, pending, failed, parked or held; the last run and the next one. Reads the state alone: neither
    Salesforce nor Dotdigital is called, and no credentials are needed.

    \b
    Examples:
      sfdd status
      sfdd status --env staging --json

    \b
    Exit codes: 0 nothing waits, 2 something waits for a human, 1 error.

    A human is waited for after a run that failed or was interrupted, where a guard blocks, and for people held, leads
    pending and rows parked. Neither rows that are tried again nor a set-up that differs count.
    """
    from sfdd_declare.model.outcome import Exit

    session = session_of(context)
    found = session.cases.status(flags.options(session, folder, env, var=var))
    if as_json:
        from sfdd_declare.render.machine.status import status_document

        machine.write(status_document(found))
    else:
        from sfdd_declare.render.status import status_text

        status_text(found, consoles.results(no_color=no_color), verbose=verbose)
    return Exit.CHANGES if found.conditions else Exit.OK


def history(
    context: typer.Context,
    *,
    run: Run = None,
    count: Count = 20,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    as_json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> int:
    """The last runs, or everything about one.

    Who ran what and when, what was planned and what was done, in numbers of people; no person is named.

    \b
    Examples:
      sfdd history
      sfdd history -n 100 --json
      sfdd history 20261130T164100Z-7
    """
    session = session_of(context)
    found = session.cases.history(flags.options(session, folder, env, var=var), run, count)
    if as_json:
        from sfdd_declare.render.machine.history import history_document

        machine.write(history_document(found))
        return 0
    from sfdd_declare.render.history import history_text, run_text

    console = consoles.results(no_color=no_color)
    if run is not None:
        run_text(found[0], console)
    else:
        history_text(found, console)
    return 0
