"""What a step of a workflow is asked, and what the ordinary command that it runs came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sfdd_declare.model.errors import DeclareError

if TYPE_CHECKING:
    from sfdd_declare.model.drift import Drift
    from sfdd_declare.model.finding import Findings
    from sfdd_declare.model.outcome import Outcome
    from sfdd_declare.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Step:
    """`arguments` go to the ordinary command. `author` is the account that the token writes as, where it cannot say so
    itself; `workflow` is the file name of the workflow that plans.
    """

    folder: Path
    env: str | None = None
    arguments: tuple[str, ...] = ()
    has_comment: bool = True
    author: str = ""
    workflow: str = ""

    @property
    def where(self) -> tuple[str, ...]:
        """The configuration, as arguments."""
        return ("-C", str(self.folder), *(("--env", self.env) if self.env else ()))


@dataclass(slots=True)
class Ran:
    """How a command ended, and the values it came to: those are what is reported, never its text."""

    code: int = 0
    plan: Plan | None = None
    outcome: Outcome | None = None
    drift: Drift | None = None
    findings: Findings | None = None
    error: DeclareError | None = None

    def failure(self, command: str) -> DeclareError:
        """Why it failed; a command line that is wrong is only in the log."""
        if self.error is not None:
            return self.error
        summary = f"sfdd {command} ended with exit code {self.code}: the log of the run says why."
        return DeclareError("SFDD-E7005", summary)


class Shell(Protocol):
    """Runs command lines and writes to the log of the run."""

    def run(self, *arguments: str, is_for_the_host: bool = False) -> Ran:
        """Run one command line. What it prints cannot give commands to the runner, unless it is made for that."""
        ...

    def warn(self, text: str) -> None:
        """Show a warning at the run."""
        ...
