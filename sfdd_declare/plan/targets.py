"""`--target` and `--exclude`: which links and which set-up operations a plan is narrowed to.

A target brings what it needs; an exclusion takes what needs it along. Suppressions are never left out (CON).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sfdd_declare.model.address import REGISTRY, Address, Kind, account, address_book, campaign, data_field
from sfdd_declare.model.address import field_mapping as mapping_address
from sfdd_declare.model.address import link as link_address
from sfdd_declare.model.declared import Desired, Link
from sfdd_declare.model.errors import UsageError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Operation, Stage, Task


@dataclass(frozen=True, slots=True)
class Focus:
    """What is asked for. Empty `targets` means everything that is not excluded."""

    targets: frozenset[str]
    excludes: frozenset[str]
    links: tuple[str, ...] | None  # addresses of links in focus; None = all
    books: frozenset[str] = frozenset()  # addresses of their address books
    by_hand: frozenset[str] = frozenset()  # links whose people are left to `sfdd sync NAME`
    stopped: frozenset[str] = frozenset()  # links that an error is about

    @property
    def is_everything(self) -> bool:
        return not self.targets and not self.excludes

    @property
    def is_of_all_links(self) -> bool:
        return self.links is None and not self.left

    def asks(self, link: str) -> bool:
        """Whether the people of a link are asked for, by its address."""
        return (self.links is None or link in self.links) and link not in self.left

    @property
    def left(self) -> frozenset[str]:
        """Links that are left out although nobody asked for it."""
        return self.by_hand | self.stopped


def focus(desired: Desired, targets: Sequence[str], excludes: Sequence[str], managed: Iterable[str]) -> Focus:
    """Raises UsageError for an address that is neither declared nor `managed` (in the state)."""
    known = {*_addresses(desired), *managed}
    for text in (*targets, *excludes):
        if text not in known:
            raise _unknown(text, known)
    wanted, unwanted = frozenset(targets), frozenset(excludes)
    if not wanted and not unwanted:
        return Focus(wanted, unwanted, None)
    links = tuple(
        link
        for link in desired.links
        if (not wanted or _names(link, desired) & wanted) and not _names(link, desired) & unwanted
    )
    return Focus(
        wanted,
        unwanted,
        tuple(str(link_address(link.campaign, link.address_book)) for link in links),
        frozenset(str(address_book(link.address_book)) for link in links),
    )


def narrowed(operations: tuple[Operation, ...], of: Focus) -> tuple[Operation, ...]:
    """The operations in focus with what they need, without what is excluded and what needs that."""
    if of.is_everything:
        return operations
    by_id = {op.id: op for op in operations}
    kept = {op.id for op in operations if _is_asked_for(op, of)}
    kept |= _with_needs(kept, by_id, of)
    dropped = {op.id for op in operations if str(op.address) in of.excludes and op.stage is not Stage.CONSENT}
    dropped |= _dependents(dropped, operations)
    return tuple(op for op in operations if op.id in kept and op.id not in dropped)


def _is_asked_for(op: Operation, of: Focus) -> bool:
    if op.rows is not None or op.stage is Stage.CONSENT:
        return True  # the people engine has narrowed its rows already
    return not of.targets or str(op.address) in of.targets


def _with_needs(kept: set[OperationId], by_id: dict[OperationId, Operation], of: Focus) -> set[OperationId]:
    """What the kept ones need. Rows about books out of focus were left out, so an import does not need those books."""
    found: set[OperationId] = set()
    waiting = list(kept)
    while waiting:
        op = by_id[waiting.pop()]
        for need in op.needs:
            spared = op.rows is not None and need in by_id and _is_book_out_of_focus(by_id[need], of)
            if need in by_id and need not in found and not spared:
                found.add(need)
                waiting.append(need)
    return found


def _is_book_out_of_focus(op: Operation, of: Focus) -> bool:
    return op.task is Task.ADDRESS_BOOK and str(op.address) not in of.books


def _dependents(dropped: set[OperationId], operations: tuple[Operation, ...]) -> set[OperationId]:
    """What needs a dropped one, and what needs that in turn. Of people operations only those that would write to a data
    field which does not exist: rows about books and campaigns were left out.
    """
    found: set[OperationId] = set()
    grew = True
    while grew:
        more = {
            op.id
            for op in operations
            if op.id not in found and any(_stops(need, op, dropped | found, operations) for need in op.needs)
        }
        grew = bool(more)
        found |= more
    return found


def _stops(need: OperationId, op: Operation, missing: set[OperationId], operations: tuple[Operation, ...]) -> bool:
    if need not in missing:
        return False
    return op.rows is None or any(other.id == need and other.task is Task.DATA_FIELD for other in operations)


def _names(link: Link, desired: Desired) -> set[str]:
    """Every address by which a link can be asked for."""
    return {
        str(link_address(link.campaign, link.address_book)),
        str(campaign(link.campaign)),
        str(address_book(link.address_book)),
        str(account(desired.book(link.address_book).account)),
    }


def _addresses(desired: Desired) -> Iterable[str]:
    addresses: tuple[Address, ...] = (
        REGISTRY,
        *(account(a.key) for a in desired.accounts),
        *(campaign(c.key) for c in desired.campaigns),
        *(address_book(b.key) for b in desired.address_books),
        *(data_field(f.account, f.name) for f in desired.data_fields),
        *(mapping_address(m.account, m.record_type.section, m.salesforce_field) for m in desired.mappings),
        *(link_address(link.campaign, link.address_book) for link in desired.links),
    )
    return (str(address) for address in addresses)


def _unknown(text: str, known: set[str]) -> UsageError:
    close = get_close_matches(text, sorted(known), n=1)
    kinds = ", ".join(kind.value for kind in Kind)
    return UsageError(
        "SFDD-E9008",
        f"there is nothing at the address `{text}`" + (f"; did you mean `{close[0]}`?" if close else ""),
        detail="" if close else f"addresses begin with {kinds}",
        hint="sfdd plan shows addresses; sfdd state list those under management",
    )
