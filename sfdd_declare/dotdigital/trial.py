"""Throw-away things of one account, to find out how it behaves: made, looked at, and removed again.

Nothing here is for people. Rows are sent as they are given, which no other room can do, and no row may say
`subscribed` (CON-1). What is made is removed by its name or address, so that it is found whether or not the reply
that would have told its id arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from sfdd_declare.dotdigital import imports, jobs
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.imports import Written
from sfdd_declare.dotdigital.pages import Channels, Link, Links, Listing
from sfdd_declare.dotdigital.setup import address_book_named, data_fields
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.errors import BugError, Conflict, Interrupted, NotFound, RemoteError, Terminal
from sfdd_declare.wire.http import encoded
from sfdd_declare.wire.pacing import is_uncertain

_BOOKS, _BOOK = "/v2/address-books", "/v2/address-books/{id}"
_FIELDS = "/v2/data-fields"
_CONTACT = "/contacts/v3/{identifier}/{value}"
_GONE = ("binned", "deleted")
MOST = 5000
"""Contacts of one page."""


class _Made(msgspec.Struct):
    id: int


class _Deleted(msgspec.Struct):
    result: bool = True


class Seen(msgspec.Struct, gc=False):
    """A contact as it stands now, with every value under the name that this account tells it by."""

    contactId: int
    status: str | None = None
    updated: str | None = None
    dataFields: dict[str, Any] | None = None
    channelProperties: Channels | None = None
    lists: list[Listing] | None = None

    def value(self, field: str) -> Any:
        """A value, whatever the case of its field's name."""
        held = {name.casefold(): value for name, value in (self.dataFields or {}).items()}
        return held.get(field.casefold())

    def place(self, list_id: int) -> str:
        """The status on a list, case-folded; empty for who is not on it."""
        return next(((one.status or "").casefold() for one in self.lists or () if one.id == list_id), "")

    @property
    def channel(self) -> str:
        email = self.channelProperties.email if self.channelProperties else None
        return ((email.status if email else None) or "").casefold()


class _Page(msgspec.Struct, gc=False):
    items: list[Seen] = msgspec.field(name="_items")
    links: Links = msgspec.field(name="_links", default_factory=Links)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list's members; `marker` leads to the next, empty where there is none."""

    members: tuple[Seen, ...]
    marker: str

    def place(self, contact_id: int, list_id: int) -> str | None:
        """The status that a member is shown with; None for who is not shown."""
        member = next((one for one in self.members if one.contactId == contact_id), None)
        return None if member is None else member.place(list_id)


