"""The routes under `/__sandbox__/` that tests and demos steer the sandbox with.

They are mounted on both systems, are never counted and never hit by faults. A wrong body is answered with 400
and `{"error": …}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sfdd_declare.sandbox import faults, seed, settings
from sfdd_declare.sandbox.access import access_of
from sfdd_declare.sandbox.dotdigital import act
from sfdd_declare.sandbox.salesforce import acts
from sfdd_declare.sandbox.switches import SWITCHES
from sfdd_declare.sandbox.world import World, stamp

PREFIX = "/__sandbox__/"

_BY_ADDRESS = (
    "SELECT Id FROM sf_Contact WHERE Email = ? COLLATE NOCASE",
    "SELECT Id FROM sf_Lead WHERE Email = ? COLLATE NOCASE",
    "SELECT id FROM dd_contact WHERE email = ? COLLATE NOCASE",
)

_Action = Callable[[World, Request, Any], Any]


def build(world: World) -> Starlette:
    """The control application of one world."""
    routes = [
        Route(PREFIX + path, _endpoint(world, action), methods=[method]) for (method, path), action in ACTIONS.items()
    ]
    return Starlette(routes=routes)


def _endpoint(world: World, action: _Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        try:
            body = msgspec.json.decode(raw) if raw else {}
            answer = action(world, request, body)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)
        return JSONResponse(answer)

    return endpoint


def _requests(world: World, request: Request, _body: Any) -> list[dict[str, Any]]:
    return _rows(world, "requests", request, ("system", "method", "template"))


def _history(world: World, request: Request, _body: Any) -> list[dict[str, Any]]:
    entries = _rows(world, "history", request, ("system", "kind", "record", "field", "who"))
    for entry in entries:
        for key in ("old", "new"):
            entry[key] = None if entry[key] is None else msgspec.json.decode(entry[key])
    return entries


def _rows(world: World, table: str, request: Request, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Entries in order: those `after` one, of the columns that are named, `about` one record or address, the `last`."""
    asked = request.query_params
    conditions, values = ["seq > ?"], [asked.get("after", "0")]
    for column in (one for one in columns if one in asked):
        conditions.append(f"{column} = ?")
        values.append(asked[column])
    if table == "history" and "about" in asked:
        records = _records(world, asked["about"])
        conditions.append(f"record IN ({', '.join('?' * len(records))})")
        values += records
    last = int(asked.get("last", "-1"))
    with world.lock:
        query = f"SELECT * FROM {table} WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - fixed names only
        return [dict(row) for row in world.db.execute(query, (*values, last))][::-1]


def _records(world: World, name: str) -> list[str]:
    """A record's id, or those of all records of both systems that have an address."""
    found = [name]
    if "@" not in name:
        return found
    with world.lock:
        for query in _BY_ADDRESS:
            found += [str(row[0]) for row in world.db.execute(query, (name,))]
    return found


def _counters(world: World, _request: Request, _body: Any) -> dict[str, Any]:
    counters: dict[str, Any] = {system: {"total": 0, "by_template": {}} for system in ("salesforce", "dotdigital")}
    with world.lock:
        rows = world.db.execute(
            "SELECT system, method, template, COUNT(*) AS n FROM requests GROUP BY 1, 2, 3 ORDER BY 1, 3, 2"
        ).fetchall()
    for row in rows:
        counter = counters[row["system"]]
        counter["total"] += row["n"]
        counter["by_template"][f"{row['method']} {row['template']}"] = row["n"]
    return counters


def _reset_counters(world: World, request: Request, body: Any) -> dict[str, Any]:
    with world.transaction() as db:
        db.execute("DELETE FROM requests")
    return _counters(world, request, body)


def _switches(world: World, _request: Request, _body: Any) -> dict[str, str]:
    return {name: world.switch(name) for name in SWITCHES}


def _set_switches(world: World, request: Request, body: Mapping[str, str]) -> dict[str, str]:
    named: dict[str, Any] = dict(body)
    mode = named.pop("mode", None)
    with world.transaction():
        if mode in ("cautious", "lucky"):
            world.set_switches(mode)
        elif mode is not None:
            raise ValueError("mode is cautious or lucky")
        for name, value in named.items():
            world.set_switch(name, value)
    return _switches(world, request, body)


def _clock(world: World, _request: Request, _body: Any) -> dict[str, Any]:
    return {"now": stamp(world.now()), "frozen": world.is_frozen}


def _set_clock(world: World, request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    at = None if body.get("at") is None else datetime.fromisoformat(body["at"])
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    world.set_clock(at=at, advance=timedelta(seconds=body.get("advance_seconds", 0)), freeze=body.get("frozen"))
    return _clock(world, request, body)


def _settings(world: World, _request: Request, _body: Any) -> dict[str, Any]:
    return world.settings()


def _set_settings(world: World, _request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    with world.transaction():
        for key, value in body.items():
            settings.require(key, value)
            world.set_setting(key, value)
    return world.settings()


def _faults(world: World, _request: Request, _body: Any) -> list[dict[str, Any]]:
    return faults.stored(world)


def _add_faults(world: World, _request: Request, body: Any) -> list[dict[str, Any]]:
    with world.transaction():
        for rule in body if isinstance(body, list) else [body]:
            faults.add(world, rule)
    return faults.stored(world)


def _clear_faults(world: World, _request: Request, _body: Any) -> list[dict[str, Any]]:
    faults.clear(world)
    return []


def _reset(world: World, _request: Request, _body: Any) -> dict[str, Any]:
    world.reset()
    return {"reset": True}


def _seed(world: World, _request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    return seed.seed(world, people=int(body.get("people", 10_000)), seed=int(body.get("seed", 1)))


def _access(world: World, _request: Request, _body: Any) -> dict[str, Any]:
    return asdict(access_of(world))


def _act(world: World, _request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    return act.act(world, body)


def _act_in_salesforce(world: World, _request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    return acts.act(world, body)


ACTIONS: Mapping[tuple[str, str], _Action] = {
    ("GET", "requests"): _requests,
    ("GET", "history"): _history,
    ("GET", "counters"): _counters,
    ("POST", "counters/reset"): _reset_counters,
    ("GET", "switches"): _switches,
    ("PUT", "switches"): _set_switches,
    ("GET", "clock"): _clock,
    ("PUT", "clock"): _set_clock,
    ("GET", "settings"): _settings,
    ("PUT", "settings"): _set_settings,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "reset"): _reset,
    ("POST", "seed"): _seed,
    ("GET", "access"): _access,
    ("POST", "dotdigital/act"): _act,
    ("POST", "salesforce/act"): _act_in_salesforce,
}
