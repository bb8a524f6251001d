"""What is in the state but no longer declared: forgotten by default, deleted only where that was declared while it
stood.

Rows of our own registry are deleted. A kind whose live listing is incomplete is unknown: nothing of it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.model.address import Address, Kind, address_book, campaign, data_field
from sfdd_declare.model.declared import Desired, Moved, OnDestroy
from sfdd_declare.model.errors import ConfigError, DeclareError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Cost, Operation, Stage, Task
from sfdd_declare.model.state import Resource, Scalar
from sfdd_declare.plan.identify import live_data_field
from sfdd_declare.plan.world import World

_TASKS = {
    Kind.CAMPAIGN: Task.CAMPAIGN,
    Kind.ADDRESS_BOOK: Task.ADDRESS_BOOK,
    Kind.DATA_FIELD: Task.DATA_FIELD,
    Kind.LINK: Task.REGISTRY_ROW,
    Kind.FIELD_MAPPING: Task.REGISTRY_ROW,
}


def declared_addresses(desired: Desired) -> frozenset[str]:
    """Every address under management. `existing` things are linked, not managed: they have no resource of their own."""
    return frozenset(
        str(address)
        for address in (
            *(campaign(c.key) for c in desired.campaigns if c.existing is None),
            *(address_book(b.key) for b in desired.address_books if b.existing is None),
            *(data_field(f.account, f.name) for f in desired.data_fields if not f.existing),
        )
    )


def removals(desired: Desired, world: World, rows: frozenset[str], errors: list[DeclareError]) -> Iterator[Operation]:
    """Operations for resources that left the configuration. `rows`: addresses of registry rows still wanted."""
    wanted = declared_addresses(desired) | rows
    for text, resource in sorted(world.resources.items()):
        address = Address.parse(text)
        if text in wanted or address.kind not in _TASKS:
            continue
        if (resource.prevent_destroy or text in desired.kept) and not _live(address, resource, world).gone:
            errors.append(
                ConfigError(
                    "SFDD-E4005",
                    f"{text} is no longer declared, but was declared with `prevent_destroy: true`",
                    where=text,
                    detail=by_the_base(address, desired),
                    hint="declare it again, or apply `lifecycle: {prevent_destroy: false}` before removing it",
                )
            )
            continue
        yield _removal(address, resource, world)


def by_the_base(address: Address, desired: Desired) -> str:
    """Why a limit holds that the proposal takes away."""
    return "the base declares it so, and a proposal is judged by that" if str(address) in desired.kept else ""


def _removal(address: Address, resource: Resource, world: World) -> Operation:
    is_row = address.kind in (Kind.LINK, Kind.FIELD_MAPPING)
    live = _live(address, resource, world)
    delete = (is_row and bool(resource.salesforce_id)) or resource.on_destroy is OnDestroy.DELETE
    if live.gone or not delete:
        return Operation(
            id=OperationId(f"{address}"),
            address=address,
            stage=Stage.SETUP,
            action=Action.DELETE if is_row else Action.FORGET,
            task=Task.STATE_ONLY,
            prior_id=resource.salesforce_id or resource.dotdigital_id,
            note="already gone" if live.gone else "" if is_row else "stays as it is; no longer managed",
        )
    return Operation(
        id=OperationId(f"{address}"),
        address=address,
        stage=Stage.SETUP,
        action=Action.DELETE,
        task=_TASKS[address.kind],
        payload=_payload(address, resource, world),
        cost=Cost(dotdigital=1) if resource.dotdigital_id else Cost(salesforce=1),
        note=live.loss,
        destroys="" if is_row else live.name,
        prior_id=resource.salesforce_id or resource.dotdigital_id,
    )


def _payload(address: Address, resource: Resource, world: World) -> tuple[tuple[str, Scalar], ...]:
    account: str | None = address.parts[0] if address.kind is Kind.DATA_FIELD else None
    if address.kind is Kind.ADDRESS_BOOK:
        account = next(
            (
                key
                for key, live in world.dotdigital.items()
                if any(str(b.id) == resource.dotdigital_id for b in live.lists)
            ),
            None,
        )
    sobject = {
        Kind.CAMPAIGN: "Campaign",
        Kind.LINK: "SFDD_Link__c",
        Kind.FIELD_MAPPING: "SFDD_Field_Mapping__c",
    }.get(address.kind)
    return tuple((name, value) for name, value in (("account", account), ("sobject", sobject)) if value)


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of a thing: whether it is gone already, its live name, and what goes with it."""

    gone: bool
    name: str
    loss: str = ""


def _live(address: Address, resource: Resource, world: World) -> Remains:
    if address.kind is Kind.CAMPAIGN:
        return _campaign(address, resource, world)
    if address.kind is Kind.ADDRESS_BOOK:
        return _book(address, resource, world)
    if address.kind is Kind.DATA_FIELD:
        account, name = address.parts
        gone = account in world.dotdigital and live_data_field(world, account, name) is None
        return Remains(gone, name, "every contact's value in this data field is lost")
    keys = {row.key for row in world.salesforce.registry or ()}
    return Remains(world.salesforce.registry is not None and str(address) not in keys, str(address))


def _campaign(address: Address, resource: Resource, world: World) -> Remains:
    found = next((c for c in world.salesforce.campaigns if c.id == resource.salesforce_id), None)
    if found is None:
        return Remains(gone=True, name=address.parts[0])
    loss = f"goes with it: {_counted(found.members, 'member')} and every member status"
    return Remains(gone=False, name=found.name, loss=loss)


def _book(address: Address, resource: Resource, world: World) -> Remains:
    """A book without an id was `existing`: whatever became of the list, it never was ours."""
    lists = (book for live in world.dotdigital.values() for book in live.lists)
    found = next((book for book in lists if str(book.id) == resource.dotdigital_id), None)
    if found is None:
        return Remains(gone=bool(resource.dotdigital_id), name=address.parts[0])
    loss = f"{_counted(found.contacts, 'contact')} on the list; contacts stay in the account"
    return Remains(gone=False, name=found.name, loss=loss)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moves(done: tuple[Moved, ...], world: World) -> Iterator[Operation]:
    """`moved:` blocks that did something: the state's address changes, nothing else."""
    for move in done:
        resource = world.resources[str(move.target)]
        yield Operation(
            id=OperationId(f"moved:{move.source}"),
            address=move.target,
            stage=Stage.SETUP,
            action=Action.MOVE,
            task=Task.STATE_ONLY,
            payload=(("from", str(move.source)),),
            prior_id=resource.salesforce_id or resource.dotdigital_id,
            note=f"was {move.source}",
            applied=tuple(resource.applied.items()),
        )
