"""A plan as text: the conclusion first and last, what is dangerous before all else, then people, then set-up."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from sfdd_declare.model.operation import Action
from sfdd_declare.model.plan import PeopleTotals, Plan
from sfdd_declare.render import danger, notes, people, setup
from sfdd_declare.render.layout import Section, print_line, print_sections
from sfdd_declare.render.samples import section as samples_section
from sfdd_declare.render.words import noun, tally_of

NO_CHANGES = "No changes. Salesforce and Dotdigital match the configuration."

#: Actions that only touch the state; named in the summary only when there are some.
_STATE_ACTIONS = (Action.IMPORT, Action.ADOPT, Action.MOVE, Action.FORGET)


def plan_text(plan: Plan, console: Console, *, samples: int, show_personal_data: bool, verbose: bool) -> None:
    """Print a plan. Personal data is shown only when asked for and only when the console is a terminal."""
    summary = Text(summary_line(plan), style="bold")
    print_line(summary, console)
    reveal = show_personal_data and console.is_terminal
    sections = _sections(plan, console.width, shown=samples, reveal=reveal, verbose=verbose)
    if not any(section.body for section in sections):
        return
    console.print()
    print_sections(sections, console)
    if not plan.is_empty:
        print_line(Text(f"To apply exactly this: sfdd apply --expect {plan.token}"), console)
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


def _sections(plan: Plan, width: int, *, shown: int, reveal: bool, verbose: bool) -> tuple[Section, ...]:
    waiting, at_the_end = notes.waiting(plan, verbose=verbose), notes.sections(plan)
    if plan.is_empty and not verbose:
        return (*waiting, *at_the_end)  # who was skipped on which link is no news when nothing changes
    return (
        danger.section(plan, width),
        setup.drift_section(plan, width),
        *people.sections(plan, width, verbose=verbose),
        samples_section(plan.people.samples, width, people=shown, reveal=reveal),
        *waiting,
        setup.setup_section(plan, width, verbose=verbose),
        *at_the_end,
    )


def _things(plan: Plan) -> str:
    tally = tally_of(plan.operations)
    replaced = tally[Action.REPLACE]
    said = [
        f"{tally[Action.CREATE] + replaced} to add",
        f"{tally[Action.UPDATE]} to change",
        f"{tally[Action.DELETE] + replaced} to destroy",
    ]
    said += [f"{tally[action]} to {action.value}" for action in _STATE_ACTIONS if tally[action]]
    return ", ".join(said)


def _people(plan: Plan) -> str:
    """What changes on books always; the rest only where there is some."""
    totals = plan.people.totals
    said = [f"{totals.add} to add", f"{totals.update} to update", f"{totals.remove} to remove"]
    rest = (
        (totals.new_leads, noun(totals.new_leads, "new leads")),
        (totals.conflicts, noun(totals.conflicts, "conflicts")),
        (totals.adopt, "to adopt"),
        (totals.suppress, "to suppress"),
        (totals.opt_out, "to opt out in Salesforce"),
    )
    return ", ".join([*said, *(f"{count} {what}" for count, what in rest if count)])
