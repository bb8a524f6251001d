"""The v2 calls that write single contacts and read lists of them: deprecated, and still served."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import books, lookup, shapes
from sfdd_declare.sandbox.dotdigital.answers import answer, nothing, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.paging import v2_window
from sfdd_declare.sandbox.dotdigital.rows import Row, RowRefusedError
from sfdd_declare.sandbox.dotdigital.suppression import since
from sfdd_declare.sandbox.dotdigital.upsert import Upsert
from sfdd_declare.sandbox.dotdigital.version2_rows import parse_contact, refusal_of


def create(call: Call) -> Response:
    """`POST /v2/contacts`: create or change by address."""
    return answer(_full(call, saved(call, parse(call))), status=201)


def change(call: Call) -> Response:
    """`PUT /v2/contacts/{id}`: change by id, the address too."""
    return answer(_full(call, saved(call, parse(call, contact_id=by_id(call, "id").id))))


def delete(call: Call) -> Response:
    """`DELETE /v2/contacts/{id}`: to the recycle bin."""
    with call.world.transaction():
        contact = by_id(call, "id")
        changes = Changes(call.world, call.account.id, call.account.user)
        changes.bin(contact)
        changes.store()
    return nothing()


def add_to_book(call: Call) -> Response:
    """`POST /v2/address-books/{id}/contacts`: create or change by address, and put on the list."""
    number = books.writable(call.world, call.account.id, call.number("id")).id
    return answer(_full(call, saved(call, parse(call, lists=(number,)))), status=201)


def empty_book(call: Call) -> Response:
    """`DELETE /v2/address-books/{id}/contacts`: everybody off the list, at once."""
    number = books.book(call.world, call.account.id, call.number("id")).id
    with call.world.transaction():
        books.empty(call.world, call.account.id, call.account.user, number)
    return nothing()


def list_all(call: Call) -> Response:
    """`GET /v2/contacts`."""
    return _page(call, "1 = 1", ())


def count(call: Call) -> Response:
    """`GET /v2/contacts/count`: a plain number."""
    with call.world.lock:
        row = call.world.db.execute(
            "SELECT COUNT(*) FROM dd_contact WHERE account = ? AND binned = 0", (call.account.id,)
        ).fetchone()
    return answer(row[0])


def created_since(call: Call) -> Response:
    """`GET /v2/contacts/created-since/{date}`."""
    return _page(call, "c.created >= ?", (since(call),))


def modified_since(call: Call) -> Response:
    """`GET /v2/contacts/modified-since/{date}`."""
    return _page(call, "c.updated >= ?", (since(call),))


def of_book(call: Call) -> Response:
    """`GET /v2/address-books/{id}/contacts`."""
    where, values = _on_book(call)
    return _page(call, where, values)


def of_book_modified_since(call: Call) -> Response:
    """`GET /v2/address-books/{id}/contacts/modified-since/{date}`."""
    where, values = _on_book(call)
    return _page(call, f"{where} AND c.updated >= ?", (*values, since(call)))


def books_of(call: Call) -> Response:
    """`GET /v2/contacts/{id}/address-books`: the lists that a contact is on."""
    select, skip = v2_window(call)
    contact = by_id(call, "id")
    found = [each.shown() for each in books.books(call.world, call.account.id) if each.id in contact.lists]
    return answer(found[skip : skip + select])


def parse(call: Call, *, lists: tuple[int, ...] = (), contact_id: int | None = None) -> Row:
    """The contact in the body of a call. Raises Refusal."""
    try:
        return parse_contact(call.v2_body(), lists=lists, contact_id=contact_id)
    except RowRefusedError as refused:
        raise refusal_of(refused) from refused


def saved(call: Call, row: Row) -> Contact:
    """Write one contact, unless it is out: who unsubscribed is not written to through these calls. Raises Refusal."""
    if row.consent_fault:
        raise v2_error(400, row.consent_fault, "ERROR_CONTACT_INVALID")
    with call.world.transaction():
        upsert = Upsert(call.world, call.account.id, call.account.user, [row])
        contact = upsert.people.find(row)
        if contact is not None and contact.is_out:
            raise v2_error(400, "The contact is suppressed", "ERROR_CONTACT_SUPPRESSED")
        if contact is not None and contact.optouts.intersection(row.lists):
            text = "The contact is suppressed for the address book"
            raise v2_error(400, text, "ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK")
        try:
            upsert.check(row)
            contact = upsert.save(row, contact)
        except RowRefusedError as refused:
            raise refusal_of(refused) from refused
        upsert.attach(row, contact)
        upsert.store()
    return contact


def _page(call: Call, where: str, values: tuple[Any, ...]) -> Response:
    select, skip = v2_window(call)
    query = {key.lower(): value for key, value in call.request.query_params.items()}
    is_full = query.get("withfulldata", "").lower() == "true"
    found = lookup.select(
        call.world,
        f"c.account = ? AND c.binned = 0 AND {where}",
        (call.account.id, *values),
        tail=f"LIMIT {select} OFFSET {skip}",
    )
    names = shapes.view(call.world, call.account.id)
    return answer([shapes.v2_contact(each, names, with_full_data=is_full) for each in found])


def _on_book(call: Call) -> tuple[str, tuple[Any, ...]]:
    number = books.book(call.world, call.account.id, call.number("id")).id
    return lookup.on_list(call.world, number)


def by_id(call: Call, name: str) -> Contact:
    """The contact whose id is in the path. Raises Refusal."""
    contact = lookup.find(call.world, call.account.id, "contactId", call.path(name))
    if contact is None or contact.is_binned:
        raise v2_error(404, "The contact could not be found", "ERROR_CONTACT_NOT_FOUND")
    return contact


def _full(call: Call, contact: Contact) -> dict[str, Any]:
    names = shapes.view(call.world, call.account.id)
    return shapes.v2_contact(contact, names, with_full_data=True)
