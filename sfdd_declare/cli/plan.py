"""`sfdd plan`, `sfdd apply` and `sfdd sync`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfdd_declare.cli import consoles, flags, machine
from sfdd_declare.cli.comment import Comment, Markdown, require_masked
from sfdd_declare.cli.session import Session, session_of
from sfdd_declare.model.errors import UsageError

if TYPE_CHECKING:
    from sfdd_declare.app.options import Options
    from sfdd_declare.model.outcome import Outcome

_HERE = Path(".")

Detailed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with 2 when there are changes, 0 when there are none.")
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask for yes. Names must still be given.")]
Confirm = Annotated[
    list[str] | None,
    typer.Option("--confirm", metavar="NAME", help="The name of a thing that may be destroyed; repeatable."),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Keep the plan in a file that apply can carry out.")
]
PlanFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A plan file: what it holds and is still due, and no more.")
]
Expect = Annotated[
    str | None,
    typer.Option("--expect", metavar="TOKEN", help="Apply no more than the plan with this token showed, else exit 3."),
]

Check = Annotated[
    str | None,
    typer.Option("--check", metavar="TOKEN", help="Only ask whether this token still covers what is due: exit 0 or 3."),
]

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ADDRESS_BOOK|CAMPAIGN|LINK...]", help="What to synchronise; none means all."),
]


def plan(
    context: typer.Context,
    *,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    base: flags.Base = None,
    target: flags.Targets = None,
    exclude: flags.Excludes = None,
    allow: flags.Allowed = None,
    accept_first_sync: flags.AcceptFirstSync = False,
    adopt_lineage: flags.AdoptLineage = "",
    samples: flags.Samples = 5,
    show_personal_data: flags.ShowPersonalData = False,
    verbose: flags.Verbose = False,
    detailed_exitcode: Detailed = False,
    check: Check = None,
    out: Out = None,
    confirm: Confirm = None,
    delta: flags.Delta = False,
    lock_timeout: flags.LockTimeout = 0.0,
    parallelism: flags.Parallelism = 4,
    as_json: flags.Json = False,
    markdown: Markdown = None,
    events: flags.Events = False,
    no_color: flags.NoColor = False,
) -> int:
    """Show every change; write nothing.

    Reads both systems and shows what apply would do: set-up, drift that somebody made by hand, and every
    change to a person's record or membership.

    \b
    Examples:
      sfdd plan
      sfdd plan --target link.spring_launch.newsletter --samples 20
      sfdd plan --detailed-exitcode     exit 0: no changes, 2: changes or blocked
      sfdd plan --check 3f9c0a1b2c3d:412.57.9.3.41     exit 0: covered, 3: not
      sfdd plan --out spring.sfddplan   keep it for review, and for sfdd apply
      sfdd plan --json > plan.json
      sfdd plan --markdown comment.md   for a pull request
      sfdd plan --base ../main          judged by the limits of the base, too
    """
    session = session_of(context)
    machine.require_masked("plan", as_json=as_json, reveal=show_personal_data)
    require_masked("plan", markdown, reveal=show_personal_data)
    require_masked("plan", out, reveal=show_personal_data, kept="--out")
    require_terminal_for_personal_data(show_personal_data)
    asked = flags.options(
        session, folder, env, var=var, target=target, exclude=exclude, allow=allow,
        accept_first_sync=accept_first_sync, adopt_lineage=adopt_lineage, samples=samples, reveal=show_personal_data,
        lock_timeout=lock_timeout, parallelism=parallelism, delta=delta, expect=check, out=out, confirm=confirm,
        base=base,
    )  # fmt: skip
    comment = Comment(markdown, folder, env, out.name if out else "")
    with comment.on_failure(), machine.watching(events=events, no_color=no_color) as progress:
        planned = session.cases.plan(asked, progress.watch)
    comment.plan(planned)
    if as_json:
        from sfdd_declare.render.machine.plan import plan_document

        if check is not None:  # a no is an error's document, and there is only one
            session.cases.demand(planned, check)
        machine.write(plan_document(planned))
    else:
        from sfdd_declare.cli.approval import PlanView

        PlanView(samples, verbose).show(planned, consoles.results(no_color=no_color))
    if check is not None:
        session.cases.demand(planned, check)
        return 0
    return 2 if detailed_exitcode and not planned.is_empty else 0


def apply(
    context: typer.Context,
    *,
    file: PlanFile = None,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    target: flags.Targets = None,
    exclude: flags.Excludes = None,
    allow: flags.Allowed = None,
    accept_first_sync: flags.AcceptFirstSync = False,
    adopt_lineage: flags.AdoptLineage = "",
    auto_approve: AutoApprove = False,
    confirm: Confirm = None,
    expect: Expect = None,
    samples: flags.Samples = 5,
    show_personal_data: flags.ShowPersonalData = False,
    verbose: flags.Verbose = False,
    delta: flags.Delta = False,
    lock_timeout: flags.LockTimeout = 0.0,
    parallelism: flags.Parallelism = 4,
    as_json: flags.Json = False,
    markdown: Markdown = None,
    events: flags.Events = False,
    no_color: flags.NoColor = False,
) -> int:
    """Plan, ask, and carry the plan out.

    Set-up first, then people. Safe to run again at any time: it goes on where the last run stopped.

    \b
    Examples:
      sfdd apply
      sfdd apply --expect 3f9c0a1b2c3d:412.57.9.3.41 --auto-approve
      sfdd apply spring.sfddplan    what is in it and still due; asks nobody
      sfdd apply --allow max_removals
      sfdd apply --confirm "Old newsletter"

    \b
    Exit codes: 0 done, 1 error, 3 the plan does not fit any more, 4 locked,
    5 done but for what a guard blocks, 6 applied in part, 130 or 143 interrupted.
    """
    session = session_of(context)
    machine.require_masked("apply", as_json=as_json, reveal=show_personal_data)
    require_masked("apply", markdown, reveal=show_personal_data)
    require_terminal_for_personal_data(show_personal_data)
    if file is not None:
        shaping = (env, var, target, exclude, allow, accept_first_sync, adopt_lineage, confirm, expect, delta)
        flags.refuse_beside_a_plan_file(dict(zip(_SHAPING, shaping, strict=True)))
    asked = flags.options(
        session, folder, env, var=var, target=target, exclude=exclude, allow=allow,
        accept_first_sync=accept_first_sync, adopt_lineage=adopt_lineage, samples=samples, reveal=show_personal_data,
        lock_timeout=lock_timeout, parallelism=parallelism, expect=expect, delta=delta, file=file,
    )  # fmt: skip
    approving = Approving(
        auto_approve or file is not None, frozenset(confirm or ()), samples, verbose, no_color,
        as_json=as_json, events=events, comment=Comment(markdown, folder, env, file.name if file else ""),
    )  # fmt: skip
    return _carry_out(session, asked, approving)


def sync(
    context: typer.Context,
    *,
    names: Names = None,
    folder: flags.Folder = _HERE,
    env: flags.Env = None,
    var: flags.Variables = None,
    allow: flags.Allowed = None,
    accept_first_sync: flags.AcceptFirstSync = False,
    auto_approve: AutoApprove = False,
    expect: Expect = None,
    samples: flags.Samples = 5,
    show_personal_data: flags.ShowPersonalData = False,
    verbose: flags.Verbose = False,
    delta: flags.Delta = False,
    lock_timeout: flags.LockTimeout = 0.0,
    parallelism: flags.Parallelism = 4,
    as_json: flags.Json = False,
    events: flags.Events = False,
    no_color: flags.NoColor = False,
) -> int:
    """Synchronise people; leave the set-up alone.

    Plans, asks and carries out like apply, for the people of the named address books, campaigns or links; none
    means all. What must be made or changed first is left to apply, and said.

    \b
    Examples:
      sfdd sync
      sfdd sync newsletter
      sfdd sync spring_launch.newsletter --auto-approve
    """
    session = session_of(context)
    machine.require_masked("sync", as_json=as_json, reveal=show_personal_data)
    require_terminal_for_personal_data(show_personal_data)
    asked = flags.options(
        session, folder, env, var=var, allow=allow, accept_first_sync=accept_first_sync, samples=samples,
        reveal=show_personal_data, lock_timeout=lock_timeout, parallelism=parallelism, expect=expect, delta=delta,
        only_data=True, names=names, command="sync",
    )  # fmt: skip
    approving = Approving(auto_approve, frozenset(), samples, verbose, no_color, "sync", as_json=as_json, events=events)
    return _carry_out(session, asked, approving)


#: A plan file holds what it was asked with; its apply is not asked with anything else.
_SHAPING = (
    "--env", "--var", "--target", "--exclude", "--allow", "--accept-first-sync", "--adopt-lineage", "--confirm",
    "--expect", "--delta",
)  # fmt: skip


_NO_COMMENT = Comment(None, _HERE, None)


@dataclass(frozen=True, slots=True)
class Approving:
    """How a plan is shown and approved; `command` is the one to repeat with `--auto-approve`."""

    auto: bool
    confirmed: frozenset[str]
    samples: int
    verbose: bool
    no_color: bool
    command: str = "apply"
    as_json: bool = False
    events: bool = False
    comment: Comment = _NO_COMMENT


def _carry_out(session: Session, asked: Options, how: Approving) -> int:
    from sfdd_declare.model.outcome import exit_code

    with how.comment.on_failure():
        outcome = _carried_out(session, asked, how)
    how.comment.outcome(outcome)
    return exit_code(outcome)


def _carried_out(session: Session, asked: Options, how: Approving) -> Outcome:
    from sfdd_declare.cli.approval import PlanView, TerminalApproval, require_terminal
    from sfdd_declare.render.outcome import outcome_text

    watching = machine.watching(events=how.events, no_color=how.no_color)
    if how.as_json:
        approved = machine.Approved(how.confirmed)
        return machine.carry_out(session, asked, approved, how.command, watching, auto=how.auto)
    if not how.auto:
        article = "An apply" if how.command == "apply" else "A sync"
        hint = f"sfdd {how.command} --auto-approve"
        require_terminal(session.stdin, "SFDD-E9024", f"{article} needs an approval", hint)
    results, diagnostics = consoles.results(no_color=how.no_color), consoles.diagnostics(no_color=how.no_color)
    view = PlanView(how.samples, how.verbose)
    with watching as progress:
        approval = TerminalApproval(view, results, diagnostics, progress, session.stdin, how.auto, how.confirmed)
        outcome = session.cases.apply(asked, approval, session.signals.following(progress.watch))
    results.print()
    outcome_text(outcome, results)
    return outcome


def require_terminal_for_personal_data(asked: bool) -> None:
    """Raise when personal data would land in a file or a pipe."""
    if asked and not sys.stdout.isatty():
        summary = "Personal data is only shown at a terminal, and stdout is none."
        raise UsageError("SFDD-E9023", summary, hint="sfdd plan --samples 5")
