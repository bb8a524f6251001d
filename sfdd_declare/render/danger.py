"""What a reader must not overlook, before everything else: limits that the change itself loosens, who is taken off,
what is overwritten or destroyed, fields whose direction turns, fields that lost their values, and what guards hold
back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.address import Kind
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.operation import Action, Blocked, FieldChange, Operation, Task
from sfdd_declare.model.plan import FieldCount, Held, Plan
from sfdd_declare.model.visible import safe
from sfdd_declare.render.guards import blocked_line
from sfdd_declare.render.layout import Section, hanging, indented
from sfdd_declare.render.loosened import loosened_line
from sfdd_declare.render.people import task_line
from sfdd_declare.render.setup import carriers, is_loss, operation_lines
from sfdd_declare.render.words import ARROW, counted, listed, number

TITLE = "Look at this first"

#: Values that their field lost at once (VAL-26): their place is here, not among what waits.
RENEWED = "VAL-26"

_REMOVALS = (Task.REMOVE_FROM_LIST, Task.REMOVE_MEMBERS)
_DIRECTION, _ON_BLANK = "Direction__c", "On_Blank__c"
_FOREIGN = "other_lineage"
#: So many overwritten fields are named; the table of field mappings has them all.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Dangers:
    """What is dangerous in a plan, in the order in which it is shown, whoever shows it."""

    loosened: tuple[Loosened, ...]  # limits, by the proposal that they judge
    foreign: tuple[Blocked, ...]  # rows that another installation wrote
    removals: tuple[Operation, ...]
    losses: tuple[Operation, ...]  # things destroyed or replaced
    overwritten: tuple[FieldCount, ...]  # fields with most filled values replaced or blanked first
    flips: tuple[Operation, ...]
    renewed: tuple[Held, ...]
    guards: tuple[Blocked, ...]


def dangers(plan: Plan) -> Dangers:
    """Everything that a reader must not overlook."""
    hit = (count for count in plan.people.fields if count.overwritten or count.blanked)
    return Dangers(
        loosened=plan.loosened,
        foreign=tuple(verdict for verdict in plan.blocked if verdict.guard == _FOREIGN),
        removals=tuple(op for op in plan.operations if op.rows is not None and op.task in _REMOVALS),
        losses=tuple(op for op in plan.operations if is_loss(op)),
        overwritten=tuple(sorted(hit, key=lambda count: -(count.overwritten + count.blanked))),
        flips=tuple(op for op in plan.operations if _change(op, _DIRECTION)),
        renewed=tuple(held for held in plan.people.held if held.reason == RENEWED),
        guards=tuple(verdict for verdict in plan.blocked if verdict.guard != _FOREIGN),
    )


def section(plan: Plan, width: int) -> Section:
    """Everything dangerous under one heading; limits and rows of others first, guards that block last."""
    found = dangers(plan)
    body = (
        *loosened_section(plan.loosened).body,
        *(blocked_line(verdict) for verdict in found.foreign),
        *(task_line(op) for op in found.removals),
        *(part for op in found.losses for part in operation_lines(op, plan.people.fields, width)),
        *_overwritten(found.overwritten),
        *(_flip(op, plan.people.fields) for op in found.flips),
        *(_renewed(held) for held in found.renewed),
        *(blocked_line(verdict) for verdict in found.guards),
    )
    return Section(TITLE, body)


def loosened_section(loosened: tuple[Loosened, ...]) -> Section:
    """All there is to look at first where nothing changes."""
    return Section(TITLE, tuple(loosened_line(limit) for limit in loosened))


def _overwritten(hit: tuple[FieldCount, ...]) -> Iterator[RenderableType]:
    """Fields with filled values that are replaced or blanked."""
    for count in hit[:_NAMED]:
        said = ((count.overwritten, "overwritten"), (count.blanked, "blanked"))
        values = listed(tuple(f"{counted(n, 'values')} {what}" for n, what in said if n))
        where = ((count.replaced_there, "Dotdigital"), (count.replaced_here, "Salesforce"))
        places = listed(tuple(place for n, place in where if n))
        body = Text.assemble((safe(count.address), "bold"), f"  {values}{f' in {places}' if places else ''}")
        yield hanging(Text("~", style="yellow"), body)
    if len(hit) > _NAMED:
        rest = sum(count.overwritten + count.blanked for count in hit[_NAMED:])
        yield indented(Text(f"  and {counted(rest, 'values')} of {number(len(hit) - _NAMED)} more fields", style="dim"))


def _flip(operation: Operation, fields: tuple[FieldCount, ...]) -> RenderableType:
    """A direction that turns; `on_blank` has another default each way, and turns along unless it is declared."""
    said = (f"{what} {safe(str(change.old))} {ARROW} {safe(str(change.new))}" for what, change in turns(operation))
    body = Text.assemble((safe(str(operation.address)), "bold"), f"  {'; '.join(said)}")
    people = carriers(operation, fields)
    if people:
        body.append(f"; {counted(people, 'people')} {'carries' if people == 1 else 'carry'} this field")
    return hanging(Text("~", style="yellow"), body)


def turns(operation: Operation) -> tuple[tuple[str, FieldChange], ...]:
    """What turns in a field mapping, in the words of its declaration."""
    found = (("direction", _change(operation, _DIRECTION)), ("with it on_blank", _change(operation, _ON_BLANK)))
    return tuple((what, change) for what, change in found if change)


def _change(operation: Operation, name: str) -> FieldChange | None:
    """The change of one column of a field mapping that exists."""
    if operation.address.kind is not Kind.FIELD_MAPPING or operation.action is not Action.UPDATE:
        return None
    return next((change for change in operation.fields if change.name == name), None)


def _renewed(held: Held) -> RenderableType:
    detail = f": {safe(held.detail)}" if held.detail else ""
    return hanging(Text("!", style="red"), Text(f"{counted(held.people, safe(held.what))} ({held.reason}){detail}"))
