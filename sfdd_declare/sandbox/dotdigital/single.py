"""The v3 calls for one contact, and the acceptance of imports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import identifiers, jobs, lookup, shapes
from sfdd_declare.sandbox.dotdigital.acceptance import IMPORT, is_full, verdict
from sfdd_declare.sandbox.dotdigital.answers import Refusal, answer, v3_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.rows import IDENTIFIERS, Row, RowRefusedError, parse_row
from sfdd_declare.sandbox.dotdigital.upsert import Upsert

MERGE_OPTIONS = {
    "overwrite": "overwrite",
    "overwrite-if-not-empty": "overwriteIfNotEmpty",
    "overwrite-if-empty": "overwriteIfEmpty",
}
MAX_BODY = 50 * 1024 * 1024
_NOT_FOUND = ("contacts:contactNotFound", "There is no such contact")


def create(call: Call) -> Response:
    """`POST /contacts/v3`: create only."""
    body = _object(call.v3_body())
    given = body.get("identifiers")
    named = given if isinstance(given, dict) else {}
    match = next((name for name in ("email", "mobileNumber") if named.get(name)), "email")
    row = _row(call, {**body, "matchIdentifier": match})
    saved, _ = _save(call, row, merge="overwrite", only_new=True)
    return answer(_full(call, saved), status=201)


def show(call: Call) -> Response:
    """`GET /contacts/v3/{identifier}/{value}`: the whole contact."""
    contact = _named(call)
    if contact is None or (contact.is_binned and not _shows_binned(call)):
        raise v3_error(404, *_NOT_FOUND)
    return answer(_full(call, contact))


def patch(call: Call) -> Response:
    """`PATCH /contacts/v3/{identifier}/{value}`: create or change at once; restores a binned contact."""
    option = call.request.query_params.get("merge-option", "overwrite")
    if option not in MERGE_OPTIONS:
        raise v3_error(400, "contacts:badRequest", "merge-option is not one of the known ones")
    saved, is_new = _save(call, _addressed(call), merge=MERGE_OPTIONS[option], contact=_named(call))
    return answer(_full(call, saved), status=201 if is_new else 200)


def put(call: Call) -> Response:
    """`PUT /contacts/v3/{identifier}/{value}`: the contact is what the body says and nothing else.

    Lists and preferences that it does not name are left and opted out of. Its identifiers and the state of its
    channels stay unless the body gives others. Consent records are no part of this body, and all stay.
    """
    row, contact = replace(_addressed(call), consents=(), consent_fault=""), _named(call)
    if contact is None or contact.is_binned:
        raise v3_error(404, *_NOT_FOUND)
    given = {name.upper() for name in row.values}
    cleared = dict.fromkeys(key for key in contact.data if key not in given)
    with call.world.transaction():
        saved, _ = _save(call, replace(row, values={**cleared, **row.values}), merge="overwrite", contact=contact)
        changes = Changes(call.world, call.account.id, call.account.user)
        for number in sorted(saved.lists.difference(row.lists)):
            changes.leave(saved, number)
        for number in [each for each, is_in in saved.choices.items() if is_in and each not in row.choices]:
            changes.choose(saved, number, is_in=False)
        changes.store()
    return answer(_full(call, saved))


def delete(call: Call) -> Response:
    """`DELETE /contacts/v3/{identifier}/{value}`: to the recycle bin."""
    with call.world.transaction():
        contact = _named(call)
        if contact is None or contact.is_binned:
            raise v3_error(404, *_NOT_FOUND)
        changes = Changes(call.world, call.account.id, call.account.user)
        changes.bin(contact)
        changes.store()
    return answer({"contactId": contact.id})


def start_import(call: Call) -> Response:
    """`PUT /contacts/v3/import`: accept a bulk upsert."""
    if len(call.raw) > int(call.world.setting("dotdigital.import_max_bytes", MAX_BODY)):
        raise v3_error(400, "contacts:badRequest", "The request body is too large")
    body = _object(call.v3_body())
    rows = body.get("contacts")
    if not isinstance(rows, list) or not rows:
        raise v3_error(400, "contacts:noContactsSpecified", "No contacts were specified")
    if body.get("mergeOption") not in (None, *MERGE_OPTIONS.values()):
        raise v3_error(400, "contacts:badRequest", "mergeOption is not one of the known ones")
    if not any(isinstance(row, dict) and row.get("identifiers") for row in rows):
        raise v3_error(400, "contacts:badRequest", "The Identifiers field is required")
    if is_full(call):
        raise v3_error(429, "contacts:tooManyActiveImports", "There are too many active imports")
    job_id = jobs.submit(
        call.world,
        account=call.account.id,
        kind=IMPORT,
        who=call.account.user,
        payload=call.raw,
        verdict=verdict(call, len(rows)),
    )
    return answer({"importId": job_id}, status=202)


def poll_import(call: Call) -> Response:
    """`GET /contacts/v3/import/{id}`: status and, once finished, a verdict per row."""
    job_id = call.path("id")
    polled = jobs.poll(call.world, account=call.account.id, kind=IMPORT, job_id=job_id)
    if polled is None:
        raise v3_error(404, "contacts:importNotFound", "There is no such import")
    status, result = polled
    return answer({"importId": job_id, "status": status, **(result or {})})


def _addressed(call: Call) -> Row:
    """The row in the body of a call whose path says whom it is about."""
    body = _object(call.v3_body())
    identifier = _identifier(call)
    value: Any = call.number("value") if identifier == "contactId" else call.path("value")
    given = body.get("identifiers", {})
    if not isinstance(given, dict):
        raise v3_error(400, "contacts:badRequest", "identifiers is not an object")
    return _row(call, {**body, "matchIdentifier": identifier, "identifiers": {identifier: value, **given}})


def _save(
    call: Call, row: Row, *, merge: str, contact: Contact | None = None, only_new: bool = False
) -> tuple[Contact, bool]:
    with call.world.transaction():
        upsert = Upsert(call.world, call.account.id, call.account.user, [row], merge=merge)
        contact = upsert.people.same(contact) if contact is not None else upsert.people.find(row)
        if only_new and contact is not None and not contact.is_binned:
            raise v3_error(409, "contacts:idAlreadyExists", "An identifier belongs to another contact")
        if contact is None and row.match == "contactId":
            raise v3_error(404, *_NOT_FOUND)
        is_new = contact is None
        if is_new and upsert.refuses_status(row):
            raise v3_error(400, "contacts:badRequest", "A new contact cannot have this status")
        if not upsert.rules.lists.issuperset(row.lists):
            raise v3_error(400, "contacts:badRequest", "A list does not exist")
        if row.consent_fault:
            raise v3_error(400, "contacts:badRequest", row.consent_fault)
        try:
            upsert.check(row)
            saved = upsert.save(row, contact)
        except RowRefusedError as refused:
            raise _refusal(refused) from refused
        upsert.attach(row, saved)
        upsert.store()
    return saved, is_new


def _refusal(refused: RowRefusedError) -> Refusal:
    if refused.code == "duplicateIdentifier":
        return v3_error(409, "contacts:idAlreadyExists", refused.description)
    code = "contacts:invalidId" if refused.code == "invalidEmail" else "contacts:badRequest"
    return v3_error(400, code, refused.description)


def _row(call: Call, raw: dict[str, Any]) -> Row:
    try:
        return parse_row(raw, identifiers.names(call.world, call.account.id))
    except RowRefusedError as refused:
        raise _refusal(refused) from refused


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise v3_error(400, "contacts:badJson", "The request body is not an object")
    return body


def _identifier(call: Call) -> str:
    identifier = call.path("identifier")
    if identifier not in identifiers.names(call.world, call.account.id).union(IDENTIFIERS):
        raise v3_error(400, "contacts:invalidId", "The identifier is not known")
    return identifier


def _named(call: Call) -> Contact | None:
    identifier, value = _identifier(call), call.path("value")
    if identifier == "contactId" and not value.isdecimal():
        text = f"The id value '{value}' is invalid for the identifier 'contactId'"
        raise v3_error(400, "contacts:invalidId", text)
    return lookup.find(call.world, call.account.id, identifier, value)


def _shows_binned(call: Call) -> bool:
    return bool(call.world.setting("dotdigital.binned_lookup", "not_found") == "binned")


def _full(call: Call, contact: Contact) -> dict[str, Any]:
    names = shapes.view(call.world, call.account.id)
    return shapes.v3_contact(contact, names, fields=tuple(names.fields), sections=shapes.SECTIONS)
