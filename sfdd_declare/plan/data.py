"""Data without set-up (`sfdd sync`): which links are meant, what must exist for them, what is left to `sfdd apply`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from sfdd_declare.model.address import address_book, campaign
from sfdd_declare.model.address import link as link_address
from sfdd_declare.model.declared import Desired, Link
from sfdd_declare.model.errors import DeclareError, UsageError
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.operation import Operation
from sfdd_declare.model.plan import Stopped
from sfdd_declare.plan.identify import Identities
from sfdd_declare.plan.targets import Focus


@dataclass(frozen=True, slots=True)
class DataOnly:
    """A focus and mapping sets that rest on nothing that is yet to be made, and what that leaves out."""

    focus: Focus
    sets: tuple[MappingSet, ...]
    warnings: tuple[str, ...]


def targets(desired: Desired, names: Sequence[str]) -> tuple[str, ...]:
    """Addresses of the links that names stand for: a book's or campaign's key, `campaign.book`, or an address.

    Raises UsageError for a name that stands for no link.
    """
    by_name: dict[str, list[str]] = {}
    for link in desired.links:
        for name in _names(link):
            by_name.setdefault(name, []).append(str(link_address(link.campaign, link.address_book)))
    for name in names:
        if name not in by_name:
            close = get_close_matches(name, sorted(by_name), n=1)
            what = f"`{name}` is no linked address book, campaign or link"
            raise UsageError("SFDD-E9032", what, hint=f"sfdd sync {close[0]}" if close else "sfdd sync")
    return tuple(dict.fromkeys(address for name in names for address in by_name[name]))


def data_only(
    desired: Desired, found: Identities, asked: Focus, sets: tuple[MappingSet, ...], waiting: Iterable[Operation]
) -> DataOnly:
    """`waiting`: the set-up operations that are left to `sfdd apply`."""
    in_focus = [link for link in desired.links if asked.links is None or _address(link) in asked.links]
    ready = tuple(_address(link) for link in in_focus if _exists(link, found))
    kept = tuple(replace(s, fields=tuple(f for f in s.fields if not f.renewed)) for s in sets)
    focus = asked if len(ready) == len(desired.links) else replace(asked, links=ready, books=_books(in_focus, found))
    return DataOnly(focus, kept, tuple(_left_out(len(in_focus) - len(ready), sets, kept, waiting)))


def stopped(desired: Desired, errors: Iterable[DeclareError]) -> tuple[Stopped, ...]:
    """The links that errors about them, their campaign or their address book stop, each with the first of these."""
    found: dict[str, Stopped] = {}
    for error in errors:
        for link in desired.links:
            if error.about in (_address(link), str(campaign(link.campaign)), str(address_book(link.address_book))):
                found.setdefault(_address(link), Stopped(_address(link), str(error), error.hint))
    return tuple(found.values())


def stopped_warnings(links: Iterable[Stopped]) -> tuple[str, ...]:
    return tuple(f"{one.link} is left out: {one.error}" for one in links)


def without_setup(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The people operations, needing nothing but each other."""
    people = {op.id for op in operations if op.rows is not None}
    return tuple(
        replace(op, needs=tuple(need for need in op.needs if need in people)) for op in operations if op.id in people
    )


def _left_out(
    unready: int, sets: tuple[MappingSet, ...], kept: tuple[MappingSet, ...], waiting: Iterable[Operation]
) -> Iterable[str]:
    if unready:
        yield f"links left out, because their campaign or address book does not exist yet: {unready} (`sfdd apply`)"
    fields = sum(len(s.fields) for s in sets) - sum(len(s.fields) for s in kept)
    if fields:
        yield f"field mappings left out, because their data field does not exist yet: {fields} (`sfdd apply`)"
    if count := len(tuple(waiting)):
        yield f"set-up changes left to `sfdd apply`: {count}"


def _exists(link: Link, found: Identities) -> bool:
    book, campaign_found = found.books.get(link.address_book), found.campaigns.get(link.campaign)
    return bool(book and book.live and campaign_found and campaign_found.live)


def _books(links: Iterable[Link], found: Identities) -> frozenset[str]:
    return frozenset(str(address_book(link.address_book)) for link in links if _exists(link, found))


def _address(link: Link) -> str:
    return str(link_address(link.campaign, link.address_book))


def _names(link: Link) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            (
                link.campaign,
                link.address_book,
                f"{link.campaign}.{link.address_book}",
                _address(link),
                str(campaign(link.campaign)),
                str(address_book(link.address_book)),
            )
        )
    )
