"""The vocabulary of all that is shown: symbols, verbs, numbers with their nouns, literals, and text made harmless.

No layout and no terminal here: every function turns values into plain strings, so other renderers can use them too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.privacy import Personal
from sfdd_declare.model.visible import safe

Scalar = str | bool | int | float | None

ARROW = "→"
BLANK = "(blank)"
KNOWN_AFTER_APPLY = "(known after apply)"
SENSITIVE = "(sensitive value)"

#: The symbol printed before an operation; colour only repeats what it says.
SYMBOLS: dict[Action, str] = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "-/+",
    Action.DELETE: "-",
    Action.FORGET: ARROW,
    Action.ADOPT: ARROW,
    Action.IMPORT: "<=",
    Action.MOVE: ARROW,
    Action.PEOPLE: "~",
}

STYLES: dict[Action, str] = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.REPLACE: "red",
    Action.DELETE: "red",
    Action.FORGET: "cyan",
    Action.ADOPT: "cyan",
    Action.IMPORT: "cyan",
    Action.MOVE: "cyan",
    Action.PEOPLE: "yellow",
}

VERBS: dict[Action, str] = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated",
    Action.REPLACE: "must be replaced",
    Action.DELETE: "will be deleted",
    Action.FORGET: "will be forgotten; it stays as it is live",
    Action.ADOPT: "will be adopted; an interrupted apply made it",
    Action.IMPORT: "will be imported",
    Action.MOVE: "will be moved",
    Action.PEOPLE: "will be changed",
}

#: Singulars of the nouns that begin a phrase such as `2 conflicts held`.
_SINGULAR = {
    "address books": "address book",
    "addresses": "address",
    "assumptions": "assumption",
    "calls": "call",
    "campaigns": "campaign",
    "conflicts": "conflict",
    "contacts": "contact",
    "data fields": "data field",
    "duplicates": "duplicate",
    "errors": "error",
    "field mappings": "field mapping",
    "fields": "field",
    "follow-ups": "follow-up",
    "leads": "lead",
    "links": "link",
    "members": "member",
    "memberships": "membership",
    "new leads": "new lead",
    "operations": "operation",
    "pairs": "pair",
    "people": "person",
    "problems": "problem",
    "records": "record",
    "removals": "removal",
    "rows": "row",
    "values": "value",
}

_SECRET_WORDS = ("password", "secret", "token", "private_key", "privatekey")


def literal(value: Scalar) -> str:
    """A value as it is shown in a change: quoted text, bare numbers and booleans, `(blank)` for nothing."""
    if value is None or value == "":
        return BLANK
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def quoted(text: str) -> str:
    """Text in double quotes; quotes and backslashes inside are escaped, so the end of the value is never in doubt."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe(escaped)}"'


def personal(value: Personal, *, reveal: bool) -> str:
    """One value of a person, masked unless the reader asked for it."""
    return literal(value.reveal() if reveal else str(value))


def is_sensitive(field: str) -> bool:
    """Whether a field's name says that its value is a credential."""
    folded = field.casefold()
    return any(word in folded for word in _SECRET_WORDS)


def reference(value: Scalar) -> str | None:
    """The address in `@kind.key`: an id that exists only after an earlier operation. None for any other value."""
    if isinstance(value, str) and value.startswith("@") and "." in value and " " not in value:
        return safe(value[1:])
    return None


def number(count: int) -> str:
    """A count with thousands separators."""
    return f"{count:,}"


def counted(count: int, phrase: str) -> str:
    """A count and its noun: `412 people`, `1 person`, `1 conflict held`."""
    return f"{number(count)} {noun(count, phrase)}"


def noun(count: int, phrase: str) -> str:
    """The phrase, its leading noun in the singular when there is one of it."""
    if count != 1:
        return phrase
    for several, one in _SINGULAR.items():
        if phrase == several or phrase.startswith(several + " "):
            return one + phrase[len(several) :]
    return phrase


def listed(items: tuple[str, ...], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def duration(seconds: float) -> str:
    """A time as people say it: `8 s`, `2 min 5 s`, `1 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def tally_of(operations: Iterable[Operation]) -> Counter[Action]:
    """How many things each action is done to. A change of a part alone (a member status) is an update of the thing."""
    things = [operation for operation in operations if operation.rows is None]
    tally = Counter(operation.action for operation in things if not operation.part)
    whole = {operation.address for operation in things if not operation.part}
    tally[Action.UPDATE] += len({operation.address for operation in things} - whole)
    return tally
