"""One run in words: how it ended, who ran it, what it did to people. Shared by the last run and by the history."""

from __future__ import annotations

from datetime import datetime

from sfdd_declare.model.standing import INTERRUPTED, is_failure, is_under_way
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.model.visible import safe
from sfdd_declare.render.words import counted, duration, number

_GOOD, _SO_SO, _BAD = "green", "yellow", "red"


def result(run: RunRecord) -> str:
    """`done`, `in part`, `interrupted`, `under way`, or `failed` and how often in a row."""
    if is_under_way(run):
        return "under way"
    if not is_failure(run) or run.result == INTERRUPTED:
        return safe(run.result)
    times = run.details.attempts if run.details else 1
    return f"failed {number(times)} times in a row" if times > 1 else "failed"


def style(run: RunRecord) -> str:
    """Colour only repeats the word."""
    if is_under_way(run):
        return ""
    return _BAD if is_failure(run) else _GOOD if run.result == "done" else _SO_SO


def by(run: RunRecord) -> str:
    """Who ran it and where, as far as is known."""
    details = run.details or RunDetails()
    return safe(" on ".join(part for part in (details.user, details.host) if part))


def took(run: RunRecord) -> str:
    """How long; nothing of one that has no end."""
    return duration(seconds(run.started, run.finished)) if run.finished else ""


def seconds(started: datetime, finished: datetime) -> float:
    return max(0.0, (finished - started).total_seconds())


def did(details: RunDetails) -> str:
    """`3 added, 1 updated, 2 rows failed`; `nothing was changed`."""
    done = details.done
    parts = [
        *(f"{number(n)} {word}" for n, word in ((done.add, "added"), (done.update, "updated")) if n),
        *([f"{number(done.remove)} removed"] if done.remove else []),
        *([counted(done.leads, "new leads")] if done.leads else []),
        *([f"{counted(details.opted_out, 'people')} opted out"] if details.opted_out else []),
        *([f"{counted(details.setup, 'operations')} on the set-up"] if details.setup else []),
        *([counted(details.failed, "rows failed")] if details.failed else []),
    ]
    if parts:
        return ", ".join(parts)
    return "nothing was changed" if details.wrote_nothing else f"{number(details.written)} written"
