"""What a plan is prepared from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sfdd_declare.app.options import Options
from sfdd_declare.app.wiring import Readers
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.ports import Spool, StateReader, Watch


@dataclass(frozen=True, slots=True)
class Inputs:
    """Configuration, state, readers of both systems, and where people may be spooled. No writer is among them."""

    desired: Desired
    state: StateReader
    readers: Readers
    spool: Spool
    options: Options
    watch: Watch
    now: Callable[[], datetime]
    approved: Path | None = None  # a plan file whose seal was looked at: only what it holds is to be done
    marks: Mapping[str, str] = field(default_factory=dict)  # of the state, as whoever is asked for sees them
    asks_drift: bool = False  # what was changed by hand is to be told apart
