"""`sfdd drift`: what somebody changed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.comment import Comment, Markdown, require_masked
from sfdd_declare.cli.plan import require_terminal_for_personal_data
from sfdd_declare.cli.session import session_of
from sfdd_declare.cli.usage import suggestion
from sfdd_declare.model.address import Address, Kind
from sfdd_declare.model.errors import UsageError

_HERE = Path(".")

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="ADDRESS|KIND", help="Only this address, kind of thing or kind of drift; repeatable."
    ),
]
Ignore = Annotated[
    Path | None,
    typer.Option("--ignore", metavar="FILE", help="A YAML list of what is known: {address, field, reason, until}."),
]


ShowPeople = Annotated[
    bool, typer.Option("--show-people", help="Name the users of Salesforce beside their ids; only at a terminal.")
]


def drift(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    base: flags.Base = None,
    only: Only = None,
    ignore: Ignore = None,
    parallelism: flags.Parallelism = 4,
    show_people: ShowPeople = False,
    as_json: flags.Json = False,
    markdown: Markdown = None,
    events: flags.Events = False,
    no_color: flags.NoColor = False,
) -> int:
    """What somebody changed by hand.

    In the set-up and in people's data, since the last apply. Reads everybody, writes nothing. What is merged
    but not applied is shown apart, and is no drift.

    \b
    Examples:
      sfdd drift
      sfdd drift --only field_mapping --only left
      sfdd drift --ignore drift/known.yaml --json

    \b
    Exit codes: 0 none, 2 drift, 1 error, or not everybody was read.
    """
    from sfdd_declare.model.drift import exit_code

    session = session_of(context)
    words = tuple(asked_for(text) for text in only or ())
    machine.require_masked("drift", as_json=as_json, reveal=show_people, flag="--show-people")
    require_masked("drift", markdown, reveal=show_people, flag="--show-people")
    require_terminal_for_personal_data(show_people)
    asked = flags.options(session, folder, env, var=var, base=base, parallelism=parallelism, reveal=show_people)
    comment = Comment(markdown, folder, env)
    with comment.on_failure(), machine.watching(events=events, no_color=no_color) as progress:
        found = session.cases.drift(asked, words, ignore, progress.watch)
    comment.drift(found)
    if as_json:
        from sfdd_declare.render.machine.drift import drift_document

        machine.write(drift_document(found))
    else:
        from sfdd_declare.render.drift import drift_text

        drift_text(found, consoles.results(no_color=no_color))
    return exit_code(found)


def asked_for(text: str) -> str:
    """A word of `--only`. Raises UsageError for what is neither an address nor a kind."""
    from sfdd_declare.model.drift import DriftKind

    kinds = (*(kind.value for kind in Kind), *(kind.value for kind in DriftKind))
    if text in kinds:
        return text
    try:
        return str(Address.parse(text))
    except ValueError as error:
        hint = suggestion(text, kinds, prefix="--only ") or f"--only {', '.join(kinds)}"
        raise UsageError("SFDD-E9040", f"`{text}` is neither an address nor a kind.", hint=hint) from error
