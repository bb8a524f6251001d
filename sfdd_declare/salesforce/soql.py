"""Building SOQL: literals, lists, identifiers, and the guard of a `where:` that a user wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sfdd_declare.model import condition
from sfdd_declare.model.errors import BugError, ConfigError

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def quoted(text: str) -> str:
    """A string literal."""
    return f"'{text.translate(_ESCAPES)}'"


def in_list(field: str, values: Iterable[str]) -> str:
    """`field IN ('a','b')`."""
    return f"{identifier(field)} IN ({','.join(quoted(value) for value in values)})"


def identifier(name: str) -> str:
    """The name, if it can be one; names cannot be quoted. Names are checked against describes before they get here."""
    if not _IDENTIFIER.fullmatch(name):
        raise BugError("SFDD-E9921", f"{name!r} cannot be the name of a Salesforce field.")
    return name


def select(fields: Sequence[str], sobject: str, where: str = "") -> str:
    """One SELECT; each field once, in order of appearance."""
    columns = ",".join(identifier(name) for name in dict.fromkeys(fields))
    return " ".join(("SELECT", columns, "FROM", identifier(sobject), *(("WHERE", where) if where else ())))


def chunks(values: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Distinct values in order, at most `size` at a time."""
    distinct = tuple(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def fitting(values: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Distinct values in order, at most `size` at a time and as many as one statement holds."""
    group: list[str] = []
    length = 0
    for value in dict.fromkeys(values):
        more = len(quoted(value)) + 1
        if group and (len(group) == size or length + more > condition.LONGEST):
            yield tuple(group)
            group, length = [], 0
        group.append(value)
        length += more
    if group:
        yield tuple(group)


def guarded(where: str, *, label: str, hint: str) -> str:
    """The condition, trimmed. Raises ConfigError (SFDD-E2130) with a caret under the place that is wrong.

    `label` names the selection, `hint` is its YAML key.
    """
    fault = condition.fault(where)
    if fault is None:
        return where.strip()
    raise ConfigError(
        "SFDD-E2130",
        f"`where` is not one condition: {fault.what}",
        detail=condition.pointed(where, fault.at),
        where=label,
        hint=hint,
    )
