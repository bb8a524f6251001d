"""`sfdd show`: a plan file as the plan that it holds; without one, the state."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli import consoles, flags, machine, state
from sfdd_declare.cli.comment import Comment, Markdown, require_masked
from sfdd_declare.cli.plan import require_terminal_for_personal_data
from sfdd_declare.cli.session import session_of

_HERE = Path(".")

PlanFile = Annotated[Path | None, typer.Argument(metavar="FILE", help="A plan file; without one, the state is shown.")]


def show(
    context: typer.Context,
    *,
    file: PlanFile = None,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    samples: flags.Samples = 5,
    show_personal_data: flags.ShowPersonalData = False,
    verbose: flags.Verbose = False,
    as_json: flags.Json = False,
    markdown: Markdown = None,
    no_color: flags.NoColor = False,
) -> int:
    """Show a plan file, or the state.

    A plan file is shown as the plan was. Nothing is read from Salesforce or Dotdigital. People are in it only where
    SFDD_KEY was set, and are shown to whoever has it: --show-personal-data.

    \b
    Examples:
      sfdd show spring.sfddplan
      sfdd show spring.sfddplan --json
      sfdd show
    """
    if file is None:
        return state.show(context, folder=folder, env=env, var=var, as_json=as_json)
    session = session_of(context)
    machine.require_masked("show", as_json=as_json, reveal=show_personal_data)
    require_masked("show", markdown, reveal=show_personal_data)
    require_terminal_for_personal_data(show_personal_data)
    asked = flags.options(session, folder, env, var=var, file=file, samples=samples, reveal=show_personal_data)
    found = session.cases.show_plan(asked)
    Comment(markdown, folder, found.file.asked.env, file.name).plan(found.file.plan, found.file.expires)
    if as_json:
        from sfdd_declare.render.machine.plan import plan_document

        machine.write(plan_document(found.file.plan))
        return 0
    from sfdd_declare.cli.approval import PlanView
    from sfdd_declare.render.planfile import plan_file_text

    console = consoles.results(no_color=no_color)
    plan_file_text(found.file, console, name=file.name, sealed=found.sealed)
    PlanView(samples, verbose).show(found.file.plan, console)
    return 0
