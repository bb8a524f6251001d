"""What a reader must not overlook, before everything else: who is taken off, what is overwritten or destroyed, fields
whose direction turns, fields that lost their values, and what guards hold back.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.address import Kind
from sfdd_declare.model.operation import Action, FieldChange, Operation, Task
from sfdd_declare.model.plan import FieldCount, Held, Plan
from sfdd_declare.render.guards import blocked_line
from sfdd_declare.render.layout import Section, hanging, indented
from sfdd_declare.render.people import task_line
from sfdd_declare.render.setup import carriers, is_loss, operation_lines
from sfdd_declare.render.words import ARROW, counted, listed, number, safe

TITLE = "Look at this first"

#: Values that their field lost at once (VAL-26): their place is here, not among what waits.
RENEWED = "VAL-26"

_REMOVALS = (Task.REMOVE_FROM_LIST, Task.REMOVE_MEMBERS)
_DIRECTION, _ON_BLANK = "Direction__c", "On_Blank__c"
_FOREIGN = "other_lineage"
#: So many overwritten fields are named; the table of field mappings has them all.
_NAMED = 5


def section(plan: Plan, width: int) -> Section:
    """Everything dangerous under one heading; rows of others first, other guards last."""
    foreign = [verdict for verdict in plan.blocked if verdict.guard == _FOREIGN]
    others = [verdict for verdict in plan.blocked if verdict.guard != _FOREIGN]
    people = (op for op in plan.operations if op.rows is not None and op.task in _REMOVALS)
    lost = (part for op in plan.operations if is_loss(op) for part in operation_lines(op, plan.people.fields, width))
    body = (
        *(blocked_line(verdict) for verdict in foreign),
        *(task_line(op) for op in people),
        *lost,
        *_overwritten(plan.people.fields),
        *(_flip(op, plan.people.fields) for op in plan.operations if _change(op, _DIRECTION)),
        *(_renewed(held) for held in plan.people.held if held.reason == RENEWED),
        *(blocked_line(verdict) for verdict in others),
    )
    return Section(TITLE, body)


def _overwritten(fields: tuple[FieldCount, ...]) -> Iterator[RenderableType]:
    """Fields with filled values that are replaced or blanked, those with most of them first."""
    hit = sorted((f for f in fields if f.overwritten or f.blanked), key=lambda f: -(f.overwritten + f.blanked))
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
    turned = [_turn("direction", operation, _DIRECTION)]
    if _change(operation, _ON_BLANK):
        turned.append(_turn("with it on_blank", operation, _ON_BLANK))
    body = Text.assemble((safe(str(operation.address)), "bold"), f"  {'; '.join(turned)}")
    people = carriers(operation, fields)
    if people:
        body.append(f"; {counted(people, 'people')} {'carries' if people == 1 else 'carry'} this field")
    return hanging(Text("~", style="yellow"), body)


def _turn(what: str, operation: Operation, name: str) -> str:
    change = _change(operation, name)
    return f"{what} {safe(str(change.old))} {ARROW} {safe(str(change.new))}" if change else ""


def _change(operation: Operation, name: str) -> FieldChange | None:
    """The change of one column of a field mapping that exists."""
    if operation.address.kind is not Kind.FIELD_MAPPING or operation.action is not Action.UPDATE:
        return None
    return next((change for change in operation.fields if change.name == name), None)


def _renewed(held: Held) -> RenderableType:
    detail = f": {safe(held.detail)}" if held.detail else ""
    return hanging(Text("!", style="red"), Text(f"{counted(held.people, safe(held.what))} ({held.reason}){detail}"))
