"""The world around a watch in another process: time passes, what is planned happens, and after each step everything
that must hold is looked at. What people do is in `scheduled_people`, what else happens in `scheduled_acts`.
"""

from __future__ import annotations

import heapq
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from sfdd_declare.app.apply import apply
from sfdd_declare.app.home import read_home
from sfdd_declare.app.options import Options
from sfdd_declare.app.validate import configuration as read_configuration
from sfdd_declare.app.watch import Unasked
from sfdd_declare.model.ports import unwatched
from sfdd_declare.model.state import RunRecord
from sfdd_declare.sandbox.server import Running
from tests.e2e.stage import Stage
from tests.e2e.test_watch import IDLE
from tests.property.past import US, Past
from tests.property.scheduled import (
    MANUAL,
    SCHEDULES,
    WRITES,
    Person,
    Seen,
    address,
    configuration,
    due_by,
)
from tests.property.watch_process import WatchProcess

#: Beside the interval: the spread of the schedules, and what a run takes by the sandbox's clock (polling of jobs).
SPREAD, RUN = timedelta(minutes=1), timedelta(minutes=1)
PEOPLE = 8
#: What a consequence of an opt-out looks like in the history.
_OF_CONSENT = ("HasOptedOutOfEmail", "status")


@dataclass(slots=True)
class Awaited:
    """Something that has to come true in time; `then` is done once it did."""

    what: str
    link: str
    since: datetime
    is_so: Callable[[], bool]
    then: Callable[[], None]
    who: Person | None = None


@dataclass(slots=True)
class End:
    """How the watch is to be ended when it writes next."""

    number: signal.Signals
    rule: dict[str, Any]


