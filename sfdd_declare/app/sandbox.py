"""`sfdd sandbox …`: serve, fill and steer a sandbox. Edits go over HTTP, as an admin's would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote as quote_for_shell
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from sfdd_declare.model.errors import DeclareError, UsageError
from sfdd_declare.sandbox.seed import seed as fill
from sfdd_declare.sandbox.server import Running
from sfdd_declare.sandbox.server import serve as serve_world
from sfdd_declare.sandbox.world import World

Say = Callable[[str], None]

_API = "/services/data/v66.0"


def serve(path: Path, salesforce_port: int, dotdigital_port: int, say: Say) -> None:
    """Serve until Ctrl-C; says where, and what to export for a configuration."""

    def announce(running: Running) -> None:
        access = running.access
        say(f"Salesforce  {running.salesforce_url}  org {access.org_id}  (admin's token {access.admin_token})")
        say(f"Dotdigital  {running.dotdigital_url}  account {access.account_id}")
        say("\nFor a configuration, in another terminal:\n")
        for line in exports(running):
            say(line)
        say("\nFor a program that logs in to Salesforce itself, with a name or a connected app:\n")
        say(f"user {access.salesforce_user}  password {access.salesforce_password}  token {access.security_token}")
        say(f"client_id {access.client_id}  client_secret {access.client_secret}")
        say("\nCtrl-C ends both.")

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        serve_world(path, salesforce_port, dotdigital_port, announce=announce)
    except OSError as error:
        raise UsageError(
            "SFDD-E9010", f"cannot serve: {error}", hint="sfdd sandbox serve --salesforce-port 0"
        ) from error


def exports(running: Running) -> tuple[str, ...]:
    """The lines that give a shell the credentials, as the examples take them."""
    return tuple(f"export {name}={quote_for_shell(value)}" for name, value in running.environment.items())


def seed(path: Path, people: int, seed: int) -> None:
    """Fill an empty sandbox with invented people."""
    with _world(path) as world:
        try:
            fill(world, people, seed)
        except ValueError as error:
            raise UsageError("SFDD-E9011", str(error), hint="sfdd sandbox reset") from error


def reset(path: Path) -> None:
    """Empty the sandbox."""
    with _world(path) as world:
        world.reset()


def edit(place: str, system: str, kind: str, record: str, values: Mapping[str, str]) -> str:
    """Edit one record as an admin of the vendor would; says what was done."""
    with _url(place) as url:
        if system == "salesforce":
            found = _record_id(url, kind, record)
            body = {"action": "update", "object": kind, "id": found, "values": _typed(values)}
            _act(url, "salesforce", body, hint="sfdd sandbox edit --help")
            return f"{kind} {found}: {', '.join(values)} edited in Salesforce."
        for name, value in values.items():
            edit = {"action": "set_field", "email": record, "field": name, "value": value or None}
            _act(url, "dotdigital", edit, hint="sfdd sandbox edit --help")
        return f"{kind}: {', '.join(values)} edited in Dotdigital."


def sign_up(place: str, email: str, book: str, values: Mapping[str, str]) -> str:
    """Somebody new joins an address book of Dotdigital; says what was done."""
    new = {"action": "add_contact", "email": email, "lists": [book], "dataFields": dict(values)}
    with _url(place) as url:
        _act(url, "dotdigital", new, hint="sfdd sandbox sign-up --help")
    return f"One contact signed up to {book} in Dotdigital."


def unsubscribe(place: str, email: str) -> str:
    """A contact unsubscribes from all of Dotdigital; says what was done."""
    with _url(place) as url:
        click = {"action": "unsubscribe", "email": email}
        _act(url, "dotdigital", click, hint="sfdd sandbox unsubscribe --help")
    return "One contact unsubscribed in Dotdigital."


def switch(place: str, mode: str | None, values: Mapping[str, str]) -> Mapping[str, str]:
    """Set switches, first all of them by mode; returns all as they are now."""
    with _url(place) as url:
        asked = ({"mode": mode} if mode else {}) | dict(values)
        now: Mapping[str, str] = call(
            "PUT" if asked else "GET", f"{url}/__sandbox__/switches", asked or None, hint="sfdd sandbox switch"
        )
    return now


def clock(place: str, advance_seconds: float | None, at: str | None, frozen: bool | None) -> str:
    """Set and tell the sandbox's time."""
    asked = {"advance_seconds": advance_seconds, "at": at, "frozen": frozen}
    body = {name: value for name, value in asked.items() if value is not None}
    with _url(place) as url:
        now = call("PUT" if body else "GET", f"{url}/__sandbox__/clock", body or None, hint="sfdd sandbox clock --help")
        return str(now["now"])


