"""A parsed query to one SQL statement, and the shape its rows have in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES
from sfdd_declare.sandbox.salesforce.soql_names import Names
from sfdd_declare.sandbox.salesforce.soql_parse import parse
from sfdd_declare.sandbox.salesforce.soql_tree import Query
from sfdd_declare.sandbox.salesforce.soql_where import Where
from sfdd_declare.sandbox.salesforce.values import Stored, to_json
from sfdd_declare.sandbox.salesforce.views import View

MAX_OFFSET = 2000
_UNSORTED = ("multipicklist", "address")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a row becomes a record: first the record's id, then one id per parent, then the fields."""

    entity: str
    parents: tuple[tuple[tuple[str, ...], str], ...]  # path, object
    columns: tuple[tuple[tuple[str, ...], str], ...]  # path, type

    def to_json(self) -> dict[str, Any]:
        """The form that is stored beside a locator."""
        return {"entity": self.entity, "parents": self.parents, "columns": self.columns}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Shape:
        """The inverse of `to_json`."""
        parents = tuple((tuple(path), name) for path, name in raw["parents"])
        return cls(raw["entity"], parents, tuple((tuple(path), kind) for path, kind in raw["columns"]))

    def record(self, row: Sequence[Any], root: str) -> dict[str, Any]:
        """One record as Salesforce answers it: in the order of the query, a missing parent as null."""
        whole = _attributed(self.entity, row[0], root)
        nodes: dict[tuple[str, ...], dict[str, Any] | None] = {(): whole}
        parents = {path: (name, row[at]) for at, (path, name) in enumerate(self.parents, start=1)}
        for at, (path, kind) in enumerate(self.columns, start=1 + len(self.parents)):
            for depth in range(1, len(path)):
                if path[:depth] not in nodes:
                    _add_parent(nodes, path[:depth], *parents[path[:depth]], root)
            holder = nodes[path[:-1]]
            if holder is not None:
                holder[path[-1]] = to_json(kind, row[at])
        return whole


@dataclass(frozen=True, slots=True)
class Statement:
    """What to run. `is_wide` says that the server will answer in small pages (two long texts or more)."""

    sql: str
    parameters: tuple[Stored, ...]
    shape: Shape
    is_count: bool
    is_wide: bool


def compile_query(view: View, text: str, now: datetime, *, with_deleted: bool) -> Statement:
    """The statement for a query of this user. Raises the refusal that Salesforce gives."""
    query = parse(text)
    if query.all_rows:
        raise Refusal("MALFORMED_QUERY", "ALL ROWS not allowed in this context")
    if query.offset > MAX_OFFSET:
        raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    names = Names(view, text, query, "t")
    selected = _select(names, query)
    parents = tuple(names.joins.values())  # what only WHERE or ORDER BY need is joined, but not answered
    where = Where(names, now)
    conditions = [] if _shows_deleted(names, with_deleted=with_deleted) else ["t.IsDeleted = 0"]
    if query.where is not None:
        conditions.append(where.sql(query.where))
    ordering = _order(names, query)
    shape = Shape(
        names.entity.name,
        tuple((join.path, join.target.name) for join in parents),
        tuple((path, kind) for path, kind, _, _ in selected),
    )
    columns = [
        "t.Id",
        *(f"{join.alias}.Id" for join in parents),
        *(sql for _, _, sql, _ in selected),
    ]
    named = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(columns))
    sql = f"SELECT {named} FROM {names.source()}"  # noqa: S608 - built from the schema, values are bound
    if conditions:
        sql += f" WHERE {' AND '.join(conditions)}"
    sql += ordering
    if query.limit is not None or query.offset:
        sql += f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset}"
    is_wide = sum(is_long for _, _, _, is_long in selected) > 1
    return Statement(sql, tuple(where.parameters), shape, query.is_count, is_wide)


def _shows_deleted(names: Names, *, with_deleted: bool) -> bool:
    """Whether deleted campaign members can be seen at all is one of the switches."""
    if names.entity.field("IsDeleted") is None:
        return True
    is_member = names.entity.name == "CampaignMember"
    return with_deleted and (not is_member or names.view.world.switch("deleted_member_visible") == "yes")


def _select(names: Names, query: Query) -> list[tuple[tuple[str, ...], str, str, bool]]:
    """Path, type, SQL, and whether it is a long custom text, of every selected field."""
    selected: dict[tuple[str, ...], tuple[tuple[str, ...], str, str, bool]] = {}
    for path in query.paths:
        column = names.column(path)
        if column.path in selected:
            message = f"duplicate field selected: {'.'.join(path.parts)}"
            raise names.refuse("MALFORMED_QUERY", message, path.place)
        is_long = column.field.is_custom and column.field.type == "textarea" and not column.field.is_filterable
        selected[column.path] = (column.path, column.field.type, column.sql, is_long)
    return list(selected.values())


def _order(names: Names, query: Query) -> str:
    terms = []
    for one in query.order:
        column = names.column(one.path)
        if column.field.type in _UNSORTED or not column.field.is_filterable:
            message = f"field '{column.field.name}' can not be sorted in a query call"
            raise names.refuse("INVALID_FIELD", message, one.path.place)
        exact = column.field.type in (*ID_TYPES, *NUMBER_TYPES, "boolean", "date", "datetime")
        collation = "" if exact else " COLLATE NOCASE"
        direction = "DESC" if one.is_descending else "ASC"
        nulls = "LAST" if one.nulls_last else "FIRST"
        terms.append(f"{column.sql}{collation} {direction} NULLS {nulls}")
    return f" ORDER BY {', '.join(terms)}" if terms else ""


def _add_parent(
    nodes: dict[tuple[str, ...], dict[str, Any] | None], path: tuple[str, ...], name: str, record_id: Any, root: str
) -> None:
    holder = nodes[path[:-1]]
    nodes[path] = None if record_id is None or holder is None else _attributed(name, record_id, root)
    if holder is not None:
        holder[path[-1]] = nodes[path]


def _attributed(name: str, record_id: str, root: str) -> dict[str, Any]:
    return {"attributes": {"type": name, "url": f"{root}/sobjects/{name}/{record_id}"}}