class Trial:
    """Makes, looks at and removes. Raises RemoteError by meaning."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._jobs: list[str] = []
        self._is_in_doubt = False

    @property
    def account(self) -> str:
        return self._client.account

    @property
    def account_id(self) -> str:
        return self._client.endpoint.account_id

    @property
    def time_zone(self) -> str:
        return self._client.endpoint.time_zone

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._client.pause(seconds)

    # --- making

    def make_book(self, name: str) -> int:
        """A private list."""
        body = encoded({"name": name, "visibility": "Private"})
        return self._client.decoded("POST", _BOOKS, _Made, json=body, idempotent=False).id

    def make_date_field(self, name: str) -> None:
        """A private data field for dates."""
        body = encoded({"name": name, "type": "Date", "visibility": "Private"})
        self._client.send("POST", _FIELDS, json=body, idempotent=False)

    def write(self, row: Mapping[str, Any]) -> Written:
        """Import one row and wait for the end. Raises Terminal when the import as a whole is refused."""
        _require_quiet(row)
        body = encoded({"mergeOption": "overwrite", "contacts": [row]})
        self._is_in_doubt = True
        try:
            answer = imports.carried_out(self._client, body, self._jobs.append)
        except (Terminal, Interrupted) as error:
            if not (isinstance(error, Interrupted) and (self._jobs or _was_sent(error))):
                self._know()
            raise
        self._know()
        return imports.written(answer)

    # --- looking

    def contact(self, contact_id: int) -> Seen | None:
        """A contact, None when it is not in the account or in the recycle bin."""
        return self._shown("contactId", str(contact_id))

    def named(self, email: str) -> Seen | None:
        """As `contact`, by address."""
        return self._shown("email", email)

    def listed(self, list_id: int, *, limit: int = MOST, marker: str = "") -> Listed:
        """A page of a list's members."""
        params = {"~listId": str(list_id), "include": "lists", "limit": str(limit)}
        if marker:
            params["marker"] = marker
        page = self._client.decoded("GET", "/contacts/v3", _Page, params=params)
        return Listed(tuple(page.items), (page.links.next or Link()).marker or "")

    def field_names(self) -> frozenset[str]:
        """The names of all data fields as v2 tells them."""
        return frozenset(field.name for field in data_fields(self._client))

    # --- a contact's ways

    def leave(self, list_id: int, contact_id: int) -> None:
        """Take a contact off a list."""
        path = f"{_BOOKS}/{list_id}/contacts/{contact_id}"
        self._client.send("DELETE", path, template=f"{_BOOK}/contacts/{{contact}}")

    def unsubscribe_from(self, list_id: int, email: str) -> None:
        """Unsubscribe a contact from one list, as a person does it in a mail."""
        path, body = f"{_BOOKS}/{list_id}/contacts/unsubscribe", encoded({"email": email})
        self._client.send("POST", path, template=f"{_BOOK}/contacts/unsubscribe", json=body)

    def suppress(self, contact_id: int) -> None:
        """Suppress a contact in the whole account."""
        self._client.send("PUT", "/v2/contacts/suppress-contacts", json=encoded([{"id": contact_id}]))

    # --- removing

    def settle(self) -> bool:
        """Wait for imports that were left running. False when one may have been accepted of which nothing is known:
        what it makes may appear a little later.
        """
        for job in tuple(self._jobs):
            jobs.Jobs(self._client).wait(job)
            self._jobs.remove(job)
            self._is_in_doubt = False
        return not self._is_in_doubt

    def remove_contact(self, email: str) -> bool:
        """Delete a contact, which takes it into the recycle bin. False when there was none."""
        there = self.named(email)
        if there is None:
            return False
        try:
            self._client.send("DELETE", f"/contacts/v3/contactId/{there.contactId}", template=_CONTACT)
        except NotFound:
            return False
        return True

    def remove_book(self, name: str) -> bool:
        """Delete the list of that name. False when there was none; raises Transient when that cannot be known."""
        there = address_book_named(self._client, name)
        if there is None:
            return False
        try:
            self._client.send("DELETE", f"{_BOOKS}/{there.id}", template=_BOOK)
        except NotFound:
            return False
        return True

    def remove_field(self, name: str) -> bool:
        """Delete a data field. False when there was none. Raises Conflict when something uses it."""
        try:
            reply = self._client.send("DELETE", f"{_FIELDS}/{quote(name, safe='')}", template=f"{_FIELDS}/{{name}}")
        except NotFound:
            return False
        if reply.body.strip() and not self._client.decode(reply, _Deleted).result:
            raise Conflict("SFDD-E2213", f"The data field {name} is in use in Dotdigital", code="inUse")
        return True

    def _shown(self, identifier: str, value: str) -> Seen | None:
        path = f"/contacts/v3/{identifier}/{quote(value, safe='')}"
        try:
            there = self._client.decoded("GET", path, Seen, template=_CONTACT)
        except NotFound:
            return None
        return None if (there.status or "").casefold() in _GONE else there

    def _know(self) -> None:
        """The last import has ended, or was never begun."""
        self._jobs.clear()
        self._is_in_doubt = False


def row(email: str, *, contact_id: int | None = None, **parts: Any) -> dict[str, Any]:
    """A row of an import, matched by id where one is given. `parts` as the vendor names them."""
    if contact_id is not None:
        return {"matchIdentifier": "contactId", "identifiers": {"contactId": contact_id}, **parts}
    return {"matchIdentifier": "email", "identifiers": {"email": email_key(email)}, **parts}


def _was_sent(error: BaseException) -> bool:
    """Whether a signal came while a call was repeated that may have been carried out."""
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, RemoteError) and is_uncertain(cause)):
        cause = cause.__context__
    return cause is not None


def _require_quiet(row: Mapping[str, Any]) -> None:
    """A row that would subscribe anybody, or have them asked, is a mistake of ours."""
    channel = (row.get("channelProperties") or {}).get("email", {})
    if set(channel) - {"status"} or channel.get("status") not in (None, "suppressed"):
        raise BugError("SFDD-E9954", "A row of a trial may only say that a contact is suppressed.")
