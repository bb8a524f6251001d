"""Things that change, one row of a table for each: what the configuration asks for, and what was changed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sfdd_declare.model.operation import Action, Cause, FieldChange, Operation, Task
from sfdd_declare.model.plan import FieldCount, Plan
from sfdd_declare.render.markdown.escape import code, head, row, sentence
from sfdd_declare.render.markdown.section import Section
from sfdd_declare.render.setup import carriers, is_loss
from sfdd_declare.render.words import (
    ARROW,
    BLANK,
    KNOWN_AFTER_APPLY,
    SENSITIVE,
    SYMBOLS,
    VERBS,
    counted,
    is_sensitive,
    literal,
    noun,
    quoted,
    reference,
)

#: So many attributes of one thing are named.
_NAMED = 6
#: What an action does to a thing without attributes that would say it.
_SAID = frozenset({Action.CREATE, Action.UPDATE})
_CAUSES = {Cause.DRIFT: "changed by hand", Cause.BOTH: "changed by hand and in the configuration"}


def setup_section(plan: Plan) -> Section:
    """What the configuration changes."""
    return _section(plan, "set-up", "Set-up", drift=False)


def drift_section(plan: Plan) -> Section:
    """What somebody changed by hand, and this plan puts back."""
    return _section(plan, "drift", "Changed by hand, and undone by this plan", drift=True)


def _section(plan: Plan, key: str, title: str, *, drift: bool) -> Section:
    things = [op for op in plan.operations if op.rows is None and op.drift is drift and not is_loss(op)]
    rows = tuple(_row(op, plan.people.fields) for op in things)
    return Section(key, title, rows, head(("", "Address", "Change")), is_open=True)


def _row(operation: Operation, fields: tuple[FieldCount, ...]) -> str:
    said = "; ".join(_said(operation, fields))
    return row((code(SYMBOLS[operation.action]), name(operation), said))


def name(operation: Operation) -> str:
    """The address, and which part of the thing."""
    return code(str(operation.address)) + (f" {code(operation.part)}" if operation.part else "")


def _said(operation: Operation, fields: tuple[FieldCount, ...]) -> Iterator[str]:
    says_all = operation.task is Task.REGISTRY_ROW and operation.action is Action.CREATE and bool(operation.note)
    attributes = () if says_all else operation.fields
    if operation.action not in _SAID or not (attributes or operation.note):
        yield VERBS[operation.action]
    yield from changes(attributes, operation)
    yield from remarks(operation)
    people = carriers(operation, fields) if operation.drift else 0
    if people:
        yield f"{counted(people, 'people')} {'carries' if people == 1 else 'carry'} this field"
    if operation.drift_by:
        yield f"changed by {code(operation.drift_by)}"


def remarks(operation: Operation) -> Iterator[str]:
    """What goes with a change, what has to be typed, and which guard holds it back."""
    if operation.note:
        yield sentence(operation.note)
    if operation.destroys:
        yield f"needs its name typed, or {sentence(f'--confirm {quoted(operation.destroys)}')}"
    if operation.blocked_by:
        yield f"**blocked** by {code(operation.blocked_by)}: it will be skipped"


def changes(fields: Iterable[FieldChange], operation: Operation) -> Iterator[str]:
    """The first attributes that change, and how many more do or do not."""
    listed = tuple(fields)
    yield from (_change(change, operation) for change in listed[:_NAMED])
    more = len(listed) - _NAMED
    if more > 0:
        yield f"{counted(more, 'fields')} more"
    if operation.unchanged:
        yield f"{operation.unchanged} unchanged {noun(operation.unchanged, 'fields')} hidden"


def _change(change: FieldChange, operation: Operation) -> str:
    said = f"{code(change.name)} {_values(change, operation)}"
    if change.forces_replacement:
        return f"{said} (forces replacement)"
    if operation.drift and change.cause is Cause.CONFIG:
        return f"{said} (changed in the configuration)"
    is_named = change.cause is Cause.BOTH or (change.cause is Cause.DRIFT and not operation.drift)
    return f"{said} ({_CAUSES[change.cause]})" if is_named else said


def _values(change: FieldChange, operation: Operation) -> str:
    if is_sensitive(change.name):
        return SENSITIVE
    new = _new(change)
    is_new = change.old is None or change.old == ""
    if operation.action is Action.CREATE or (is_new and change.known):
        return f"= {new}"
    old = BLANK if is_new else code(literal(change.old))
    return old if operation.action is Action.DELETE else f"{old} {ARROW} {new}"


def _new(change: FieldChange) -> str:
    address = reference(change.new)
    if address is not None:
        return f"id of {code(address)} {KNOWN_AFTER_APPLY}"
    if not change.known:
        return KNOWN_AFTER_APPLY
    return BLANK if change.new is None or change.new == "" else code(literal(change.new))
