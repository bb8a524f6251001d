"""Drift as text: what was changed by hand first, then what is merged but not applied, then what is ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console, RenderableType
from rich.text import Text

from sfdd_declare.model.drift import Drift, DriftKind, Ignored, MoreDrift, PeopleDrift, ThingDrift
from sfdd_declare.model.operation import Action, Cause, FieldChange, Operation, Task
from sfdd_declare.model.visible import safe
from sfdd_declare.render.danger import loosened_section
from sfdd_declare.render.layout import Section, hanging, indented, print_line, print_sections
from sfdd_declare.render.notes import warnings_section
from sfdd_declare.render.people import TASKS, task_line
from sfdd_declare.render.setup import operation_lines
from sfdd_declare.render.words import SENSITIVE, VERBS, counted, is_sensitive, listed, literal, number

NO_DRIFT = "No drift. Nobody changed anything by hand."
UNKNOWN = "unknown"

#: What is said of people after their number, and the end of the headline's part.
_SAYS: dict[DriftKind, tuple[str, str]] = {
    DriftKind.VALUE: ("with an edited value", "edited"),
    DriftKind.LEFT: ("taken off the address book", "taken off an address book"),
    DriftKind.MEMBER_ADDED: ("added to the campaign, which no selection names", "added to a campaign"),
    DriftKind.MEMBER_REMOVED: ("taken out of the campaign, which a selection names", "taken out of a campaign"),
    DriftKind.RESUBSCRIBED: ("resubscribed, while opted out in Salesforce", "resubscribed"),
    DriftKind.RECONSENTED: ("opted in again, while opted out in Dotdigital", "opted in again"),
}
_IMPORTS: dict[Task, str] = {
    Task.IMPORT_CONTACTS: "imported into Dotdigital: added, or with values that changed",
    Task.UPDATE_RECORDS: "with values written to Salesforce",
}


def drift_text(drift: Drift, console: Console) -> None:
    """Print everything; the conclusion stands first and last."""
    summary = Text(summary_line(drift), style="bold")
    print_line(summary, console)
    sections = [section for section in _sections(drift, console.width) if section.body]
    if not sections:
        return
    console.print()
    print_sections(sections, console)
    if drift.counted:
        print_line(
            Text("What apply puts back: sfdd plan. What is to stay: write it into the YAML, or ignore it for a while."),
            console,
        )
    print_line(summary, console)


def summary_line(drift: Drift) -> str:
    """The one line that says it all."""
    counts = drift.counted
    people = [_counted(kind, count) for kind, count in counts.items() if kind is not DriftKind.SETUP]
    things = [_things(counts[DriftKind.SETUP])] if DriftKind.SETUP in counts else []
    said = f"Drift: {', '.join([*things, *people])}." if counts else NO_DRIFT
    if not drift.is_complete:
        said = f"Not everybody was read. {said}" if counts else "Not everybody was read: nobody can tell."
    rest = f" {_merged(len(drift.pending))}." if drift.pending else ""
    ignored = f" {number(drift.ignored)} ignored." if drift.ignored else ""
    return f"{said}{rest}{ignored}"


def _counted(kind: DriftKind, count: int) -> str:
    """A person with two edited fields is in two groups, so edits are counted by values."""
    return f"{counted(count, 'values' if kind is DriftKind.VALUE else 'people')} {_SAYS[kind][1]}"


def _things(count: int) -> str:
    return "1 thing changed by hand" if count == 1 else f"{number(count)} things changed by hand"


def _merged(count: int) -> str:
    return "1 change is merged but not applied" if count == 1 else f"{number(count)} changes are merged but not applied"


def _sections(drift: Drift, width: int) -> Iterator[Section]:
    yield loosened_section(drift.loosened)
    yield Section("Not read completely", tuple(_plain(f"account {safe(key)}") for key in drift.unread))
    yield Section("Drift: set-up changed by hand", tuple(_each_thing(drift)))
    yield Section("Drift: people changed by hand", tuple(_each_group(drift)))
    yield Section("Merged but not applied", tuple(_pending(drift.pending, width)))
    yield Section("Ignored", tuple(_ignored(drift)))
    yield Section("No longer ignored", tuple(_expired(line) for line in drift.expired))
    yield warnings_section(drift.warnings)


def _each_thing(drift: Drift) -> Iterator[RenderableType]:
    names = dict(drift.names)
    for thing in drift.things:
        if not thing.ignored:
            yield from _thing(thing, names)


def _thing(thing: ThingDrift, names: Mapping[str, str]) -> Iterator[RenderableType]:
    part = f" {safe(thing.part)}" if thing.part else ""
    gone = "  was deleted" if thing.action is Action.CREATE else ""
    yield _head(thing.address, f"{part}{gone}")
    for change in thing.fields:
        yield indented(Text(change_said(change)), 6)
    if thing.people:
        verb = "carries" if thing.people == 1 else "carry"
        yield indented(Text(f"{counted(thing.people, 'people')} {verb} this field"), 6)
    yield _who(thing, names)


def change_said(change: FieldChange) -> str:
    """What is there, and what is declared."""
    name = safe(change.name)
    if is_sensitive(change.name):
        return f"{name} = {SENSITIVE}"
    both = "; the configuration changed as well" if change.cause is Cause.BOTH else ""
    return f"{name} = {literal(change.old)}, declared {literal(change.new)}{both}"


def _each_group(drift: Drift) -> Iterator[RenderableType]:
    names = dict(drift.names)
    for group in drift.people:
        if not group.ignored:
            yield _head(group.address, f"  {group_said(group)}")
            yield _who(group, names)
    for more in drift.more:
        if not more.ignored:
            yield _head(more.address, f"  {more_said(more)}")


def group_said(group: PeopleDrift) -> str:
    people, says = counted(group.people, "people"), _SAYS[group.kind][0]
    if group.kind is DriftKind.VALUE:
        return f"{people} {says}: {safe(group.field)} = {literal(group.value)}"
    return f"{people} {says}"


def more_said(more: MoreDrift) -> str:
    field = f" in {safe(more.field)}" if more.field else ""
    return f"and {counted(more.people, 'people')} in {number(more.groups)} more groups{field}"


def _who(drifted: ThingDrift | PeopleDrift, names: Mapping[str, str]) -> RenderableType:
    """Whoever changed it last need not be whoever changed this."""
    when = f" at {safe(drifted.at)}" if drifted.at else ""
    name = f" ({safe(names[drifted.by])})" if drifted.by in names else ""
    said = f"last changed in {drifted.system} by {safe(drifted.by) or UNKNOWN}{name}{when}"
    return indented(Text(said, style="dim"), 6)


def _pending(operations: tuple[Operation, ...], width: int) -> Iterator[RenderableType]:
    for operation in operations:
        if operation.rows is None:
            yield from operation_lines(operation, (), width)
        elif operation.task in _IMPORTS:
            yield _head(str(operation.address), f"  {pending_said(operation)}")
        else:
            yield task_line(operation)


def pending_said(operation: Operation) -> str:
    """What apply does to a thing, or to how many people."""
    if operation.rows is None:
        part = f"{safe(operation.part)} " if operation.part else ""
        return f"{part}{VERBS[operation.action]}"
    people = counted(operation.rows.people, "people")
    return f"{people} {_IMPORTS.get(operation.task) or TASKS[operation.task][3]}"


def _ignored(drift: Drift) -> Iterator[RenderableType]:
    for thing in drift.things:
        if thing.ignored:
            names = listed(tuple(safe(change.name) for change in thing.fields))
            yield _head(thing.address, f"  {names or 'was deleted'}{_reason(thing.ignored)}")
    for group in drift.people:
        if group.ignored:
            yield _head(group.address, f"  {group_said(group)}{_reason(group.ignored)}")
    for more in drift.more:
        if more.ignored:
            yield _head(more.address, f"  {more_said(more)}{_reason(more.ignored)}")


def _reason(line: Ignored) -> str:
    return f": {safe(line.reason)} (until {line.until})"


def _expired(line: Ignored) -> RenderableType:
    field = f" {safe(line.field)}" if line.field else ""
    where = f"  {line.where}" if line.where else ""
    return _head(line.address, f"{field}  was ignored until {line.until}: {safe(line.reason)}{where}")


def _head(address: str, said: str) -> RenderableType:
    return hanging(Text("~", style="yellow"), Text.assemble((safe(address), "bold"), said))


def _plain(text: str) -> RenderableType:
    return indented(Text(text))
