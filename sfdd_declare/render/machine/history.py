"""Runs as a document: who ran what, and what became of it. People are numbers, problems codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.standing import has_told, is_failure, is_under_way
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.render.machine.document import FORMAT_VERSION, Shape, filled


@dataclass(frozen=True, slots=True)
class FiguresPart(Shape):
    """People by what happens to them; each once per figure."""

    add: int
    update: int
    remove: int
    leads: int
    overwrites: int
    """People with a filled value replaced or blanked."""


@dataclass(frozen=True, slots=True)
class CallsPart(Shape):
    """Calls of one run to one system."""

    used: int
    left: int | None
    """Of the day, once it was over; null where the system does not tell."""


@dataclass(frozen=True, slots=True)
class DetailsPart(Shape):
    """What is known of one run."""

    command: str
    """apply, sync or watch."""
    user: str | None
    """Null where it is not known."""
    host: str | None
    """Null where it is not known."""
    commit: str | None
    """Of the configuration's repository; null if it is in none."""
    links: tuple[str, ...] | None
    """Addresses of those that were asked for; null: all."""
    planned: FiguresPart
    done: FiguresPart | None
    """Whom the answers confirmed. This and the next five are null where they are not known: of a run that is under
    way, was interrupted or failed."""
    opted_out: int | None
    """People whose opt-out was carried, to either side."""
    setup: int | None
    """Operations on the set-up that were carried out."""
    written: int | None
    """Rows and things, of every kind."""
    failed: int | None
    """Rows."""
    left_out: int | None
    """Rows that were due and neither done nor failed."""
    problems: dict[str, int]
    """Rows by code."""
    salesforce_calls: CallsPart
    dotdigital_calls: CallsPart
    held: dict[str, int]
    """People by what waits for a human."""
    blocked: tuple[str, ...]
    """Guards that held something back."""
    setup_left: tuple[str, ...]
    """Addresses of what differs and is left to `sfdd apply`."""
    error: str | None
    """`SFDD-E…: text`, where it ended in one; else null."""
    attempts: int
    """Runs in a row that ended in this error; 1 without one."""


@dataclass(frozen=True, slots=True)
class HistoryRun(Shape):
    """One run."""

    run: str
    started: str
    """ISO 8601."""
    finished: str | None
    """ISO 8601; null while it is under way, or where it was interrupted."""
    seconds: float | None
    """How long it took; null without an end."""
    result: str
    """done, in part, interrupted, failed or under way."""
    fingerprint: str | None
    """Of the plan that it carried out; null where it came to none."""
    details: DetailsPart | None
    """Null where a version ran that kept none."""


@dataclass(frozen=True, slots=True)
class HistoryDocument(Shape):
    """The last runs, or one of them: `sfdd history --json`."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["history"]
    runs: tuple[HistoryRun, ...]
    """The newest first; one, where one was named."""


def history_document(runs: Iterable[RunRecord]) -> HistoryDocument:
    return HistoryDocument(FORMAT_VERSION, "history", tuple(run_part(run) for run in runs))


def run_part(run: RunRecord) -> HistoryRun:
    return HistoryRun(
        run=run.run,
        started=run.started.isoformat(),
        finished=time(run.finished),
        seconds=round((run.finished - run.started).total_seconds(), 3) if run.finished else None,
        result=_result(run),
        fingerprint=run.fingerprint or None,
        details=_details(run.details, is_known=has_told(run)) if run.details else None,
    )


def time(at: datetime | None) -> str | None:
    """ISO 8601, or null."""
    return at.isoformat() if at else None


def _result(run: RunRecord) -> str:
    if is_under_way(run):
        return "under way"
    return "failed" if is_failure(run) and run.result != "interrupted" else run.result


def _details(details: RunDetails, *, is_known: bool) -> DetailsPart:
    unknown = {} if is_known else dict.fromkeys(("done", "opted_out", "setup", "written", "failed", "left_out"))
    known: dict[str, object] = {"done": _figures(details.done), **unknown}
    return filled(
        DetailsPart,
        details,
        user=details.user or None,
        host=details.host or None,
        commit=details.commit or None,
        links=details.links or None,
        planned=_figures(details.planned),
        **known,
        problems=dict(details.problems),
        held=dict(details.held),
        salesforce_calls=CallsPart(details.salesforce_calls, details.salesforce_calls_left),
        dotdigital_calls=CallsPart(details.dotdigital_calls, details.dotdigital_calls_left),
        error=details.error or None,
    )


def _figures(figures: Figures) -> FiguresPart:
    return filled(FiguresPart, figures)
