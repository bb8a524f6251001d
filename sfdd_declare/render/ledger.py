"""The ledger: what did not go through, by code, each row with its age and its next try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from rich.console import Console, RenderableType
from rich.text import Text

from sfdd_declare.model.state import LedgerEntry
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Entry, Section, aligned, indented, print_line, print_sections
from sfdd_declare.render.words import counted, duration


def ledger_text(entries: tuple[LedgerEntry, ...], console: Console) -> None:
    """Print every open problem; parked ones say how they are released."""
    if not entries:
        print_line(Text("Nothing waits: every row went through."), console)
        return
    ordered = sorted(entries, key=lambda e: (e.code, e.message, e.account, e.record, e.field))
    groups = groupby(ordered, key=lambda e: (e.code, e.message))
    sections = [_section(code, message, tuple(those), console.width) for (code, message), those in groups]
    print_sections(sections, console)
    parked = sum(entry.parked for entry in entries)
    waiting = len(entries) - parked
    said = f"{counted(waiting, 'problems')} to be tried again in the next run, {parked:,} parked."
    print_line(Text(said, style="bold"), console)
    if parked:
        print_line(Text("Hint: sfdd errors retry"), console)


def _section(code: str, message: str, entries: tuple[LedgerEntry, ...], width: int) -> Section:
    title = f"{safe(code)}: {safe(message)}" if message else safe(code)
    return Section(title, tuple(_rows(entries, width)))


def _rows(entries: tuple[LedgerEntry, ...], width: int) -> Iterator[RenderableType]:
    rows = [Entry(Text(), Text(_what(entry), style="bold"), Text(_since(entry))) for entry in entries]
    yield indented(aligned(rows, width, 2))


def _what(entry: LedgerEntry) -> str:
    return " ".join(safe(part) for part in (entry.record, entry.field) if part)


def _since(entry: LedgerEntry) -> str:
    age = datetime.now(UTC) - datetime.fromisoformat(entry.first_seen)
    tried = "tried once" if entry.attempts == 1 else f"tried {entry.attempts:,} times"
    state = "parked" if entry.parked else "next try: next run"
    where = f"account {safe(entry.account)}, " if entry.account else ""
    return f"{where}for {duration(age.total_seconds())}, {tried}, {state}"
