"""What a plan says about ids and addresses in a selection that are nobody's: how many, and where to find them."""

from __future__ import annotations

from pathlib import Path

from sfdd_declare.config import member_files
from sfdd_declare.model.ports import SelectionQuestion
from sfdd_declare.model.privacy import Sort, mask

#: How many are named; the rest is counted.
NAMED = 5


def warning(question: SelectionQuestion, unmatched: tuple[str, ...], root: Path) -> str:
    """Ids by themselves, addresses masked, and those of a file by their lines."""
    asked, noun = len(question.emails or question.ids), "addresses" if question.emails else "ids"
    person = question.record_type.value.replace("_", " ")
    counted = f"{len(unmatched)} of {asked} {noun} match no {person}"
    return f"{question.label}: {counted}: {_named(question, unmatched, root)}"


def _named(question: SelectionQuestion, unmatched: tuple[str, ...], root: Path) -> str:
    some = unmatched[:NAMED]
    more = f" and {len(unmatched) - len(some)} more" if len(unmatched) > len(some) else ""
    if question.file is not None:
        lines = member_files.lines_of(root / question.file, question.record_type, unmatched, NAMED)
        return f"{question.file} line {', '.join(map(str, lines))}{more}"
    shown = [str(mask(value, Sort.EMAIL)) for value in some] if question.emails else some
    return f"{', '.join(shown)}{more}"
