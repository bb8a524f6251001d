"""The body of a contact import: one row -> one JSON contact.

What can be said about a person's subscription is a closed type with two members, and `subscribed` is not among them
(CON-1): without a status an existing contact keeps its own. A row is matched by contact id when that is known; then the
address is left out, so that its spelling stays as it is (ID-1), except in a rename (ID-4). Lists stand only in rows
that add to them (MEM-10) and never beside an opted-out status (CON-3).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from sfdd_declare.dotdigital.values import json_value
from sfdd_declare.model.ports import ImportRow
from sfdd_declare.model.rules import CREATED_OPTED_OUT, CREATED_OPTED_OUT_FALLBACK

MOST_LISTS = 100
"""Lists that one row may name."""
_LIST_BYTES = 22  # a list id and its comma, at the longest
_FRAME = b'{"mergeOption":"overwrite","contacts":['


class OptOutStatus(StrEnum):
    """Every status that we can send."""

    CREATED = CREATED_OPTED_OUT
    FALLBACK = CREATED_OPTED_OUT_FALLBACK


class InvalidRow(Exception):
    """The row cannot be put into an import; `code` is ours, and nothing of the row is in the text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def contact(row: ImportRow, ids: Mapping[str, str], *, opted_out: OptOutStatus | None) -> bytes:
    """One contact as JSON. `ids` resolves `@address_book.key`; with `opted_out` no list is named. Raises InvalidRow."""
    body = _without_lists(row)
    if opted_out is not None:
        body["channelProperties"] = {"email": {"status": opted_out.value}}
    elif row.books:
        body["lists"] = _lists(row.books, ids)
    return _ENCODER.encode(body)


def estimate(row: ImportRow) -> int:
    """Bytes that the row will take in a body, at most; 0 for a row that cannot be sent."""
    try:
        return len(_ENCODER.encode(_without_lists(row))) + _LIST_BYTES * (len(row.books) + 1) + 64
    except InvalidRow:
        return 0


def body_of(contacts: list[bytes]) -> bytes:
    """The body of one import."""
    return _FRAME + b",".join(contacts) + b"]}"


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _without_lists(row: ImportRow) -> dict[str, Any]:
    body: dict[str, Any] = _identity(row)
    fields = {}
    for value in row.values:
        try:
            fields[value.data_field] = json_value(value.text, value.type)
        except ValueError as error:
            raise InvalidRow("invalidValue", f"{value.data_field}: {error}") from None
    if fields:
        body["dataFields"] = fields
    return body


def _identity(row: ImportRow) -> dict[str, Any]:
    if row.contact_id is not None and not row.rename:
        return {"matchIdentifier": "contactId", "identifiers": {"contactId": row.contact_id}}
    if not row.email.strip():
        raise InvalidRow("noAddress", "no address to match by")
    if row.contact_id is not None:
        named = {"contactId": row.contact_id, "email": row.email.strip()}
        return {"matchIdentifier": "contactId", "identifiers": named}
    return {"matchIdentifier": "email", "identifiers": {"email": row.email.strip()}}


def _lists(books: tuple[str, ...], ids: Mapping[str, str]) -> list[int]:
    if len(books) > MOST_LISTS:
        raise InvalidRow("tooManyLists", f"more than {MOST_LISTS} address books")
    return [int(ids[f"@address_book.{key}"]) for key in books]
