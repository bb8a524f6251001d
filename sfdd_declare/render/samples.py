"""Samples: single changes of single people, `old → new`, as the plan has them: masked, or in clear."""

from __future__ import annotations

from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.plan import PeoplePlan, Sample
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Entry, Section, aligned, indented
from sfdd_declare.render.words import ARROW, literal

_REMOVALS = frozenset({"remove", "left", "forget"})
_RENAMES = frozenset({"rename", "follow"})
_PLACES = {"list": "address book", "member": "campaign member"}


def section(plan: PeoplePlan, width: int, *, people: int) -> Section:
    """The first `people` people of the samples, each with all that changes about them."""
    groups = [tuple(group) for _, group in groupby(plan.samples, key=lambda sample: sample.person)][:people]
    title = "Samples" if plan.revealed else "Samples (masked)"
    return Section(title, tuple(part for group in groups for part in _person(group, width)))


def _person(group: tuple[Sample, ...], width: int) -> tuple[RenderableType, ...]:
    first = group[0]
    name = Text.assemble((safe(first.person), "bold"))
    if first.email:
        name.append(f"  {safe(first.email)}")
    entries = [_entry(sample) for sample in group]
    return (indented(name), aligned(entries, width, 4))


def _entry(sample: Sample) -> Entry:
    symbol, style, name, value = said(sample)
    text = Text(value)
    if sample.reason:
        text.append(f"  # {safe(sample.decision)}, {safe(sample.reason)}", style="dim")
    return Entry(Text(symbol, style=style), Text(name), text)


def said(sample: Sample) -> tuple[str, str, str, str]:
    """Symbol, style, name and value of one change."""
    if sample.aspect == "value":
        old, new = literal(sample.old), literal(sample.new)
        return "~", "yellow", safe(sample.field), f"= {old} {ARROW} {new}"
    if sample.aspect == "problem":
        return "!", "red", safe(sample.field), safe(sample.decision)
    if sample.aspect == "consent" and sample.decision == "tick":
        return "~", "yellow", "Email Opt Out", f"= {sample.old} {ARROW} {sample.new}"
    if sample.aspect == "consent":
        return "~", "yellow", "consent", safe(sample.decision.replace("_", " "))
    if sample.aspect == "identity" and sample.decision in _RENAMES:
        old, new = literal(sample.old), literal(sample.new)
        return "~", "yellow", "address", f"= {old} {ARROW} {new}"
    if sample.aspect == "identity":
        return "+", "green", "lead" if sample.decision == "create_lead" else "contact", safe(sample.decision)
    place = _PLACES.get(sample.aspect, safe(sample.aspect))
    if sample.decision in _REMOVALS:
        return "-", "red", place, safe(sample.link)
    return "+", "green", place, safe(sample.link)
