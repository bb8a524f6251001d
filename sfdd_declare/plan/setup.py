"""Set-up operations for campaigns, their statuses, address books and data fields: what `identify` found against what
is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sfdd_declare.model.address import Address, address_book, campaign, data_field
from sfdd_declare.model.declared import AddressBook, Campaign, DataField, Desired, Lifecycle, MemberStatus, OnDestroy
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.live import LiveCampaign, LiveDataField, LiveStatus
from sfdd_declare.model.operation import Action, Cost, Operation, Stage, Task
from sfdd_declare.model.state import Resource, Scalar
from sfdd_declare.plan.identify import Identities, Identity
from sfdd_declare.plan.three_way import Difference, compare, created
from sfdd_declare.plan.world import World


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared thing ready to compare: what is wanted, what was applied, what is live."""

    address: Address
    task: Task
    want: Mapping[str, Scalar]
    live: Mapping[str, Scalar] | None  # None: does not exist
    live_id: str
    base: Resource | None
    lifecycle: Lifecycle
    cost: Cost
    payload: Mapping[str, Scalar]
    identity: Identity | None = None  # type: ignore[type-arg]  # any live kind will do here

    @property
    def is_adopted(self) -> bool:
        """The live thing was made by an interrupted apply of ours."""
        return self.identity is not None and self.identity.adopt

    @property
    def is_taken_over(self) -> bool:
        """The live thing is another than the one in the state, or the first."""
        return self.is_adopted or (self.identity is not None and self.identity.imported)


@dataclass(frozen=True, slots=True)
class Compared:
    """The operation a declared thing needs, if any, and its refreshed base when only the base is behind."""

    operation: Operation | None
    refreshed: Resource | None


VANISHED = "was deleted by hand: created again"

#: Attributes of things that live beside a resource and are settled with it: member statuses, registry rows.
SIDE_ATTRIBUTES = ("member_statuses.", "registry.")


def operation_id(address: Address) -> OperationId:
    return OperationId(str(address))


def status_id(campaign_key: str, label: str) -> OperationId:
    return OperationId(f"campaign.{campaign_key}.member_statuses.{label}")


def campaigns(desired: Desired, world: World, found: Identities) -> Iterator[Compared]:
    for item in desired.campaigns:
        if item.existing is not None:
            continue
        identity = found.campaigns[item.key]
        live = identity.live
        yield compared(
            Declared(
                address=campaign(item.key),
                task=Task.CAMPAIGN,
                want=dict(item.fields),
                live=None if live is None else {"Name": live.name, **live.fields},
                live_id=live.id if live else "",
                base=world.resource(str(campaign(item.key))),
                lifecycle=item.lifecycle,
                cost=Cost(salesforce=1),
                payload={"sobject": "Campaign"},
                identity=identity,
            )
        )
        yield from _statuses(item, live, world)


def _statuses(item: Campaign, live: LiveCampaign | None, world: World) -> Iterator[Compared]:
    resource = world.resource(str(campaign(item.key)))
    by_label = {status.label: status for status in live.statuses} if live else {}
    for status in item.statuses:
        present = by_label.get(status.label)
        want = _status_wants(status)
        base = _status_base(status.label, resource)
        live_fields: Mapping[str, Scalar] | None = None if present is None else _status_fields(present)
        difference = None if live_fields is None else compare(want, base, live_fields)
        if difference is not None and not difference.changes:
            continue
        vanished = present is None and bool(base)
        yield Compared(_status_operation(item.key, status, present, want, difference, vanished=vanished), None)


