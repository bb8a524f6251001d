"""No live thing under two keys: what one key does to it the other would undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfdd_declare.config.names import folded
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.address import Address, address_book, campaign
from sfdd_declare.model.declared import AddressBook, Campaign, Desired
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.live import DotdigitalLive, LiveCampaign, LiveList
from sfdd_declare.model.state import Resource

Live = LiveCampaign | LiveList


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who says that a live thing is theirs, and where."""

    address: Address
    live: Live
    where: Position | None


def check(
    desired: Desired,
    campaigns: Sequence[LiveCampaign],
    dotdigital: Mapping[str, DotdigitalLive],
    resources: Mapping[str, Resource],
) -> Iterator[ConfigError]:
    """Accounts, campaigns, and the address books of each account. `resources` is what the state knows."""
    yield from _same_account(desired, dotdigital)
    claims = (
        _claim(campaign(c.key), c, campaigns, desired, _known(resources, campaign(c.key), "campaign"))
        for c in desired.campaigns
    )
    yield from _twice(claims, "campaign")
    for account, live in dotdigital.items():
        books = (book for book in desired.address_books if book.account == account)
        claims = (
            _claim(address_book(b.key), b, live.lists, desired, _known(resources, address_book(b.key), "list"))
            for b in books
        )
        yield from _twice(claims, "address book")


def _same_account(desired: Desired, dotdigital: Mapping[str, DotdigitalLive]) -> Iterator[ConfigError]:
    first: dict[str, str] = {}
    places = {account.key: account.where for account in desired.accounts}
    for account in desired.accounts:
        live = dotdigital.get(account.key)
        if live is None or not live.account_id:
            continue
        other = first.setdefault(live.account_id, account.key)
        if other != account.key:
            summary = f"The accounts {quoted(other)} and {quoted(account.key)} are one Dotdigital account."
            detail = f"account {live.account_id}, first at {places[other]}"
            hint = f"remove one of the two, or `enabled: false` in {account.key}"
            yield ConfigError("SFDD-E1319", summary, where=account.where, hint=hint, detail=detail)


def _known(resources: Mapping[str, Resource], address: Address, what: str) -> str:
    resource = resources.get(str(address))
    if resource is None:
        return ""
    return resource.salesforce_id if what == "campaign" else resource.dotdigital_id


def _claim(
    address: Address, thing: Campaign | AddressBook, live: Sequence[Live], desired: Desired, known: str
) -> _Claim | None:
    """What the key stands for: by a written id, by what the state knows, or by its name."""
    block = next((block for block in desired.imports if block.to == address), None)
    written = thing.existing.id if thing.existing else block.id if block else None
    name = thing.existing.name if thing.existing else thing.name
    wanted = written or ("" if thing.existing else known)
    by_id = next((one for one in live if wanted and _id(one) == wanted[:15]), None)
    by_name = next((one for one in live if name and folded(one.name) == folded(name)), None)
    found = by_id if written else by_id or by_name
    return _Claim(address, found, block.where if block else thing.where) if found else None


def _id(live: Live) -> str:
    return str(live.id)[:15]


def _twice(claims: Iterator[_Claim | None], noun: str) -> Iterator[ConfigError]:
    first: dict[str, _Claim] = {}
    for claim in claims:
        other = first.setdefault(_id(claim.live), claim) if claim else None
        if claim is None or other is None or other is claim:
            continue
        summary = f"`{other.address}` and `{claim.address}` are one {noun}: {quoted(claim.live.name)}."
        detail = f"id {claim.live.id}, first at {other.where}"
        hint = f"remove {claim.address}, and link {other.address.parts[0]} instead"
        yield ConfigError("SFDD-E1318", summary, where=claim.where, hint=hint, detail=detail)
