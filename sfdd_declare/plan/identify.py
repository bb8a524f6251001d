"""Which live thing a declared one is: by the state's id, by `import:`, by `existing:`, or none yet.

A live thing of the same name that is not ours is never taken over silently: it is an error that prints both ways out.
The exception is our own interrupted creation, which is adopted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sfdd_declare.model.address import Address, address_book, campaign
from sfdd_declare.model.declared import AddressBook, Campaign, DataField, Desired, Existing
from sfdd_declare.model.errors import ConfigError, DeclareError, Position
from sfdd_declare.model.live import LiveCampaign, LiveDataField, LiveList
from sfdd_declare.plan.world import World

BUILT_IN_DATA_FIELDS = ("FIRSTNAME", "LASTNAME", "FULLNAME", "GENDER", "POSTCODE", "NOTES")


class Named(Protocol):
    """A live thing with an id and a name."""

    @property
    def id(self) -> str | int: ...
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True, slots=True)
class Identity(Generic[T]):
    """A declared thing and the live one it is. `adopt`: written by our interrupted run; `vanished`: the one that the
    state knows is deleted, or not visible any more.
    """

    address: Address
    live: T | None
    adopt: bool = False
    imported: bool = False
    existing: bool = False
    vanished: bool = False


@dataclass(frozen=True, slots=True)
class Identities:
    """Every declared campaign, book and data field with its live counterpart."""

    campaigns: dict[str, Identity[LiveCampaign]]
    books: dict[str, Identity[LiveList]]
    data_fields: dict[tuple[str, str], LiveDataField | None]
    errors: tuple[DeclareError, ...]

    def ids(self) -> dict[str, str]:
        """`@campaign.key` and `@address_book.key` -> live id, of what exists."""
        found: dict[str, str] = {}
        for key, camp in self.campaigns.items():
            if camp.live is not None:
                found[f"@campaign.{key}"] = str(camp.live.id)
        for key, book in self.books.items():
            if book.live is not None:
                found[f"@address_book.{key}"] = str(book.live.id)
        return found


def identify(desired: Desired, world: World) -> Identities:
    """Find the live counterpart of everything declared; collects all errors."""
    errors: list[DeclareError] = []
    campaigns = {c.key: _campaign(c, desired, world, errors) for c in desired.campaigns}
    books = {b.key: _book(b, desired, world, errors) for b in desired.address_books if b.account in world.dotdigital}
    fields = {
        (f.account, f.name): _data_field(f, desired, world, errors)
        for f in desired.data_fields
        if f.account in world.dotdigital
    }
    return Identities(campaigns, books, fields, tuple(errors))


def _campaign(item: Campaign, desired: Desired, world: World, errors: list[DeclareError]) -> Identity[LiveCampaign]:
    resource = world.resource(str(campaign(item.key)))
    return _find(
        campaign(item.key),
        item.existing,
        item.name,
        world.salesforce.campaigns,
        known=resource.salesforce_id if resource else "",
        imported=_import_id(campaign(item.key), desired),
        interrupted=str(campaign(item.key)) in world.interrupted,
        where=item.where,
        what="campaign",
        system="Salesforce",
        errors=errors,
    )


def _book(item: AddressBook, desired: Desired, world: World, errors: list[DeclareError]) -> Identity[LiveList]:
    resource = world.resource(str(address_book(item.key)))
    return _find(
        address_book(item.key),
        item.existing,
        item.name,
        world.dotdigital[item.account].lists,
        known=resource.dotdigital_id if resource else "",
        imported=_import_id(address_book(item.key), desired),
        interrupted=str(address_book(item.key)) in world.interrupted,
        where=item.where,
        what="address book",
        system="Dotdigital",
        errors=errors,
    )


def _import_id(address: Address, desired: Desired) -> str:
    return next((block.id for block in desired.imports if block.to == address), "")


def _find(
    address: Address,
    existing: Existing | None,
    name: str | None,
    live: Sequence[T],
    *,
    known: str,
    imported: str,
    interrupted: bool,
    where: Position | None,
    what: str,
    system: str,
    errors: list[DeclareError],
) -> Identity[T]:
    if existing is not None:
        return _find_existing(address, existing, live, where=where, what=what, system=system, errors=errors)
    managed = _by_id(live, known) if known else None
    if managed is not None:
        return Identity(address, managed)
    taken = _by_id(live, imported) if imported else None
    if taken is not None:
        return Identity(address, taken, imported=True)
    if imported and not known:
        errors.append(_not_found(address, f"id {imported}", where, what, system))
        return Identity(address, None)
    same_name = _by_name(live, name or "")
    if not same_name:
        return Identity(address, None, vanished=bool(known))
    if interrupted:
        return Identity(address, same_name[0], adopt=True, vanished=bool(known))
    first = same_name[0]
    errors.append(
        ConfigError(
            "SFDD-E4001",
            f'the {what} "{name}" already exists in {system} (id {first.id}) and is not managed here',
            where=where or str(address),
            detail=f"{len(same_name)} of that name" if len(same_name) > 1 else "",
            hint=(
                f"manage it: `import: [{{to: {address}, id: {first.id}}}]` - "
                f"or only link it: `{address.parts[0]}: {{existing: {{id: {first.id}}}}}`"
            ),
            about=str(address),
        )
    )
    return Identity(address, None)


def _find_existing(
    address: Address,
    existing: Existing,
    live: Sequence[T],
    *,
    where: Position | None,
    what: str,
    system: str,
    errors: list[DeclareError],
) -> Identity[T]:
    if existing.id is not None:
        by_id = _by_id(live, existing.id)
        if by_id is None:
            errors.append(_not_found(address, f"id {existing.id}", where, what, system))
        return Identity(address, by_id, existing=True)
    matches = _by_name(live, existing.name or "")
    if not matches:
        errors.append(_not_found(address, f'name "{existing.name}"', where, what, system))
        return Identity(address, None, existing=True)
    if len(matches) > 1:
        ids = ", ".join(str(match.id) for match in matches)
        errors.append(
            ConfigError(
                "SFDD-E4002",
                f'{len(matches)} {what}s in {system} are named "{existing.name}": {ids}',
                where=where or str(address),
                hint=f"name one by id: `existing: {{id: {matches[0].id}}}`",
                about=str(address),
            )
        )
    return Identity(address, matches[0], existing=True)


def _not_found(address: Address, by: str, where: Position | None, what: str, system: str) -> ConfigError:
    return ConfigError(
        "SFDD-E4004",
        f"no {what} with {by} in {system}",
        where=where or str(address),
        hint=f"correct `existing` or `import` of {address}, or declare it with `name:` to create it",
        about=str(address),
    )


def _by_id(live: Sequence[T], wanted: str) -> T | None:
    return next((item for item in live if str(item.id)[:15] == wanted[:15]), None)


def _by_name(live: Sequence[T], name: str) -> list[T]:
    return [item for item in live if item.name.casefold() == name.casefold()] if name else []


def _data_field(item: DataField, desired: Desired, world: World, errors: list[DeclareError]) -> LiveDataField | None:
    live = live_data_field(world, item.account, item.name)
    address = f"data_field.{item.account}.{item.name}"
    if item.existing:
        if live is None:
            errors.append(
                ConfigError(
                    "SFDD-E4004",
                    f"no data field {item.name} in Dotdigital account {item.account}",
                    where=item.where or address,
                    hint=f"declare its type to create it: `data_fields.{item.account}.{item.name}: {{type: string}}`",
                )
            )
        return live
    imported = any(str(block.to) == address for block in desired.imports)
    ours = imported or world.resource(address) is not None or address in world.interrupted
    if live is not None and not ours and item.name.upper() not in BUILT_IN_DATA_FIELDS:
        errors.append(
            ConfigError(
                "SFDD-E4001",
                f"data field {live.name} already exists in Dotdigital account {item.account} and is not managed here",
                where=item.where or address,
                hint=f"use it as it is: `data_fields.{item.account}.{item.name}: existing` - or "
                f"manage it: `import: [{{to: {address}, id: {live.name}}}]`",
            )
        )
    return live


def live_data_field(world: World, account: str, name: str) -> LiveDataField | None:
    """Data field names are compared case-folded (facts: the case on read is not promised)."""
    folded = name.casefold()
    return next((field for field in world.dotdigital[account].data_fields if field.name.casefold() == folded), None)
