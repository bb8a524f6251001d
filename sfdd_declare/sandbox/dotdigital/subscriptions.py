"""Subscriptions to events (private preview): `/events/v3/export/subscriptions`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital.answers import answer, decode, encode, nothing, v3_error
from sfdd_declare.sandbox.dotdigital.call import Call, endpoint_of
from sfdd_declare.sandbox.dotdigital.pages import marker_of
from sfdd_declare.sandbox.dotdigital.subscription_bodies import checked, invalid
from sfdd_declare.sandbox.world import stamp

MOST = 5
_UNREAD_FOR = timedelta(days=30)
_PATH = "/events/v3/export/subscriptions"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription. `position` is of the last event that is known to have arrived."""

    id: int
    name: str
    status: str
    types: list[dict[str, Any]]
    alerts: dict[str, Any]
    created: str
    updated: str
    position: int

    def shown(self) -> dict[str, Any]:
        """The v3 form."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "subscribedEventTypes": self.types,
            "alertsConfiguration": self.alerts,
            "created": self.created,
            "updated": self.updated,
        }


def show_all(call: Call) -> Response:
    """`GET /events/v3/export/subscriptions`."""
    query, limit = call.request.query_params, limit_of(call)
    there = subscriptions(call)
    after = {"": 0, **{marker_of(each.id): each.id for each in there}}.get(query.get("marker", ""))
    if after is None:
        raise invalid("The marker is not one of this service")
    found = [each for each in there if each.id > after]
    base = endpoint_of(call.world, call.request, call.account) + _PATH
    links = {"self": _link(base, query.get("marker", "")), "first": _link(base, "")}
    if len(found) > limit:
        links["next"] = _link(base, marker_of(found[limit - 1].id))
    return answer({"_items": [each.shown() for each in found[:limit]], "_links": links})


def show(call: Call) -> Response:
    """`GET /events/v3/export/subscriptions/{id}`."""
    return answer(one(call).shown())


def create(call: Call) -> Response:
    """`POST /events/v3/export/subscriptions`."""
    body = checked(call.v3_body())
    with call.world.transaction() as db:
        there = subscriptions(call)
        _check_name(body["name"], {each.name for each in there})
        if len(there) >= MOST:
            raise v3_error(412, "events:limitReached", f"The account has {MOST} subscriptions already")
        now = stamp(call.world.now())
        db.execute(
            "INSERT INTO dd_subscription (account, name, status, types, alerts, created, updated, read_at, position)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (call.account.id, *_values(body), now, now, now, _latest(call)),
        )
        made = subscriptions(call)[-1]
    return answer(made.shown(), status=201)


def change(call: Call) -> Response:
    """`PUT /events/v3/export/subscriptions/{id}`: one that becomes active again has missed what happened since."""
    body = checked(call.v3_body())
    with call.world.transaction() as db:
        old = one(call)
        _check_name(body["name"], {each.name for each in subscriptions(call) if each.id != old.id})
        now = stamp(call.world.now())
        db.execute(
            "UPDATE dd_subscription SET name = ?, status = ?, types = ?, alerts = ?, updated = ? WHERE id = ?",
            (*_values(body), now, old.id),
        )
        if (old.status, body["status"]) == ("inactive", "active"):
            db.execute(
                "UPDATE dd_subscription SET read_at = ?, position = ? WHERE id = ?", (now, _latest(call), old.id)
            )
        changed = one(call)
    return answer(changed.shown())


def delete(call: Call) -> Response:
    """`DELETE /events/v3/export/subscriptions/{id}`."""
    with call.world.transaction() as db:
        db.execute("DELETE FROM dd_subscription WHERE id = ?", (one(call).id,))
    return nothing()


def subscriptions(call: Call) -> list[Subscription]:
    """The account's, by id; those that nobody read for 30 days have become inactive."""
    now = call.world.now()
    with call.world.transaction() as db:
        db.execute(
            "UPDATE dd_subscription SET status = 'inactive', updated = ?"
            " WHERE account = ? AND status = 'active' AND read_at < ?",
            (stamp(now), call.account.id, stamp(now - _UNREAD_FOR)),
        )
        rows = db.execute("SELECT * FROM dd_subscription WHERE account = ? ORDER BY id", (call.account.id,)).fetchall()
    return [
        Subscription(
            id=row["id"],
            name=row["name"],
            status=row["status"],
            types=decode(row["types"]),
            alerts=decode(row["alerts"]),
            created=row["created"],
            updated=row["updated"],
            position=row["position"],
        )
        for row in rows
    ]


def one(call: Call) -> Subscription:
    """The one that the path names. Raises Refusal."""
    number = call.number("subscription")
    found = next((each for each in subscriptions(call) if each.id == number), None)
    if found is None:
        details = [{"item": call.path("subscription"), "description": "Not found."}]
        raise v3_error(404, "events:subscriptionNotFound", "The subscription could not be found", details)
    return found


def limit_of(call: Call) -> int:
    """How many entries a call wants at most. Raises Refusal."""
    text = call.request.query_params.get("limit", "2000")
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 5000:
        return int(text)
    raise invalid("limit is a number from 1 to 5000")


def _link(base: str, marker: str) -> dict[str, str]:
    return {"marker": marker, "link": f"{base}?marker={marker}" if marker else base}


def _latest(call: Call) -> int:
    """The position behind everything that has happened until now."""
    row = call.world.db.execute("SELECT MAX(seq) FROM history").fetchone()
    return 2 * int(row[0] or 0) + 1


def _values(body: Mapping[str, Any]) -> tuple[str, str, str, str]:
    types, alerts = encode(body["subscribedEventTypes"]).decode(), encode(body["alertsConfiguration"]).decode()
    return body["name"], body["status"], types, alerts


def _check_name(name: str, taken: set[str]) -> None:
    if name in taken:
        raise v3_error(409, "events:nameAlreadyExists", f"The name value '{name}' already exists")
