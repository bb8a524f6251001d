"""`sfdd watch`: synchronise links by their schedule, for as long as nobody stops it.

One step looks at the clock: it reads a changed configuration, runs what is due in one run under the lease, keeps what
became of it, and tells whoever is to be told. A step that finds nothing to do costs a look at the files. The set-up is
never touched: what differs there is reported.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sfdd_declare import __version__
from sfdd_declare.app import watch_conditions, watch_turns
from sfdd_declare.app.apply import apply_under
from sfdd_declare.app.commit import commit_of
from sfdd_declare.app.home import configuration_name, holder, open_home, read_home
from sfdd_declare.app.options import Options
from sfdd_declare.app.watch_files import Configuration
from sfdd_declare.app.watch_log import Log
from sfdd_declare.app.watch_told import Told
from sfdd_declare.app.watch_turns import Turn
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import BugError, DeclareError, ErrorList, Interrupted, Locked
from sfdd_declare.model.notice import Condition
from sfdd_declare.model.outcome import Outcome
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.ports import Watch, unwatched
from sfdd_declare.model.schedule import spread_of
from sfdd_declare.model.service import LinkStatus, Service
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.run.progress import details_after
from sfdd_declare.store.lease import Lease
from sfdd_declare.store.state import State

#: How long somebody else's run is waited for before the state is asked again.
LOCKED_WAIT = timedelta(seconds=30)
_RUNS = 20


class Asked(Protocol):
    """Whether somebody asks for the configuration to be read again."""

    def is_set(self) -> bool: ...
    def clear(self) -> None: ...


class Clock(Protocol):
    """Time, as a watch goes through it."""

    def now(self) -> datetime: ...
    def wait(self, until: datetime | None) -> None:
        """Return at that moment, or earlier to have a look; None: when something happens."""


def _unheard(record: RunRecord) -> None:
    """Nobody counts runs."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a watch is given by whoever runs it."""

    clock: Clock
    log: Log
    asked: Asked
    follow: Watch = unwatched
    ended: Callable[[RunRecord], None] = _unheard


@dataclass(frozen=True, slots=True)
class Unasked:
    """An `app.options.Approval` of people who are synchronised by schedule: the configuration is the approval."""

    def show(self, plan: Plan) -> None:
        """Nobody looks on."""

    def approve(self, plan: Plan) -> bool:  # noqa: ARG002 - the protocol's
        return True

    def typed(self, name: str, why: str) -> bool:  # noqa: ARG002
        return False


