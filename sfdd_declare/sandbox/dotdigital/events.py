"""`GET /events/v3/export/{subscription}`: what happened to the account's contacts, from the world's history.

One change is one event; an opt-out is two. An event's number is twice that of its change, plus one for the second.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital.answers import Refusal, answer, decode, encode, v3_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.subscriptions import Subscription, limit_of, one
from sfdd_declare.sandbox.world import stamp

# The history knows no accounts; its records are ids of contacts, which no two accounts share.
_CHANGES = """
    SELECT h.* FROM history AS h JOIN dd_contact AS c ON c.id = CAST(h.record AS INTEGER)
    WHERE h.system = 'dotdigital' AND c.account = ? AND h.seq >= ?
        AND h.kind IN ('contact', 'data_field', 'list_member', 'preference', 'consent')
    ORDER BY h.seq
"""
_TYPES = {
    "data_field": "contact.updated",
    "list_member": "contact.membershipUpdated",
    "preference": "contact.preferenceUpdated",
    "consent": "contact.consentAdded",
}
_OF_CONTACT = {"created": "contact.created", "deleted": "contact.removed"}


def export(call: Call) -> Response:
    """The next events of a subscription; a check point says that everything up to it has arrived."""
    limit = limit_of(call)
    with call.world.transaction() as db:
        subscription = one(call)
        position = max(subscription.position, _position(call, subscription))
        if subscription.status != "active":
            details = [{"item": str(subscription.id), "description": "Inactive subscription"}]
            raise v3_error(409, "events:inactiveSubscription", "The subscription is inactive", details)
        db.execute(
            "UPDATE dd_subscription SET position = ?, read_at = ? WHERE id = ?",
            (position, stamp(call.world.now()), subscription.id),
        )
        found: list[dict[str, Any]] = []
        for number, event in _events(call, position):
            if len(found) == limit:
                break
            position = number
            if any(_wants(wanted, event) for wanted in subscription.types):
                found.append(event)
    return answer({"checkPoint": _check_point(subscription, position), "events": found})


def _events(call: Call, position: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Everything that happened after a position, by number."""
    for row in call.world.db.execute(_CHANGES, (call.account.id, position // 2)):
        change = {**dict(row), **{key: None if row[key] is None else decode(row[key]) for key in ("old", "new")}}
        for second, kind in enumerate(_kinds(change)):
            number = 2 * row["seq"] + second
            if number > position:
                yield number, _event(call, number, kind, change)


def _kinds(change: Mapping[str, Any]) -> tuple[str, ...]:
    if change["kind"] != "contact":
        return (_TYPES[change["kind"]],)
    if change["field"] == "status" and change["old"] is None:
        return ()  # the first status, which its creation tells
    if change["field"] == "status" and change["new"] == "unsubscribed":
        return "contact.updated", "interaction.unsubscribe"
    return (_OF_CONTACT.get(change["field"], "contact.updated"),)


def _event(call: Call, number: int, kind: str, change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.world.number}:{number}")),
        "accountId": call.account.id,
        "type": kind,
        "eventDate": change["at"],
        "processedDate": change["at"],
        "data": {"contactId": int(change["record"]), **_about(change)},
    }


def _about(change: Mapping[str, Any]) -> dict[str, Any]:
    """What tells which list or preference it was."""
    if change["kind"] == "list_member":
        return {"listId": int(change["field"]), "status": change["new"]}
    if change["kind"] == "preference":
        return {"preferenceId": int(change["field"]), "isOptedIn": change["new"]}
    return {}


def _wants(wanted: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    if wanted["eventType"] != event["type"]:
        return False
    return all(_matches(each, event["data"]) for each in wanted.get("filters", ()))


def _matches(wanted: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    key = wanted["field"].removeprefix("$.")
    if key not in data:
        return False
    value = data[key] if isinstance(data[key], str) else encode(data[key]).decode()
    pattern = wanted["matchPattern"]
    if not wanted.get("caseSensitive", True):
        value, pattern = value.lower(), pattern.lower()
    return fnmatch.fnmatchcase(value, pattern)


def _check_point(subscription: Subscription, position: int) -> str:
    return base64.urlsafe_b64encode(f"{subscription.id}:{position}".encode()).decode()


def _position(call: Call, subscription: Subscription) -> int:
    """The position that the call's check point stands for, 0 without one. Raises Refusal."""
    point = call.request.query_params.get("checkPoint")
    if not point:
        return 0
    try:
        owner, _, position = base64.urlsafe_b64decode(point).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        raise _invalid_point(point) from None
    if owner != str(subscription.id) or not position.isdigit() or len(position) > 18:
        raise _invalid_point(point)
    return int(position)


def _invalid_point(point: str) -> Refusal:
    details = [{"item": point, "description": "Invalid checkpoint."}]
    return v3_error(400, "events:invalidCheckpoint", "The check point is not one of this subscription", details)
