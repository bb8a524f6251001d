"""People of a plan as counts: per link, per field mapping, consent, campaign members, removals; no single person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.plan import FieldCount, LinkCount, PeoplePlan, Plan
from sfdd_declare.model.visible import safe
from sfdd_declare.render.layout import Column, Section, counts, hanging, indented
from sfdd_declare.render.words import ARROW, counted, listed, number, quoted

_LINK_COLUMNS = (
    Column("Members", "members"),
    Column("Add", "to add"),
    Column("Update", "to update"),
    Column("Remove", "to remove"),
    Column("On book", "on the book"),
    Column("New leads", "new leads"),
    Column("Adopt", "to adopt"),
    Column("Pending", "leads pending"),
)
_FIELD_COLUMNS = (
    Column("To Dotdigital", "to Dotdigital"),
    Column("To Salesforce", "to Salesforce"),
    Column("Overwritten", "overwritten"),
    Column("Blanked", "blanked"),
    Column("Blanks kept", "blanks kept"),
)
ARROWS = {"salesforce_to_dotdigital": "→", "dotdigital_to_salesforce": "←", "two_way": "↔"}

#: What a first run leaves alone (RUN-1).
FIRST_RUN = (
    "what Salesforce leaves blank is kept, values that differ in a two-way field are held, nobody is removed "
    "and nobody is new."
)

#: What each task does to people: section, symbol, style, and the sentence after the count.
TASKS: dict[Task, tuple[str, str, str, str]] = {
    Task.OPT_OUT_RECORDS: ("Consent", "~", "yellow", "opted out in Salesforce: they unsubscribed in Dotdigital"),
    Task.SUPPRESS: ("Consent", "~", "yellow", "suppressed in Dotdigital: they opted out in Salesforce"),
    Task.RENAME: ("Addresses", "~", "yellow", "renamed in Dotdigital: their address changed in Salesforce"),
    Task.IMPORT_OPTED_OUT: ("Consent", "+", "green", "created opted out, on no address book"),
    Task.ADD_MEMBERS: ("Campaign members", "+", "green", "added to the campaign"),
    Task.REMOVE_MEMBERS: ("Removals", "-", "red", "removed from the campaign"),
    Task.CREATE_LEADS: ("New leads", "+", "green", "created as leads and added to their campaign"),
    Task.ADOPT: ("New leads", ARROW, "cyan", "adopted: known to Salesforce, and a member of the campaign from now on"),
    Task.REMOVE_FROM_LIST: ("Removals", "-", "red", "taken off the address book; the contacts stay"),
}


def sections(plan: Plan, width: int, *, verbose: bool) -> tuple[Section, ...]:
    """Everything about people but samples, held items, and removals, which stand among the dangers."""
    people = plan.people
    by_task = {
        title: tuple(task_line(o) for o in plan.operations if o.rows and TASKS.get(o.task, ("",))[0] == title)
        for title in ("Consent", "Addresses", "Campaign members", "New leads")
    }
    return (
        Section("People by link", _links(people.links, width, verbose=verbose)),
        *(Section(title, body) for title, body in by_task.items()),
        Section("Values by field mapping", _fields(people.fields, width, verbose=verbose)),
        Section("First run", _first_run(people)),
        Section("Batches", tuple(_batch(o) for o in plan.operations if o.rows) if verbose else ()),
    )


def _links(links: tuple[LinkCount, ...], width: int, *, verbose: bool) -> tuple[RenderableType, ...]:
    shown = [link for link in links if verbose or moves(link)]
    if not shown:
        return ()
    rows = [
        (Text(safe(c.link)), (c.members, c.add, c.update, c.remove, c.on_book, c.new_leads, c.adopt, c.pending))
        for c in shown
    ]
    parts: list[RenderableType] = [counts("Link", _LINK_COLUMNS, rows, width)]
    parts += [_skipped(link) for link in shown if link.skipped]
    hidden = len(links) - len(shown)
    if hidden:
        parts.append(_hidden(f"({counted(hidden, 'links')} without changes hidden)"))
    return tuple(parts)


def moves(link: LinkCount) -> bool:
    """Whether a link has anything to tell."""
    return bool(link.add or link.update or link.remove or link.skipped or link.new_leads or link.adopt or link.pending)


def _skipped(link: LinkCount) -> RenderableType:
    reasons = "; ".join(f"{number(people)} {safe(reason)}" for reason, people in link.skipped)
    return indented(Text(f"{safe(link.link)} skipped: {reasons}", style="dim"))


def _fields(fields: tuple[FieldCount, ...], width: int, *, verbose: bool) -> tuple[RenderableType, ...]:
    shown = [field for field in fields if verbose or is_shown(field)]
    if not shown:
        return ()
    rows: list[tuple[Text, tuple[int, ...]]] = []
    for (account, record_type), group in groupby(shown, key=lambda f: (f.account, f.record_type)):
        rows.append((Text(f"{safe(account)}, {safe(record_type)}", style="dim"), ()))
        rows += [(_pair(field), _numbers(field, verbose=verbose)) for field in group]
    parts: list[RenderableType] = [counts("Field mapping", _FIELD_COLUMNS, rows, width)]
    parts += [indented(Text(f"{_name(field)}: {line}")) for field in shown for line in remarks(field)]
    hidden = len(fields) - len(shown)
    if hidden:
        parts.append(_hidden(f"({counted(hidden, 'field mappings')} without changes hidden)"))
    return tuple(parts)


def _numbers(count: FieldCount, *, verbose: bool) -> tuple[int, ...]:
    kept = count.blanks_kept if verbose else 0
    return (count.to_dotdigital, count.to_salesforce, count.overwritten, count.blanked, kept)


def is_shown(count: FieldCount) -> bool:
    """Whether a field mapping has anything to tell."""
    return any(_numbers(count, verbose=False)) or count.is_new or bool(count.conflicts_held)


def _name(count: FieldCount) -> str:
    return f"{safe(count.account)}, {safe(count.record_type)}{_pair(count).plain[1:]}"


def remarks(count: FieldCount) -> Iterator[str]:
    """What the columns cannot say of a field."""
    won = [(count.salesforce_won, "Salesforce won"), (count.dotdigital_won, "Dotdigital won")]
    decided = [f"{counted(n, 'conflicts')}, {who}" for n, who in won if n]
    decided += [counted(count.conflicts_held, "conflicts held")] if count.conflicts_held else []
    if decided:
        yield "; ".join(decided)
    if count.settled:
        yield f"{counted(count.settled, 'values')} settled before the flip (the earlier direction owed them)"
    if count.is_new:
        moved = count.to_dotdigital + count.to_salesforce
        yield f"mapped since the last apply, {counted(moved, 'values')} back-filled"


def _pair(count: FieldCount) -> Text:
    arrow = ARROWS.get(count.direction, "→")
    return Text(f"  {safe(count.salesforce_field)} {arrow} {safe(count.data_field)}")


def task_line(operation: Operation) -> RenderableType:
    """What one operation does to how many people."""
    _, symbol, style, sentence = TASKS[operation.task]
    assert operation.rows is not None
    body = Text.assemble((safe(str(operation.address)), "bold"))
    who = "records" if operation.task is Task.OPT_OUT_RECORDS else "people"  # one person may have several
    verb = "is" if operation.rows.people == 1 else "are"
    body.append(f"  {counted(operation.rows.people, who)} {verb} {sentence}")
    if operation.note:
        body.append(f"; {safe(operation.note)}")
    if operation.destroys:
        body.append(f". Needs its name typed, or --confirm {quoted(operation.destroys)}")
    if operation.blocked_by:
        body.append(f" (blocked by {safe(operation.blocked_by)})", style="red")
    return hanging(Text(symbol, style=style), body)


def _first_run(people: PeoplePlan) -> tuple[RenderableType, ...]:
    if not people.first_run:
        return ()
    names = listed(tuple(safe(name) for name in people.first_run))
    return (indented(Text(f"{names}: {FIRST_RUN}")),)


def _batch(operation: Operation) -> RenderableType:
    """One people operation with the counts the engine gave it; only for readers who ask."""
    assert operation.rows is not None
    said = [counted(operation.rows.people, "people"), counted(operation.rows.rows, "rows")]
    said += [f"{safe(name)} {number(count)}" for name, count in operation.rows.counts]
    return hanging(Text(safe(str(operation.id)), style="bold"), Text(", ".join(said)))


def _hidden(text: str) -> RenderableType:
    return indented(Text(text, style="dim"))
