"""`sfdd validate`, `sfdd plan` and `sfdd apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sfdd_declare.cli import consoles, flags
from sfdd_declare.cli.session import session_of
from sfdd_declare.model.errors import UsageError

_HERE = Path(".")

Detailed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with 2 when there are changes, 0 when there are none.")
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask for yes. Names must still be given.")]
Confirm = Annotated[
    list[str] | None,
    typer.Option("--confirm", metavar="NAME", help="The name of a thing that may be destroyed; repeatable."),
]
Expect = Annotated[
    str | None,
    typer.Option("--expect", metavar="TOKEN", help="Apply only what the plan with this token showed, else exit 3."),
]


def validate(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    no_color: flags.NoColor = False,
) -> int:
    """Check the configuration; no network.

    Form, names, references and types: everything that needs no live system.

    \b
    Examples:
      sfdd validate
      sfdd validate -C config --env staging
    """
    session = session_of(context)
    desired = session.cases.validate(flags.options(session, folder, env, var=var))
    from sfdd_declare.render.listing import valid_text

    valid_text(desired, consoles.results(no_color=no_color))
    return 0


def plan(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    target: flags.Targets = None,
    exclude: flags.Excludes = None,
    allow: flags.Allowed = None,
    samples: flags.Samples = 5,
    show_personal_data: flags.ShowPersonalData = False,
    verbose: flags.Verbose = False,
    detailed_exitcode: Detailed = False,
    lock_timeout: flags.LockTimeout = 0.0,
    parallelism: flags.Parallelism = 4,
    no_color: flags.NoColor = False,
) -> int:
    """Show every change; write nothing.

    Reads both systems and shows what apply would do: set-up, drift that somebody made by hand, and every
    change to a person's record or membership.

    \b
    Examples:
      sfdd plan
      sfdd plan --target link.spring_launch.newsletter --samples 20
      sfdd plan --detailed-exitcode     exit 0: no changes, 2: changes
    """
    session = session_of(context)
    require_terminal_for_personal_data(show_personal_data)
    asked = flags.options(
        session, folder, env, var=var, target=target, exclude=exclude, allow=allow, samples=samples,
        lock_timeout=lock_timeout, parallelism=parallelism,
    )  # fmt: skip
    from sfdd_declare.cli.approval import PlanView
    from sfdd_declare.render.progress import Progress

    with Progress(consoles.diagnostics(no_color=no_color)) as progress:
        planned = session.cases.plan(asked, progress.watch)
    PlanView(samples, show_personal_data, verbose).show(planned, consoles.results(no_color=no_color))
    return 2 if detailed_exitcode and not planned.is_empty else 0


def apply(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    target: flags.Targets = None,
    exclude: flags.Excludes = None,
    allow: flags.Allowed = None,
    auto_approve: AutoApprove = False,
    confirm: Confirm = None,
    expect: Expect = None,
    samples: flags.Samples = 5,
    show_personal_data: flags.ShowPersonalData = False,
    verbose: flags.Verbose = False,
    lock_timeout: flags.LockTimeout = 0.0,
    parallelism: flags.Parallelism = 4,
    no_color: flags.NoColor = False,
) -> int:
    """Plan, ask, and carry the plan out.

    Set-up first, then people. Safe to run again at any time: it goes on where the last run stopped.

    \b
    Examples:
      sfdd apply
      sfdd apply --expect 3f9c0a1b2c3d:412.57.9.3 --auto-approve
      sfdd apply --allow max_removals
      sfdd apply --confirm "Old newsletter"

    \b
    Exit codes: 0 done, 1 error, 3 the plan does not fit any more, 4 locked,
    5 blocked by a guard, 6 applied in part, 130 or 143 interrupted.
    """
    session = session_of(context)
    require_terminal_for_personal_data(show_personal_data)
    asked = flags.options(
        session, folder, env, var=var, target=target, exclude=exclude, allow=allow, samples=samples,
        lock_timeout=lock_timeout, parallelism=parallelism, expect=expect,
    )  # fmt: skip
    from sfdd_declare.cli.approval import PlanView, TerminalApproval, require_terminal
    from sfdd_declare.model.outcome import exit_code
    from sfdd_declare.render.outcome import outcome_text
    from sfdd_declare.render.progress import Progress

    if not auto_approve:
        require_terminal(session.stdin, "SFDD-E9024", "An apply needs an approval", "sfdd apply --auto-approve")
    results, diagnostics = consoles.results(no_color=no_color), consoles.diagnostics(no_color=no_color)
    view = PlanView(samples, show_personal_data, verbose)
    with Progress(diagnostics) as progress:
        approval = TerminalApproval(
            view, results, diagnostics, progress, session.stdin, auto_approve, frozenset(confirm or ())
        )
        outcome = session.cases.apply(asked, approval, session.signals.following(progress.watch))
    results.print()
    outcome_text(outcome, results)
    return exit_code(outcome)


def require_terminal_for_personal_data(asked: bool) -> None:
    """Raise when personal data would land in a file or a pipe."""
    if asked and not sys.stdout.isatty():
        summary = "Personal data is only shown at a terminal, and stdout is none."
        raise UsageError("SFDD-E9023", summary, hint="sfdd plan --samples 5")
