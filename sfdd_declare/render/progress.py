"""Progress while reading and applying, on the diagnostics console: live lines on a terminal, plain lines elsewhere.

The watch may be called from several threads. Calls in events are totals so far, so the largest number seen counts. A
finished stage leaves one line behind in both forms; `pause` clears the live lines before a question is asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console, RenderableType
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.progress import Progress as LiveLines
from rich.text import Text

from sfdd_declare.model.ports import Event
from sfdd_declare.model.visible import safe
from sfdd_declare.render.words import counted, duration, noun, number

_TITLES = {"read": "Reading", "plan": "Planning"}


@dataclass(slots=True)
class _Part:
    """One read, import or job inside a group."""

    started: float
    done: int = 0
    total: int | None = None
    line: TaskID | None = None


@dataclass(slots=True)
class _Group:
    """What is under way: reading, planning, or one stage of an apply."""

    title: str
    started: float
    parts: dict[str, _Part] = field(default_factory=dict)
    line: TaskID | None = None


class Progress:
    """A watch as a context manager: `with Progress(console) as progress: use(progress.watch)`."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._lock = threading.RLock()
        self._group: _Group | None = None
        self._live: LiveLines | None = None
        self._calls = (0, 0)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._close("done in" if kind is None else "stopped after")

    def watch(self, event: Event) -> None:
        """Take one event in; never raises because of what an event says."""
        with self._lock:
            calls = (event.salesforce_calls, event.dotdigital_calls)
            self._calls = (max(self._calls[0], calls[0]), max(self._calls[1], calls[1]))
            if event.phase == "done":
                self._close("done in")
                return
            if event.phase != "operation":
                self._open(_TITLES.get(event.phase) or f"Stage {safe(event.name)}")
            if event.phase in ("read", "operation"):
                self._note(event)
            self._draw()

    def pause(self) -> None:
        """End what is shown, before a plan is printed or a question asked; the next event begins anew."""
        with self._lock:
            self._close("done in")

    def _open(self, title: str) -> None:
        if self._group is None or self._group.title != title:
            self._close("done in")
            self._group = _Group(title, self._clock())

    def _note(self, event: Event) -> None:
        if self._group is None:
            self._group = _Group("Working", self._clock())
        part = self._group.parts.setdefault(safe(event.name), _Part(self._clock()))
        part.done = event.done
        part.total = event.total if event.total is not None else part.total

    def _close(self, how: str) -> None:
        """End the group in hand and leave one line about it."""
        group, self._group = self._group, None
        if group is None:
            return
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._console.print(Text(self._summary(group, how), style="dim"), soft_wrap=not self._console.is_terminal)

    def _summary(self, group: _Group, how: str) -> str:
        seconds = self._clock() - group.started
        said = f"{group.title} {how} {duration(seconds)}"
        rows = sum(part.done for part in group.parts.values() if part.total != 1)
        operations = len(group.parts) if group.title not in _TITLES.values() else 0
        counts = [counted(n, what) for n, what in ((operations, "operations"), (rows, "rows")) if n]
        if counts:
            said += f": {', '.join(counts)}"
            said += f" ({number(round(rows / seconds))} rows/s)" if rows and seconds >= 1 else ""
        return f"{said}; {self._used()}" if any(self._calls) else said

    def _used(self) -> str:
        salesforce, dotdigital = self._calls
        return f"{number(salesforce)} Salesforce and {number(dotdigital)} Dotdigital {noun(dotdigital, 'calls')} so far"

    def _draw(self) -> None:
        if not self._console.is_terminal or self._group is None:
            return
        if self._live is None:
            self._live = _live_lines(self._console)
            self._live.start()
        if self._group.line is None:
            self._group.line = self._live.add_task(self._group.title, total=None, said="")
        self._live.update(self._group.line, said=self._used() if any(self._calls) else "")
        for name, part in self._group.parts.items():
            if part.line is None:
                part.line = self._live.add_task(f"  {name}", total=part.total, said="")
            said = _pace(part, self._clock())
            self._live.update(part.line, completed=part.done, total=part.total, said=said)


class _Bar(ProgressColumn):
    """A bar where the end is known; nothing where it is not."""

    _bar = BarColumn(bar_width=16)

    def render(self, task: Task) -> RenderableType:
        return self._bar.render(task) if task.total else Text()


def _live_lines(console: Console) -> LiveLines:
    return LiveLines(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}", markup=False),
        _Bar(),
        TextColumn("{task.fields[said]}", markup=False, style="dim"),
        console=console,
        transient=True,
        redirect_stdout=False,  # results go to stdout whatever is drawn on stderr
        redirect_stderr=False,
    )


def _pace(part: _Part, now: float) -> str:
    """`4,000 of 10,000, 867 rows/s, 7 s left`."""
    said = number(part.done) + (f" of {number(part.total)}" if part.total else "")
    seconds = now - part.started
    rate = part.done / seconds if seconds >= 1 else 0.0
    if rate >= 1:
        said += f", {number(round(rate))} rows/s"
        if part.total and part.total > part.done:
            said += f", {duration((part.total - part.done) / rate)} left"
    return said
