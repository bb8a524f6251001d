"""The program: its commands, and the edge where every outcome and every error becomes text and an exit code.

No traceback is ever shown unless SFDD_DEBUG=1 asks for it: it could hold personal data.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, NoReturn, TextIO

import typer

from sfdd_declare.cli import ci, drift, ledger, machine, plan, play, probe, show, state, status, tools, validate, watch
from sfdd_declare.cli.consoles import diagnostics, speak_any_text
from sfdd_declare.cli.session import Session
from sfdd_declare.cli.signals import SIGNALLED, Terminated
from sfdd_declare.cli.usage import COMPLAINT, Commands, usage_error
from sfdd_declare.cli.use_cases import UseCases
from sfdd_declare.model.errors import BugError, DeclareError

_ABOUT = """Declare Salesforce and Dotdigital in YAML; plan and apply every change, people included.

\b
Examples:
  sfdd demo                 see it work, on a sandbox on this machine
  sfdd validate             check the configuration, without network
  sfdd plan                 show every change, write nothing
  sfdd apply                carry it out
  sfdd sync                 synchronise people, leave the set-up alone
  sfdd watch                synchronise them by schedule
"""


def _group(about: str) -> typer.Typer:
    return typer.Typer(
        cls=Commands,
        help=about,
        add_completion=False,
        rich_markup_mode=None,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def build() -> typer.Typer:
    """The program with all its commands."""
    program = _group(_ABOUT)
    program.callback()(_root)
    program.command("validate")(validate.validate)
    program.command("plan")(plan.plan)
    program.command("show")(show.show)
    program.command("apply")(plan.apply)
    program.command("sync")(plan.sync)
    program.command("watch")(watch.watch)
    program.command("drift")(drift.drift)
    program.command("status")(status.status)
    program.command("history")(status.history)
    program.command("explain")(ledger.explain)
    program.command("forget")(ledger.forget)
    program.command("probe")(probe.probe)
    program.command("demo")(play.demo)
    program.command("schema")(tools.schema)
    program.command("unlock")(tools.unlock)
    program.command("version")(tools.version)
    errors = _group(ledger.errors.__doc__ or "")
    errors.callback()(ledger.errors)
    errors.command("retry")(ledger.retry)
    errors.command("park")(ledger.park)
    program.add_typer(errors, name="errors")
    registry = _group("The registry objects in Salesforce.\n\nThey hold the address books, links and field mappings.")
    registry.command("package")(tools.package)
    registry.command("clean")(tools.clean)
    sandbox = _group("Both systems on this machine.\n\nTo try things out, and to test configurations.")
    sandbox.command("serve")(play.serve)
    sandbox.command("seed")(play.seed)
    sandbox.command("reset")(play.reset)
    sandbox.command("edit")(play.edit)
    sandbox.command("sign-up")(play.sign_up)
    sandbox.command("unsubscribe")(play.unsubscribe)
    sandbox.command("switch")(play.switch)
    sandbox.command("clock")(play.clock)
    sandbox.command("history")(play.history)
    sandbox.command("log")(play.log)
    steps = _group("The commands as steps of GitHub Actions.\n\nWith comments, issues, annotations and plan files.")
    steps.command("plan")(ci.plan)
    steps.command("apply")(ci.apply)
    steps.command("drift")(ci.drift)
    steps.command("validate")(ci.validate)
    for name, group in (("ci", steps), ("registry", registry), ("state", _states()), ("sandbox", sandbox)):
        group.callback()(_help_unless_command)
        program.add_typer(group, name=name)
    return program


def _states() -> typer.Typer:
    states = _group("What this configuration manages, and remembers.")
    states.command("list")(state.resources)
    states.command("show")(state.show)
    states.command("init")(state.init)
    states.command("restore")(state.restore)
    states.command("pull")(state.pull)
    states.command("push")(state.push)
    states.command("migrate")(state.migrate)
    states.command("rebind")(state.rebind)
    return states


def _print_version(asked: bool) -> None:
    if asked:
        raise typer.Exit(tools.version())


def _root(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> int:
    """Eager, so that nothing else is looked at and `--version` answers at once."""
    assert not version
    return _help_unless_command(context)


def _help_unless_command(context: typer.Context) -> int:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    return 0


def run() -> NoReturn:
    """Entry point of the `sfdd` script."""
    speak_any_text(sys.stdout, sys.stderr)
    code = main(sys.argv[1:], environ=os.environ, stdin=sys.stdin)
    # A read that nobody waits for any more; a library that a signal interrupted while it was being loaded, and that may
    # crash when it is taken down: neither is waited for.
    if code > SIGNALLED or threading.active_count() > 1:
        with contextlib.suppress(OSError):  # nobody reads any more
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def main(arguments: Sequence[str], *, environ: Mapping[str, str], stdin: TextIO, cases: UseCases | None = None) -> int:
    """Run one command line; returns the exit code and raises nothing.

    A signal decides the code whatever became of its exception: a library may have swallowed it, or made another of it.
    """
    session = Session(cases or UseCases(), environ, stdin)
    stopped = session.signals.stop
    try:
        with session.signals:
            code = _invoke(arguments, session)
    except typer.Exit as end:
        code = int(end.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(stopped() or 2)
    except Terminated:
        return _interrupted(stopped() or 15)
    except Exception as error:  # noqa: BLE001 - the edge: whatever nobody expected becomes a message
        if stopped():
            return _interrupted(stopped())
        debug = environ.get("SFDD_DEBUG") == "1"
        return _ended(error, no_color="--no-color" in arguments, as_json=machine.FLAG in arguments, debug=debug)
    return _interrupted(stopped()) if stopped() and code != SIGNALLED + stopped() else code


def _ended(error: Exception, *, no_color: bool, as_json: bool, debug: bool) -> int:
    """An error as text and exit code."""
    if isinstance(error, BrokenPipeError):
        return 0  # the reader of our result has seen enough
    if isinstance(error, COMPLAINT):
        error = usage_error(error)
    elif isinstance(error, OSError):
        error = _refusal(error)
    elif not isinstance(error, DeclareError):
        error = _bug(error, debug=debug)
    return _failed(error, no_color=no_color, as_json=as_json)


def _invoke(arguments: Sequence[str], session: Session) -> int:
    """Parse and run, without the exit that the library's own `main` ends with."""
    command = _command()
    with command.make_context("sfdd", list(arguments), obj=session) as context:
        code = command.invoke(context)
    return int(code or 0)


