"""Whose turn it is: links that are synchronised by hand, and since when each link has been carried (RUN-2, RUN-3).

A run over some links reads like any other, but what it leaves to the other links stays due for them. So each link has
the watermarks of the last run that carried everything of it: its own, or those of all links, whichever are later. A
delta over several links reads from the one that is furthest behind.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sfdd_declare.model.address import address_book, link
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.schedule import MANUAL
from sfdd_declare.plan import passes
from sfdd_declare.plan.scope import Reading
from sfdd_declare.plan.targets import Focus

#: With the address of a link behind it: the watermarks of its last run, as JSON.
PREFIX = "pass:"


def by_hand(desired: Desired, named: Collection[str] = ()) -> frozenset[str]:
    """Addresses of links whose people nobody but `sfdd sync NAME` synchronises, without those that are `named`."""
    manual = (one for one in desired.links if desired.schedule_of(one) == MANUAL)
    return frozenset(str(link(one.campaign, one.address_book)) for one in manual) - frozenset(named)


def with_turns(focus: Focus, desired: Desired, named: Collection[str]) -> Focus:
    """The focus, without the links that are synchronised by hand and are not `named`."""
    left = by_hand(desired, named)
    if not left:
        return focus
    asked = [one for one in desired.links if focus.asks(str(link(one.campaign, one.address_book)))]
    kept = [one for one in asked if str(link(one.campaign, one.address_book)) not in left]
    books = frozenset(str(address_book(one.address_book)) for one in kept)
    return replace(focus, by_hand=left, books=books if focus.links is not None else focus.books)


def marks_of(marks: Mapping[str, str], desired: Desired, focus: Focus) -> dict[str, str]:
    """The marks as a run over the links in focus sees them: of what belongs to a pass, those of the link that is
    furthest behind; none of a link that was never carried, nor where links rest on different things.
    """
    plain = {name: value for name, value in marks.items() if not name.startswith(PREFIX)}
    if focus.links is None and not any(name.startswith(PREFIX) for name in marks):
        return plain
    rest = {name: value for name, value in plain.items() if not name.startswith(passes.OF_A_PASS)}
    of_all = {name: value for name, value in plain.items() if name not in rest}
    manual = by_hand(desired)
    asked = [str(link(one.campaign, one.address_book)) for one in desired.links]
    seen = [_of_link(address, marks, of_all, manual) for address in asked if focus.asks(address)]
    if not seen:
        return plain
    first = min(seen, key=lambda found: found.get(passes.SINCE, ""))
    if passes.SINCE not in first:
        return {**rest, **{name: value for name, value in of_all.items() if name.startswith(passes.OF_CONSENT)}}
    found = {**first, passes.FULL: min(one.get(passes.FULL, "") for one in seen)}
    if len({one.get(passes.BASIS, "") for one in seen}) > 1:
        del found[passes.BASIS]
    return {**rest, **found}


def kept(stamps: Mapping[str, str], links: Iterable[str]) -> dict[str, str]:
    """The marks to write when some links alone were carried. `stamps` are all that the run read."""
    own = json.dumps({k: v for k, v in stamps.items() if k.startswith(passes.OF_A_PASS)}, sort_keys=True)
    return {PREFIX + address: own for address in links}


def proofs(reading: Reading, desired: Desired, focus: Focus) -> Reading:
    """What a delta over the links in focus rests on: their address books, with all campaigns that feed those."""
    if focus.is_of_all_links:
        return reading
    asked = [one for one in desired.links if focus.asks(str(link(one.campaign, one.address_book)))]
    books = {one.address_book for one in asked}
    linked = {one.campaign for one in desired.links}
    campaigns = {one.campaign for one in desired.links if one.address_book in books}
    if focus.links is None:  # campaigns without a link are looked after, too
        campaigns |= {key for key, _ in reading.campaigns if key not in linked}
        books |= {book.key for book in desired.address_books} - {one.address_book for one in desired.links}
    return replace(
        reading,
        campaigns=tuple(one for one in reading.campaigns if one[0] in campaigns),
        selections=tuple(one for one in reading.selections if one.campaign in campaigns),
        lists={key: tuple(one for one in lists if one[0] in books) for key, lists in reading.lists.items()},
    )


def _of_link(
    address: str, marks: Mapping[str, str], of_all: Mapping[str, str], manual: Collection[str]
) -> Mapping[str, str]:
    """Runs over all links leave those out that are synchronised by hand."""
    own: Mapping[str, str] = json.loads(marks.get(PREFIX + address, "{}"))
    if address in manual:
        return own
    return max(own, of_all, key=lambda found: found.get(passes.SINCE, ""))
