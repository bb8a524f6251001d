"""How a step of a workflow runs an ordinary command: in this process, its values kept, its text without any power.

The runner takes lines of a log for commands. Names of campaigns and fields are whatever somebody wrote, so while a
command prints, the runner is told to take none until it reads a word that nobody can guess.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from sfdd_declare.cli.session import Session
from sfdd_declare.model.ci import Ran
from sfdd_declare.model.errors import DeclareError

if TYPE_CHECKING:
    from sfdd_declare.cli.use_cases import UseCases

#: The job's own credentials: no configuration has a use for them.
_OURS = ("GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN")


@dataclass(frozen=True, slots=True)
class RunnerShell:
    """Runs command lines of this program in a job."""

    session: Session

    def run(self, *arguments: str, is_for_the_host: bool = False) -> Ran:
        """Run one command line; raises nothing that the command raised."""
        from sfdd_declare.cli.main import main

        ran = Ran()
        with contextlib.nullcontext() if is_for_the_host else powerless():
            ran.code = main(
                arguments,
                environ=without_our_credentials(self.session.environ),
                stdin=self.session.stdin,
                cases=recording(self.session.cases, ran),
            )
        return ran

    def warn(self, text: str) -> None:
        from sfdd_declare.render.annotations import warning

        typer.echo(warning(text))


@contextlib.contextmanager
def powerless() -> Iterator[None]:
    """While this lasts no line of the log is a command. Both streams go one way: of two, one could be read later."""
    word = secrets.token_hex(16)
    typer.echo(f"::stop-commands::{word}")
    sys.stdout.flush()
    try:
        with contextlib.redirect_stderr(sys.stdout):
            yield
    finally:
        typer.echo(f"\n::{word}::")
        sys.stdout.flush()


def without_our_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in _OURS}


def recording(cases: UseCases, ran: Ran) -> UseCases:
    """The same use-cases, which also leave what they came to."""

    def keep(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def kept(*arguments: Any) -> Any:
            try:
                value = call(*arguments)
            except DeclareError as error:
                ran.error = error
                raise
            if name:
                setattr(ran, name, value)
            return value

        return kept

    return replace(
        cases,
        plan=keep("plan", cases.plan),
        demand=keep("", cases.demand),
        apply=keep("outcome", cases.apply),
        drift=keep("drift", cases.drift),
        findings=keep("findings", cases.findings),
    )
