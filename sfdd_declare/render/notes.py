"""What stands beside the changes: held items, what is not applied yet, warnings, calls."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.declared import NotApplied
from sfdd_declare.model.plan import Held, Plan, Usage
from sfdd_declare.model.visible import safe
from sfdd_declare.render.danger import RENEWED
from sfdd_declare.render.layout import Section, hanging, indented
from sfdd_declare.render.words import counted, duration, listed, noun, number

#: Said where calls run short.
SHORT = "This is more than is left today."

#: Held for these rules is routine (a kept blank, a shadowed record): only shown to readers who ask (RUN-4).
QUIET_RULES = frozenset({"VAL-5", "VAL-7", "VAL-10", "ID-3"})


def waiting(plan: Plan, *, verbose: bool) -> tuple[Section, ...]:
    """People who wait or are left alone. Renewed fields stand among the dangers of a plan that has changes."""
    held = [h for h in plan.people.held if plan.is_empty or h.reason != RENEWED]
    left_out = [h for h in held if not h.headline and is_shown(h, verbose=verbose)]
    return (
        Section("Waiting for you", tuple(_held(h) for h in held if h.headline)),
        Section("Left alone", tuple(_held(h) for h in left_out)),
    )


def is_shown(held: Held, *, verbose: bool) -> bool:
    return held.headline or verbose or held.reason not in QUIET_RULES


def sections(plan: Plan) -> tuple[Section, ...]:
    """The notes at the end of a plan."""
    return (
        not_applied_section(plan.not_applied),
        warnings_section(plan.warnings),
        Section("Read", tuple(_read(plan))),
        Section("Calls", () if plan.is_empty else (_cost(plan),)),
    )


def _read(plan: Plan) -> Iterator[RenderableType]:
    """A delta says so, and how old the last full pass is (RUN-3)."""
    if plan.people.since:
        text = f"only people who changed since {safe(plan.people.since)}; everybody was read at"
        yield indented(Text(f"{text} {safe(plan.people.last_full)}", style="dim"))


def not_applied_section(items: tuple[NotApplied, ...]) -> Section:
    """Declared parts that this version skips, with their positions."""
    return Section("Not applied yet by this version", tuple(_not_applied(item) for item in items))


def warnings_section(warnings: tuple[str, ...]) -> Section:
    return Section("Warnings", tuple(_warning(text) for text in warnings))


def headline(held: tuple[Held, ...]) -> str:
    """`2 conflicts held, 3 leads pending`: what waits for a human, empty when nothing does."""
    return ", ".join(counted(h.people, safe(h.what)) for h in held if h.headline and h.people)


def _held(held: Held) -> RenderableType:
    text = Text(counted(held.people, safe(held.what)))
    if held.reason:
        text.append(f" ({safe(held.reason)})", style="dim")
    if held.detail:
        text.append(f": {safe(held.detail)}")
    return indented(text)


def _not_applied(item: NotApplied) -> RenderableType:
    text = Text.assemble((safe(item.address), "bold"), f"  {safe(item.what)}")
    if item.where:
        text.append(f"  {safe(str(item.where))}", style="dim")
    return indented(text)


def _warning(text: str) -> RenderableType:
    return hanging(Text("!", style="yellow"), Text(safe(text)))


def cost(plan: Plan) -> str:
    """What applying needs, what planning used, and what is left today."""
    said = f"Applying needs about {_calls(plan.cost)}"
    if plan.cost.minutes > 0:
        said += f", about {duration(plan.cost.minutes * 60)}"
    said += f". Planning used {_calls(plan.read)}."
    left = _left(plan.cost)
    if left:
        said += f" Left today: {left}."
    if plan.budget:
        said += f" This tool's own Salesforce calls today: {number(plan.budget.used)} of {number(plan.budget.ceiling)}."
    return said


def _cost(plan: Plan) -> RenderableType:
    text = Text(cost(plan))
    if is_short(plan.cost):
        text.append(f" {SHORT}", style="red")
    return indented(text)


def _calls(usage: Usage) -> str:
    calls = noun(usage.dotdigital, "calls")
    return f"{number(usage.salesforce)} Salesforce and {number(usage.dotdigital)} Dotdigital {calls}"


def _left(usage: Usage) -> str:
    known = (("Salesforce", usage.salesforce_left), ("Dotdigital", usage.dotdigital_left))
    return listed(tuple(f"{number(left)} {system}" for system, left in known if left is not None))


def is_short(usage: Usage) -> bool:
    """Whether there are fewer calls left today than are needed."""
    pairs = ((usage.salesforce, usage.salesforce_left), (usage.dotdigital, usage.dotdigital_left))
    return any(left is not None and needed > left for needed, left in pairs)
