"""A plan as a document: what will change, whom it concerns in numbers, and what holds it back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sfdd_declare.model.errors import BugError
from sfdd_declare.model.figures import Figures, held_back
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.loosened import Loosened
from sfdd_declare.model.operation import Action, FieldChange, Operation
from sfdd_declare.model.plan import CallBudget, FieldCount, Header, Held, LinkCount, PeoplePlan, Plan, Sample, Usage
from sfdd_declare.render.machine.document import FORMAT_VERSION, filled, left_out
from sfdd_declare.render.machine.plan_shapes import (
    BudgetPart,
    Calls,
    Change,
    FieldPart,
    HeaderPart,
    HeldPart,
    LinkPart,
    LoosenedPart,
    Most,
    OperationPart,
    People,
    PeopleSummary,
    PlanDocument,
    RowsPart,
    SamplePart,
    Summary,
    Things,
    Verdict,
)
from sfdd_declare.render.words import is_sensitive, reference, tally_of

_NONE: Mapping[OperationId, str] = MappingProxyType({})


def plan_document(plan: Plan) -> PlanDocument:
    """Everything that the text of a plan says, as values. Raises BugError for a plan with people in clear."""
    if plan.people.revealed:
        raise BugError("SFDD-E9907", "A plan that shows people in clear was about to be written as a document.")
    guards = held_back(plan.operations)
    return PlanDocument(
        format_version=FORMAT_VERSION,
        kind="plan",
        header=header_part(plan.header),
        fingerprint=plan.fingerprint,
        token=plan.token,
        lets_through=most(plan.figures.at_most(plan.tolerance)),
        summary=_summary(plan),
        applyable=any(operation.id not in guards for operation in plan.operations),
        complete=not plan.people.since,
        loosened=loosened_parts(plan.loosened),
        blocked=tuple(filled(Verdict, verdict) for verdict in plan.blocked),
        operations=tuple(operation_part(operation, guards) for operation in plan.operations),
        people=_people(plan.people),
        warnings=plan.warnings,
        not_applied=left_out(plan.not_applied),
        read=calls(plan.read),
        cost=calls(plan.cost),
        budget=_budget(plan.budget),
    )


def loosened_parts(loosened: tuple[Loosened, ...]) -> tuple[LoosenedPart, ...]:
    return tuple(filled(LoosenedPart, limit) for limit in loosened)


def calls(usage: Usage) -> Calls:
    return filled(Calls, usage)


def most(figures: Figures) -> Most:
    return filled(Most, figures)


def things(operations: tuple[Operation, ...]) -> Things:
    """A replacement destroys a thing and adds one."""
    tally = tally_of(operations)
    return Things(
        add=tally[Action.CREATE] + tally[Action.REPLACE],
        change=tally[Action.UPDATE],
        destroy=tally[Action.DELETE] + tally[Action.REPLACE],
        imported=tally[Action.IMPORT],
        adopt=tally[Action.ADOPT],
        move=tally[Action.MOVE],
        forget=tally[Action.FORGET],
    )


def header_part(header: Header) -> HeaderPart:
    return filled(HeaderPart, header, accounts=dict(header.accounts), created=header.created.isoformat())


def _summary(plan: Plan) -> Summary:
    return Summary(things(plan.operations), filled(PeopleSummary, plan.people.totals))


def _budget(budget: CallBudget | None) -> BudgetPart | None:
    return None if budget is None else BudgetPart(budget.ceiling, budget.used, budget.left)


def operation_part(operation: Operation, guards: Mapping[OperationId, str] = _NONE) -> OperationPart:
    """`guards`: what holds back whom."""
    rows = operation.rows
    return filled(
        OperationPart,
        operation,
        address=str(operation.address),
        fields=tuple(change_part(change) for change in operation.fields),
        blocked_by=guards.get(operation.id),
        rows=None if rows is None else RowsPart(rows.people, rows.rows, dict(rows.counts)),
    )


def change_part(change: FieldChange) -> Change:
    """Values of credentials are left out; so is a new value that nobody knows yet."""
    sensitive = is_sensitive(change.name)
    return filled(
        Change,
        change,
        old=None if sensitive else change.old,
        new=None if sensitive or not change.known else change.new,
        sensitive=sensitive,
        id_of=None if sensitive or change.known else reference(change.new),
    )


def _people(people: PeoplePlan) -> People:
    return filled(
        People,
        people,
        links=tuple(_link(count) for count in people.links),
        fields=tuple(_field(count) for count in people.fields),
        held=tuple(_held(held) for held in people.held),
        samples=tuple(_sample(sample) for sample in people.samples),
        scope=dict(people.scope),
        since=people.since or None,
        last_full=people.last_full or None,
    )


def _link(count: LinkCount) -> LinkPart:
    return filled(LinkPart, count, skipped=dict(count.skipped))


def _field(count: FieldCount) -> FieldPart:
    return filled(FieldPart, count)


def _held(held: Held) -> HeldPart:
    return filled(HeldPart, held)


def _sample(sample: Sample) -> SamplePart:
    return filled(SamplePart, sample)
