"""`sfdd errors`, `sfdd forget` and `sfdd explain`: single rows and single people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.app.options import Options
from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.plan import require_terminal_for_personal_data
from sfdd_declare.cli.session import session_of

_HERE = Path(".")

Records = Annotated[
    list[str] | None, typer.Argument(metavar="[RECORD...]", help="Ids as `sfdd errors` shows them; none means all.")
]
OneOrMore = Annotated[list[str], typer.Argument(metavar="RECORD...", help="Ids as `sfdd errors` shows them.")]
Who = Annotated[str, typer.Argument(metavar="EMAIL|ID", help="Address, Salesforce Id, or contact id of Dotdigital.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address.")]


def errors(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    as_json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> int:
    """What did not go through, and when it is tried again.

    One line per record and field: the vendor's own code and words, since when, how often. Values are never shown.

    \b
    Examples:
      sfdd errors
      sfdd errors retry 003Ws00000AbCdEIAV
      sfdd errors park 003Ws00000AbCdEIAV
    """
    if context.invoked_subcommand is not None:
        return 0
    session = session_of(context)
    found = session.cases.problems(flags.options(session, folder, env, var=var))
    if as_json:
        from sfdd_declare.render.machine.ledger import ledger_document

        machine.write(ledger_document(found))
        return 0
    from sfdd_declare.render.ledger import ledger_text

    ledger_text(found, consoles.results(no_color=no_color))
    return 0


def retry(
    context: typer.Context,
    *,
    records: Records = None,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    lock_timeout: flags.LockTimeout = 0.0,
) -> int:
    """Try parked rows again, from the next run on.

    \b
    Example:
      sfdd errors retry
    """
    asked = flags.options(session_of(context), folder, env, var=var, lock_timeout=lock_timeout)
    return _set_parked(context, asked, records or [], parked=False)


def park(
    context: typer.Context,
    *,
    records: OneOrMore,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    lock_timeout: flags.LockTimeout = 0.0,
) -> int:
    """Do not try these rows again until they change or are retried.

    \b
    Example:
      sfdd errors park 003Ws00000AbCdEIAV
    """
    asked = flags.options(session_of(context), folder, env, var=var, lock_timeout=lock_timeout)
    return _set_parked(context, asked, records, parked=True)


def forget(
    context: typer.Context,
    *,
    email: Email,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    lock_timeout: flags.LockTimeout = 0.0,
) -> int:
    """Forget a person, opt-outs excepted.

    The next run sees them for the first time: a contact that somebody deleted in Dotdigital may be made again.

    \b
    Example:
      sfdd forget ada@example.com
    """
    session = session_of(context)
    found = session.cases.forget(flags.options(session, folder, env, var=var, lock_timeout=lock_timeout), email)
    if not found.pairs:
        consoles.say("Nothing is known under this address.")
        return 0
    from sfdd_declare.render.words import counted

    kept = f"{counted(found.pairs, 'pairs')}, {counted(found.memberships, 'memberships')}"
    consoles.say(f"Forgot {kept} and {counted(found.problems, 'problems')}. Opt-outs are kept.")
    return 0


def explain(
    context: typer.Context,
    *,
    who: Who,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    show_personal_data: flags.ShowPersonalData = False,
    parallelism: flags.Parallelism = 4,
    as_json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> int:
    """Everything about one person, and why.

    Which records match and which one writes, each address book and the rule that decides, whose opt-out it is,
    and what the next apply would do. Reads both systems, writes nothing.

    \b
    Examples:
      sfdd explain ada@example.com
      sfdd explain 003Ws00000AbCdEIAV
    """
    session = session_of(context)
    machine.require_masked("explain EMAIL|ID", as_json=as_json, reveal=show_personal_data)
    require_terminal_for_personal_data(show_personal_data)
    asked = flags.options(session, folder, env, var=var, parallelism=parallelism)
    from sfdd_declare.render.explain import explanation_text
    from sfdd_declare.render.progress import Progress

    with Progress(consoles.diagnostics(no_color=no_color)) as progress:
        found = session.cases.explain(asked, who, progress.watch)
    if as_json:
        from sfdd_declare.render.machine.explain import explain_document

        machine.write(explain_document(found))
        return 0
    explanation_text(found, consoles.results(no_color=no_color), reveal=show_personal_data)
    return 0


def _set_parked(context: typer.Context, asked: Options, records: Sequence[str], *, parked: bool) -> int:
    changed = session_of(context).cases.set_parked(asked, tuple(records), parked)
    from sfdd_declare.render.words import counted

    what = "parked" if parked else "to be tried again in the next run"
    consoles.say(f"{counted(changed, 'problems')} {what}.")
    return 0
