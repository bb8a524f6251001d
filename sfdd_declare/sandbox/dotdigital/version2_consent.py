"""The v2 calls that write a contact together with consent records and preferences, and read the records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital import preferences, shapes
from sfdd_declare.sandbox.dotdigital.answers import answer, folded
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.consents import Consent
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.rows import Row, RowRefusedError
from sfdd_declare.sandbox.dotdigital.version2_contacts import by_id, saved
from sfdd_declare.sandbox.dotdigital.version2_preferences import chosen_in, named
from sfdd_declare.sandbox.dotdigital.version2_rows import parse_contact, refusal_of


def create(call: Call) -> Response:
    """`POST /v2/contacts/with-consent`: create or change by address, with consent records."""
    row = _row(folded(call.v2_body()))
    return answer(_shown(call, saved(call, row), row.consents), status=201)


def create_with_preferences(call: Call) -> Response:
    """`POST /v2/contacts/with-consent-and-preferences`: create or change by address, with both."""
    return _with_preferences(call)


def change(call: Call) -> Response:
    """`PUT /v2/contacts/{id}/with-consent-and-preferences`: change by id, the address too."""
    return _with_preferences(call, contact_id=by_id(call, "id").id)


def show(call: Call) -> Response:
    """`GET /v2/contacts/{id or email}/with-consent`: a contact with its consent records."""
    contact = named(call)
    return answer(_shown(call, contact, contact.consents))


def _with_preferences(call: Call, *, contact_id: int | None = None) -> Response:
    body = folded(call.v2_body())
    known = preferences.preferences(call.world, call.account.id)
    row = _row(body, contact_id=contact_id)
    if body.get("preferences") is not None:
        row = replace(row, choices=chosen_in(body["preferences"], known))
    contact = saved(call, row)
    tree = preferences.tree(known, chosen=contact.choices)
    return answer({**_shown(call, contact, row.consents), "preferences": tree}, status=201)


def _row(body: dict[str, Any], *, contact_id: int | None = None) -> Row:
    raw = {**folded(body.get("contact")), "consentfields": body.get("consentfields")}
    try:
        return parse_contact(raw, contact_id=contact_id, agrees=True)
    except RowRefusedError as refused:
        raise refusal_of(refused) from refused


def _shown(call: Call, contact: Contact, records: Iterable[Consent]) -> dict[str, Any]:
    names = shapes.view(call.world, call.account.id)
    return {
        "contact": shapes.v2_contact(contact, names, with_full_data=True),
        "consentFields": [record.shown_v2() for record in records],
    }
