"""Who was suppressed or unsubscribed since a moment: v2 listings, by position, 1,000 rows a page.

Only an empty page ends a listing, as the vendor documents it: to stop at a short page would save a call, but a page cut
short by the server would lose opt-outs for good. The listing is by position, so a row that vanishes while it is read
can hide another one; the overlap of the watermarks (RUN-2) brings that one up again. A row without a contact concerns
nobody we could know: it is passed over, and the log says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.pages import OldContact, Removal, folded
from sfdd_declare.dotdigital.values import instant
from sfdd_declare.model.ids import ListId
from sfdd_declare.model.ports import ReadReport, Spool
from sfdd_declare.people import columns, forms

PAGE_SIZE = 1000
log = logging.getLogger("sfdd.dotdigital")


@dataclass(frozen=True, slots=True)
class _OptOut:
    """A suppression record that says whose it is."""

    contact: OldContact
    reason: str | None
    removed: str | None


class Suppressions:
    """Reads suppression records of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def of_account(self, since: str, spool: Spool) -> ReadReport:
        """Every reason, account-wide."""
        path, template = f"/v2/contacts/suppressed-since/{instant(since)}", "/v2/contacts/suppressed-since/{date}"
        rows, stamp = 0, ""
        with spool.sink(columns.suppressed(self._client.account), columns.SUPPRESSED) as sink:
            for page, seen in self._pages(path, template):
                sink.write(pa.record_batch(_columns(page), schema=columns.SUPPRESSED))
                rows, stamp = rows + len(page), stamp or seen
        return ReadReport(rows, complete=True, stamp=stamp)

    def of_book(self, address_book: str, list_id: ListId, since: str, spool: Spool) -> ReadReport:
        """Unsubscribes from one book."""
        book = f"/v2/address-books/{list_id}/contacts/unsubscribed-since"
        template = "/v2/address-books/{id}/contacts/unsubscribed-since/{date}"
        rows, stamp = 0, ""
        with spool.sink(columns.list_optouts(self._client.account), columns.LIST_OPTOUTS) as sink:
            for page, seen in self._pages(f"{book}/{instant(since)}", template):
                keys = pa.array([address_book] * len(page), pa.string())
                sink.write(pa.record_batch([keys, *_columns(page)], schema=columns.LIST_OPTOUTS))
                rows, stamp = rows + len(page), stamp or seen
        return ReadReport(rows, complete=True, stamp=stamp)

    def _pages(self, path: str, template: str) -> Iterator[tuple[list[_OptOut], str]]:
        skip, nameless = 0, 0
        while True:
            params = {"select": str(PAGE_SIZE), "skip": str(skip)}
            page, stamp = self._client.decoded_with_stamp("GET", path, list[Removal], template=template, params=params)
            named = _named(page)
            yield named, stamp
            nameless += len(page) - len(named)
            if not page:
                break
            skip += len(page)
        if nameless:
            words = "dotdigital.accounts.%s: suppressions that name no contact were passed over: %d"
            log.warning(words, self._client.account, nameless)


def _named(page: list[Removal]) -> list[_OptOut]:
    return [
        _OptOut(row.suppressedContact, row.reason, row.dateRemoved) for row in page if row.suppressedContact is not None
    ]


def _columns(page: list[_OptOut]) -> list[pa.Array]:
    return [
        forms.email_key(pa.array([row.contact.email for row in page], pa.string())),
        pa.array([row.contact.id for row in page], pa.int64()),
        pa.array([folded(row.reason or row.contact.status) for row in page], pa.string()),
        pa.array([_iso(row.removed) for row in page], pa.string()),
    ]


def _iso(text: str | None) -> str | None:
    try:
        return instant(text) if text else None
    except ValueError:
        return text
