"""`--markdown FILE`: a plan, its outcome, drift, or an error as Markdown, for a comment or an issue; always masked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfdd_declare.model.errors import DeclareError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from sfdd_declare.model.drift import Drift
    from sfdd_declare.model.outcome import Outcome
    from sfdd_declare.model.plan import Plan
    from sfdd_declare.render.markdown import Place

Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="Write it as Markdown too, for a comment; always masked."),
]


@dataclass(frozen=True, slots=True)
class Comment:
    """Where to write, and whose plan it is. Without a path nothing is written, and nothing is loaded for it."""

    path: Path | None
    folder: Path
    env: str | None
    plan_file: str = ""

    @contextmanager
    def on_failure(self) -> Iterator[None]:
        """Whoever reads the comment reads why there is no plan, too."""
        try:
            yield
        except DeclareError as error:
            if self.path is not None:
                from sfdd_declare.render.markdown import error_markdown

                self.path.write_text(error_markdown(error, self._place()), encoding="utf-8")
            raise

    def plan(self, plan: Plan, expires: datetime | None = None) -> None:
        """Write a plan; `expires` where it is one of a plan file."""
        if self.path is not None:
            from sfdd_declare.render.markdown import plan_markdown

            place = replace(self._place(), org=plan.header.org_id, expires=expires)
            self.path.write_text(plan_markdown(plan, place), encoding="utf-8")

    def outcome(self, outcome: Outcome) -> None:
        """Write what became of a plan."""
        if self.path is not None:
            from sfdd_declare.render.markdown import outcome_markdown

            place = replace(self._place(), org=outcome.plan.header.org_id)
            self.path.write_text(outcome_markdown(outcome, place), encoding="utf-8")

    def drift(self, drift: Drift) -> None:
        """Write what was changed by hand."""
        if self.path is not None:
            from sfdd_declare.render.markdown import drift_markdown

            self.path.write_text(drift_markdown(drift, self._place()), encoding="utf-8")

    def _place(self) -> Place:
        from sfdd_declare.render.markdown import Place

        folder = self.folder.resolve()
        name = folder.parent.name if folder.is_file() else folder.name
        return Place(name, env=self.env or "", plan_file=self.plan_file)


def require_masked(
    command: str, path: Path | None, *, reveal: bool, flag: str = "--show-personal-data", kept: str = "--markdown"
) -> None:
    """Raise when people are asked for in clear where they would be kept."""
    if path is not None and reveal:
        summary = f"{flag} and {kept} exclude each other: a file never shows people in clear."
        raise UsageError("SFDD-E9029", summary, hint=f"sfdd {command} {kept} {path}")
