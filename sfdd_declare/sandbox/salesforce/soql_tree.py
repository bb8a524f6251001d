"""The tree of a SOQL statement: frozen values, with the places that error messages point at."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the text, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Path:
    """A field, by way of its parents."""

    parts: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field, or of another function; `COUNT()` has no argument."""

    name: str  # in upper case
    argument: Operand | None
    place: Place


Operand = Path | Call


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; `text` is unescaped except in front of the wildcards `%` and `_`, which LIKE reads."""

    kind: str
    text: str
    place: Place

    @property
    def string(self) -> str:
        """The value of a string with every escape resolved."""
        return re.sub(r"\\(.)", r"\1", self.text, flags=re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against one value."""

    operand: Operand
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """A field against a list of values: IN, NOT IN, INCLUDES, EXCLUDES."""

    operand: Operand
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """A reference against the records of an inner query."""

    operand: Operand
    operator: str
    query: Query


@dataclass(frozen=True, slots=True)
class Junction:
    """AND or OR over its terms, or NOT over the only one."""

    operator: str
    terms: tuple[Condition, ...]


Condition = Comparison | Membership | SemiJoin | Junction


@dataclass(frozen=True, slots=True)
class Ordering:
    """One ORDER BY term."""

    operand: Operand
    is_descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or a function in the SELECT list."""

    operand: Operand
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """What TYPEOF selects of one type of record."""

    entity: str
    paths: tuple[Path, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class TypeOf:
    """A parent that may be of several types, with other fields for each."""

    path: Path
    branches: tuple[Branch, ...]
    otherwise: tuple[Path, ...] | None


@dataclass(frozen=True, slots=True)
class Child:
    """A sub-query over a child relationship, whose name stands where a query has its object."""

    query: Query


Item = Selected | TypeOf | Child


@dataclass(frozen=True, slots=True)
class Query:
    """A whole statement."""

    items: tuple[Item, ...]
    entity: str
    place: Place
    alias: str | None = None
    scope: str | None = None
    where: Condition | None = None
    group: tuple[Operand, ...] = ()
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False

    @property
    def is_count(self) -> bool:
        """Whether it is `SELECT COUNT()`."""
        (first, *more) = self.items
        call = first.operand if isinstance(first, Selected) else None
        return isinstance(call, Call) and call.name == "COUNT" and call.argument is None and not more
