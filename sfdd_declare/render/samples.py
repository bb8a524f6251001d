"""Samples: single changes of single people, `old → new`, masked unless the reader asked and sits at a terminal."""

from __future__ import annotations

from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.plan import Sample
from sfdd_declare.render.layout import Entry, Section, aligned, indented
from sfdd_declare.render.words import ARROW, personal, safe

_REMOVALS = frozenset({"remove", "left", "forget"})
_RENAMES = frozenset({"rename", "follow"})
_PLACES = {"list": "address book", "member": "campaign member"}


def section(samples: tuple[Sample, ...], width: int, *, people: int, reveal: bool) -> Section:
    """The first `people` people of the samples, each with all that changes about them."""
    groups = [tuple(group) for _, group in groupby(samples, key=lambda sample: sample.person)][:people]
    title = "Samples" if reveal else "Samples (masked)"
    return Section(title, tuple(part for group in groups for part in _person(group, width, reveal=reveal)))


def _person(group: tuple[Sample, ...], width: int, *, reveal: bool) -> tuple[RenderableType, ...]:
    first = group[0]
    name = Text.assemble((safe(first.person), "bold"))
    email = first.email.reveal() if reveal else str(first.email)
    if email:
        name.append(f"  {safe(email)}")
    entries = [_entry(sample, reveal=reveal) for sample in group]
    return (indented(name), aligned(entries, width, 4))


def _entry(sample: Sample, *, reveal: bool) -> Entry:
    symbol, style, name, value = _said(sample, reveal=reveal)
    said = Text(value)
    if sample.reason:
        said.append(f"  # {safe(sample.decision)}, {safe(sample.reason)}", style="dim")
    return Entry(Text(symbol, style=style), Text(name), said)


def _said(sample: Sample, *, reveal: bool) -> tuple[str, str, str, str]:
    """Symbol, style, name and value of one change."""
    if sample.aspect == "value":
        old, new = personal(sample.old, reveal=reveal), personal(sample.new, reveal=reveal)
        return "~", "yellow", safe(sample.field), f"= {old} {ARROW} {new}"
    if sample.aspect == "problem":
        return "!", "red", safe(sample.field), safe(sample.decision)
    if sample.aspect == "consent" and sample.decision == "tick":
        return "~", "yellow", "Email Opt Out", f"= {sample.old} {ARROW} {sample.new}"
    if sample.aspect == "consent":
        return "~", "yellow", "consent", safe(sample.decision.replace("_", " "))
    if sample.aspect == "identity" and sample.decision in _RENAMES:
        old, new = personal(sample.old, reveal=reveal), personal(sample.new, reveal=reveal)
        return "~", "yellow", "address", f"= {old} {ARROW} {new}"
    if sample.aspect == "identity":
        return "+", "green", "lead" if sample.decision == "create_lead" else "contact", safe(sample.decision)
    place = _PLACES.get(sample.aspect, safe(sample.aspect))
    if sample.decision in _REMOVALS:
        return "-", "red", place, safe(sample.link)
    return "+", "green", place, safe(sample.link)