def history(place: str, about: str | None, system: str | None, last: int) -> tuple[str, ...]:
    """What was changed, by whom and when: the last changes of everything, or of one record or address, one a line."""
    asked = {"about": about, "system": system, "last": last}
    return tuple(map(_change, _entries(place, "history", asked)))


def log(place: str, system: str | None, last: int) -> tuple[str, ...]:
    """The last requests that the sandbox was sent, one a line."""
    return tuple(
        f"{one['at']}  {one['system']:10}  {one['status'] or '---'}  {one['ms']:8.1f} ms  {one['method']} {one['path']}"
        for one in _entries(place, "requests", {"system": system, "last": last})
    )


def _entries(place: str, what: str, asked: Mapping[str, object]) -> list[dict[str, Any]]:
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    with _url(place) as url:
        found: list[dict[str, Any]] = call("GET", f"{url}/__sandbox__/{what}?{query}", None, hint="sfdd sandbox --help")
        return found


def _change(one: Mapping[str, Any]) -> str:
    values = [json.dumps(one[key], ensure_ascii=False) for key in ("old", "new")]
    moved = "" if one["old"] is None and one["new"] is None else f": {' -> '.join(values)}"
    return f"{one['at']}  {one['system']:10}  {one['kind']} {one['record']}  {one['field']}{moved}  by {one['who']}"


@contextmanager
def _world(path: Path) -> Iterator[World]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    world = World(path)
    try:
        yield world
    finally:
        world.close()


@contextmanager
def _url(place: str) -> Iterator[str]:
    """A running sandbox by its URL, or one served from its file for this moment."""
    if "://" in place:
        yield place.rstrip("/")
        return
    if not Path(place).exists():
        raise UsageError("SFDD-E9012", f"there is no sandbox at {place}", hint="sfdd sandbox seed")
    with Running(place) as running:
        yield running.salesforce_url


def _record_id(url: str, kind: str, record: str) -> str:
    if record.isalnum() and len(record) in (15, 18):
        return record
    field = "Email" if "@" in record else "Name"
    soql = f"SELECT Id FROM {kind} WHERE {field} = '{escaped(record)}' ORDER BY Id LIMIT 2"  # noqa: S608 - SOQL, escaped
    found = records(url, soql)
    if len(found) != 1:
        count = "no" if not found else "more than one"
        raise UsageError("SFDD-E9013", f"{count} {kind} is called that", hint="sfdd sandbox edit salesforce KIND ID …")
    return str(found[0]["Id"])


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _typed(values: Mapping[str, str]) -> dict[str, str | bool | None]:
    words: dict[str, bool | None] = {"true": True, "false": False, "": None}
    return {name: words.get(value, value) for name, value in values.items()}


def _act(url: str, system: str, body: Mapping[str, Any], *, hint: str) -> None:
    call("POST", f"{url}/__sandbox__/{system}/act", body, hint=hint)


def records(url: str, soql: str) -> list[dict[str, Any]]:
    """The first page of a query, read as the admin."""
    path = f"{url}{_API}/query?q={quote(soql)}"
    hint = "sfdd sandbox edit --help"
    token = str(call("GET", f"{url}/__sandbox__/access", None, hint=hint)["admin_token"])
    found: list[dict[str, Any]] = call("GET", path, None, hint=hint, token=token)["records"]
    return found


def call(method: str, url: str, body: Mapping[str, Any] | None, *, hint: str, token: str = "") -> Any:
    """One request to a running sandbox; returns the JSON. Raises DeclareError with the sandbox's own words."""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 - the sandbox's own address
    try:
        with urlopen(request, timeout=60) as reply:  # noqa: S310
            return json.load(reply)
    except HTTPError as error:
        raise DeclareError("SFDD-E9014", f"the sandbox refused: {_reason(error)}", hint=hint) from error
    except URLError as error:
        raise DeclareError(
            "SFDD-E9015", f"no sandbox answers at {url.split('/__', maxsplit=1)[0]}", hint="sfdd sandbox serve"
        ) from error


def _reason(error: HTTPError) -> str:
    """`{"error": …}` of the sandbox's own pages, `[{"message": …}]` of Salesforce's."""
    text = error.read().decode(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        return text[:300]
    first = body[0] if isinstance(body, list) and body else body
    said = first.get("error", first.get("message")) if isinstance(first, dict) else None
    return str(said or text)[:300]
