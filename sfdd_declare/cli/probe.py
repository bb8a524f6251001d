"""`sfdd probe`: finds out how the two systems behave, with throw-away things, once somebody agreed to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfdd_declare.app.options import Declined, Options
from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.session import Session, session_of
from sfdd_declare.cli.usage import suggestion
from sfdd_declare.model.errors import UsageError

if TYPE_CHECKING:
    from sfdd_declare.model.assumed import Hands, Intent, LeftBehind, Probed

_HERE = Path(".")
_DOMAIN = re.compile(r"(?=.{4,200}\Z)([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_STOPPING = "\nStopping: what was made is removed first. Once more does not wait for the call in hand."

Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="NAME", help="Settle only this assumption; repeatable.")
]
Domain = Annotated[
    str, typer.Option("--domain", metavar="DOMAIN", help="Where the contacts' addresses are.", show_default=True)
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before things are made; for scripts.")]
Show = Annotated[bool, typer.Option("--show", help="Only list what is known so far; nobody is called.")]


def probe(
    context: typer.Context,
    *,
    only: Only = None,
    domain: Domain = "example.com",
    yes: Yes = False,
    show: Show = False,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    lock_timeout: flags.LockTimeout = 0.0,
    as_json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> int:
    """Find out how both systems behave where nobody says.

    In each account are made for it: a private address book, a data field and some contacts that are nobody and are
    mailed nothing; in Salesforce an inactive campaign with a member. All of it is removed again, also when an error or
    a signal ends it. What a probe leaves behind that was killed, or that could not be removed, is removed by the next
    one. The answers are kept in the state, and used from then on; what is not settled stays as cautious as it was.

    \b
    Examples:
      sfdd probe
      sfdd probe --show
      sfdd probe --yes --only list_join_bumps_updated

    \b
    Exit codes: 0 all is settled, 1 something is not, could not be removed, or
    an error.

    One assumption needs somebody who types a date in Dotdigital; without a terminal it is not settled.
    """
    session = session_of(context)
    names, asked = _names(only or []), flags.options(session, folder, env, var=var, lock_timeout=lock_timeout)
    if show:
        found = session.cases.probe_known(asked, names)
    else:
        _approve(session, asked, names, _domain(domain), yes=yes, as_json=as_json, no_color=no_color)
        found = _carry_out(session, asked, names, domain, as_json=as_json, no_color=no_color)
    if as_json:
        from sfdd_declare.render.machine.probe import probe_document

        machine.write(probe_document(found))
    else:
        from sfdd_declare.render.probe import probed_text

        probed_text(found, consoles.results(no_color=no_color))
    return 0 if show or found.is_settled else 1


def _approve(
    session: Session, asked: Options, names: tuple[str, ...], domain: str, *, yes: bool, as_json: bool, no_color: bool
) -> None:
    """Say what will be made, and ask. Raises UsageError where nobody can be asked, Declined."""
    if not yes and (as_json or not session.stdin.isatty()):
        summary = "A probe makes things in both systems, and there is nobody to ask whether it may."
        raise UsageError("SFDD-E9058", summary, hint=f"sfdd probe --yes{' --json' if as_json else ''}")
    wanted: Intent = session.cases.probe_intent(asked, names, domain)
    if as_json:
        return
    from sfdd_declare.render.probe import intent_text

    intent_text(wanted, consoles.diagnostics(no_color=no_color))
    if yes:
        return
    typer.echo("\nDo you want this? Only 'yes' will be accepted.\nEnter a value: ", nl=False, err=True)
    if session.stdin.readline().strip() != "yes":
        raise Declined("Probe declined. Nothing was made.")


def _carry_out(
    session: Session, asked: Options, names: tuple[str, ...], domain: str, *, as_json: bool, no_color: bool
) -> Probed:
    """Probe; what was left behind is said even where there is no result to say it."""
    left: list[LeftBehind] = []
    try:
        with session.signals.telling(lambda: typer.echo(_STOPPING, err=True)):
            return session.cases.probe(asked, names, domain, _hands(session, left, is_silent=as_json))
    except BaseException:
        from sfdd_declare.render.probe import left_text

        left_text(tuple(left), consoles.diagnostics(no_color=no_color))
        raise


def _hands(session: Session, left: list[LeftBehind], *, is_silent: bool) -> Hands:
    """Whoever sits at the terminal, if anybody does."""
    from sfdd_declare.model.assumed import Hands

    def by_hand(what: str) -> bool:
        if is_silent or not session.stdin.isatty():
            return False
        typer.echo(f"\nPlease do this in Dotdigital, {what}.\nPress Enter when it is done, or type `skip`: ", err=True)
        line = session.stdin.readline()
        return bool(line) and line.strip() != "skip"

    return Hands(by_hand, lambda text: typer.echo(text, err=True), left.extend)


def _names(only: list[str]) -> tuple[str, ...]:
    from sfdd_declare.model.rules import ASSUMPTIONS

    known = [one.name for one in ASSUMPTIONS]
    for name in only:
        if name not in known:
            hint = suggestion(name, known, prefix="--only ") or "sfdd probe --show"
            raise UsageError("SFDD-E9059", f"There is no assumption `{name}`.", hint=hint)
    return tuple(only)


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise UsageError("SFDD-E9060", f"`{text}` is no domain.", hint="sfdd probe --domain example.com")
    return text
