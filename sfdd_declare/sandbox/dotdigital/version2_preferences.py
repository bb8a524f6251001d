"""The v2 calls for preferences: the account's tree of them, and what single contacts have chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import PlainTextResponse, Response

from sfdd_declare.sandbox.dotdigital import lookup, preferences
from sfdd_declare.sandbox.dotdigital.answers import answer, folded, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.changes import Changes
from sfdd_declare.sandbox.dotdigital.lookup import Contact
from sfdd_declare.sandbox.dotdigital.preferences import Preference, invalid
from sfdd_declare.sandbox.dotdigital.suppression import since

_MOST = 1000


def show(call: Call) -> Response:
    """`GET /v2/preferences`: the tree."""
    return answer(preferences.tree(_known(call)))


def modified_since(call: Call) -> Response:
    """`GET /v2/preferences/modified-since/{date}`: what of the tree changed, in its categories."""
    return answer(preferences.tree(_known(call), since=since(call)))


def create(call: Call) -> Response:
    """`POST /v2/preferences`: a preference, or a category unless `isPreference`."""
    made = preferences.create(call.world, call.account.id, call.account.user, folded(call.v2_body()))
    return answer(preferences.shown(made, _known(call)))


def change(call: Call) -> Response:
    """`PUT /v2/preferences/{id}`: names, place and visibility."""
    body, number = folded(call.v2_body()), call.number("preference")
    if body.get("id") not in (None, number):
        raise invalid("The id is not that of the path")
    changed = preferences.change(call.world, call.account.id, call.account.user, number, body)
    return answer(preferences.shown(changed, _known(call)))


def delete(call: Call) -> Response:
    """`DELETE /v2/preferences/{id}`: a category goes with what is in it."""
    preferences.delete(call.world, call.account.id, call.account.user, call.number("preference"))
    return PlainTextResponse("Preference or category (and preferences) were deleted successfully")


def of_contact(call: Call) -> Response:
    """`GET /v2/contacts/{id or email}/preferences`: the whole tree, with what the contact opted in to."""
    return answer(preferences.tree(_known(call), chosen=named(call).choices))


def set_for_contact(call: Call) -> Response:
    """`PUT /v2/contacts/{id or email}/preferences`: opt in and out; what the body does not name stays."""
    wanted = call.v2_body()
    with call.world.transaction():
        contact = named(call)
        chosen = chosen_in(wanted, _known(call))
        changes = Changes(call.world, call.account.id, call.account.user)
        for number, is_in in chosen.items():
            changes.choose(contact, number, is_in=is_in)
        changes.store()
    return Response(status_code=200)


def who_chose(call: Call) -> Response:
    """`GET /v2/contacts/with-preference/{id}`: who opted in, by id from `minContactId` on."""
    number = preferences.one(call.world, call.account.id, call.number("preference")).id
    query = {key.lower(): value for key, value in call.request.query_params.items()}
    first = query.get("mincontactid", "0")
    if not (first.isascii() and first.isdigit() and len(first) < 19):
        raise invalid("minContactId is not valid")
    found = lookup.select(
        call.world,
        "c.account = ? AND c.binned = 0 AND c.id >= ?"
        " AND c.id IN (SELECT contact_id FROM dd_choice WHERE preference_id = ? AND is_in = 1)",
        (call.account.id, int(first), number),
        tail=f"LIMIT {_MOST}",
    )
    return answer([{"id": each.id, "email": each.email} for each in found])


def chosen_in(wanted: Any, known: Mapping[int, Preference]) -> dict[int, bool]:
    """What a body of preferences, perhaps in their categories, opts in to and out of. Raises Refusal."""
    if not isinstance(wanted, list):
        raise invalid("The preferences are not an array")
    return dict(_chosen(wanted, known, is_inside=False))


def named(call: Call) -> Contact:
    """The contact that the path names by id or address. Raises Refusal."""
    key = call.path("key")
    identifier = "contactId" if key.isascii() and key.isdigit() else "email"
    contact = lookup.find(call.world, call.account.id, identifier, key)
    if contact is None or contact.is_binned:
        raise v2_error(404, "The contact could not be found", "ERROR_CONTACT_NOT_FOUND")
    return contact


def _chosen(wanted: list[Any], known: Mapping[int, Preference], *, is_inside: bool) -> Iterator[tuple[int, bool]]:
    for raw in wanted:
        each = folded(raw)
        number, inside = each.get("id"), each.get("preferences")
        found = known.get(number) if type(number) is int else None
        if found is None:
            raise invalid("A preference does not exist")
        if found.is_preference and type(each.get("isoptedin")) is bool:
            yield found.id, each["isoptedin"]
        elif not found.is_preference and isinstance(inside, list) and not is_inside:
            yield from _chosen(inside, known, is_inside=True)
        else:
            raise invalid()


def _known(call: Call) -> dict[int, Preference]:
    return preferences.preferences(call.world, call.account.id)