def _status_operation(
    key: str,
    status: MemberStatus,
    present: LiveStatus | None,
    want: Mapping[str, Scalar],
    difference: Difference | None,
    *,
    vanished: bool,
) -> Operation:
    return Operation(
        id=status_id(key, status.label),
        address=campaign(key),
        stage=Stage.SETUP,
        action=Action.UPDATE if present else Action.CREATE,
        task=Task.CAMPAIGN_STATUS,
        fields=difference.changes if difference else created(want),
        unchanged=difference.unchanged if difference else 0,
        payload=(("campaign", f"@campaign.{key}"), ("label", status.label)),
        cost=Cost(salesforce=1),
        part=f'member status "{status.label}"',
        note=VANISHED if vanished else "",
        drift=difference.is_drift if difference else vanished,
        prior_id=present.id if present else "",
        applied=tuple((f"member_statuses.{status.label}.{name}", value) for name, value in want.items()),
    )


def _status_wants(status: MemberStatus) -> dict[str, Scalar]:
    want: dict[str, Scalar] = {"Label": status.label}
    if status.default is not None:
        want["IsDefault"] = status.default
    if status.responded is not None:
        want["HasResponded"] = status.responded
    return want


def _status_fields(status: LiveStatus) -> dict[str, Scalar]:
    return {"Label": status.label, "IsDefault": status.is_default, "HasResponded": status.has_responded}


def _status_base(label: str, resource: Resource | None) -> dict[str, Scalar]:
    prefix = f"member_statuses.{label}."
    applied = resource.applied if resource else {}
    return {name.removeprefix(prefix): value for name, value in applied.items() if name.startswith(prefix)}


def address_books(desired: Desired, world: World, found: Identities) -> Iterator[Compared]:
    for item in desired.address_books:
        if item.key not in found.books:
            continue
        if item.existing is not None:
            yield Compared(None, _let_go(world.resource(str(address_book(item.key)))))
            continue
        identity = found.books[item.key]
        live = identity.live
        yield compared(
            Declared(
                address=address_book(item.key),
                task=Task.ADDRESS_BOOK,
                want=_book_wants(item),
                live=None if live is None else {"name": live.name, "visibility": live.visibility},
                live_id=str(live.id) if live else "",
                base=world.resource(str(address_book(item.key))),
                lifecycle=item.lifecycle,
                cost=Cost(dotdigital=1),
                payload={"account": item.account},
                identity=identity,
            )
        )


def _let_go(resource: Resource | None) -> Resource | None:
    """A book that is `existing` from now on keeps its registry row, and nothing by which it could be deleted."""
    if resource is None or not resource.dotdigital_id:
        return None
    return replace(
        resource,
        dotdigital_id="",
        applied={name: value for name, value in resource.applied.items() if name.startswith(SIDE_ATTRIBUTES)},
        on_destroy=OnDestroy.FORGET,
        prevent_destroy=False,
        created_by_us=False,
    )


def _book_wants(item: AddressBook) -> dict[str, Scalar]:
    want: dict[str, Scalar] = {"name": item.name}
    if item.visibility is not None:
        want["visibility"] = item.visibility.value
    return want


def data_fields(desired: Desired, world: World, found: Identities) -> Iterator[Compared]:
    for item in desired.data_fields:
        if item.existing or (item.account, item.name) not in found.data_fields:
            continue
        live = found.data_fields[item.account, item.name]
        address = data_field(item.account, item.name)
        step = compared(
            Declared(
                address=address,
                task=Task.DATA_FIELD,
                want=_field_wants(item),
                live=None if live is None else _field_fields(live),
                live_id=live.name if live else "",
                base=world.resource(str(address)),
                lifecycle=item.lifecycle,
                cost=Cost(dotdigital=1),
                payload={"account": item.account, "name": item.name},
                identity=Identity(
                    address,
                    live,
                    adopt=live is not None
                    and world.resource(str(address)) is None
                    and str(address) in world.interrupted,
                    imported=world.resource(str(address)) is None
                    and any(block.to == address for block in desired.imports),
                    vanished=live is None and world.resource(str(address)) is not None,
                ),
            )
        )
        yield _forcing_replacement(step, item)


def _field_wants(item: DataField) -> dict[str, Scalar]:
    want: dict[str, Scalar] = {}
    if item.type is not None:
        want["type"] = item.type.value
    if item.visibility is not None:
        want["visibility"] = item.visibility.value
    if item.default is not None:
        want["defaultValue"] = item.default
    return want


