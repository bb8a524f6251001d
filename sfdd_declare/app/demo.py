"""`sfdd demo` and `sfdd sandbox …`: the only room that knows the sandbox. Edits go over HTTP, as an admin's would."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from sfdd_declare.app.story import PARTS, Somebody, Stage, tell
from sfdd_declare.model.errors import DeclareError, UsageError
from sfdd_declare.sandbox.seed import seed as fill
from sfdd_declare.sandbox.server import Running, serve
from sfdd_declare.sandbox.world import World

Say = Callable[[str], None]

PEOPLE = 10_000
_ADMIN_TOKEN = "00Dsandbox!admin"  # noqa: S105 - a fixed token of the sandbox, worth nothing elsewhere
_INTEGRATION_TOKEN = "00Dsandbox!integration"  # noqa: S105
_API = "/services/data/v66.0"
_YAML = Path(__file__).with_name("demo.yaml")


def run(keep: bool, say: Say) -> int:
    """Tell the story on two sandbox servers of our own. Returns the exit code of the step that went wrong, or 0."""
    folder = Path(tempfile.mkdtemp(prefix="sfdd-demo-"))
    world_file = folder / ".sfdd" / "sandbox.db"
    world_file.parent.mkdir(mode=0o700)
    shutil.copy(_YAML, folder / "sfdd.yaml")
    try:
        with Running(world_file) as running:
            fill(running.world, PEOPLE)
            people = _some_people(running.salesforce_url)
            stage = Stage(folder, _environment(running), running.salesforce_url, people)
            code = tell(stage, say)
            if keep and not code:
                _keep(stage, running, say)
            return code
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _environment(running: Running) -> Mapping[str, str]:
    return {
        **os.environ,
        "SF_ACCESS_TOKEN": _INTEGRATION_TOKEN,
        "SF_ORG_INSTANCE_URL": running.salesforce_url,
        "DD_USER": "apiuser-sandbox@apiconnector.com",
        "DD_PASSWORD": "sandbox",
        "DD_URL": running.dotdigital_url,
    }


def _some_people(url: str) -> tuple[Somebody, ...]:
    """Contacts whom the demo's selection includes, and who are nobody's duplicates."""
    soql = (
        "SELECT Id, Email FROM Contact WHERE MailingCountry = 'United Kingdom' AND Title LIKE '%Director%' "
        "AND HasOptedOutOfEmail = false AND Email LIKE '%@%' ORDER BY Id LIMIT 60"
    )
    found = _records(url, soql)
    emails = ", ".join(f"'{_escaped(record['Email'])}'" for record in found)
    having = [_records(url, f"SELECT Email FROM {kind} WHERE Email IN ({emails})") for kind in ("Contact", "Lead")]  # noqa: S608
    seen = Counter(str(record["Email"]).casefold() for records in having for record in records)
    alone = [record for record in found if seen[str(record["Email"]).casefold()] == 1]
    return tuple(Somebody(str(record["Id"]), str(record["Email"])) for record in alone[:PARTS])


def _records(url: str, soql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _call("GET", f"{url}{_API}/query?q={quote(soql)}", None)["records"]
    return found


def _keep(stage: Stage, running: Running, say: Say) -> None:
    say(f"\nThe servers are still running. In another terminal:\n\n  cd {stage.folder}")
    for name in ("SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL", "DD_USER", "DD_PASSWORD", "DD_URL"):
        say(f"  export {name}='{stage.environment[name]}'")
    say("  sfdd plan\n\nCtrl-C ends them.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()


# --- sandbox commands ---------------------------------------------------------------------------------------------


def sandbox_serve(path: Path, salesforce_port: int, dotdigital_port: int, say: Say) -> None:
    """Serve until Ctrl-C; says where."""

    def announce(running: Running) -> None:
        say(f"Salesforce  {running.salesforce_url}  (token {_INTEGRATION_TOKEN}, admin {_ADMIN_TOKEN})")
        say(f"Dotdigital  {running.dotdigital_url}  (apiuser-sandbox@apiconnector.com / sandbox)")

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        serve(path, salesforce_port, dotdigital_port, announce=announce)
    except OSError as error:
        raise UsageError(
            "SFDD-E9010", f"cannot serve: {error}", hint="sfdd sandbox serve --salesforce-port 0"
        ) from error


def sandbox_seed(path: Path, people: int, seed: int) -> None:
    """Fill an empty sandbox with invented people."""
    with _world(path) as world:
        try:
            fill(world, people, seed)
        except ValueError as error:
            raise UsageError("SFDD-E9011", str(error), hint="sfdd sandbox reset") from error


def sandbox_reset(path: Path) -> None:
    """Empty the sandbox."""
    with _world(path) as world:
        world.reset()


def sandbox_edit(place: str, system: str, kind: str, record: str, values: Mapping[str, str]) -> str:
    """Edit one record as an admin of the vendor would; says what was done."""
    with _url(place) as url:
        if system == "salesforce":
            found = _record_id(url, kind, record)
            body = {"action": "update", "object": kind, "id": found, "values": _typed(values)}
            _call("POST", f"{url}/__sandbox__/salesforce/act", body)
            return f"{kind} {found}: {', '.join(values)} edited in Salesforce."
        for name, value in values.items():
            edit = {"action": "set_field", "email": record, "field": name, "value": value or None}
            _call("POST", f"{url}/__sandbox__/dotdigital/act", edit)
        return f"{kind}: {', '.join(values)} edited in Dotdigital."


def sandbox_sign_up(place: str, email: str, book: str, values: Mapping[str, str]) -> str:
    """Somebody new joins an address book of Dotdigital; says what was done."""
    with _url(place) as url:
        act = f"{url}/__sandbox__/dotdigital/act"
        _call("POST", act, {"action": "add_contact", "email": email, "dataFields": dict(values)})
        _call("POST", act, {"action": "add_to_list", "email": email, "list": book})
    return f"One contact signed up to {book} in Dotdigital."


def sandbox_unsubscribe(place: str, email: str) -> str:
    """A contact unsubscribes from all of Dotdigital; says what was done."""
    with _url(place) as url:
        _call("POST", f"{url}/__sandbox__/dotdigital/act", {"action": "unsubscribe", "email": email})
    return "One contact unsubscribed in Dotdigital."


def sandbox_switch(place: str, mode: str | None, values: Mapping[str, str]) -> Mapping[str, str]:
    """Set switches, first all of them by mode; returns all as they are now."""
    with _url(place) as url:
        asked = ({"mode": mode} if mode else {}) | dict(values)
        now: Mapping[str, str] = _call("PUT" if asked else "GET", f"{url}/__sandbox__/switches", asked or None)
    return now


def sandbox_clock(place: str, advance_seconds: float | None, at: str | None, frozen: bool | None) -> str:
    """Set and tell the sandbox's time."""
    asked = {"advance_seconds": advance_seconds, "at": at, "frozen": frozen}
    body = {name: value for name, value in asked.items() if value is not None}
    with _url(place) as url:
        return str(_call("PUT" if body else "GET", f"{url}/__sandbox__/clock", body or None)["now"])


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
    soql = f"SELECT Id FROM {kind} WHERE {field} = '{_escaped(record)}' ORDER BY Id LIMIT 2"  # noqa: S608 - SOQL, escaped
    found = _records(url, soql)
    if len(found) != 1:
        count = "no" if not found else "more than one"
        raise UsageError("SFDD-E9013", f"{count} {kind} is called that", hint="sfdd sandbox edit salesforce KIND ID …")
    return str(found[0]["Id"])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _typed(values: Mapping[str, str]) -> dict[str, str | bool | None]:
    words: dict[str, bool | None] = {"true": True, "false": False, "": None}
    return {name: words.get(value, value) for name, value in values.items()}


def _call(method: str, url: str, body: Mapping[str, Any] | None) -> Any:
    headers = {"content-type": "application/json", "authorization": f"Bearer {_ADMIN_TOKEN}"}
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 - the sandbox's own address
    try:
        with urlopen(request, timeout=60) as reply:  # noqa: S310
            return json.load(reply)
    except HTTPError as error:
        raise DeclareError(
            "SFDD-E9014",
            f"the sandbox refused: {error.read().decode(errors='replace')[:300]}",
            hint="sfdd sandbox edit --help",
        ) from error
    except URLError as error:
        raise DeclareError(
            "SFDD-E9015", f"no sandbox answers at {url.split('/__', maxsplit=1)[0]}", hint="sfdd sandbox serve"
        ) from error
