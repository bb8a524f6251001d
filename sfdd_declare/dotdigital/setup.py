"""The set-up half of one account: address books and data fields. Implements `model.ports.DotdigitalSetup`.

Names are given as Dotdigital spells them; comparing them case-folded is the planner's business. Lists are paged by
position, which skips or repeats rows when lists come and go meanwhile: a repeat is dropped, and a listing that could
not be read to its end says so (`complete`), because nothing may be deleted by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.ids import ListId
from sfdd_declare.model.live import DotdigitalLive, LiveDataField, LiveList
from sfdd_declare.model.mapping import DataFieldType

PAGE_SIZE = 1000
"""The most rows a v2 listing gives at once."""


class _List(msgspec.Struct):
    id: int
    name: str
    visibility: str = ""
    contacts: int = 0


class _DataField(msgspec.Struct):
    name: str
    type: str
    visibility: str = ""
    defaultValue: Any = None


class Setup:
    """Reads address books and data fields; two calls for up to 1,000 lists."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def setup(self) -> DotdigitalLive:
        """Everything that can be declared of this account. Raises RemoteError when nothing can be read."""
        lists, complete = address_books(self._client)
        fields = data_fields(self._client)
        return DotdigitalLive(
            account=self._client.account,
            account_id=self._client.endpoint.account_id,
            endpoint=self._client.endpoint.url,
            lists=lists,
            data_fields=fields,
            calls_left=self._client.calls_left,
            complete=complete,
            time_zone=self._client.endpoint.time_zone,
        )


def address_books(client: Client) -> tuple[tuple[LiveList, ...], bool]:
    """All lists, and whether the listing came to its end."""
    found: dict[int, LiveList] = {}
    try:
        for page in _pages(client):
            found.update((row.id, LiveList(ListId(row.id), row.name, row.visibility, row.contacts)) for row in page)
    except Transient:
        if not found:
            raise
        return tuple(found.values()), False
    return tuple(found.values()), True


def address_book_named(client: Client, name: str) -> LiveList | None:
    """The list of that name, None when there is none. Raises Transient when the listing did not come to its end: what
    it does not show is not known to be missing.
    """
    lists, is_whole = address_books(client)
    found = next((book for book in lists if book.name.strip().casefold() == name.strip().casefold()), None)
    if found is None and not is_whole:
        summary = "The address books could not be listed to their end, so nobody knows whether one has that name."
        raise Transient("SFDD-E2219", summary, where=f"dotdigital.accounts.{client.account}", hint="sfdd plan")
    return found


def data_fields(client: Client) -> tuple[LiveDataField, ...]:
    """All contact data fields; fields of a type we do not know are left out."""
    rows = client.decoded("GET", "/v2/data-fields", list[_DataField])
    types = {kind.value.casefold(): kind for kind in DataFieldType}
    return tuple(
        LiveDataField(row.name, types[row.type.casefold()], row.visibility, _default(row.defaultValue))
        for row in rows
        if row.type.casefold() in types
    )


def _pages(client: Client) -> Iterator[list[_List]]:
    skip = 0
    while True:
        page = client.decoded(
            "GET", "/v2/address-books", list[_List], params={"select": str(PAGE_SIZE), "skip": str(skip)}
        )
        yield page
        if len(page) < PAGE_SIZE:
            return
        skip += len(page)


def _default(value: object) -> str | bool | float | None:
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, (str, bool, int, float)) else None
