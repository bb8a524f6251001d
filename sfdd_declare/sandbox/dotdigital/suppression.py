"""Opting out and reading opt-outs, for the whole account and per list (v2)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import books, lookup, shapes, values
from sfdd_declare.sandbox.dotdigital.answers import answer, folded, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.paging import v2_window
from sfdd_declare.sandbox.dotdigital.references import Reference, echo, references, resolve
from sfdd_declare.sandbox.world import stamp

_OUT = "c.status NOT IN ('subscribed', 'pendingOptIn', 'softBounced', 'noSubscription')"


def suppressed_since(call: Call) -> Response:
    """`GET /v2/contacts/suppressed-since/{date}`: everybody no mail may go to, whatever the reason."""
    return _records_since(call, _OUT)


def unsubscribed_since(call: Call) -> Response:
    """`GET /v2/contacts/unsubscribed-since/{date}`: those who unsubscribed."""
    return _records_since(call, "c.status = 'unsubscribed'")


def list_unsubscribed_since(call: Call) -> Response:
    """`GET /v2/address-books/{id}/contacts/unsubscribed-since/{date}`: opt-outs of one list."""
    number = books.book(call.world, call.account.id, call.number("id")).id
    start = since(call)
    select, skip = v2_window(call)
    with call.world.lock:
        rows = call.world.db.execute(
            "SELECT o.contact_id, o.at FROM dd_optout AS o JOIN dd_contact AS c ON c.id = o.contact_id"
            " WHERE o.list_id = ? AND o.at >= ? AND c.binned = 0 ORDER BY o.contact_id LIMIT ? OFFSET ?",
            (number, start, select, skip),
        ).fetchall()
    found = lookup.by_ids(call.world, call.account.id, [row["contact_id"] for row in rows])
    names = shapes.view(call.world, call.account.id)
    return answer(
        [shapes.suppression(found[row["contact_id"]], names, at=row["at"], reason="Unsubscribed") for row in rows]
    )


def unsubscribe(call: Call) -> Response:
    """`POST /v2/contacts/unsubscribe`: one contact, from everything."""
    with call.world.transaction():
        contact = _by_email(call)
        changes = Changes(call.world, call.account.id, call.account.user)
        if not contact.is_out:
            changes.set_status(contact, "unsubscribed")
        changes.store()
    return answer(_record(call, contact))


def list_unsubscribe(call: Call) -> Response:
    """`POST /v2/address-books/{id}/contacts/unsubscribe`: one contact, from one list."""
    number = books.book(call.world, call.account.id, call.number("id")).id
    with call.world.transaction():
        contact = _by_email(call)
        changes = Changes(call.world, call.account.id, call.account.user)
        changes.opt_out(contact, number)
        changes.store()
    names = shapes.view(call.world, call.account.id)
    at = stamp(call.world.now())
    return answer(shapes.suppression(contact, names, at=at, reason="Unsubscribed"))


def suppress(call: Call) -> Response:
    """`PUT /v2/contacts/suppress-contacts`: many contacts, from everything; answers what it was asked, sorted."""
    wanted = references(call.v2_body())
    suppressed: list[Reference] = []
    missing: list[Reference] = []
    with call.world.transaction():
        changes = Changes(call.world, call.account.id, call.account.user)
        for reference, contact in resolve(call, wanted):
            if contact is None:
                missing.append(reference)
                continue
            if not contact.is_out:
                changes.set_status(contact, "suppressed")
            suppressed.append(reference)
        changes.store()
    return answer({"suppressed": [echo(each) for each in suppressed], "notFound": [echo(each) for each in missing]})


def _records_since(call: Call, where: str) -> Response:
    start = since(call)
    select, skip = v2_window(call)
    found = lookup.select(
        call.world,
        f"c.account = ? AND c.binned = 0 AND {where} AND c.status_at >= ?",
        (call.account.id, start),
        tail=f"LIMIT {select} OFFSET {skip}",
    )
    names = shapes.view(call.world, call.account.id)
    return answer(
        [shapes.suppression(each, names, at=each.status_at, reason=shapes.v2_status(each.status)) for each in found]
    )


def _record(call: Call, contact: Contact) -> dict[str, Any]:
    names = shapes.view(call.world, call.account.id)
    reason = shapes.v2_status(contact.status)
    return shapes.suppression(contact, names, at=contact.status_at, reason=reason)


def _by_email(call: Call) -> Contact:
    email = folded(call.v2_body()).get("email")
    if not isinstance(email, str) or "@" not in email:
        raise v2_error(400, "The e-mail address is not valid", "ERROR_INVALID_EMAIL")
    contact = lookup.find(call.world, call.account.id, "email", email)
    if contact is None or contact.is_binned:
        raise v2_error(404, "The contact could not be found", "ERROR_CONTACT_NOT_FOUND")
    return contact


def since(call: Call) -> str:
    """The date in a path, as it is stored. Raises Refusal."""
    try:
        return stamp(values.moment(call.path("date")))
    except ValueError:
        raise v2_error(400, "The date is not valid", "ERROR_PARAMETER_INVALID") from None