def _field_fields(live: LiveDataField) -> dict[str, Scalar]:
    return {"type": live.type.value, "visibility": live.visibility, "defaultValue": live.default}


def _forcing_replacement(step: Compared, item: DataField) -> Compared:
    """Dotdigital has no call that updates a data field: any change is delete and create, and its values are lost."""
    operation = step.operation
    if operation is None or operation.action is not Action.UPDATE:
        return step
    changes = tuple(replace(change, forces_replacement=True) for change in operation.fields)
    replaced = replace(
        operation,
        action=Action.REPLACE,
        fields=changes,
        payload=operation.payload + tuple((f"create.{name}", value) for name, value in _field_wants(item).items()),
        cost=Cost(dotdigital=2),
        note="every contact's value in this data field is lost; needs `--allow replace`",
    )
    return Compared(replaced, step.refreshed)


def compared(item: Declared) -> Compared:
    """The usual table: create, adopt or import, update, or nothing."""
    if item.live is None:
        return Compared(_creation(item), None)
    base = item.base.applied if item.base else {}
    difference = compare(item.want, base, item.live, ignore=item.lifecycle.ignore_changes)
    if difference.changes:
        return Compared(_update(item, difference), None)
    if item.is_taken_over:
        return Compared(_state_only(item, Action.ADOPT if item.is_adopted else Action.IMPORT), None)
    return Compared(None, _refreshed(item))


def _creation(item: Declared) -> Operation:
    vanished = item.identity is not None and item.identity.vanished
    return Operation(
        id=operation_id(item.address),
        address=item.address,
        stage=Stage.SETUP,
        action=Action.CREATE,
        task=item.task,
        fields=created(item.want),
        payload=tuple(item.payload.items()),
        cost=item.cost,
        note=VANISHED if vanished else "",
        drift=vanished,
        applied=tuple(item.want.items()),
        on_destroy=item.lifecycle.on_destroy,
        prevent_destroy=item.lifecycle.prevent_destroy,
    )


def _update(item: Declared, difference: Difference) -> Operation:
    return Operation(
        id=operation_id(item.address),
        address=item.address,
        stage=Stage.SETUP,
        action=Action.UPDATE,
        task=item.task,
        fields=difference.changes,
        unchanged=difference.unchanged,
        payload=tuple(item.payload.items()),
        cost=item.cost,
        note=_taken_over(item) if item.is_taken_over else "",
        drift=difference.is_drift,
        prior_id=item.live_id,
        applied=tuple(item.want.items()),
        on_destroy=item.lifecycle.on_destroy,
        prevent_destroy=item.lifecycle.prevent_destroy,
    )


def _taken_over(item: Declared) -> str:
    return "created by an interrupted apply" if item.is_adopted else "taken under management"


def _state_only(item: Declared, action: Action) -> Operation:
    return Operation(
        id=operation_id(item.address),
        address=item.address,
        stage=Stage.SETUP,
        action=action,
        task=Task.STATE_ONLY,
        payload=tuple(item.payload.items()),
        prior_id=item.live_id,
        note=_taken_over(item),
        applied=tuple(item.want.items()),
        on_destroy=item.lifecycle.on_destroy,
        prevent_destroy=item.lifecycle.prevent_destroy,
    )


def _refreshed(item: Declared) -> Resource | None:
    """The base that is to be stored when live and desired agree but the state is behind; None when it is not."""
    resource = item.base
    if resource is None:
        return None
    kept = {name: value for name, value in resource.applied.items() if name.startswith(SIDE_ATTRIBUTES)}
    fresh = Resource(
        address=str(item.address),
        salesforce_id=resource.salesforce_id,
        dotdigital_id=resource.dotdigital_id,
        applied={**dict(item.want), **kept},
        on_destroy=item.lifecycle.on_destroy,
        prevent_destroy=item.lifecycle.prevent_destroy,
        created_by_us=resource.created_by_us,
    )
    return None if fresh == resource else fresh
