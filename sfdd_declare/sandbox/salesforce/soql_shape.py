"""What the rows of a query look like in JSON: records with their parents and children, or results of aggregates."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sfdd_declare.sandbox.salesforce.soql_functions import FORMATTED
from sfdd_declare.sandbox.salesforce.values import Stored, to_json

AGGREGATE_RESULT = "AggregateResult"

Named = tuple[tuple[str, ...], str]
"""The path of a column, or of a parent, and its type, or its object."""


@dataclass(frozen=True, slots=True)
class Children:
    """A child sub-query: the statement whose first parameter is the id of the parent."""

    key: str
    sql: str
    parameters: tuple[Stored, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Branches:
    """A parent of several types: for each the object and its columns, which follow its id in the row."""

    path: tuple[str, ...]
    of_types: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a row becomes a record: first the record's id, then one id per parent, then the fields, then what TYPEOF
    selects. A row of aggregates has its columns alone.
    """

    entity: str
    parents: tuple[Named, ...]
    columns: tuple[Named, ...]
    branches: tuple[Branches, ...] = ()
    children: tuple[Children, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form that is stored beside a locator."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Shape:
        """The inverse of `to_json`."""
        return cls(
            raw["entity"],
            tuple((tuple(path), name) for path, name in raw["parents"]),
            tuple((tuple(path), kind) for path, kind in raw["columns"]),
            tuple(
                Branches(
                    tuple(one["path"]),
                    tuple((name, tuple((a, b) for a, b in columns)) for name, columns in one["of_types"]),
                )
                for one in raw["branches"]
            ),
            tuple(
                Children(one["key"], one["sql"], tuple(one["parameters"]), cls.from_json(one["shape"]))
                for one in raw["children"]
            ),
        )

    @property
    def first_column(self) -> int:
        """Where the columns begin in a row."""
        return 0 if self.entity == AGGREGATE_RESULT else 1 + len(self.parents)

    def record(self, row: Sequence[Any], root: str, db: sqlite3.Connection) -> dict[str, Any]:
        """One record as Salesforce answers it: in the order of the query, a missing parent as null."""
        if self.entity == AGGREGATE_RESULT:
            values = {path[-1]: shown(kind, value) for (path, kind), value in zip(self.columns, row, strict=True)}
            return {"attributes": {"type": AGGREGATE_RESULT}, **values}
        whole = _attributed(self.entity, row[0], root)
        nodes: dict[tuple[str, ...], dict[str, Any] | None] = {(): whole}
        parents = {path: (name, row[at]) for at, (path, name) in enumerate(self.parents, start=1)}

        def holder(path: tuple[str, ...]) -> dict[str, Any] | None:
            for depth in range(1, len(path)):
                if path[:depth] not in nodes:
                    _add_parent(nodes, path[:depth], *parents[path[:depth]], root)
            return nodes[path[:-1]]

        for at, (path, kind) in enumerate(self.columns, start=self.first_column):
            owner = holder(path)
            if owner is not None:
                owner[path[-1]] = shown(kind, row[at])
        at = self.first_column + len(self.columns)
        for one in self.branches:
            owner, found = holder(one.path), None
            for name, columns in one.of_types:
                if row[at] is not None:
                    found = _attributed(name, row[at], root)
                    found |= {key: shown(kind, row[at + nth]) for nth, (key, kind) in enumerate(columns, start=1)}
                at += 1 + len(columns)
            if owner is not None:
                owner[one.path[-1]] = found
        for child in self.children:
            whole[child.key] = _children(child, row[0], root, db)
        return whole


def shown(kind: str, value: Any) -> Any:
    """A value in JSON; what FORMAT wraps as text of an American user."""
    if not kind.startswith(FORMATTED) or value is None:
        return to_json(kind, value)
    plain = kind.removeprefix(FORMATTED)
    if plain == "date":
        day = date.fromisoformat(value)
        return f"{day.month}/{day.day}/{day.year}"
    if plain == "datetime":
        moment = datetime.fromisoformat(value)
        half = "AM" if moment.hour < 12 else "PM"
        hour = (moment.hour + 11) % 12 + 1
        return f"{moment.month}/{moment.day}/{moment.year}, {hour}:{moment.minute:02d} {half}"
    if isinstance(value, int | float) and plain != "boolean":
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return to_json(plain, value)


def _children(child: Children, parent: str, root: str, db: sqlite3.Connection) -> dict[str, Any] | None:
    rows = db.execute(child.sql, (parent, *child.parameters)).fetchall()
    if not rows:
        return None
    return {"totalSize": len(rows), "done": True, "records": [child.shape.record(row, root, db) for row in rows]}


def _add_parent(
    nodes: dict[tuple[str, ...], dict[str, Any] | None], path: tuple[str, ...], name: str, record_id: Any, root: str
) -> None:
    holder = nodes[path[:-1]]
    nodes[path] = None if record_id is None or holder is None else _attributed(name, record_id, root)
    if holder is not None:
        holder[path[-1]] = nodes[path]


def _attributed(name: str, record_id: str, root: str) -> dict[str, Any]:
    return {"attributes": {"type": name, "url": f"{root}/sobjects/{name}/{record_id}"}}
