"""Puts a plan together: set-up operations, people operations, guards, order, cost, header and fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sfdd_declare import __version__
from sfdd_declare.model.address import Address, account, address_book, campaign
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, Transient
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Operation, RowSet, Stage, Task
from sfdd_declare.model.plan import Header, PeoplePlan, Plan, Stopped, Usage
from sfdd_declare.model.state import Resource, Scalar
from sfdd_declare.people.question import Answer
from sfdd_declare.plan import budget, cost, guards, newleads, order, others, registry, removed, setup
from sfdd_declare.plan.basis import Basis, SetupPlan
from sfdd_declare.plan.data import without_setup
from sfdd_declare.plan.fingerprint import fingerprint
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.settled import after
from sfdd_declare.plan.targets import Focus, narrowed
from sfdd_declare.plan.world import World

FORMAT_VERSION = "1"

_PEOPLE: Mapping[str, tuple[Task, Stage, Callable[..., Address]]] = {
    "suppress": (Task.SUPPRESS, Stage.CONSENT, account),
    "opt_out_records": (Task.OPT_OUT_RECORDS, Stage.CONSENT, account),
    "members": (Task.ADD_MEMBERS, Stage.MEMBERS, campaign),
    "remove_members": (Task.REMOVE_MEMBERS, Stage.REMOVALS, campaign),
    "rename": (Task.RENAME, Stage.CONTACTS, account),
    "import_opted_out": (Task.IMPORT_OPTED_OUT, Stage.CONTACTS, account),
    "import": (Task.IMPORT_CONTACTS, Stage.CONTACTS, account),
    "create": (Task.IMPORT_CONTACTS, Stage.CONTACTS, account),
    "update_records": (Task.UPDATE_RECORDS, Stage.RECORDS, account),
    "create_leads": (Task.CREATE_LEADS, Stage.NEWCOMERS, account),
    "adopt": (Task.ADOPT, Stage.NEWCOMERS, campaign),
    "remove": (Task.REMOVE_FROM_LIST, Stage.REMOVALS, address_book),
}
_OF_CAMPAIGN = (Task.ADD_MEMBERS, Task.REMOVE_MEMBERS, Task.ADOPT)


#: What may not be done to the set-up: a run that does nothing to it goes on.
_OF_SETUP = ("SFDD-E4005", "SFDD-E4006", "SFDD-E4021")

_MAKES_CAMPAIGN = (Task.CAMPAIGN, Task.CAMPAIGN_STATUS)

#: What goes with a task; also what cannot be known before it is done, and is announced (NEW-9, INV-1).
NOTES: Mapping[Task, str] = {
    Task.REMOVE_MEMBERS: "their status and first response are lost",
    Task.CREATE_LEADS: "what defaults and flows of the org set on them follows with the next apply",
    Task.ADOPT: "their values are read and follow with the next apply",
}


def setup_plan(
    desired: Desired, world: World, found: Identities, moved: Iterable[Operation], *, spares: bool = False
) -> SetupPlan:
    """Diff everything but people. Raises ErrorList with every set-up error at once, Transient when a listing of live
    things may be cut short: whoever is missing from it is not known to be gone.

    With `spares`, for a run that leaves the set-up alone, what may not be done is no error, and what concerns one thing
    alone is returned.
    """
    _require_complete(world)
    errors: list[DeclareError] = list(found.errors)
    steps = (
        *setup.campaigns(desired, world, found),
        *setup.address_books(desired, world, found),
        *setup.data_fields(desired, world, found),
    )
    rows = registry.diff(desired, world, found, errors)
    operations = [
        *moved,
        *(step.operation for step in steps if step.operation is not None),
        *rows.operations,
        *removed.removals(desired, world, rows.wanted, errors),
    ]
    errors.extend(_prevented(operations, desired))
    errors.extend(_without_default(operations))
    stopped = tuple(error for error in errors if spares and error.about)
    errors = [error for error in errors if not spares or not (error.about or error.id in _OF_SETUP)]
    if errors:
        raise ErrorList(tuple(errors))
    refreshed = _merged(*(step.refreshed for step in steps if step.refreshed is not None), *rows.refreshed)
    return SetupPlan(tuple(_with_needs(operations)), refreshed, rows.warnings, stopped)


def _require_complete(world: World) -> None:
    cut = [f"account {key}" for key, live in sorted(world.dotdigital.items()) if not live.complete]
    cut += [] if world.salesforce.complete else ["Salesforce"]
    if cut:
        summary = f"What exists in {' and '.join(cut)} could not be listed to its end, so nothing is decided by it."
        raise Transient("SFDD-E4007", summary, hint="sfdd plan")


def _prevented(operations: list[Operation], desired: Desired) -> Iterator[DeclareError]:
    """Replacing a thing destroys it too."""
    for op in operations:
        if op.action is Action.REPLACE and op.prevent_destroy:
            yield ConfigError(
                "SFDD-E4005",
                f"{op.address} would have to be replaced, but is declared with `prevent_destroy: true`",
                where=str(op.address),
                detail=removed.by_the_base(op.address, desired),
                hint="take the change back, or set `lifecycle: {prevent_destroy: false}`",
            )


def _without_default(operations: list[Operation]) -> Iterator[DeclareError]:
    """A campaign always has one default status, which moves when another one becomes it: nothing is written to the one
    that loses it, so there has to be another.
    """

    def has(op: Operation, *, default: bool) -> bool:
        return any(change.name == "IsDefault" and change.new is default for change in op.fields)

    statuses = [op for op in operations if op.task is Task.CAMPAIGN_STATUS and op.action is not Action.DELETE]
    promoted = {op.address for op in statuses if has(op, default=True)}
    for op in statuses:
        if op.prior_id and has(op, default=False) and op.address not in promoted:
            yield ConfigError(
                "SFDD-E4021",
                f"{op.part} of {op.address} is the default, and no other status is declared to become it",
                where=str(op.address),
                hint="declare `default: true` at another status, or take `default: false` away",
            )


def _merged(*refreshed: Resource) -> tuple[Resource, ...]:
    """One base per address: an address book has one as a list, then one as a row."""
    by_address: dict[str, Resource] = {}
    for resource in refreshed:
        known = by_address.get(resource.address, resource)
        by_address[resource.address] = replace(known, applied={**known.applied, **_row_of(resource)})
    return tuple(by_address.values())


def _row_of(resource: Resource) -> dict[str, Scalar]:
    return {name: value for name, value in resource.applied.items() if name.startswith(registry.PREFIX)}


def _with_needs(operations: list[Operation]) -> Iterator[Operation]:
    """Statuses need their campaign, rows of ours the registry, and everything what it refers to."""
    deploy = tuple(op.id for op in operations if op.task is Task.DEPLOY_REGISTRY)
    for op in operations:
        needs: tuple[OperationId, ...] = op.needs
        if op.task is Task.CAMPAIGN_STATUS:
            needs += (OperationId(str(op.address)),)
        if op.task is Task.REGISTRY_ROW:
            needs += deploy
        needs += tuple(OperationId(ref.removeprefix("@")) for ref in _references(op))
        yield replace(op, needs=needs) if needs else op


def _references(op: Operation) -> Iterator[str]:
    values = (*(change.new for change in op.fields), *(value for _, value in op.payload))
    return (value for value in values if isinstance(value, str) and value.startswith("@"))


def people_operations(answer: Answer, setup_operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """One operation per row set of the answer; the id names the task, the account, campaign or book."""
    found = tuple(_people_operation(OperationId(key), rows, setup_operations) for key, rows in answer.operations)
    return tuple(_after_renames(op, found) for op in found)


def _after_renames(op: Operation, operations: tuple[Operation, ...]) -> Operation:
    """Imports wait until every address is where it belongs, renames for those that free their address (ID-4)."""
    owner = dict(op.payload).get("account")
    renames = [
        other.id for other in operations if other.task is Task.RENAME and dict(other.payload)["account"] == owner
    ]
    if op.task is Task.RENAME:
        renames = [other for other in renames if _wave(other) < _wave(op.id)]
    elif op.task not in (Task.IMPORT_CONTACTS, Task.IMPORT_OPTED_OUT):
        return op
    return replace(op, needs=(*op.needs, *renames)) if renames else op


def _wave(rename: OperationId) -> int:
    _, _, *wave = rename.split(":")
    return int(wave[0]) if wave else 0


def _people_operation(key: OperationId, rows: RowSet, setup_operations: tuple[Operation, ...]) -> Operation:
    name, *parts = key.split(":")
    task, stage, address_of = _PEOPLE[name]
    owner = parts[0]
    named = owner if task is Task.RENAME else parts[-1]
    return Operation(
        id=key,
        address=address_of(named),
        stage=stage,
        action=Action.PEOPLE,
        task=task,
        payload=(("campaign" if task in _OF_CAMPAIGN else "account", owner),),
        needs=tuple(_people_needs(task, owner, setup_operations)),
        cost=cost.people_cost(task, rows),
        rows=rows,
        note=NOTES.get(task, ""),
    )


def _people_needs(task: Task, owner: str, setup_operations: tuple[Operation, ...]) -> Iterator[OperationId]:
    if task in _OF_CAMPAIGN:
        yield from (op.id for op in setup_operations if op.task in _MAKES_CAMPAIGN and op.address == campaign(owner))
    if task is Task.CREATE_LEADS:
        yield from (op.id for op in setup_operations if op.task in _MAKES_CAMPAIGN)
    if task in (Task.IMPORT_CONTACTS, Task.IMPORT_OPTED_OUT):
        yield from (op.id for op in setup_operations if op.task is Task.DATA_FIELD and _account_of(op) == owner)
    if task is Task.IMPORT_CONTACTS:
        yield from (op.id for op in setup_operations if op.task is Task.ADDRESS_BOOK and _account_of(op) == owner)
        yield OperationId(f"import_opted_out:{owner}")


def _account_of(op: Operation) -> str:
    return str(dict(op.payload).get("account", ""))


def build(
    basis: Basis,
    setup_half: SetupPlan,
    answer: Answer,
    *,
    allow: Collection[str],
    focus: Focus,
    created: datetime,
    used: Usage,
    warnings: tuple[str, ...] = (),
    only_data: bool = False,
    stopped: tuple[Stopped, ...] = (),
) -> Plan:
    """The finished plan; `only_data` leaves the set-up out of it."""
    desired, world = basis.desired, basis.world
    people = people_operations(answer, setup_half.operations)
    people = newleads.with_defaults(people, desired, world.salesforce)
    needed = (*setup_half.operations, *people)
    everything = order.ordered(without_setup(needed) if only_data else narrowed(needed, focus))
    pending = newleads.pending_marks(answer, basis.past.marks, created)
    losses = guards.losses(everything, answer, desired, basis.past.marks)
    foreign = others.removals(everything, _live_ids(basis), world.salesforce)
    blocked = guards.verdicts(everything, answer, desired.guards, allow, losses, foreign=foreign)
    operations = guards.with_verdicts(everything, blocked)
    calls = budget.today(desired.salesforce.daily_call_budget, basis.past.marks, created, used.salesforce)
    too_costly = budget.verdict(operations, calls, allow)
    operations = guards.with_verdicts(operations, too_costly)
    left = (world.salesforce.calls_left, min((c for c in _calls_left(world) if c is not None), default=None))
    return Plan(
        header=_header(basis, created),
        operations=operations,
        people=newleads.with_age(_counted(answer), pending, created),
        blocked=(*blocked, *too_costly),
        not_applied=desired.not_applied,
        warnings=(
            *desired.warnings,
            *warnings,
            *setup_half.warnings,
            *(loss.warning for loss in losses if not loss.operations),
        ),
        read=used,
        cost=cost.total(operations, salesforce_left=left[0], dotdigital_left=left[1]),
        fingerprint=fingerprint(FORMAT_VERSION, desired, operations),
        left_to_apply=tuple(dict.fromkeys(str(op.address) for op in setup_half.operations)) if only_data else (),
        stopped=stopped,
        loosened=desired.loosened,
        tolerance=desired.guards.plan_tolerance,
        sets=basis.sets,
        after=after(
            basis,
            setup_half,
            answer,
            focus,
            created=created,
            pending=pending,
            blocked=blocked,
            allow=allow,
            only_data=only_data,
        ),
        budget=calls,
    )


def _counted(answer: Answer) -> PeoplePlan:
    """With the people whose filled values are replaced or blanked, who are counted by account."""
    overwrites = sum(people for _, people in answer.overwrites)
    return replace(answer.people, totals=replace(answer.people.totals, overwrites=overwrites))


def _live_ids(basis: Basis) -> dict[str, str]:
    """By address, of what exists: declared, or remembered."""
    known = {address: one.salesforce_id or one.dotdigital_id for address, one in basis.world.resources.items()}
    return {**known, **{ref.removeprefix("@"): live_id for ref, live_id in basis.found.ids().items()}}


def _calls_left(world: World) -> Iterator[int | None]:
    return (live.calls_left for live in world.dotdigital.values())


def _header(basis: Basis, created: datetime) -> Header:
    desired, world, past = basis.desired, basis.world, basis.past
    return Header(
        format_version=FORMAT_VERSION,
        tool=__version__,
        config_digest=desired.digest,
        org_id=world.salesforce.org_id,
        accounts=tuple((key, live.account_id) for key, live in sorted(world.dotdigital.items())),
        lineage=past.header.lineage,
        serial=past.header.serial,
        created=created,
        watermarks=tuple(sorted(past.stamps.items())),
        user_id=world.salesforce.user_id,
    )
