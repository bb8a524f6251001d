"""From an ordinary plan to what in it undoes somebody's hand, and what is merged but not applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sfdd_declare.model.drift import Drift, PeopleDrifts, System, ThingDrift
from sfdd_declare.model.operation import Action, Cause, Operation, Task
from sfdd_declare.model.plan import Plan

_IN_DOTDIGITAL = (Task.ADDRESS_BOOK, Task.DATA_FIELD)


def drift_of(plan: Plan, people: PeopleDrifts, accounts: Iterable[str]) -> Drift:
    """`people`: what the same answer says about them; `accounts`: those that have to be looked at as a whole."""
    return Drift(
        header=plan.header,
        things=tuple(_things(plan)),
        people=people.groups,
        more=people.more,
        pending=tuple(_pending(plan, people)),
        unread=tuple(account for account in accounts if account not in plan.after.looked_at),
        warnings=plan.warnings,
        loosened=plan.loosened,
    )


def _things(plan: Plan) -> Iterator[ThingDrift]:
    for operation in plan.operations:
        changes = tuple(change for change in operation.fields if change.cause is not Cause.CONFIG)
        if operation.rows is not None or not (operation.drift or changes):
            continue
        by, _, at = operation.drift_by.partition(" at ")
        yield ThingDrift(
            address=str(operation.address),
            part=operation.part,
            system=System.DOTDIGITAL if operation.task in _IN_DOTDIGITAL else System.SALESFORCE,
            action=operation.action,
            fields=changes,
            by=by,
            at=at,
            people=_carriers(operation, plan),
        )


def _carriers(operation: Operation, plan: Plan) -> int:
    """How many people a direction that was turned concerns."""
    if not any("direction" in change.name.casefold() for change in operation.fields):
        return 0
    return sum(count.carriers for count in plan.people.fields if count.address == str(operation.address))


def _pending(plan: Plan, drifts: PeopleDrifts) -> Iterator[Operation]:
    """The operations without what undoes a hand edit. An attribute that both changed is pending as well."""
    others = {operation: (people, rows) for operation, people, rows in drifts.others}
    for operation in plan.operations:
        if operation.rows is not None:
            if operation.id in others:
                people, rows = others[operation.id]
                yield replace(operation, rows=replace(operation.rows, people=people, rows=rows, counts=()))
        elif not operation.drift:
            declared = tuple(change for change in operation.fields if change.cause is not Cause.DRIFT)
            if declared or not operation.fields or operation.action is Action.CREATE:
                yield replace(operation, fields=declared)
