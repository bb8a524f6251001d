"""The page: paragraphs, aligned rows and tables of counts that stay readable from 40 to 200 columns.

What does not fit folds between words, an address after one of its dots; only a table shortens long names, in the
middle, and one that cannot stay a table becomes a list of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from sfdd_declare.render.words import noun, number

#: Narrower than this, a value goes on a line of its own below its name.
_VALUE_ROOM = 24
#: The least room for the first column of a table of counts before it becomes a list.
_LABEL_ROOM = 24
ELLIPSIS = "…"
_WORD = re.compile(r"\S+")
_PART = re.compile(r"[^./,]*[./,]+|[^./,]+")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it. A section without a body is not printed at all."""

    title: str
    body: tuple[RenderableType, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of counts: its heading in a table, and the words after the number where there is no room for one."""

    heading: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One aligned row: a symbol, a name, and what is said about it."""

    symbol: Text
    name: Text
    value: Text


class Tidy:
    """Renders its content without the blanks that tables leave at the ends of lines."""

    def __init__(self, content: RenderableType) -> None:
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._content, options, pad=False):
            yield from _stripped(line)
            yield Segment.line()


class Folded:
    """A text that folds between words, and where a word alone is too long, after the dots, slashes and commas in it."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _broken(self._text, options.max_width)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._text)


def _broken(text: Text, width: int) -> Text:
    offsets = [at for word in _WORD.finditer(text.plain) for at in _breaks(word[0], word.start(), width)]
    return Text("\n").join(text.divide(offsets)) if offsets else text


def _breaks(word: str, start: int, width: int) -> Iterator[int]:
    """Where a word that is wider than the page is broken; a part that is too wide by itself is left to the page."""
    if cell_len(word) <= width:
        return
    taken = 0
    for part in _PART.finditer(word):
        size = cell_len(part[0])
        if taken and taken + size > width:
            yield start + part.start()
            taken = 0
        taken += size


def elided(text: str, room: int) -> str:
    """The text with its middle left out where it is longer than the room: names differ at their ends."""
    if cell_len(text) <= room:
        return text
    keep = max(room - 1, 2)
    head, tail = text[: keep // 2], text[-(keep - keep // 2) :]
    while cell_len(head) + cell_len(tail) > keep:
        head, tail = (head[:-1], tail) if cell_len(head) >= cell_len(tail) else (head, tail[1:])
    return f"{head}{ELLIPSIS}{tail}"


def print_sections(sections: Iterable[Section], console: Console) -> None:
    """Print the sections that have something to say, each followed by an empty line."""
    for section in sections:
        if section.body:
            console.print(Tidy(Text(section.title, style="bold")))
            console.print(Tidy(Group(*section.body)))
            console.print()


def indented(content: RenderableType, by: int = 2) -> RenderableType:
    """Content moved to the right."""
    return Padding(Folded(content) if isinstance(content, Text) else content, (0, 0, 0, by), expand=False)


def hanging(lead: Text, body: Text, by: int = 2) -> RenderableType:
    """A lead and a body whose further lines begin below the body."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(lead, Folded(body))
    return indented(grid, by)


def aligned(entries: Sequence[Entry], width: int, by: int) -> RenderableType:
    """Rows `symbol name value` with the values below each other, or each value below its name when room is scarce."""
    symbol = max((cell_len(e.symbol.plain) for e in entries), default=0)
    name = max((cell_len(e.name.plain) for e in entries), default=0)
    if width - by - symbol - name - 2 < _VALUE_ROOM:
        return Group(*(part for entry in entries for part in _stacked(entry, by)))
    grid = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(2 if symbol else 1):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for entry in entries:
        grid.add_row(*([entry.symbol] if symbol else []), entry.name, Folded(entry.value))
    return indented(grid, by)


def counts(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Text, tuple[int, ...]]],
    width: int,
) -> RenderableType:
    """A table of counts without the columns that count nothing; where it does not fit, rows become sentences.

    A row without numbers heads the rows below it.
    """
    kept = [i for i in range(len(columns)) if any(numbers and numbers[i] for _, numbers in rows)]
    columns = [columns[i] for i in kept]
    rows = [(label, tuple(numbers[i] for i in kept) if numbers else ()) for label, numbers in rows]
    label_width = max([cell_len(title), *(cell_len(label.plain) for label, _ in rows)])
    numbers_width = sum(
        2 + max([len(column.heading), *(len(number(numbers[i])) for _, numbers in rows if numbers)])
        for i, column in enumerate(columns)
    )
    room = width - 2 - numbers_width
    shortened = [Text(elided(label.plain, room), style=label.style) for label, _ in rows]
    if room < min(label_width, _LABEL_ROOM) or len({each.plain for each in shortened}) < len(
        {label.plain for label, _ in rows}
    ):
        return Group(*(_sentence(label, numbers, columns) for label, numbers in rows))
    return _table(title, columns, [(label, numbers) for label, (_, numbers) in zip(shortened, rows, strict=True)])


def print_line(line: Text, console: Console) -> None:
    """Print one line; a file or a pipe gets it whole, so that it can be searched and copied."""
    console.print(line if not console.is_terminal else Tidy(line), soft_wrap=not console.is_terminal)


def _table(title: str, columns: Sequence[Column], rows: Sequence[tuple[Text, tuple[int, ...]]]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(Text(title), no_wrap=True)
    for column in columns:
        table.add_column(Text(column.heading), justify="right", no_wrap=True)
    for label, numbers in rows:
        table.add_row(label, *(Text(number(n)) for n in numbers))
    return indented(table)


def _sentence(label: Text, numbers: tuple[int, ...], columns: Sequence[Column]) -> RenderableType:
    if not numbers:
        return indented(label)
    said = [f"{number(n)} {noun(n, column.phrase)}" for n, column in zip(numbers, columns, strict=True)]
    name = Text(label.plain.lstrip(" "), style=label.style)
    depth = 2 + len(label.plain) - len(name.plain)
    return Group(indented(name, depth), indented(Text(", ".join(said)), depth + 2))


def _stacked(entry: Entry, by: int) -> tuple[RenderableType, ...]:
    head = hanging(entry.symbol, entry.name, by) if entry.symbol.plain else indented(entry.name, by)
    return (head, indented(entry.value, by + 4)) if entry.value.plain else (head,)


def _stripped(line: list[Segment]) -> list[Segment]:
    kept = list(line)
    while kept:
        last = kept.pop()
        text = last.text.rstrip(" ")
        if text:
            kept.append(Segment(text, last.style))
            break
    return kept
