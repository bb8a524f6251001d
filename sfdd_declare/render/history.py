"""The runs of a state: a table where there is room for one, else one entry a run; and everything about one run."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from sfdd_declare.model.figures import NOBODY, Figures
from sfdd_declare.model.standing import has_told, is_failure
from sfdd_declare.model.state import RunDetails, RunRecord
from sfdd_declare.model.visible import safe
from sfdd_declare.render import runs as words
from sfdd_declare.render.layout import (
    Column,
    Entry,
    Section,
    Tidy,
    aligned,
    counts,
    indented,
    print_line,
    print_sections,
)
from sfdd_declare.render.times import moment
from sfdd_declare.render.words import counted, number

_TITLES = (
    "Run",
    "Started",
    "Command",
    "By",
    "Result",
    "Added",
    "Updated",
    "Removed",
    "Leads",
    "Failed",
    "Calls",
    "Took",
)
_NUMBERS = frozenset({"Added", "Updated", "Removed", "Leads", "Failed", "Calls", "Took"})
_FIGURES = (
    Column("Add", "added"),
    Column("Update", "updated"),
    Column("Remove", "removed"),
    Column("New leads", "new leads"),
    Column("Overwrites", "values overwritten"),
)


def history_text(records: tuple[RunRecord, ...], console: Console) -> None:
    """Print the runs, the newest first."""
    if not records:
        print_line(Text("No run yet. Hint: sfdd apply"), console)
        return
    rows = [_cells(run) for run in records]
    widths = [max(map(cell_len, column)) for column in zip(_TITLES, *rows, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) <= console.width:
        console.print(Tidy(_table(records, rows)))
        return
    entries = [Entry(Text(), Text(safe(run.run), style="bold"), _said(run)) for run in records]
    console.print(Tidy(aligned(entries, console.width, 0)))


def _cells(run: RunRecord) -> tuple[str, ...]:
    head = (safe(run.run), moment(run.started))
    d = run.details or RunDetails()
    done, calls = d.done, d.salesforce_calls + d.dotdigital_calls
    shown = (done.add, done.update, done.remove, done.leads, d.failed, calls)
    figures = map(number, shown) if has_told(run) else [""] * len(shown)
    return (*head, safe(d.command), words.by(run), words.result(run), *figures, words.took(run))


def _table(records: tuple[RunRecord, ...], rows: list[tuple[str, ...]]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in _TITLES:
        table.add_column(Text(title), no_wrap=True, justify="right" if title in _NUMBERS else "left")
    for run, cells in zip(records, rows, strict=True):
        styles = {"Run": "bold", "Result": words.style(run)}
        table.add_row(*(Text(cell, style=styles.get(title, "")) for title, cell in zip(_TITLES, cells, strict=True)))
    return table


def _said(run: RunRecord) -> Text:
    details = run.details or RunDetails()
    who = f"sfdd {safe(details.command)} by {words.by(run)}" if run.details else ""
    text = Text(", ".join(part for part in (moment(run.started), who) if part))
    text.append(", ").append(words.result(run), style=words.style(run))
    text.append(f" in {words.took(run)}" if run.finished and not is_failure(run) else "")
    if has_told(run):
        calls = details.salesforce_calls + details.dotdigital_calls
        text.append(f": {words.did(details)}; {counted(calls, 'calls')}")
    return text


def run_text(run: RunRecord, console: Console) -> None:
    """Print everything about one run."""
    details = run.details or RunDetails()
    width = console.width
    print_line(Text(f"Run {safe(run.run)}: {words.result(run)}.", style="bold"), console)
    console.print()
    sections = (
        Section("Who and when", (_rows(_about(run), width),)),
        Section("People, planned and done", tuple(_people(run, width))),
        Section("Besides", tuple(_besides(run, width))),
        Section("Problems by code", tuple(_pairs(details.problems, width))),
        Section("Held for a human", tuple(_held(details.held))),
        Section("Guards that held something back", tuple(indented(Text(safe(name))) for name in details.blocked)),
        Section("Set-up left to `sfdd apply`", tuple(indented(Text(safe(name))) for name in details.setup_left)),
        Section("Error", tuple(_error(details))),
    )
    print_sections(sections, console)
    if run.details is None:
        print_line(Text("It was made by a version that kept no more than this."), console)


def _about(run: RunRecord) -> list[tuple[str, str]]:
    details = run.details or RunDetails()
    return [
        ("Command", f"sfdd {safe(details.command)}" if details.command else ""),
        ("By", words.by(run)),
        ("Started", moment(run.started)),
        ("Finished", f"{moment(run.finished)}, after {words.took(run)}" if run.finished else ""),
        ("Commit", safe(details.commit)),
        ("Links", (", ".join(map(safe, details.links)) or "all") if run.details else ""),
        ("Fingerprint", safe(run.fingerprint)),
    ]


def _people(run: RunRecord, width: int) -> Iterator[RenderableType]:
    details = run.details
    if details is None or details.error:
        return
    if details.planned == NOBODY == details.done:
        yield indented(Text("Nobody was to be changed."))
        return
    rows = [(Text("Planned"), _figures(details.planned))]
    rows += [(Text("Done"), _figures(details.done))] if has_told(run) else []
    yield counts("", _FIGURES, rows, width)


def _figures(figures: Figures) -> tuple[int, ...]:
    return (figures.add, figures.update, figures.remove, figures.leads, figures.overwrites)


def _besides(run: RunRecord, width: int) -> Iterator[RenderableType]:
    details = run.details
    if details is None or details.error:
        return
    rows = [
        ("Opt-outs carried", _count(details.opted_out)),
        ("Set-up operations", _count(details.setup)),
        ("Rows and things written", _count(details.written)),
        ("Rows failed", _count(details.failed)),
        ("Rows left out", _count(details.left_out)),
        ("Salesforce calls", _calls(details.salesforce_calls, details.salesforce_calls_left)),
        ("Dotdigital calls", _calls(details.dotdigital_calls, details.dotdigital_calls_left)),
    ]
    yield _rows(rows, width)
    if not has_told(run):
        yield indented(Text("What was done is not known.", style="dim"))


def _count(count: int) -> str:
    return number(count) if count else ""


def _calls(used: int, left: int | None) -> str:
    return number(used) + (f", {number(left)} left that day" if left is not None else "")


def _rows(rows: list[tuple[str, str]], width: int) -> RenderableType:
    return aligned([Entry(Text(), Text(name), Text(said)) for name, said in rows if said], width, 2)


def _pairs(pairs: tuple[tuple[str, int], ...], width: int) -> Iterator[RenderableType]:
    if pairs:
        yield _rows([(safe(code), counted(rows, "rows")) for code, rows in pairs], width)


def _held(held: tuple[tuple[str, int], ...]) -> Iterator[RenderableType]:
    yield from (indented(Text(counted(people, safe(what)))) for what, people in held)


def _error(details: RunDetails) -> Iterator[RenderableType]:
    if details.error:
        often = f" ({number(details.attempts)} runs in a row)" if details.attempts > 1 else ""
        yield indented(Text(f"{safe(details.error)}{often}"))
