"""What a check of the configuration found, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.model.finding import Finding, Findings, Level
from sfdd_declare.render.markdown.budget import COMMENT, Budget, first_that_fits
from sfdd_declare.render.markdown.escape import code, head, row, sentence
from sfdd_declare.render.markdown.place import Place, heading, marker, place_line
from sfdd_declare.render.words import counted, listed, number

_SHOWN = (1000, 100, 30, 10, 3, 0)


def findings_markdown(findings: Findings, place: Place, budget: Budget = COMMENT) -> str:
    """All that fits, the counts in any case. Raises BugError for a budget below MINIMUM."""
    return first_that_fits((_body(findings, place, shown) for shown in _SHOWN), budget)


def _body(findings: Findings, place: Place, shown: int) -> str:
    found = sorted(findings.found, key=lambda finding: list(Level).index(finding.level))
    lines = [marker("validate", place, "", truncated=len(found) > shown), "", heading("validate", place), ""]
    lines += [f"**{_summary(found, is_valid=findings.error is None)}**", ""]
    where = place_line(place)
    lines += [where, ""] if where else []
    if found[:shown]:
        lines += [*head(("", "Where", "What")), *_rows(found[:shown]), ""]
    if len(found) > shown:
        lines += [f"{number(shown)} of {number(len(found))} shown. `sfdd validate` shows all of it.", ""]
    return "\n".join(lines)


def _summary(found: list[Finding], *, is_valid: bool) -> str:
    counts = [(level, sum(finding.level is level for finding in found)) for level in Level]
    said = listed(tuple(counted(count, f"{level.value}s") for level, count in counts if count))
    return f"{'Valid' if is_valid else 'Not valid'}{f': {said}' if said else ''}."


def _rows(found: list[Finding]) -> Iterator[str]:
    for finding in found:
        what = f"{code(finding.rule)} {sentence(finding.summary)}"
        hint = f" Hint: {sentence(finding.hint)}" if finding.hint else ""
        yield row((finding.level.value, code(f"{finding.file}:{finding.line}:{finding.col}"), what + hint))
