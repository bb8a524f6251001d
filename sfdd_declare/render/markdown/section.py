"""The parts of a body that may be dropped: folded sections of rows, of which some, or none, are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sfdd_declare.render.markdown.escape import head, row
from sfdd_declare.render.words import listed, number


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title of ours. `key` names it where it is left out."""

    key: str
    title: str
    rows: tuple[str, ...]
    head: tuple[str, ...] = ()  # of the table that the rows belong to
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    is_open: bool = False


#: Section -> how many of its rows are shown at most; sections that are not named are shown whole.
Cuts = Mapping[str, int]


def shown_rows(section: Section, cuts: Cuts) -> tuple[str, ...]:
    return section.rows[: cuts.get(section.key, len(section.rows))]


def rendered(section: Section, cuts: Cuts) -> list[str]:
    """The lines of one section; none where no row is shown."""
    rows = shown_rows(section, cuts)
    if not rows:
        return []
    total = len(section.rows)
    count = number(total) if len(rows) == total else f"first {number(len(rows))} of {number(total)}"
    start = "<details open>" if section.is_open else "<details>"
    lines = [f"{start}<summary><b>{section.title}</b> · {count}</summary>", ""]
    lines += [line for text in section.above for line in (text, "")]
    lines += [*section.head, *rows, ""]
    lines += [line for text in section.below for line in (text, "")]
    return [*lines, "</details>", ""]


def left_out(sections: Iterable[Section], cuts: Cuts) -> str:
    """`samples, links beyond 50`; empty when every row is shown."""
    said = []
    for section in sections:
        count = len(shown_rows(section, cuts))
        if count < len(section.rows):
            said.append(f"{section.key} beyond {number(count)}" if count else section.key)
    return listed(tuple(said))


def table(
    labels: tuple[str, ...], numbers: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], tuple[int, ...]]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Head and rows of a table of counts, without the columns that count nothing."""
    listed_rows = tuple(rows)
    kept = [i for i in range(len(numbers)) if any(counts[i] for _, counts in listed_rows)]
    lines = (row((*texts, *(number(counts[i]) for i in kept))) for texts, counts in listed_rows)
    return head((*labels, *(numbers[i] for i in kept)), numbers=len(kept)), tuple(lines)