@dataclass
class ScheduledLife:
    """`figures` counts what happened."""

    folder: Path
    seed: int
    every: int = 15  # minutes of the quickest link
    figures: Counter[str] = field(default_factory=Counter)
    people: list[Person] = field(default_factory=list)
    awaited: list[Awaited] = field(default_factory=list)
    acts: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    conditions: set[tuple[str, str]] = field(default_factory=set)
    has_fault: bool = False
    is_quiet: bool = True  # nothing stands in the way by rule: no guard, hold or drift
    quiet_runs: Counter[str] = field(default_factory=Counter)  # by link, since the last act
    memory: tuple[int, int] = (0, 0)  # of the last process: after its first ten runs, and at the end
    past: Past = field(default_factory=Past)
    seen_history: int = 0
    seen_at_sync: int = 0
    order: count[int] = field(default_factory=count)
    late: timedelta = timedelta()
    wake: datetime | None = None  # when the watch wants to look again

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        config = self.folder / "config"
        config.mkdir()
        self.running = Running(self.folder / "sandbox.db")
        self.stage = Stage(config, self.running)
        self.seen = Seen(self.stage)
        self.world = self.running.world
        midnight = self.world.now().replace(hour=0, minute=0, second=0, microsecond=0)
        self.world.set_clock(at=midnight + timedelta(days=1, minutes=3), freeze=True)
        self.stage.write(self.configuration)

    @property
    def configuration(self) -> str:
        return configuration(f"every {self.every} minutes")

    def deadline(self, one: Awaited) -> datetime:
        return due_by(one.link, one.since, timedelta(minutes=self.every)) + SPREAD + RUN

    # --- time -------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.world.now()

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        heapq.heappush(self.acts, (moment, next(self.order), act))

    def after(self, minutes: int, act: Callable[[], object]) -> None:
        self.at(self.now() + timedelta(minutes=minutes), act)

    def told(self) -> str:
        return f"{self.now():%d %H:%M} {dict(self.figures)}, latest {self.late}, RSS {self.memory}, seed {self.seed}"

    def lives(self, lasts: timedelta) -> None:
        """Let time pass and the watch look when it has asked to."""
        until = self.now() + lasts
        self.watch = WatchProcess.start(self.stage)
        while self.now() < until:
            self._step()
            moments = [until, *(moment for moment, _, _ in self.acts[:1]), *([self.wake] if self.wake else [])]
            self._wait(max(min(moments), self.now() + timedelta(seconds=1)))
        self.memory = (self.memory[0], self.watch.memory())
        self.watch.end()

    def end(self) -> None:
        if hasattr(self, "watch"):
            self.watch.process.kill()
            self.watch.end()
        self.running.stop()

    def _wait(self, until: datetime) -> None:
        if until > self.now():
            self.world.set_clock(at=until)
        while self.acts and self.acts[0][0] <= self.now():
            heapq.heappop(self.acts)[2]()

    def _step(self) -> None:
        self.stage.forget_calls()
        is_due = self.wake is not None and self.wake <= self.now()
        answer = self._ended_or_answered() if self.ends and is_due and not self.has_fault else self.watch.step()
        self.conditions |= {(kind, subject) for kind, subject in answer["conditions"]}
        self._replay()
        began = [line for line in answer["lines"] if line["event"] == "run_began"]
        if began:
            self.figures["runs"] += 1
            self._judge_calls(began[0]["links"], answer)
        if self.watch.runs == 10 and began:
            self.memory = (self.watch.memory(), 0)
        self.figures["runs failed"] += sum(line["event"] == "run_failed" for line in answer["lines"])
        self._look()
        self.wake = answer["until"]

    def _ended_or_answered(self) -> dict[str, Any]:
        """By the next of `ends`, if the watch gets that far just now; then another one goes on at once."""
        end = self.ends[0]
        self.before_an_end()
        answer = self.watch.ended_by(end.number, end.rule)
        if answer is not None:
            return answer
        self.ends.pop(0)
        self.figures[f"ended by {end.number.name}"] += 1
        by_itself = 128 + signal.SIGTERM
        assert self.watch.process.returncode == (-signal.SIGKILL if end.number is signal.SIGKILL else by_itself)
        self.quiet_runs.clear()
        self.watch = WatchProcess.start(self.stage)
        return self.watch.step()

    def before_an_end(self) -> None:
        """What gives the run that is to be ended something to write."""

    # --- what must hold ---------------------------------------------------------------------------------------------

    def awaits(
        self, what: str, link: str, is_so: Callable[[], bool], then: Callable[[], None], who: Person | None = None
    ) -> None:
        self.figures[what] += 1
        self.quiet_runs.clear()
        self.awaited.append(Awaited(f"{what}: {who and who.email}", link, self.now(), is_so, then, who))

    def excuse(self, person: Person) -> None:
        """A rule stands in the way of whatever was on its way about somebody."""
        person.rests = True
        self.awaited = [one for one in self.awaited if one.who is not person]

    def fault_is_over(self) -> None:
        """Whatever was on its way has its whole time again."""
        rules = self.stage.control("GET", "faults")
        self.figures["faults that hit"] += sum(rule["seen"] >= rule["nth"] for rule in rules)
        self.stage.control("DELETE", "faults")
        self.has_fault = False
        self.quiet_runs.clear()
        for one in self.awaited:
            one.since = self.now()

    def _look(self) -> None:
        """Of all that is awaited: what is there by now, and that nothing is overdue."""
        left = []
        for one in self.awaited:
            if one.link != MANUAL and one.is_so():
                one.then()
                self.late = max(self.late, self.now() - one.since)
            else:
                left.append(one)
        self.awaited = left
        if not self.has_fault:
            overdue = [
                f"{one.what} since {one.since} by {self.deadline(one)}"
                for one in left
                if one.link != MANUAL and self.deadline(one) < self.now()
            ]
            assert not overdue, (self.now(), overdue, self.watch.runs)

    def _replay(self, *, by_name: bool = False) -> None:
        entries = self.stage.control("GET", f"history?after={self.seen_history}")
        allowed = {system: names | {"HasOptedOutOfEmail", "Status"} for system, names in WRITES.items()}
        self.past.replay(entries, allowed)
        assert self.past.wrongs == []
        if not by_name:
            assert list(self._touched_by_hand(entries)) == []
        self.seen_history = entries[-1]["seq"] if entries else self.seen_history

    def _touched_by_hand(self, entries: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        """What we wrote to people of the link that is synchronised by hand, opt-outs excepted."""
        people = [person for person in self.people if person.link == MANUAL]
        ids, emails = {person.id for person in people}, {person.email for person in people}
        for entry in entries:
            is_theirs = entry["record"] in ids or self.past.emails.get(entry["record"]) in emails
            if entry["who"] in US and is_theirs and entry["field"] not in _OF_CONSENT:
                yield entry

    def _judge_calls(self, links: list[str], answer: dict[str, Any]) -> None:
        """A run that finds nothing costs the idle budget: each link beyond the first one selection more."""
        ended = [line for line in answer["lines"] if line["event"] == "run_ended"]
        is_waited_for = any(one.link != MANUAL for one in self.awaited)
        is_idle = self.is_quiet and not self.has_fault and not is_waited_for and bool(ended)
        if is_idle and all(self.quiet_runs[link] >= 1 for link in links):
            used = self.stage.calls()
            is_full = self.figures["idle runs"] and used["dotdigital"]["total"] > IDLE[0]
            self.figures["idle runs"] += 1
            self.figures["idle runs that read everybody"] += int(bool(is_full))
            most = (IDLE[0], IDLE[1] + len(SCHEDULES) - 1)
            if not is_full:
                assert used["salesforce"]["total"] <= most[1], used
                assert used["dotdigital"]["total"] <= most[0], used
        for link in links if is_idle else ():
            self.quiet_runs[link] += 1

    # --- by hand ----------------------------------------------------------------------------------------------------

    def synchronises(self, link: str, *allow: str) -> None:
        """`sfdd sync NAME`, by the sandbox's clock."""
        options = Options(
            self.stage.folder,
            environ=self.stage.environ,
            allow=frozenset(allow),
            only_data=True,
            names=(address(link),),
            delta=True,
            command="sync",
            now=self.now,
        )
        self._replay()
        apply(options, Unasked(), unwatched)
        self._replay(by_name=True)
        self.figures[f"sync {link}"] += 1
        self.quiet_runs.clear()
        for one in [one for one in self.awaited if one.link == link == MANUAL]:
            assert one.is_so(), one.what
            one.then()
            self.awaited.remove(one)

    def records(self) -> tuple[RunRecord, ...]:
        options = Options(self.stage.folder, environ=self.stage.environ, now=self.now)
        with read_home(read_configuration(options), options) as state:
            return state.runs(100_000)

    def state_bytes(self) -> int:
        """Of the state itself; its copies are as many whatever happens."""
        return (self.stage.folder / ".sfdd" / "state.db").stat().st_size