@cache
def _command() -> Commands:
    """The whole tree of commands takes a while to build."""
    command = typer.main.get_command(build())
    assert isinstance(command, Commands)
    return command


def _failed(error: DeclareError, *, no_color: bool, as_json: bool) -> int:
    from sfdd_declare.model.outcome import exit_code_of_error
    from sfdd_declare.render.errors import error_text

    error_text(error, diagnostics(no_color=no_color))
    if as_json:
        from sfdd_declare.render.machine.error import error_document

        with contextlib.suppress(OSError):  # it may be stdout that failed
            machine.write(error_document(error))
    return exit_code_of_error(error)


def _interrupted(signal: int) -> int:
    typer.echo("Interrupted." if signal == 2 else "Terminated.", err=True)
    return SIGNALLED + signal


def _refusal(error: OSError) -> DeclareError:
    """What the operating system refused: a full disk, a missing permission."""
    summary = error.strerror or type(error).__name__
    return DeclareError("SFDD-E9026", f"{summary}.", where=str(error.filename) if error.filename else None)


def _bug(error: Exception, *, debug: bool) -> BugError:
    """An unexpected error by its type and place only: its text could hold personal data."""
    import traceback  # slow to import, and hardly ever needed

    if debug:
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return BugError(
        "SFDD-E9901",
        f"Nobody expected this {type(error).__name__}.",
        where=f"{frame.filename}:{frame.lineno} in {frame.name}",
        hint="SFDD_DEBUG=1 sfdd … shows where it comes from; the output may hold personal data",
    )
