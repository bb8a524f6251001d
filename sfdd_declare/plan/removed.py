"""What is in the state but no longer declared: forgotten by default, deleted only where that was declared while it
stood.

Rows of our own registry are deleted. A kind whose live listing is incomplete is unknown: nothing of it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.model.address import Address, Kind, address_book, campaign, data_field
from sfdd_declare.model.declared import Desired, Moved, OnDestroy
from sfdd_declare.model.errors import ConfigError, DeclareError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Cost, Operation, Stage, Task
from sfdd_declare.model.state import Resource, Scalar
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
        if resource.prevent_destroy:
            errors.append(
                ConfigError(
                    "SFDD-E4005",
                    f"{text} is no longer declared, but was declared with `prevent_destroy: true`",
                    where=text,
                    hint="declare it again, or apply `lifecycle: {prevent_destroy: false}` before removing it",
                )
            )
            continue
        yield _removal(address, resource, world)


def _removal(address: Address, resource: Resource, world: World) -> Operation:
    is_row = address.kind in (Kind.LINK, Kind.FIELD_MAPPING)
    gone, name, loss = _live(address, resource, world)
    delete = (is_row and bool(resource.salesforce_id)) or resource.on_destroy is OnDestroy.DELETE
    if gone or not delete:
        return Operation(
            id=OperationId(f"{address}"),
            address=address,
            stage=Stage.SETUP,
            action=Action.DELETE if is_row else Action.FORGET,
            task=Task.STATE_ONLY,
            prior_id=resource.salesforce_id or resource.dotdigital_id,
            note="already gone" if gone else "" if is_row else "stays as it is; no longer managed",
        )
    return Operation(
        id=OperationId(f"{address}"),
        address=address,
        stage=Stage.SETUP,
        action=Action.DELETE,
        task=_TASKS[address.kind],
        payload=_payload(address, resource, world),
        cost=Cost(dotdigital=1) if resource.dotdigital_id else Cost(salesforce=1),
        note=loss,
        destroys="" if is_row else name,
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


def _live(address: Address, resource: Resource, world: World) -> tuple[bool, str, str]:
    """Whether it is gone already, its live name, and what goes with it."""
    if address.kind is Kind.CAMPAIGN:
        found = next((c for c in world.salesforce.campaigns if c.id == resource.salesforce_id), None)
        if found is None:
            return world.salesforce.complete, address.parts[0], ""
        return False, found.name, f"its {found.members} members and their statuses go with it"
    if address.kind is Kind.ADDRESS_BOOK:
        for live in world.dotdigital.values():
            for book in live.lists:
                if str(book.id) == resource.dotdigital_id:
                    return (
                        False,
                        book.name,
                        f"{book.contacts} contacts leave the list; the contacts stay in the account",
                    )
        return all(live.complete for live in world.dotdigital.values()), address.parts[0], ""
    if address.kind is Kind.DATA_FIELD:
        live_account = world.dotdigital.get(address.parts[0])
        names = {field.name.casefold() for field in live_account.data_fields} if live_account else set()
        gone = bool(live_account and live_account.complete) and address.parts[1].casefold() not in names
        return gone, address.parts[1], "every contact's value in this data field is lost"
    keys = {row.key for row in world.salesforce.registry or ()}
    return world.salesforce.registry is not None and str(address) not in keys, str(address), ""


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