@dataclass(slots=True)
class Watching:
    """One watch. `service` is what it shows of itself; other threads may read it at any time."""

    options: Options
    around: Surroundings
    configuration: Configuration
    started: datetime
    told: Told
    links: dict[str, LinkStatus] = field(default_factory=dict)
    runs: tuple[RunRecord, ...] = ()
    tried: dict[str, datetime] = field(default_factory=dict)
    of_everything: tuple[Condition, ...] = ()  # as the last run saw them
    of_links: dict[str, tuple[Condition, ...]] = field(default_factory=dict)  # as the last run over each saw them
    of_error: tuple[Condition, ...] = ()  # of a run that got nowhere
    spread: float = 0.0
    failures: int = 0
    not_before: datetime | None = None  # after a run that failed, or while somebody else runs
    running_since: datetime | None = None
    trouble: str = ""
    seen: datetime = datetime.min

    @classmethod
    def begin(cls, options: Options, around: Surroundings) -> Watching:
        """Raises what is wrong with the configuration, or with the state."""
        options = replace(
            options, command="watch", now=around.clock.now, delta=True, only_data=True, names=(), lock_timeout=0.0
        )
        configuration = Configuration(options)
        now = around.clock.now()
        watching = cls(options, around, configuration, now, Told(around.log), seen=now)
        with read_home(configuration.desired, options) as state:
            watching._learn(state)
        return watching

    @property
    def name(self) -> str:
        return configuration_name(self.desired, self.options)

    @property
    def desired(self) -> Desired:
        return self.configuration.desired

    @property
    def service(self) -> Service:
        """How it stands; safe from any thread, since every part is a value that is replaced as a whole."""
        turns = self._turns()
        return Service(
            configuration=self.name,
            tool=__version__,
            now=self.around.clock.now(),
            started=self.started,
            links=tuple(
                watch_turns.with_schedule(turn, self.links.get(turn.link), self.desired, self._next(turn))
                for turn in turns
            ),
            conditions=self._all_conditions(),
            runs=self.runs,
            running_since=self.running_since,
            next=min((at for turn in turns if (at := self._next(turn)) is not None), default=None),
            trouble=self.trouble,
            refused=self.configuration.refused,
            is_ready=self.failures == 0,
        )

    def run(self) -> int:
        """Go on until a signal arrives; returns its number."""
        by_hand = sum(turn.schedule.is_manual for turn in self._turns())
        count = len(self.desired.links)
        self.around.log(
            "started",
            f"Watching {self.name}: {count} links, {by_hand} of them by hand.",
            configuration=self.name,
            version=__version__,
            links=count,
            by_hand=by_hand,
        )
        while not self.options.stop():
            self.step()
            if not self.options.stop():
                self.around.clock.wait(self.until())
        number = self.options.stop()
        self.around.log("stopped", f"Stopped by signal {number}.", signal=number)
        return number

    def until(self) -> datetime | None:
        """When there is something to do next, as far as is known."""
        now = self.around.clock.now()
        moments = [watch_turns.next_due(self._turns(), self.started), self.told.next_try(now)]
        known = [moment for moment in moments if moment is not None]
        if not known:
            return None
        return max(min(known), self.not_before) if self.not_before else min(known)

    def step(self) -> None:
        """Do what there is to do now."""
        self.seen = now = self.around.clock.now()
        self._read_configuration()
        if self.not_before is not None and now < self.not_before:
            return
        due = watch_turns.due(self._turns(), self.started, now)
        retry = self.told.next_try(now)
        if not due and (retry is None or retry > now):
            return
        self.running_since = now if due else None
        try:
            self._under_lease(now)
        except Locked as error:
            self._locked(error, now)
        except Interrupted:
            return  # whoever asked for it is answered by `run`
        except DeclareError as error:
            self._failed(error, now)
        except OSError as error:
            where = str(error.filename) if error.filename else None
            self._failed(DeclareError("SFDD-E9026", f"{error.strerror or type(error).__name__}.", where=where), now)
        except Exception as error:  # noqa: BLE001 - a service outlives what nobody expected; its text may be personal
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            self._failed(BugError("SFDD-E9901", f"Nobody expected this {type(error).__name__}.", where=place), now)
        finally:
            self.running_since = None
            self.seen = self.around.clock.now()

    def _under_lease(self, now: datetime) -> None:
        """Run what is due, if nobody else has done so meanwhile; tell whoever is to be told."""
        with (
            open_home(self.desired, self.options, create=True) as state,
            state.lock(holder("watch")) as lease,
        ):
            self._learn(state)
            due = watch_turns.due(self._turns(), self.started, now)
            if due:
                self._run(due, state, lease, now)
            self._tell(state, lease)

    def _run(self, due: tuple[str, ...], state: State, lease: Lease, now: datetime) -> None:
        by_schedule = [turn.link for turn in self._turns() if not turn.schedule.is_manual]
        names = () if list(due) == by_schedule else due
        self.tried |= dict.fromkeys(due, now)
        self.around.log("run_began", f"Synchronising {len(due)} links.", links=list(due))
        options = replace(self.options, names=names)
        try:
            outcome = apply_under(self.desired, options, Unasked(), self.around.follow, state=state, lease=lease)
        except (Locked, Interrupted):
            raise
        except DeclareError as error:
            self._note(error, names, state, lease, now)
            self._learn(state)
            raise
        self._learn(state)
        if not outcome.interrupted:
            self._succeeded(outcome, due)

    def _succeeded(self, outcome: Outcome, due: tuple[str, ...]) -> None:
        """Of a run that came to its end, whatever became of its rows. What it did not look at is as it was."""
        self.failures, self.not_before, self.trouble = 0, None, ""
        record = self.runs[0]
        details = record.details or details_after(outcome, RunDetails())
        found = watch_conditions.of_outcome(outcome, details)
        self.of_error, self.of_everything = (), watch_conditions.of_everything(found)
        self.of_links |= dict.fromkeys(due, watch_conditions.of_links(found))
        self.around.log.ended(record)
        self.around.ended(record)

    def _note(self, error: DeclareError, names: tuple[str, ...], state: State, lease: Lease, now: datetime) -> None:
        me = holder("watch")
        details = RunDetails("watch", me.owner, me.host, commit_of(Path(self.desired.root)), names, error=_said(error))
        run = f"{now:%Y%m%dT%H%M%SZ}-failed-{secrets.token_hex(4)}"
        state.note_failure(lease, RunRecord(run, now, self.around.clock.now(), "", "failed", details))

    def _failed(self, error: DeclareError, now: datetime) -> None:
        self.failures += 1
        turns = [turn for turn in self._turns() if not turn.schedule.is_manual]
        waits = watch_turns.wait_after(self.failures, turns)
        self.not_before = self.around.clock.now() + waits
        self.trouble = _said(error)
        self.of_error = (watch_conditions.of_error(error),)
        for link, at in list(self.tried.items()):
            if at == now:
                del self.tried[link]  # still due
        self.around.log(
            "run_failed",
            f"{self.trouble} Tried again in {waits.total_seconds():.0f} seconds.",
            level="error",
            error=error.id,
            attempt=self.failures,
            seconds=waits.total_seconds(),
        )

    def _locked(self, error: Locked, now: datetime) -> None:
        """Somebody else runs: that is no failure."""
        said = _said(error)
        if said != self.trouble:
            self.around.log("locked", f"{error.summary} Waiting for it.", error=error.id)
        self.trouble = said
        self.not_before = self.around.clock.now() + LOCKED_WAIT
        for link, at in list(self.tried.items()):
            if at == now:
                del self.tried[link]

    def _learn(self, state: State) -> None:
        """What the state knows by now: another process may have run."""
        self.links = dict(state.links())
        self.runs = state.runs(_RUNS)
        self.spread = spread_of(state.header().lineage)
        self.told.learn(self.desired.notifications, state.marks())

    def _tell(self, state: State, lease: Lease) -> None:
        receivers, now = self.desired.notifications, self.around.clock.now()
        if not receivers:
            return
        if marks := self.told.news(receivers, self._all_conditions(), now):
            state.keep_marks(lease, marks)
        if marks := self.told.send(receivers, self.name, now):
            state.keep_marks(lease, marks)

    def _all_conditions(self) -> tuple[Condition, ...]:
        why = self.configuration.refused
        ours = ((watch_conditions.refused(why),) if why else ()) + self.of_error + self.of_everything
        declared = [self.of_links.get(turn.link, ()) for turn in self._turns()]
        return watch_conditions.each_once((*ours, *(condition for some in declared for condition in some)))

    def _read_configuration(self) -> None:
        asked = self.around.asked.is_set()
        self.around.asked.clear()
        if not self.configuration.read_again(asked=asked):
            return
        if why := self.configuration.refused:
            self.around.log(
                "configuration_refused",
                f"The changed configuration is wrong; the one before stays in force. {why}",
                level="error",
            )
        else:
            self.around.log("configuration_read", "The configuration was read again.")

    def _turns(self) -> tuple[Turn, ...]:
        return watch_turns.turns(self.desired, self.links, self.tried, self.spread)

    def _next(self, turn: Turn) -> datetime | None:
        at = turn.at(self.started)
        return max(at, self.not_before) if at is not None and self.not_before is not None else at


def _said(error: DeclareError) -> str:
    first = error.errors[0] if isinstance(error, ErrorList) else error
    return str(first)
