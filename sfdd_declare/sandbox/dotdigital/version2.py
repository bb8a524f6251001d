"""The v2 handlers for accounts, lists, data fields and single contacts; opt-outs are in `suppression`."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import books, fields, jobs, lookup, shapes, values
from sfdd_declare.sandbox.dotdigital.answers import answer, encode, folded, nothing, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.paging import v2_window
from sfdd_declare.sandbox.dotdigital.references import echo, references, resolve
from sfdd_declare.sandbox.world import stamp

REMOVAL = "list_removal"


def server_time(call: Call) -> Response:
    """`GET /v2/server-time`."""
    return answer(stamp(call.world.now()))


def list_books(call: Call, *, visibility: str | None = None) -> Response:
    """`GET /v2/address-books`."""
    select, skip = v2_window(call)
    found = books.books(call.world, call.account.id, visibility=visibility)
    return answer([each.shown() for each in found[skip : skip + select]])


def list_public_books(call: Call) -> Response:
    """`GET /v2/address-books/public`."""
    return list_books(call, visibility="Public")


def list_private_books(call: Call) -> Response:
    """`GET /v2/address-books/private`."""
    return list_books(call, visibility="Private")


def show_book(call: Call) -> Response:
    """`GET /v2/address-books/{id}`."""
    return answer(books.book(call.world, call.account.id, call.number("id")).shown())


def create_book(call: Call) -> Response:
    """`POST /v2/address-books`."""
    body = folded(call.v2_body())
    made = books.create(
        call.world,
        call.account.id,
        call.account.user,
        name=body.get("name"),
        visibility=body.get("visibility"),
    )
    return answer(made.shown(), status=201)


def change_book(call: Call) -> Response:
    """`PUT /v2/address-books/{id}`."""
    body = folded(call.v2_body())
    changed = books.change(
        call.world,
        call.account.id,
        call.account.user,
        call.number("id"),
        name=body.get("name"),
        visibility=body.get("visibility"),
    )
    return answer(changed.shown())


def delete_book(call: Call) -> Response:
    """`DELETE /v2/address-books/{id}`."""
    books.delete(call.world, call.account.id, call.account.user, call.number("id"))
    return nothing()


def take_off_one(call: Call) -> Response:
    """`DELETE /v2/address-books/{id}/contacts/{contact}`: off the list, at once."""
    book = books.book(call.world, call.account.id, call.number("id"))
    number = call.number("contact")
    if number not in lookup.by_ids(call.world, call.account.id, (number,)):
        raise v2_error(404, "The contact could not be found", "ERROR_CONTACT_NOT_FOUND")
    books.take_off(call.world, call.account.id, call.account.user, book.id, (number,))
    return nothing()


def take_off_many(call: Call) -> Response:
    """`POST /v2/address-books/{id}/contacts/delete`: off the list, some time later."""
    book = books.book(call.world, call.account.id, call.number("id"))
    ids = call.v2_body()
    if not isinstance(ids, list) or not ids or not all(type(number) is int for number in ids):
        raise v2_error(400, "No contacts were specified", "ERROR_CONTACTS_ARE_NOT_SPECIFIED")
    return _removal(call, book.id, ids)


def take_off_all(call: Call) -> Response:
    """`POST /v2/address-books/{id}/contacts/delete-all`: everybody off the list, some time later."""
    return _removal(call, books.book(call.world, call.account.id, call.number("id")).id, None)


def nothing_there(call: Call) -> Response:
    """Segments, programs and campaigns: the sandbox has none, and no call makes one."""
    v2_window(call)
    return answer([])


def campaigns_of_book(call: Call) -> Response:
    """`GET /v2/address-books/{id}/campaigns`: nothing was ever sent."""
    books.book(call.world, call.account.id, call.number("id"))
    return nothing_there(call)


def no_campaign(call: Call) -> Response:
    """`GET /v2/campaigns/{campaign}` and what is below it: no mailing is ever made."""
    del call
    raise v2_error(404, "The campaign could not be found", "ERROR_CAMPAIGN_NOT_FOUND")


def poll_removal(call: Call) -> Response:
    """`GET /v2/contacts/deletion/{id}`, with the capital keys that this call alone has."""
    job_id = call.path("id")
    polled = jobs.poll(call.world, account=call.account.id, kind=REMOVAL, job_id=job_id)
    if polled is None:
        raise v2_error(404, "The deletion could not be found", "ERROR_PARAMETER_INVALID")
    return answer({"Id": job_id, "Status": "Completed" if polled[0] == "Finished" else "Started"})


def _removal(call: Call, number: int, ids: list[int] | None) -> Response:
    job_id = jobs.submit(
        call.world,
        account=call.account.id,
        kind=REMOVAL,
        who=call.account.user,
        payload=encode({"list": number, "ids": ids}),
    )
    return answer({"id": job_id, "status": "Started"}, status=202)


def list_fields(call: Call) -> Response:
    """`GET /v2/data-fields`."""
    found = values.fields(call.world, call.account.id)
    return answer([fields.shown(call.world, field) for field in found.values()])


def create_field(call: Call) -> Response:
    """`POST /v2/data-fields`: answers without a body."""
    body = folded(call.v2_body())
    fields.create(
        call.world,
        call.account.id,
        call.account.user,
        name=body.get("name"),
        kind=body.get("type"),
        visibility=body.get("visibility"),
        default=body.get("defaultvalue"),
    )
    return Response(status_code=201)


def delete_field(call: Call) -> Response:
    """`DELETE /v2/data-fields/{name}`."""
    name = call.path("name")
    return answer(fields.delete(call.world, call.account.id, call.account.user, name))


def show_contact(call: Call) -> Response:
    """`GET /v2/contacts/{id or email}`: always with all data fields."""
    key = call.path("key")
    identifier = "contactId" if key.isascii() and key.isdigit() else "email"
    contact = lookup.find(call.world, call.account.id, identifier, key)
    if contact is None or contact.is_binned:
        raise v2_error(404, "The contact could not be found", "ERROR_CONTACT_NOT_FOUND")
    names = shapes.view(call.world, call.account.id)
    return answer(shapes.v2_contact(contact, names, with_full_data=True))


def retrieve_collection(call: Call) -> Response:
    """`GET /v2/contacts/retrieve-collection`: a GET with a body."""
    body = folded(call.v2_body())
    wanted = references(body.get("contacts"))
    names = shapes.view(call.world, call.account.id)
    is_full = body.get("withfulldata") is True
    found: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for reference, contact in resolve(call, wanted):
        if contact is None:
            missing.append(echo(reference))
        else:
            shown = shapes.v2_contact(contact, names, with_full_data=is_full)
            found.append({**shown, "created": contact.created})
    return answer({"contacts": found, "notFound": missing})
