"""`sfdd validate`: for people, for programs, and for code hosts."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from sfdd_declare import __version__
from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.session import Session, session_of
from sfdd_declare.model.errors import UsageError

if TYPE_CHECKING:
    from sfdd_declare.app.options import Options
    from sfdd_declare.model.finding import Findings

_HERE = Path(".")


class Format(StrEnum):
    """Who reads what is found."""

    TEXT = "text"
    SARIF = "sarif"
    GITLAB = "gitlab"
    GITHUB = "github"


AsFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"One of {', '.join(Format)}: text, or what a code host shows at the lines of a change.",
        show_choices=False,
    ),
]


def validate(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    as_json: flags.Json = False,
    format: AsFormat = Format.TEXT,
    no_color: flags.NoColor = False,
) -> int:
    """Check the configuration; no network.

    Form, names, references and types: everything that needs no live system.

    \b
    Examples:
      sfdd validate
      sfdd validate -C config --env staging
      sfdd validate --format sarif > sfdd.sarif
    """
    session = session_of(context)
    asked = flags.options(session, folder, env, var=var)
    if format is not Format.TEXT:
        return _for_a_host(session, asked, format, as_json=as_json)
    desired = session.cases.validate(asked)
    if as_json:
        from sfdd_declare.render.machine.validate import validate_document

        machine.write(validate_document(desired))
        return 0
    from sfdd_declare.render.listing import valid_text

    valid_text(desired, consoles.results(no_color=no_color))
    return 0


def _for_a_host(session: Session, asked: Options, format: Format, *, as_json: bool) -> int:
    """Print the document, and end with the exit code of the text. Raises UsageError beside `--json`.

    The text itself is left out: a runner would take lines of it for commands, and names in it are whatever a stranger
    wrote.
    """
    if as_json:
        summary = "--format and --json exclude each other: both ask for the one document on stdout."
        raise UsageError("SFDD-E9041", summary, hint=f"sfdd validate --format {format.value}")
    findings = session.cases.findings(asked)
    machine.write_text(_document(findings, format))
    if findings.error is None:
        return 0
    from sfdd_declare.model.outcome import exit_code_of_error
    from sfdd_declare.render.words import counted

    if format is not Format.GITHUB:  # whose annotations a log shows as they are
        typer.echo(f"{counted(len(findings.found), 'errors')}. `sfdd validate` shows them as text.", err=True)
    return exit_code_of_error(findings.error)


def _document(findings: Findings, format: Format) -> str:
    if format is Format.SARIF:
        from sfdd_declare.render.machine.sarif import sarif

        return sarif(findings, __version__)
    if format is Format.GITLAB:
        from sfdd_declare.render.machine.code_quality import code_quality

        return code_quality(findings)
    if format is Format.GITHUB:
        from sfdd_declare.render.annotations import workflow_commands

        return workflow_commands(findings)
    if format is Format.TEXT:
        raise ValueError(format)
    assert_never(format)
