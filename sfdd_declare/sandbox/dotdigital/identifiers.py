"""Custom identifiers of an account: `/configuration/v3/customIdentifiers`.

Settings: `dotdigital.identifier_limit` (how many there may be), `dotdigital.identifier_dependencies` (what uses one,
by its name: such as `{"crm-id": ["segment:1002"]}`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sfdd_declare.sandbox.dotdigital.answers import Refusal, answer, nothing, v3_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.rows import IDENTIFIERS
from sfdd_declare.sandbox.world import World, stamp

_NAME = re.compile(r"[-A-Za-z0-9_]{1,50}", re.ASCII)
_MAX_NAME = 50


def names(world: World, account: int) -> frozenset[str]:
    """The names of the account's custom identifiers."""
    with world.lock:
        rows = world.db.execute("SELECT name FROM dd_identifier WHERE account = ?", (account,)).fetchall()
    return frozenset(row["name"] for row in rows)


def show(call: Call) -> Response:
    """`GET /configuration/v3/customIdentifiers`."""
    with call.world.lock:
        rows = call.world.db.execute(
            "SELECT name, created FROM dd_identifier WHERE account = ? ORDER BY rowid", (call.account.id,)
        ).fetchall()
    return answer([_shown(row["name"], row["created"]) for row in rows])


def create(call: Call) -> Response:
    """`POST /configuration/v3/customIdentifiers`."""
    body = call.v3_body()
    name = body.get("name") if isinstance(body, dict) else None
    if isinstance(name, str) and len(name) > _MAX_NAME:
        raise _refusal(400, "nameTooLong", f"The name has more than {_MAX_NAME} characters")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _refusal(400, "badRequest", "The name is not valid")
    created = stamp(call.world.now())
    with call.world.transaction() as db:
        present = names(call.world, call.account.id)
        if name in present.union(IDENTIFIERS):
            raise _refusal(409, "nameAlreadyExists", "A custom identifier has this name already")
        limit = call.world.setting("dotdigital.identifier_limit")
        if limit is not None and len(present) >= int(limit):
            raise _refusal(412, "limitReached", "The account has as many custom identifiers as it may have")
        db.execute("INSERT INTO dd_identifier VALUES (?, ?, ?)", (call.account.id, name, created))
        _log(call, name, "created", old=None, new=name)
    return answer(_shown(name, created), status=201)


def delete(call: Call) -> Response:
    """`DELETE /configuration/v3/customIdentifiers/{name}`: with all its values, unless something uses it."""
    name = call.path("name")
    with call.world.transaction() as db:
        if name not in names(call.world, call.account.id):
            raise _refusal(404, "notExist", "There is no such custom identifier")
        dependencies: Mapping[str, list[str]] = call.world.setting("dotdigital.identifier_dependencies", {})
        if dependencies.get(name):
            details = [{"item": item, "description": "This uses the custom identifier"} for item in dependencies[name]]
            raise v3_error(400, "customIdentifiers:inUse", "The custom identifier is in use", details)
        for table in ("dd_identifier", "dd_identifier_value"):
            db.execute(f"DELETE FROM {table} WHERE account = ? AND name = ?", (call.account.id, name))  # noqa: S608
        _log(call, name, "deleted", old=name, new=None)
    return nothing()


def _shown(name: str, created: str) -> dict[str, Any]:
    return {"name": name, "created": created, "updated": created}


def _refusal(status: int, code: str, description: str) -> Refusal:
    return v3_error(status, f"customIdentifiers:{code}", description)


def _log(call: Call, name: str, what: str, *, old: Any, new: Any) -> None:
    call.world.history(
        system="dotdigital",
        kind="custom_identifier",
        record=name,
        field=what,
        old=old,
        new=new,
        who=call.account.user,
    )
