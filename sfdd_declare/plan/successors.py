"""Address books that look like one of the state under another key: nobody who left the old one is put on the new one.

A key is a book's identity; renaming it without a `moved:` block forgets one book and makes another. The link to the
same campaign gives it away. The plan asks for the block, and opt-outs from the old book bar from its successor (CON-5)
for as long as the state lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sfdd_declare.model.address import Address, Kind, address_book, link
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.state import Resource

PREFIX = "succeeds:"

#: Key of a book -> keys of those it took the place of.
Successors = Mapping[str, tuple[str, ...]]


def successors(desired: Desired, resources: Mapping[str, Resource]) -> dict[str, tuple[str, ...]]:
    """Of this very plan. `resources`: of the state by address, after `moved:` blocks."""
    declared = {book.key for book in desired.address_books}
    known = [Address.parse(text) for text in resources]
    gone = {a.parts[0] for a in known if a.kind is Kind.ADDRESS_BOOK} - declared
    left: dict[str, set[str]] = {}
    for address in known:
        if address.kind is Kind.LINK and address.parts[1] in gone:
            left.setdefault(address.parts[0], set()).add(address.parts[1])
    found: dict[str, set[str]] = {}
    for declared_link in desired.links:
        key = declared_link.address_book
        if str(address_book(key)) not in resources and declared_link.campaign in left:
            found.setdefault(key, set()).update(left[declared_link.campaign])
    return {key: tuple(sorted(olds)) for key, olds in sorted(found.items())}


def remembered(marks: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Of earlier applies."""
    return {
        name.removeprefix(PREFIX): tuple(value.split(",")) for name, value in marks.items() if name.startswith(PREFIX)
    }


def all_of(found: Successors, marks: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    before = remembered(marks)
    return {key: tuple(sorted({*found.get(key, ()), *before.get(key, ())})) for key in {*found, *before}}


def successor_marks(found: Successors) -> Iterator[tuple[str, str]]:
    """What the next plans must know."""
    return ((PREFIX + key, ",".join(olds)) for key, olds in found.items())


def warnings(found: Successors, desired: Desired) -> Iterator[str]:
    """The block that keeps a book what it was."""
    for key, olds in found.items():
        for old in olds:
            campaigns = [each.campaign for each in desired.links if each.address_book == key]
            blocks = [(address_book(old), address_book(key)), *((link(c, old), link(c, key)) for c in campaigns)]
            block = ", ".join(f"{{from: {source}, to: {target}}}" for source, target in blocks)
            yield (
                f"address_book.{key} takes the place of address_book.{old}, which is no longer declared: whoever "
                f"unsubscribed from that one is not added. If it is the same book, declare `moved: [{block}]`"
            )
