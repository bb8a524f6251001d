"""A plan as text: the conclusion first and last, what is dangerous before all else, then people, then set-up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from sfdd_declare.model.figures import Figures, by_guard, held_back
from sfdd_declare.model.operation import Action
from sfdd_declare.model.plan import PeopleTotals, Plan
from sfdd_declare.model.visible import safe
from sfdd_declare.render import danger, legend, notes, people, setup
from sfdd_declare.render.layout import Section, print_line, print_sections
from sfdd_declare.render.samples import section as samples_section
from sfdd_declare.render.words import counted, listed, noun, number, tally_of

NO_CHANGES = "No changes. Salesforce and Dotdigital match the configuration."

#: Actions that only touch the state; named in the summary only when there are some.
_STATE_ACTIONS = (Action.IMPORT, Action.ADOPT, Action.MOVE, Action.FORGET)


def plan_text(plan: Plan, console: Console, *, samples: int, verbose: bool) -> None:
    """Print a plan, and as many of its samples as asked for."""
    summary = Text(summary_line(plan), style="bold")
    print_line(summary, console)
    sections = _sections(plan, console.width, shown=samples, verbose=verbose)
    if not any(section.body for section in sections):
        return
    console.print()
    print_sections(sections, console)
    if not plan.is_empty:
        for line in token_lines(plan):
            print_line(Text(line), console)
    print_line(summary, console)


def summary_line(plan: Plan) -> str:
    """The one line that says it all; the wording is part of the interface."""
    if plan.is_empty:
        waiting = notes.headline(plan.people.held)
        return f"No changes. {waiting}." if waiting else NO_CHANGES
    people = f" People: {_people(plan)}." if _speaks_of_people(plan) else ""
    return f"Plan: {_things(plan)}.{people}"


def _speaks_of_people(plan: Plan) -> bool:
    """Where nothing is linked and nobody changes, zeroes say nothing."""
    return bool(plan.people.links) or plan.people.totals != PeopleTotals()


def _sections(plan: Plan, width: int, *, shown: int, verbose: bool) -> tuple[Section, ...]:
    waiting, at_the_end = notes.waiting(plan, verbose=verbose), notes.sections(plan)
    if plan.is_empty and not verbose:
        first = danger.loosened_section(plan.loosened)
        return (first, *waiting, *at_the_end)  # who was skipped on which link is no news when nothing changes
    return (
        danger.section(plan, width),
        setup.drift_section(plan, width),
        *people.sections(plan, width, verbose=verbose),
        samples_section(plan.people, width, people=shown),
        *waiting,
        setup.setup_section(plan, width, verbose=verbose),
        *at_the_end,
        legend.section(_shown(plan, shown, verbose=verbose)),
    )


def _shown(plan: Plan, samples: int, *, verbose: bool) -> Plan:
    """The plan with the samples and held items that are printed: other rules need no explanation."""
    people = tuple(dict.fromkeys(sample.person for sample in plan.people.samples))[:samples]
    seen = tuple(sample for sample in plan.people.samples if sample.person in people)
    held = tuple(one for one in plan.people.held if notes.is_shown(one, verbose=verbose))
    return replace(plan, people=replace(plan.people, samples=seen, held=held))


def _things(plan: Plan) -> str:
    """What happens to things, and how many of each a guard holds back."""
    tally = tally_of(plan.operations)
    guards = held_back(plan.operations)
    held = tally_of(op for op in plan.operations if op.id in guards)
    names = {guards[op.id] for op in plan.operations if op.rows is None and op.id in guards}

    def said(word: str, *actions: Action, always: bool = False) -> list[str]:
        count, blocked = (sum(one[action] for action in actions) for one in (tally, held))
        return [f"{count} to {word}{_blocked(count, blocked, names)}"] if count or always else []

    parts = [
        *said("add", Action.CREATE, Action.REPLACE, always=True),
        *said("change", Action.UPDATE, always=True),
        *said("destroy", Action.DELETE, Action.REPLACE, always=True),
        *(part for action in _STATE_ACTIONS for part in said(action.value, action)),
    ]
    return ", ".join(parts)


def _people(plan: Plan) -> str:
    """What changes on books always; the rest only where there is some."""
    totals = plan.people.totals
    held = by_guard(plan.operations, totals.figures)

    def said(count: int, what: str, figure: Callable[[Figures], int]) -> str:
        names = {guard for guard, figures in held.items() if figure(figures)}
        blocked = min(count, sum(figure(figures) for figures in held.values()))
        return f"{count} {what}{_blocked(count, blocked, names)}"

    parts = [
        said(totals.add, "to add", lambda figures: figures.add),
        said(totals.update, "to update", lambda figures: figures.update),
        said(totals.remove, "to remove", lambda figures: figures.remove),
    ]
    if totals.new_leads:
        parts.append(said(totals.new_leads, noun(totals.new_leads, "new leads"), lambda figures: figures.leads))
    rest = (
        (totals.conflicts, noun(totals.conflicts, "conflicts")),
        (totals.adopt, "to adopt"),
        (totals.suppress, "to suppress"),
        (totals.opt_out, "to opt out in Salesforce"),
    )
    return ", ".join([*parts, *(f"{count} {what}" for count, what in rest if count)])


def _blocked(count: int, blocked: int, guards: Collection[str]) -> str:
    if not blocked:
        return ""
    of_them = "" if count == 1 else " all of them" if blocked == count else f" {blocked} of them"
    return f",{of_them} blocked by {listed(tuple(safe(guard) for guard in sorted(guards)))}"


def token_lines(plan: Plan) -> tuple[str, ...]:
    """How to carry out this plan and nothing more, and what that lets through at most; of a plan file, what is due."""
    if plan.people.due is not None:
        return (f"Of the plan file, {counted(plan.people.due, 'changes')} of people are still due.",)
    most = plan.figures.at_most(plan.tolerance)
    bound = (
        f"at most {number(most.add)} added, {number(most.update)} updated, {number(most.remove)} removed, "
        f"{counted(most.leads, 'leads')}, {number(most.overwrites)} overwritten"
    )
    return (f"To apply no more than this: sfdd apply --expect {plan.token}", f"It lets through {bound}.")
