"""`docs/sandbox.md`, made from the tables of routes, the notes and the switches.

Renew it with `python -m sfdd_declare.sandbox.notes.page > docs/sandbox.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields

from sfdd_declare.sandbox import control, faults
from sfdd_declare.sandbox.dotdigital import act
from sfdd_declare.sandbox.dotdigital.app import INFO
from sfdd_declare.sandbox.dotdigital.offers import OFFERS
from sfdd_declare.sandbox.notes import around, dotdigital, salesforce
from sfdd_declare.sandbox.notes.note import Notes
from sfdd_declare.sandbox.notes.text import BEGINNING, CONTROL, DOTDIGITAL, FAULTS, SALESFORCE, SETTINGS, SWITCHES
from sfdd_declare.sandbox.salesforce import acts
from sfdd_declare.sandbox.salesforce.app import OTHERS
from sfdd_declare.sandbox.salesforce.routes import ASYNC, ASYNC_ROUTES, ROOT, ROUTES
from sfdd_declare.sandbox.switches import SWITCHES as KNOWN

Call = tuple[str, str]
"""Method and template."""


def salesforce_calls() -> Iterator[Call]:
    """Every call of the org, in the order of its tables."""
    for path, (_, methods) in OTHERS.items():
        yield from ((method, path) for method in methods)
    for path, handlers in (*ROUTES.items(), *ASYNC_ROUTES.items()):
        yield from ((method, path) for method in handlers)


def dotdigital_calls() -> Iterator[Call]:
    """Every call of the account, in the order of its tables."""
    yield INFO
    yield from ((offer.method, offer.path) for offer in OFFERS)


def salesforce_notes() -> Notes:
    """The notes on the org's calls."""
    return {
        **salesforce.LOGIN,
        **{(method, ROOT + path): note for (method, path), note in salesforce.RESOURCES.items()},
        **{(method, ASYNC + path): note for (method, path), note in salesforce.ASYNC.items()},
    }


def dotdigital_notes() -> Notes:
    """The notes on the account's calls."""
    return {
        **dotdigital.BOOKS,
        **dotdigital.VERSION_2,
        **dotdigital.CONSENT,
        **dotdigital.PREFERENCES,
        **dotdigital.EVENTS,
        **dotdigital.VERSION_3,
    }


def render() -> str:
    """The whole page. Raises KeyError for a route, fault or control route without its note."""
    parts = (
        BEGINNING,
        SALESFORCE,
        _calls(salesforce_calls(), salesforce_notes()),
        DOTDIGITAL,
        _calls(dotdigital_calls(), dotdigital_notes()),
        SWITCHES,
        _table(("switch", "cautious", "lucky", "what it says"), _switches()),
        SETTINGS,
        _table(("setting", "what it says"), ((f"`{name}`", text) for name, text in sorted(around.SETTINGS.items()))),
        CONTROL,
        _table(("call", "what it does"), _control()),
        f"`dotdigital/act` knows {_list({*act.ON_CONTACT, *act.ON_ACCOUNT})}.",
        f"`salesforce/act` knows {_list(acts.ACTIONS)}.",
        FAULTS,
        _table(("kind", "what happens"), ((f"`{kind}`", around.FAULTS[kind]) for kind in faults.KINDS)),
        f"A fault has the keys {_list(one.name for one in fields(faults.Fault) if one.name != 'id')}.",
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _calls(calls: Iterable[Call], notes: Notes) -> str:
    rows = (
        (f"`{method} {_shown(path)}`", notes[method, path].does, notes[method, path].how_far) for method, path in calls
    )
    return _table(("call", "what it does", "how far it is the real thing"), rows)


def _shown(path: str) -> str:
    return path.replace(":path}", "}").replace(ROOT, "…") if path != ROOT else path


def _switches() -> Iterator[tuple[str, ...]]:
    for switch in KNOWN.values():
        yield f"`{switch.name}`", f"`{switch.cautious}`", f"`{switch.lucky}`", switch.meaning


def _control() -> Iterator[tuple[str, str]]:
    for method, path in control.ACTIONS:
        yield f"`{method} {path}`", around.CONTROL[method, path]


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heading, ("---",) * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(render())
