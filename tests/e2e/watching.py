"""A watch in this process, on the sandbox's time: waiting takes none, and what is to happen meanwhile happens."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from sfdd_declare.app.options import Options
from sfdd_declare.app.watch import Surroundings, Watching
from sfdd_declare.app.watch_log import Log
from sfdd_declare.model.state import RunRecord
from tests.e2e.stage import Stage

Act = Callable[[], object]
#: No wait is longer than this, so that a watch without anything to do comes to its end, too.
LOOK = timedelta(hours=1)


@dataclass
class SimulatedClock:
    """The clock of the sandbox. A wait moves it, never past the next act nor past the end."""

    stage: Stage
    end: datetime | None = None
    acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    order: count[int] = field(default_factory=count)

    def now(self) -> datetime:
        return self.stage.world.now()

    def is_over(self) -> bool:
        return self.end is not None and self.now() >= self.end

    def at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self.acts, (moment, next(self.order), act))

    def wait(self, until: datetime | None) -> None:
        now = self.now()
        moments = [until or now + LOOK, now + LOOK, *(moment for moment, _, _ in self.acts[:1])]
        target = min(*moments, self.end) if self.end else min(moments)
        if target > now:
            self.stage.world.set_clock(advance=target - now)
        while self.acts and self.acts[0][0] <= self.now():
            heapq.heappop(self.acts)[2]()


@dataclass
class Watch:
    """One watch over the stage's configuration, and what it said."""

    stage: Stage
    clock: SimulatedClock
    watching: Watching
    lines: list[dict[str, Any]]
    asked: Event
    records: list[RunRecord]

    @classmethod
    def begin(cls, stage: Stage) -> Watch:
        clock, lines, asked, records = SimulatedClock(stage), [], Event(), []
        log = Log(lambda line: lines.append(json.loads(line)), True, clock.now)
        options = Options(Path(stage.folder), environ=stage.environ, stop=lambda: 15 if clock.is_over() else 0)
        around = Surroundings(clock, log, asked, ended=records.append)
        return cls(stage, clock, Watching.begin(options, around), lines, asked, records)

    def goes_on(self, **time: float) -> None:
        """Let it watch for so long, by its clock: what is due at the end is done."""
        self.clock.end = None
        self.clock.end = self.clock.now() + timedelta(**time)
        while not self.clock.is_over():
            self.watching.step()
            self.clock.wait(self.watching.until())
        self.clock.end = None
        self.watching.step()

    def goes_on_past_its_turn(self) -> None:
        """Let it do what is due next, and seven minutes more: the clock goes on while a run takes its time, and nothing
        may depend on which side of a quarter of an hour a test ends.
        """
        until = self.watching.until()
        assert until is not None
        left = max(timedelta(0), until - self.clock.now()) + timedelta(minutes=7)
        self.goes_on(seconds=left.total_seconds())

    def said(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]
