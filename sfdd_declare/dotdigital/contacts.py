"""The people of one account -> the spool. Implements `model.ports.DotdigitalPeople`.

Books are read through v3, page by page behind a marker: one pass per book, or one pass over the whole account when
that is fewer calls. Look-ups go through v2's `retrieve-collection` or one account pass, whichever is fewer. Nothing is
held in memory but one page and, for look-ups by an account pass, the keys that are looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import msgspec
import pyarrow as pa

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.pages import Collection, Contact, Page, Tables, folded
from sfdd_declare.dotdigital.suppressions import Suppressions
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.ids import ListId
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.ports import ReadReport, Sink, Spool
from sfdd_declare.people import columns

PAGE_SIZE = 5000
"""The most contacts one v3 page holds."""
LOOK_UP_SIZE = 1000
"""Contacts asked for at once; no source tells the most that `retrieve-collection` takes."""

Linked = tuple[str, ListId, int]
"""A linked address book: key, list id, how many contacts it is said to hold."""
Membership = tuple[str, int, str | None]
"""Address book, contact id, list status."""


@dataclass(slots=True)
class _Reading:
    """What a read has seen so far."""

    rows: int = 0
    complete: bool = True
    stamp: str = ""

    def see(self, rows: int, stamp: str) -> None:
        self.rows += rows
        self.stamp = self.stamp or stamp

    def report(self, *, whole_account: bool = False) -> ReadReport:
        return ReadReport(self.rows, self.complete, self.stamp, whole_account)


class People:
    """Reads contacts, memberships and suppressions of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._suppressions = Suppressions(client)

    def books(
        self, lists: tuple[Linked, ...], account_size: int | None, sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport:
        """Everyone on the given books, or everyone in the account if that takes fewer calls (then `whole_account`)."""
        reading, tables = _Reading(), Tables(sets)
        whole = account_size is not None and _pages_of(account_size) < sum(_pages_of(count) for _, _, count in lists)
        account = self._client.account
        with (
            spool.sink(columns.contacts(account), tables.schema) as people,
            spool.sink(columns.listed(account), columns.LISTED) as listed,
        ):
            for members, looked_up, page in self._members(lists, tables, reading, whole=whole):
                people.write(tables.of_contacts(page, looked_up=looked_up))
                listed.write(_listed(members))
        return reading.report(whole_account=whole and reading.complete)

    def changes(self, since: str, lists: tuple[Linked, ...], sets: tuple[MappingSet, ...], spool: Spool) -> ReadReport:
        """Contacts of the whole account that were edited since an instant, with the lists they are on.

        Joining or leaving a list, or a change of status, may not be seen here (RUN-7, `list_join_bumps_updated`).
        """
        reading, tables = _Reading(), Tables(sets)
        query = {"~modified": f"gte::{since}", "include": "lists|channelProperties"}
        account = self._client.account
        with (
            spool.sink(columns.contacts(account), tables.schema) as people,
            spool.sink(columns.listed(account), columns.LISTED) as listed,
        ):
            for page in self._contacts(query, tables, reading):
                people.write(tables.of_contacts(page, looked_up=[False] * len(page)))
                listed.write(_listed(_memberships(page, lists)))
        return reading.report()

    def look_up(
        self,
        emails: Iterable[str],
        contact_ids: Iterable[int],
        sets: tuple[MappingSet, ...],
        spool: Spool,
        account_size: int | None = None,
    ) -> ReadReport:
        """Find people in the whole account, by address or id; who is not there is simply not in the answer."""
        addresses = tuple(dict.fromkeys(folded_address(email) for email in emails))
        ids = tuple(dict.fromkeys(contact_ids))
        wanted = len(addresses) + len(ids)
        reading, tables = _Reading(), Tables(sets)
        if not wanted:
            return reading.report()
        with spool.sink(columns.contacts(self._client.account), tables.schema) as people:
            if account_size is not None and _pages_of(account_size) < ceil(wanted / LOOK_UP_SIZE):
                self._sift(frozenset(addresses), frozenset(ids), tables, reading, people)
            else:
                self._retrieve(addresses, ids, tables, reading, people)
        return reading.report()

    def suppressed_since(self, since: str, spool: Spool) -> ReadReport:
        """Account-level suppressions since an instant, into `suppressed.<account>`."""
        return self._suppressions.of_account(since, spool)

    def unsubscribed_since(self, address_book: str, list_id: ListId, since: str, spool: Spool) -> ReadReport:
        """Unsubscribes from one book since an instant, into `list_optouts.<account>`."""
        return self._suppressions.of_book(address_book, list_id, since, spool)

    def _members(
        self, lists: tuple[Linked, ...], tables: Tables, reading: _Reading, *, whole: bool
    ) -> Iterator[tuple[list[Membership], list[bool], list[Contact]]]:
        """Pages with the memberships they show and who of them was merely looked up: in a pass over the whole account
        that is everybody who is on none of the books.
        """
        query = {"include": "lists|channelProperties"}
        if not whole:
            for key, list_id, _ in lists:
                for page in self._contacts({"~listId": str(list_id), **query}, tables, reading):
                    # Only this book's membership is taken: each book's own pass shows it as of one moment.
                    yield [(key, c.contactId, _status_on(c, list_id)) for c in page], [False] * len(page), page
            return
        for page in self._contacts(query, tables, reading):
            members = _memberships(page, lists)
            on_books = {contact_id for _, contact_id, _ in members}
            yield members, [contact.contactId not in on_books for contact in page], page

    def _sift(
        self, addresses: frozenset[str], ids: frozenset[int], tables: Tables, reading: _Reading, people: Sink
    ) -> None:
        """Look up by one account pass: keep whom we are looking for."""
        rows = 0
        for page in self._contacts({"include": "channelProperties"}, tables, reading):
            found = [c for c in page if c.contactId in ids or folded_address(c.email or "") in addresses]
            rows += len(found)
            people.write(tables.of_contacts(found, looked_up=[True] * len(found)))
        reading.rows = rows

    def _retrieve(
        self, addresses: Sequence[str], ids: Sequence[int], tables: Tables, reading: _Reading, people: Sink
    ) -> None:
        asked: list[dict[str, str | int]] = [{"id": number} for number in ids]
        asked += [{"email": address} for address in addresses]
        for start in range(0, len(asked), LOOK_UP_SIZE):
            body = {"contacts": asked[start : start + LOOK_UP_SIZE], "withFullData": True}
            found, stamp = self._client.decoded_with_stamp(
                "GET", "/v2/contacts/retrieve-collection", Collection, json=msgspec.json.encode(body)
            )
            contacts = found.contacts or []
            reading.see(len(contacts), stamp)
            people.write(tables.of_old_contacts(contacts))

    def _contacts(self, query: dict[str, str], tables: Tables, reading: _Reading) -> Iterator[list[Contact]]:
        """Pages of contacts until the marker ends. An empty last page is normal; a marker seen before ends the read.

        A full last page does not end it, and neither does the count that the list is said to hold: counts lag, and a
        read that stops early would report people as gone.
        """
        params = {**query, "limit": str(PAGE_SIZE)}
        if tables.data_fields:
            params["data-fields"] = "|".join(tables.data_fields)
        seen: set[str] = set()
        while True:
            page, stamp = self._client.decoded_with_stamp("GET", "/contacts/v3", Page, params=params)
            reading.see(len(page.items), stamp)
            if page.items:
                yield page.items
            marker = page.next_marker
            if not marker:
                return
            if marker in seen:
                reading.complete = False
                return
            seen.add(marker)
            params["marker"] = marker


def folded_address(email: str) -> str:
    """An address as it is matched (ID-1)."""
    return email_key(email)


def _pages_of(count: int) -> int:
    return max(1, ceil(count / PAGE_SIZE))


def _memberships(page: Sequence[Contact], lists: tuple[Linked, ...]) -> list[Membership]:
    """On which of the lists the contacts of a page are."""
    return [
        (key, contact.contactId, folded(place.status))
        for contact in page
        for place in contact.lists or ()
        for key, list_id, _ in lists
        if place.id == list_id
    ]


def _status_on(contact: Contact, list_id: ListId) -> str | None:
    """The list status; `subscribed` when the page, being that list's, does not repeat it."""
    return next((folded(place.status) for place in contact.lists or () if place.id == list_id), "subscribed")


def _listed(rows: Sequence[Membership]) -> pa.RecordBatch:
    books, contacts, statuses = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.record_batch(
        [pa.array(books, pa.string()), pa.array(contacts, pa.int64()), pa.array(statuses, pa.string())],
        schema=columns.LISTED,
    )
