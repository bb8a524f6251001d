"""Building SOQL: literals, lists, identifiers, and the guard of a `where:` that a user wrote.

The guard is no grammar. It makes sure that the condition, put in parentheses, stays one condition; whether it makes
sense Salesforce itself decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sfdd_declare.model import limits
from sfdd_declare.model.errors import BugError, ConfigError

#: Leaves room in the statement for the columns.
_LONGEST = limits.SOQL_LENGTH - 15_000

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
        if group and (len(group) == size or length + more > _LONGEST):
            yield tuple(group)
            group, length = [], 0
        group.append(value)
        length += more
    if group:
        yield tuple(group)


# --- the guard ----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:\\.|[^'\\])*')
      | (?P<open_string>')
      | (?P<comment>--|//|/\*|\*/|\#)
      | (?P<semicolon>;)
      | (?P<paren>[()])
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<other>[^\s'();A-Za-z_])""",
    re.VERBOSE | re.DOTALL,
)

#: Clauses that may follow a WHERE: with one of these a condition is more than a condition.
_CLAUSES = frozenset({"LIMIT", "ORDER", "GROUP", "HAVING", "FOR", "OFFSET", "WITH", "USING", "UPDATE", "SELECT"})


@dataclass(frozen=True, slots=True)
class _Fault:
    at: int
    what: str


def guarded(where: str, *, label: str, hint: str) -> str:
    """The condition, trimmed. Raises ConfigError (SFDD-E2130) with a caret under the place that is wrong.

    `label` names the selection, `hint` is its YAML key.
    """
    fault = _fault(where)
    if fault is None:
        return where.strip()
    raise ConfigError(
        "SFDD-E2130",
        f"`where` is not one condition: {fault.what}",
        detail=_pointed(where, fault.at),
        where=label,
        hint=hint,
    )


def _fault(where: str) -> _Fault | None:
    if not where.strip():
        return _Fault(0, "it is empty")
    if len(where) > _LONGEST:
        return _Fault(0, f"it is longer than {_LONGEST:,} characters")
    return _first_fault(where)


def _first_fault(where: str) -> _Fault | None:
    opened: list[int] = []
    previous = ""
    for token in _TOKEN.finditer(where):
        kind, text, at = token.lastgroup, token.group(), token.start()
        if kind == "open_string":
            return _Fault(at, "a quote is opened and not closed")
        if kind == "comment":
            return _Fault(at, f"SOQL knows no comments, and `{text}` looks like one")
        if kind == "semicolon":
            return _Fault(at, "a semicolon cannot stand here")
        if text == "(":
            opened.append(at)
        elif text == ")" and not opened:
            return _Fault(at, "a parenthesis is closed that was not opened")
        elif text == ")":
            opened.pop()
        elif kind == "word" and not opened:
            if text.upper() in _CLAUSES:
                return _Fault(at, f"{text.upper()} cannot stand in a selection")
            if previous == "ALL" and text.upper() == "ROWS":
                return _Fault(at, "ALL ROWS cannot stand in a selection")
        if kind != "space":
            previous = text.upper()
    return _Fault(opened[-1], "a parenthesis is opened and not closed") if opened else None


def _pointed(text: str, at: int) -> str:
    """The line of the text with a caret under one place."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    return f"{line}\n{' ' * (at - start)}^"
