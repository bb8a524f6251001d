"""People of a plan: counts by link and by field, what the other steps do to them, who is left alone, masked samples."""

from __future__ import annotations

from itertools import groupby

from sfdd_declare.model.operation import Task
from sfdd_declare.model.plan import FieldCount, LinkCount, Plan, Sample
from sfdd_declare.render.legend import MEANINGS
from sfdd_declare.render.markdown.danger import held_line
from sfdd_declare.render.markdown.escape import code, head, prose, row, sentence
from sfdd_declare.render.markdown.section import Section, table
from sfdd_declare.render.markdown.setup import name, remarks
from sfdd_declare.render.notes import is_shown as is_held_shown
from sfdd_declare.render.people import ARROWS, FIRST_RUN, TASKS, is_shown, moves
from sfdd_declare.render.people import remarks as field_remarks
from sfdd_declare.render.samples import said
from sfdd_declare.render.words import ARROW, counted, listed, number

_LINK_NUMBERS = ("Members", "Add", "Update", "Remove", "On book", "New leads", "Adopt", "Pending")
_FIELD_NUMBERS = ("To Dotdigital", "To Salesforce", "Overwritten", "Blanked")
_REMOVALS = frozenset({Task.REMOVE_FROM_LIST, Task.REMOVE_MEMBERS})


def links_section(plan: Plan) -> Section:
    """A row for each link with anything to tell."""
    people = plan.people
    shown = [link for link in people.links if moves(link)]
    top, rows = table(("Link",), _LINK_NUMBERS, (((code(link.link),), _numbers(link)) for link in shown))
    above = (f"First run of {listed(tuple(map(code, people.first_run)))}: {FIRST_RUN}",) if people.first_run else ()
    below = _hidden(len(people.links) - len(shown), "links")
    return Section("people by link", "People by link", rows, top, above, below)


def fields_section(plan: Plan) -> Section:
    """A row for each mapped field with anything to tell."""
    fields = plan.people.fields
    shown = [field for field in fields if is_shown(field)]
    labels = ("Mapped", "Field", "Remarks") if any(_remarks(field) for field in shown) else ("Mapped", "Field")
    labelled = ((_labels(field)[: len(labels)], _field_numbers(field)) for field in shown)
    top, rows = table(labels, _FIELD_NUMBERS, labelled)
    below = _hidden(len(fields) - len(shown), "field mappings")
    return Section("people by field", "People by field", rows, top, below=below)


def steps_section(plan: Plan) -> Section:
    """What is done to people beside values and lists; removals stand among the dangers."""
    shown = [op for op in plan.operations if op.rows and op.task in TASKS and op.task not in _REMOVALS]
    rows = []
    for op in shown:
        title, symbol, _, words = TASKS[op.task]
        people = op.rows.people if op.rows else 0
        rows.append(row((code(symbol), title, name(op), "; ".join((words, *remarks(op))), number(people))))
    top = head(("", "Step", "Address", "What", "People"), numbers=1)
    return Section("consent, members and leads", "Consent, members and leads", tuple(rows), top)


def left_alone_section(plan: Plan) -> Section:
    """Who is skipped or held by a rule and waits for nobody."""
    held = [one for one in plan.people.held if not one.headline and is_held_shown(one, verbose=False)]
    rows = [f"- {held_line(one)}" for one in held]
    for link in plan.people.links:
        if link.skipped:
            reasons = "; ".join(f"{number(people)} {prose(reason)}" for reason, people in link.skipped)
            rows.append(f"- {code(link.link)} skipped: {reasons}")
    return Section("held or skipped", "Held or skipped", tuple(rows))


def samples_section(plan: Plan) -> Section:
    """Single changes, as masked as the plan has them; the name of a person stands at the first of them."""
    rows = []
    for _, group in groupby(plan.people.samples, key=lambda sample: sample.person):
        for place, sample in enumerate(group):
            rows.append(_sample(sample, is_first=place == 0))
    reasons = {sample.reason for sample in plan.people.samples}
    rules = [f"- {code(rule)}: {text}" for rule, text in MEANINGS.items() if rule in reasons]
    below = ("\n".join(rules),) if rules else ()
    top = head(("Person", "", "What", "Change", "Why"))
    return Section("samples", "Samples, masked", tuple(rows), top, below=below)


def _numbers(link: LinkCount) -> tuple[int, ...]:
    people = (link.members, link.add, link.update, link.remove, link.on_book)
    return (*people, link.new_leads, link.adopt, link.pending)


def _labels(field: FieldCount) -> tuple[str, str, str]:
    pair = f"{code(field.salesforce_field)} {ARROWS.get(field.direction, ARROW)} {code(field.data_field)}"
    return f"{code(field.account)}, {code(field.record_type)}", pair, _remarks(field)


def _remarks(field: FieldCount) -> str:
    return "; ".join(field_remarks(field))


def _field_numbers(field: FieldCount) -> tuple[int, ...]:
    return (field.to_dotdigital, field.to_salesforce, field.overwritten, field.blanked)


def _sample(sample: Sample, *, is_first: bool) -> str:
    symbol, _, what, value = said(sample)
    person = code(sample.person) + (f" {code(sample.email)}" if sample.email else "") if is_first else ""
    why = f"{code(sample.decision)}, {code(sample.reason)}" if sample.reason else code(sample.decision)
    return row((person, code(symbol), code(what), sentence(value.removeprefix("= ")), why))


def _hidden(count: int, phrase: str) -> tuple[str, ...]:
    return (f"{counted(count, phrase)} without changes hidden.",) if count else ()
