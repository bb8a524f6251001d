"""Operations on things: campaigns, address books, data fields, links, mappings. Drift has a heading of its own."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from sfdd_declare.model.address import Kind
from sfdd_declare.model.operation import Action, Cause, FieldChange, Operation, Task
from sfdd_declare.model.plan import FieldCount, Plan
from sfdd_declare.model.visible import safe
from sfdd_declare.render.fold import Fold, folded
from sfdd_declare.render.layout import Entry, Section, aligned, hanging, indented
from sfdd_declare.render.words import (
    ARROW,
    BLANK,
    KNOWN_AFTER_APPLY,
    SENSITIVE,
    STYLES,
    SYMBOLS,
    VERBS,
    Scalar,
    counted,
    is_sensitive,
    literal,
    noun,
    number,
    quoted,
    reference,
)

DRIFT_TITLE = "Drift: changed by hand, and put back by this plan"
SETUP_TITLE = "Set-up"

_CAUSES: dict[Cause, str] = {
    Cause.CONFIG: "changed in the configuration",
    Cause.DRIFT: "changed by hand",
    Cause.BOTH: "changed by hand and in the configuration",
}


def drift_section(plan: Plan, width: int) -> Section:
    """What somebody changed by hand."""
    drifted = [op for op in plan.operations if op.rows is None and op.drift and not is_loss(op)]
    return Section(DRIFT_TITLE, _spaced([operation_lines(op, plan.people.fields, width) for op in drifted]))


def setup_section(plan: Plan, width: int, *, verbose: bool) -> Section:
    """The rest, in the order of the plan; many creations of one kind as one line unless all are asked for."""
    things = [op for op in plan.operations if op.rows is None and not op.drift and not is_loss(op)]
    shown = things if verbose else folded(things)
    return Section(SETUP_TITLE, _spaced([_shown(each, plan.people.fields, width, verbose=verbose) for each in shown]))


def is_loss(operation: Operation) -> bool:
    """Whether a thing goes that holds what nobody gets back; its place is among the dangers of a plan."""
    return operation.rows is None and (bool(operation.destroys) or operation.action is Action.REPLACE)


def _shown(
    each: Operation | Fold, fields: tuple[FieldCount, ...], width: int, *, verbose: bool
) -> tuple[RenderableType, ...]:
    """A new row of ours says in one line what its columns say; `--verbose` shows them all."""
    if isinstance(each, Fold):
        body = Text.assemble((f"{number(each.count)} {each.kind}", "bold"), " will be created")
        return (hanging(Text("+", style="green"), body.append("  (--verbose shows them)", style="dim")),)
    is_new_row = each.task is Task.REGISTRY_ROW and each.action is Action.CREATE
    if is_new_row and each.note and not verbose and not each.blocked_by:
        return (_head(each, each.note),)
    return operation_lines(each, fields, width)


def _spaced(blocks: list[tuple[RenderableType, ...]]) -> tuple[RenderableType, ...]:
    """A blank line between operations, but not between one-liners."""
    lines: list[RenderableType] = []
    for before, block in zip([(), *blocks], blocks, strict=False):
        if before and (len(before) > 1 or len(block) > 1):
            lines.append(Text(""))
        lines.extend(block)
    return tuple(lines)


def operation_lines(operation: Operation, fields: tuple[FieldCount, ...], width: int) -> tuple[RenderableType, ...]:
    """One operation with all its fields and remarks."""
    parts = [_head(operation)]
    parts += [indented(Text(remark, style="dim"), 6) for remark in _provenance(operation, fields)]
    if operation.fields:
        parts.append(aligned([_change(c, operation) for c in operation.fields], width, 6))
    if operation.unchanged:
        hidden = noun(operation.unchanged, "fields")
        parts.append(indented(Text(f"({operation.unchanged} unchanged {hidden} hidden)", style="dim"), 6))
    parts += [indented(Text(remark), 6) for remark in _remarks(operation)]
    return tuple(parts)


def _head(operation: Operation, instead: str = "") -> RenderableType:
    style = STYLES[operation.action]
    part = f" {safe(operation.part)}" if operation.part else ""
    body = Text.assemble((safe(str(operation.address)), "bold"), part, f"  {safe(instead) or VERBS[operation.action]}")
    return hanging(Text(SYMBOLS[operation.action], style=style), body)


def _change(change: FieldChange, operation: Operation) -> Entry:
    symbol, style = _symbol_of(change, operation.action)
    value = Text.assemble(("= ", "dim"), _values(change, symbol))
    if change.forces_replacement:
        value.append("  # forces replacement", style="red")
    elif change.cause is not (Cause.DRIFT if operation.drift else Cause.CONFIG):
        value.append(f"  # {_CAUSES[change.cause]}", style="dim")
    return Entry(Text(symbol, style=style), Text(safe(change.name)), value)


def _symbol_of(change: FieldChange, action: Action) -> tuple[str, str]:
    if action is Action.DELETE:
        return "-", "red"
    if action is Action.CREATE or (change.known and _is_blank(change.old)):
        return "+", "green"
    return ("-", "red") if change.known and _is_blank(change.new) else ("~", "yellow")


def _values(change: FieldChange, symbol: str) -> Text:
    if is_sensitive(change.name):
        return Text(SENSITIVE)
    old, new = Text(literal(change.old)), _new_value(change)
    if symbol == "+":
        return new
    if symbol == "-" and _is_blank(change.new):
        return old.append(f" {ARROW} {BLANK}") if change.new == "" else old
    return old.append(f" {ARROW} ").append_text(new)


def _new_value(change: FieldChange) -> Text:
    address = reference(change.new)
    if address is not None:
        return Text(f"id of {address} {KNOWN_AFTER_APPLY}")
    return Text(literal(change.new) if change.known else KNOWN_AFTER_APPLY)


def _provenance(operation: Operation, fields: tuple[FieldCount, ...]) -> list[str]:
    remarks = []
    if operation.drift_by:
        remarks.append(f"changed by {safe(operation.drift_by)}")
    people = carriers(operation, fields) if operation.drift else 0
    if people:
        verb = "carries" if people == 1 else "carry"
        remarks.append(f"{counted(people, 'people')} {verb} this field")
    return remarks


def carriers(operation: Operation, fields: tuple[FieldCount, ...]) -> int:
    """How many people a turned direction concerns; 0 when none is turned."""
    touched = any("direction" in change.name.casefold() for change in operation.fields)
    if operation.address.kind is not Kind.FIELD_MAPPING or not touched:
        return 0
    account, section, *field = operation.address.parts
    return sum(
        count.carriers
        for count in fields
        if count.account == account
        and section in (count.record_type, count.record_type + "s")
        and count.salesforce_field == ".".join(field)
    )


def _remarks(operation: Operation) -> list[str]:
    remarks = [safe(operation.note)] if operation.note else []
    if operation.destroys:
        name = quoted(operation.destroys)
        remarks.append(f"Needs its name typed, or --confirm {name}.")
    if operation.blocked_by:
        remarks.append(f"Blocked by {safe(operation.blocked_by)}: it will be skipped.")
    return remarks


def _is_blank(value: Scalar) -> bool:
    return value is None or value == ""
