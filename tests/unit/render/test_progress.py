"""Progress: one line per finished stage without a terminal, live lines with one, nothing left behind on a pause."""

from __future__ import annotations

import io
import itertools
import threading

from rich.console import Console

from sfdd_declare.model.ports import Event
from sfdd_declare.render.progress import Progress


def a_console(*, terminal=False, width=100):
    return Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, _environ={})


def lines(*events, step=0.0, **console):
    """What is left on the console after these events, a clock going on by `step` at every look."""
    target = a_console(**console)
    ticks = itertools.count()
    with Progress(target, lambda: next(ticks) * step) as progress:
        for event in events:
            progress.watch(event)
    return target.file.getvalue().splitlines()


def test_a_file_gets_one_line_per_finished_stage():
    assert lines(
        Event("read", "Salesforce members", 4000, None, 3, 0),
        Event("read", "main contacts", 2000, 9000, 3, 1),
        Event("read", "Salesforce members", 10000, None, 5, 1),
        Event("read", "main contacts", 9000, 9000, 5, 3),
        Event("plan", "decide"),
        Event("stage", "setup", 0, None, 5, 3),
        Event("operation", "campaign.x", 1, 1, 6, 3),
        Event("stage", "contacts"),
        Event("operation", "import:main", 0, 10412, 6, 3),
        Event("operation", "import:main", 10412, 10412, 6, 9),
        Event("done", "apply"),
    ) == [
        "Reading done in 0 s: 19,000 rows; 5 Salesforce and 3 Dotdigital calls so far",
        "Planning done in 0 s; 5 Salesforce and 3 Dotdigital calls so far",
        "Stage setup done in 0 s: 1 operation; 6 Salesforce and 3 Dotdigital calls so far",
        "Stage contacts done in 0 s: 1 operation, 10,412 rows; 6 Salesforce and 9 Dotdigital calls so far",
    ]


def test_a_slow_stage_tells_its_rate():
    (line,) = lines(Event("stage", "contacts"), Event("operation", "import:main", 600, 600), step=10.0)
    assert line == "Stage contacts done in 20 s: 1 operation, 600 rows (30 rows/s)"


def test_nothing_is_said_when_nothing_happened():
    assert lines() == []


def test_an_error_stops_the_stage_in_hand():
    target = a_console()
    try:
        with Progress(target) as progress:
            progress.watch(Event("read", "members", 1))
            raise ValueError
    except ValueError:
        pass
    assert target.file.getvalue().startswith("Reading stopped after 0 s")


def test_a_terminal_sees_rows_rate_time_left_and_calls():
    text = "\n".join(
        lines(
            Event("stage", "contacts", 0, None, 14, 3),
            Event("operation", "import:main", 0, 10000, 14, 4),
            Event("operation", "import:main", 4000, 10000, 14, 5),
            step=1.0,
            terminal=True,
        )
    )
    assert "import:main" in text
    assert "4,000 of 10,000" in text
    assert "rows/s" in text
    assert "left" in text
    assert "14 Salesforce and 5 Dotdigital calls so far" in text


def test_a_pause_ends_the_live_lines_and_later_events_begin_anew():
    target = a_console(terminal=True)
    with Progress(target) as progress:
        progress.watch(Event("read", "members", 10))
        progress.pause()
        paused = target.file.getvalue()
        progress.watch(Event("stage", "setup"))
    assert "Reading done in" in paused
    assert paused.rstrip().endswith("10 rows")
    assert "Stage setup done in" in target.file.getvalue()[len(paused) :]


def test_names_cannot_draw_on_the_terminal():
    text = "\n".join(lines(Event("read", "[red]\x1b[2J{x}", 1), terminal=True))
    assert "[red]\\x1b[2J{x}" in text


def test_events_may_come_from_several_threads():
    target = a_console()
    with Progress(target) as progress:

        def read(name):
            for i in range(200):
                progress.watch(Event("read", name, i + 1, None, i, i))

        threads = [threading.Thread(target=read, args=(f"part {n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert "800 rows" in target.file.getvalue()
    assert "199 Salesforce and 199 Dotdigital calls" in target.file.getvalue()
