"""`sfdd ci`: the ordinary commands as steps of GitHub Actions."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfdd_declare.cli import consoles, flags
from sfdd_declare.cli.ci_shell import RunnerShell, powerless
from sfdd_declare.cli.session import session_of
from sfdd_declare.model.ci import Step
from sfdd_declare.model.errors import DeclareError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfdd_declare.model.ci import Shell

_HERE = Path(".")
_WORKFLOW = "sfdd-plan.yml"

#: What a step gives the command itself.
_TAKEN = ("-C", "--env", "--out", "--markdown", "--check", "--expect", "--base", "--format", "--help", "-h")

Arguments = Annotated[
    str, typer.Option("--args", metavar="TEXT", help="Flags for the command, in one text, quoted as in a shell.")
]
Posted = Annotated[bool, typer.Option("--comment/--no-comment", help="Write to the pull request, or the issue.")]
Author = Annotated[
    str,
    typer.Option("--author", metavar="LOGIN", help="The account of GITHUB_TOKEN, where it is an app's: app-name[bot]."),
]
Base = Annotated[
    Path | None, typer.Option("--base", metavar="DIR", help="Given to plan: the configuration of the base branch.")
]
Workflow = Annotated[
    str,
    typer.Option("--workflow", metavar="FILE", help="File name of the workflow whose runs plan.", show_default=True),
]


def plan(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    args: Arguments = "",
    base: Base = None,
    comment: Posted = True,
    author: Author = "",
    workflow: Workflow = _WORKFLOW,
) -> int:
    """Plan a pull request.

    Runs sfdd plan. The plan becomes one comment, which is edited in place, and the job summary; its file is for an
    artifact. In a merge queue it asks whether the plan of the pull request still covers what is due.

    \b
    Example:
      sfdd ci plan --env production --args "--var region=uk"
    """
    more = ("--base", str(base)) if base else ()
    step = Step(folder, env, arguments(args) + more, comment, author, workflow)
    return _run(context, step, session_of(context).cases.ci_plan)


def apply(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    args: Arguments = "",
    comment: Posted = True,
    author: Author = "",
    workflow: Workflow = _WORKFLOW,
) -> int:
    """Apply the plan of the merged pull request.

    Finds its plan file among the artifacts of the run that planned its last commit, and runs sfdd apply with it.

    \b
    Example:
      sfdd ci apply --env production --workflow sfdd-plan.yml

    \b
    Exit codes: those of sfdd apply; 3 too where there is no such plan, or
    more than one.
    """
    step = Step(folder, env, arguments(args), comment, author, workflow)
    return _run(context, step, session_of(context).cases.ci_apply)


def drift(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    args: Arguments = "",
    comment: Posted = True,
    author: Author = "",
) -> int:
    """Keep one issue about what somebody changed by hand.

    Runs sfdd drift. The issue is opened, kept up to date, and closed when everybody was read and nothing was found.

    \b
    Example:
      sfdd ci drift --env production --args "--ignore drift/known.yaml"

    \b
    Exit codes: 0 none, or an issue says so; 1 error, or not everybody was
    read; 2 drift that no issue could be written about.
    """
    step = Step(folder, env, arguments(args), comment, author)
    return _run(context, step, session_of(context).cases.ci_drift)


def validate(
    context: typer.Context, *, folder: flags.Folder = _HERE, env: flags.Env = None, args: Arguments = ""
) -> int:
    """Check the configuration, with annotations.

    What is wrong is shown at the lines of the change, and counted in the job summary.

    \b
    Example:
      sfdd ci validate
    """
    step = Step(folder, env, arguments(args))
    return _run(context, step, session_of(context).cases.ci_validate)


def arguments(text: str) -> tuple[str, ...]:
    """The flags in a text. Raises UsageError (SFDD-E7002) for one that a step gives itself."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError("SFDD-E7002", f"--args is not quoted as in a shell: {error}.", hint="--args") from None
    for word in words:
        flag = "-C" if word.startswith("-C") else word.partition("=")[0]
        if flag in _TAKEN:
            summary = f"`{flag}` cannot be given in --args: the step gives it itself."
            raise UsageError("SFDD-E7002", summary, hint="sfdd ci plan --help")
    return words


def _run(context: typer.Context, step: Step, case: Callable[[Step, Mapping[str, str], Shell], int]) -> int:
    """Whatever an error says is as powerless in the log as the command's own text."""
    from sfdd_declare.model.outcome import exit_code_of_error
    from sfdd_declare.render.errors import error_text

    session = session_of(context)
    try:
        return case(step, session.environ, RunnerShell(session))
    except DeclareError as error:
        with powerless():
            error_text(error, consoles.diagnostics())
        return exit_code_of_error(error)
