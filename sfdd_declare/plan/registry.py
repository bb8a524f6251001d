"""Our rows in the org: address books, links and field mappings against what the registry holds.

A direction changed by hand inside Salesforce is drift that is seen here. With `registry: none` links and mappings
live in
the state only, and hand edits cannot be seen because there is nothing to edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sfdd_declare.model import registry as rows
from sfdd_declare.model.address import REGISTRY, Address, address_book
from sfdd_declare.model.declared import Desired, Lifecycle
from sfdd_declare.model.errors import ConfigError, DeclareError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.live import RegistryRow
from sfdd_declare.model.mapping import Direction
from sfdd_declare.model.operation import Action, Cost, Operation, Stage, Task
from sfdd_declare.model.state import Resource, Scalar
from sfdd_declare.plan import others
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.setup import VANISHED
from sfdd_declare.plan.three_way import Difference, compare, created
from sfdd_declare.plan.world import World

#: Base attributes of rows stand in the resource under this prefix, beside those of the thing itself.
PREFIX = "registry."

_ARROWS = {
    Direction.SALESFORCE_TO_DOTDIGITAL: "→",
    Direction.DOTDIGITAL_TO_SALESFORCE: "←",
    Direction.TWO_WAY: "↔",
}


@dataclass(frozen=True, slots=True)
class WantedRow:
    """One row as declared."""

    address: Address
    sobject: str
    fields: Mapping[str, Scalar]
    lifecycle: Lifecycle
    says: str  # the row in the reader's words

    @property
    def part(self) -> str:
        """Links and mappings are their row; an address book is a list that also has a row."""
        return "registry row" if self.sobject == rows.ADDRESS_BOOK else ""


@dataclass(frozen=True, slots=True)
class RegistryDiff:
    """Operations on rows, bases in step, the addresses whose rows are wanted, also in accounts not read now, and what
    is to be said about rows of others.
    """

    operations: tuple[Operation, ...]
    refreshed: tuple[Resource, ...]
    wanted: frozenset[str]
    warnings: tuple[str, ...] = ()


def diff(desired: Desired, world: World, found: Identities, errors: list[DeclareError]) -> RegistryDiff:
    """Compare every declared row. Raises nothing; a registry that cannot be deployed is added to `errors`."""
    wanted = tuple(_wanted(desired, found))
    addresses = frozenset(
        (*(str(row.address) for row in wanted), *(str(address_book(book.key)) for book in desired.address_books))
    )
    if not desired.salesforce.registry:
        compared = [_in_state_only(row, world) for row in wanted if row.sobject != rows.ADDRESS_BOOK]
        return _diff(compared, (), addresses)
    live = world.salesforce.registry
    by_key = {row.key: row for row in live or ()}
    is_whole = live is not None and world.salesforce.states is not None
    deployment = () if is_whole else (_deployment(world, errors),)
    matches = [(row, by_key.get(str(row.address)) or by_key.get(_former(row, world))) for row in wanted]
    taken = addresses | {match.key for _, match in matches if match is not None}
    compared = [_compare(row, match, world) for row, match in matches]
    new = ((row.sobject, row.fields) for row, match in matches if match is None)
    warnings = others.reports(new, world.salesforce)
    differences = _diff(compared, (*deployment, *_orphans(by_key, taken, world)), addresses)
    return replace(differences, warnings=tuple(warnings))


def _diff(
    compared: list[tuple[Operation | None, Resource | None]], others: tuple[Operation, ...], wanted: frozenset[str]
) -> RegistryDiff:
    operations = tuple(operation for operation, _ in compared if operation is not None)
    refreshed = tuple(resource for _, resource in compared if resource is not None)
    return RegistryDiff((*others, *operations), refreshed, wanted)


def _former(row: WantedRow, world: World) -> str:
    """The address under which the row stands while a `moved:` block is carried out."""
    resource = world.resource(str(row.address))
    return resource.address if resource else ""


def _wanted(desired: Desired, found: Identities) -> Iterator[WantedRow]:
    ids = found.ids()
    for book in desired.address_books:
        identity = found.books.get(book.key)
        if identity is None:
            continue
        name = book.name or (identity.live.name if identity.live else book.key)
        ref = f"@address_book.{book.key}"
        key, fields = rows.address_book_row(book, name, ids.get(ref, ref))
        says = f"account {book.account}, removals {book.removals.value}"
        yield WantedRow(Address.parse(key), rows.ADDRESS_BOOK, fields, book.lifecycle, says)
    for link in desired.links:
        ref = f"@campaign.{link.campaign}"
        key, fields = rows.link_row(link, ids.get(ref, ref))
        statuses = ", ".join(link.member_statuses) or "all"
        says = f"campaign {link.campaign} → address book {link.address_book}, member statuses: {statuses}"
        yield WantedRow(Address.parse(key), rows.LINK, fields, link.lifecycle, says)
    for mapping in desired.mappings:
        key, fields = rows.field_mapping_row(mapping)
        says = f"{_ARROWS[mapping.direction]} {mapping.data_field}, {mapping.direction.value}"
        yield WantedRow(Address.parse(key), rows.FIELD_MAPPING, fields, Lifecycle(), says)


def _deployment(world: World, errors: list[DeclareError]) -> Operation:
    missing = rows.OBJECTS if world.salesforce.registry is None else (rows.STATE,)
    if not world.salesforce.may_deploy:
        errors.append(
            ConfigError(
                "SFDD-E4006",
                f"the registry objects are not in the org, or not visible to {world.salesforce.username}, "
                "who may not deploy them",
                where="salesforce.registry",
                hint="`sfdd registry package --zip registry.zip` makes a package for an admin, who deploys it and "
                f"assigns the permission set {rows.PERMISSION_SET} - or set `salesforce: {{registry: none}}`",
            )
        )
    return Operation(
        id=OperationId(str(REGISTRY)),
        address=REGISTRY,
        stage=Stage.SETUP,
        action=Action.CREATE,
        task=Task.DEPLOY_REGISTRY,
        fields=created({"objects": ", ".join(missing), "permission set": rows.PERMISSION_SET_LABEL}),
        cost=Cost(salesforce=5),
    )


def _compare(row: WantedRow, live: RegistryRow | None, world: World) -> tuple[Operation | None, Resource | None]:
    resource = world.resource(str(row.address))
    base = _base(resource)
    if live is None:
        was_there = bool(base) and resource is not None and (bool(row.part) or bool(resource.salesforce_id))
        return _creation(row, vanished=was_there), None
    difference = compare(row.fields, base, live.fields, ignore=row.lifecycle.ignore_changes)
    if difference.changes or live.key != str(row.address):
        return _update(row, live, difference), None
    return None, _refreshed(row, live, resource)


def _base(resource: Resource | None) -> dict[str, Scalar]:
    applied = resource.applied if resource else {}
    return {name.removeprefix(PREFIX): value for name, value in applied.items() if name.startswith(PREFIX)}


def _applied(row: WantedRow) -> tuple[tuple[str, Scalar], ...]:
    return tuple((PREFIX + name, value) for name, value in row.fields.items())


def _row_id(row: WantedRow) -> OperationId:
    return OperationId(f"{row.address}.registry" if row.part else str(row.address))


def _creation(row: WantedRow, *, vanished: bool) -> Operation:
    return Operation(
        id=_row_id(row),
        address=row.address,
        stage=Stage.SETUP,
        action=Action.CREATE,
        task=Task.REGISTRY_ROW,
        fields=created(row.fields),
        payload=(("sobject", row.sobject), ("key", str(row.address))),
        cost=Cost(salesforce=1),
        part=row.part,
        note=f"{VANISHED} ({row.says})" if vanished else row.says,
        drift=vanished,
        applied=_applied(row),
        prevent_destroy=row.lifecycle.prevent_destroy,
    )


def _update(row: WantedRow, live: RegistryRow, difference: Difference) -> Operation:
    return Operation(
        id=_row_id(row),
        address=row.address,
        stage=Stage.SETUP,
        action=Action.UPDATE,
        task=Task.REGISTRY_ROW,
        fields=difference.changes,
        unchanged=difference.unchanged,
        payload=(("sobject", row.sobject), ("key", str(row.address)), ("renamed", live.key != str(row.address))),
        cost=Cost(salesforce=1),
        drift=difference.is_drift,
        drift_by=" at ".join(part for part in (live.modified_by, live.modified_at) if part)
        if difference.is_drift
        else "",
        part=row.part,
        prior_id=live.id,
        applied=_applied(row),
        prevent_destroy=row.lifecycle.prevent_destroy,
    )


def _refreshed(row: WantedRow, live: RegistryRow, resource: Resource | None) -> Resource | None:
    known = resource or Resource(address=str(row.address))
    fresh = _with_row(known, row)
    if not row.part:
        fresh = replace(fresh, salesforce_id=live.id)
    return None if fresh == resource else fresh


def _with_row(resource: Resource, row: WantedRow) -> Resource:
    """What the state is to say of the row. Of an address book the rest is settled with the list itself."""
    applied = {**resource.applied, **dict(_applied(row))}
    if row.part:
        return replace(resource, applied=applied)
    return replace(resource, applied=applied, prevent_destroy=row.lifecycle.prevent_destroy)


def _orphans(by_key: Mapping[str, RegistryRow], wanted: frozenset[str], world: World) -> Iterator[Operation]:
    """Rows of our lineage that nothing declares and the state does not know, or whose thing is only a list."""
    for key, row in sorted(by_key.items()):
        if key in wanted or (key in world.resources and row.sobject != rows.ADDRESS_BOOK):
            continue
        yield Operation(
            id=OperationId(f"{key}.registry"),
            address=Address.parse(key),
            stage=Stage.SETUP,
            action=Action.DELETE,
            task=Task.REGISTRY_ROW,
            payload=(("sobject", row.sobject), ("key", key)),
            cost=Cost(salesforce=1),
            part="registry row",
            prior_id=row.id,
        )


def _in_state_only(row: WantedRow, world: World) -> tuple[Operation | None, Resource | None]:
    resource = world.resource(str(row.address))
    base = _base(resource)
    difference = compare(row.fields, base, base)
    if resource is not None and not difference.changes:
        fresh = _with_row(resource, row)
        return None, None if fresh == resource else fresh
    operation = Operation(
        id=_row_id(row),
        address=row.address,
        stage=Stage.SETUP,
        action=Action.UPDATE if resource else Action.CREATE,
        task=Task.STATE_ONLY,
        fields=difference.changes if resource else created(row.fields),
        unchanged=difference.unchanged if resource else 0,
        note="" if resource else row.says,
        applied=_applied(row),
        prevent_destroy=row.lifecycle.prevent_destroy,
    )
    return operation, None
