"""Approval at a terminal: shows the plan, asks for `yes` and for names of what is destroyed. Elsewhere never asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

from sfdd_declare.model.errors import UsageError
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.visible import safe
from sfdd_declare.render.machine.events import Stream
from sfdd_declare.render.progress import Progress
from sfdd_declare.render.text import plan_text
from sfdd_declare.render.words import quoted


@dataclass(frozen=True, slots=True)
class PlanView:
    """How a plan is shown."""

    samples: int
    verbose: bool

    def show(self, plan: Plan, console: Console) -> None:
        plan_text(plan, console, samples=self.samples, verbose=self.verbose)


@dataclass(frozen=True, slots=True)
class TerminalApproval:
    """An `app.options.Approval`. `auto` answers the yes/no, `confirmed` holds the names given by `--confirm`."""

    view: PlanView
    results: Console
    diagnostics: Console
    progress: Progress | Stream
    stdin: TextIO
    auto: bool
    confirmed: frozenset[str]

    def show(self, plan: Plan) -> None:
        self.progress.pause()
        self.view.show(plan, self.results)

    def approve(self, plan: Plan) -> bool:
        if self.auto or plan.is_empty:
            return True
        require_terminal(self.stdin, "SFDD-E9024", "This plan needs an approval", "sfdd apply --auto-approve")
        question = "\nDo you want to perform these actions? Only 'yes' will be accepted to approve."
        return self._ask(question, "Enter a value: ") == "yes"

    def typed(self, name: str, why: str) -> bool:
        if name in self.confirmed:
            return True
        summary = f"{why.rstrip('.')}: its name must be typed"
        require_terminal(self.stdin, "SFDD-E9025", summary, f"sfdd apply --confirm {quoted(name)}")
        return self._ask(f"\n{safe(why)}", f"Type its name, {quoted(name)}, to go on: ") == name

    def _ask(self, question: str, prompt: str) -> str:
        """The answer of a human; empty when the input ends."""
        self.progress.pause()
        self.diagnostics.print(Text(question, style="bold"))
        self.diagnostics.print(Text(prompt), end="")
        return self.stdin.readline().strip()


def require_terminal(stdin: TextIO, id: str, summary: str, hint: str) -> None:
    """Raise when there is nobody to ask."""
    if not stdin.isatty():
        raise UsageError(id, f"{summary}, and there is no terminal to ask at.", hint=hint)
