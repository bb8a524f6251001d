"""How a configuration stands by its state alone: what `sfdd status` and `sfdd history` are made of.

No personal data is in here: links are named by their addresses, people are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sfdd_declare.model.notice import Condition
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.state import RunRecord

#: What is kept of a run that was killed, and of one that ended in an error before it wrote anything.
INTERRUPTED = "interrupted"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Running:
    """Who holds the state right now, and since when."""

    who: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One configuration as it stands at one moment; times are UTC. `conditions` are what waits for a human."""

    configuration: str
    place: str
    now: datetime
    is_new: bool  # nothing was ever run with this state, or there is none
    exists: bool  # there is one
    links: tuple[LinkStatus, ...]  # those that are declared, in the order of the files
    last: RunRecord | None = None
    running: Running | None = None
    setup_left: tuple[str, ...] = ()  # addresses, as of the last run that planned
    conditions: tuple[Condition, ...] = ()


def is_under_way(run: RunRecord) -> bool:
    """Whether it goes on, as far as is known."""
    return run.finished is None and not run.result


def has_told(run: RunRecord) -> bool:
    """Whether what it did is known: of a run that goes on, was killed or failed, only what was planned is."""
    return run.details is not None and run.finished is not None and not is_failure(run)


def is_failure(run: RunRecord) -> bool:
    """Whether it ended in an error, or was interrupted."""
    return run.result in (INTERRUPTED, FAILED) or bool(run.details and run.details.error)
