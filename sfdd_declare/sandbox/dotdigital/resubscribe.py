"""Subscribing again who opted out, for the whole account and per list (v2): the only v2 calls that do.

The plain form asks the contact first, and nothing changes until they have answered, which nobody does here.
Setting `dotdigital.resubscribe_challenges` false lets it go through without.
"""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import books, shapes
from sfdd_declare.sandbox.dotdigital.answers import answer, folded, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.rows import Row, RowRefusedError
from sfdd_declare.sandbox.dotdigital.upsert import Upsert
from sfdd_declare.sandbox.dotdigital.version2_rows import parse_contact, refusal_of

_OWN_CHOICE = frozenset({"unsubscribed", "suppressed"})
"""Opt-outs that a resubscription can end; complaints, bounces and blocks it cannot."""


def _resubscribe(call: Call, *, asks: bool, per_list: bool) -> Response:
    number = books.writable(call.world, call.account.id, call.number("id")).id if per_list else None
    row = _row(call, number)
    with call.world.transaction():
        upsert = Upsert(call.world, call.account.id, call.account.user, [row])
        contact = upsert.people.find(row)
        if contact is None or contact.is_binned:
            raise v2_error(404, "The contact could not be found", "ERROR_CONTACT_NOT_FOUND")
        status = _verdict(contact, number, asks=asks and bool(call.world.setting(_CHALLENGES, True)))
        if status == "ContactAdded":
            _subscribe(upsert, row, contact)
        upsert.store()
    shown = shapes.v2_contact(contact, shapes.view(call.world, call.account.id), with_full_data=True)
    return answer({"contact": shown, "status": status})


_CHALLENGES = "dotdigital.resubscribe_challenges"


def _row(call: Call, number: int | None) -> Row:
    body = folded(call.v2_body())
    given = body.get("unsubscribedcontact")
    if not isinstance(given, dict):
        raise v2_error(400, "The resubscription names no contact", "ERROR_CONTACT_RESUBSCRIPTION_INVALID")
    try:
        return parse_contact(given, lists=() if number is None else (number,))
    except RowRefusedError as refused:
        raise refusal_of(refused) from refused


def _verdict(contact: Contact, number: int | None, *, asks: bool) -> str:
    if contact.is_out and contact.status not in _OWN_CHOICE:
        return "ContactCannotBeUnsuppressed"
    is_out = contact.is_out or number in contact.optouts
    return "ContactChallenged" if is_out and asks else "ContactAdded"


def _subscribe(upsert: Upsert, row: Row, contact: Contact) -> None:
    try:
        upsert.check(row)
        upsert.save(row, contact)
    except RowRefusedError as refused:
        raise refusal_of(refused) from refused
    if contact.is_out:
        upsert.changes.set_status(contact, "subscribed")
    for number in row.lists:
        upsert.changes.join(contact, number, clears_optout=True)


account = partial(_resubscribe, asks=True, per_list=False)
"""`POST /v2/contacts/resubscribe`."""
account_unasked = partial(_resubscribe, asks=False, per_list=False)
"""`POST /v2/contacts/resubscribe-with-no-challenge`."""
book = partial(_resubscribe, asks=True, per_list=True)
"""`POST /v2/address-books/{id}/contacts/resubscribe`."""
book_unasked = partial(_resubscribe, asks=False, per_list=True)
"""`POST /v2/address-books/{id}/contacts/resubscribe-with-no-challenge`."""
