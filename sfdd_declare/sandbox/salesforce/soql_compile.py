"""A parsed query to one SQL statement, and the shape its rows have in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sfdd_declare.sandbox.salesforce import soql_functions, soql_select, store
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES
from sfdd_declare.sandbox.salesforce.soql_malformed import NOT_SUPPORTED
from sfdd_declare.sandbox.salesforce.soql_names import Names
from sfdd_declare.sandbox.salesforce.soql_parse import parse
from sfdd_declare.sandbox.salesforce.soql_select import Answered
from sfdd_declare.sandbox.salesforce.soql_shape import AGGREGATE_RESULT, Branches, Children, Shape
from sfdd_declare.sandbox.salesforce.soql_tree import Child, Query, TypeOf
from sfdd_declare.sandbox.salesforce.soql_where import Where
from sfdd_declare.sandbox.salesforce.values import Stored
from sfdd_declare.sandbox.salesforce.views import View

MAX_OFFSET = 2000
_UNSORTED = ("multipicklist", "address")


@dataclass(frozen=True, slots=True)
class Statement:
    """What to run. `is_wide` says that the server will answer in small pages (two long texts or more)."""

    entity: str
    sql: str
    parameters: tuple[Stored, ...]
    shape: Shape
    columns: tuple[Answered, ...]
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
    compiler = _Compiler(names, now, with_deleted)
    if soql_select.is_aggregate(query) and not query.is_count:
        return compiler.groups(query)
    return compiler.records(query)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """One query, or one child sub-query."""

    names: Names
    now: datetime
    with_deleted: bool

    def records(self, query: Query, link: str = "") -> Statement:
        """One row per record; of those that a `link` (a column) leads from, when it is a sub-query."""
        names = self.names
        if query.having is not None:
            raise names.refuse("MALFORMED_QUERY", "HAVING needs GROUP BY", query.place)
        columns = () if query.is_count else soql_select.columns(names, query)
        branches, of_branches = self._branches(query)
        parents = tuple(names.joins.values())  # what only WHERE or ORDER BY need is joined, but not answered
        where = Where(names, self.now)
        conditions = self._conditions(query, where)
        if link:
            conditions.insert(0, f"{names.alias}.{link} = ?")
        ordering = self._order(query)
        shape = Shape(
            names.entity.name,
            tuple((join.path, join.target.name) for join in parents),
            tuple((one.path, one.field.type) for one in columns),
            branches,
            tuple(self._children(query)),
        )
        selected = [f"{names.alias}.Id", *(f"{join.alias}.Id" for join in parents)]
        selected += [one.sql for one in columns] + of_branches
        sql = _sql(names, selected, conditions, ordering + _window(query))
        is_wide = sum(one.is_long for one in columns) > 1
        return Statement(
            names.entity.name, sql, tuple(where.parameters), shape, columns, query.is_count, is_wide=is_wide
        )

    def groups(self, query: Query) -> Statement:
        """One row per group, or a single one."""
        names = self.names
        columns, groups = soql_select.aggregated(names, query)
        where, having = Where(names, self.now), Where(names, self.now, is_having=True)
        conditions = self._conditions(query, where)
        tail = f" GROUP BY {', '.join(groups)}" if groups else ""
        if query.having is not None:
            if not groups:
                raise names.refuse("MALFORMED_QUERY", "HAVING needs GROUP BY", query.place)
            tail += f" HAVING {having.sql(query.having)}"
        tail += self._order(query, groups) + _window(query)
        shape = Shape(AGGREGATE_RESULT, (), tuple((one.path, one.field.type) for one in columns))
        sql = _sql(names, [one.sql for one in columns], conditions, tail)
        parameters = (*where.parameters, *having.parameters)
        return Statement(names.entity.name, sql, parameters, shape, columns, is_count=False, is_wide=False)

    def _conditions(self, query: Query, where: Where) -> list[str]:
        names = self.names
        conditions = [] if self._shows_deleted() else [f"{names.alias}.IsDeleted = 0"]
        if query.scope == "mine" and names.entity.field("OwnerId"):
            conditions.append(f"{names.alias}.OwnerId = ?")
            where.parameters.append(store.user_id(names.view.world, names.view.user))
        elif query.scope not in (None, "everything"):
            raise names.refuse("MALFORMED_QUERY", f"USING SCOPE {query.scope} is {NOT_SUPPORTED}", query.place)
        if query.where is not None:
            conditions.append(where.sql(query.where))
        return conditions

    def _shows_deleted(self) -> bool:
        """Whether deleted campaign members can be seen at all is one of the switches."""
        entity = self.names.entity
        if entity.field("IsDeleted") is None:
            return True
        is_visible = self.names.view.world.switch("deleted_member_visible") == "yes"
        return self.with_deleted and (entity.name != "CampaignMember" or is_visible)

    def _order(self, query: Query, groups: Sequence[str] = ()) -> str:
        names, terms = self.names, []
        is_grouped = soql_select.is_aggregate(query) and not query.is_count
        for one in query.order:
            column = soql_functions.column(names, one.operand, may_aggregate=is_grouped)
            kind = column.field.type
            if kind in _UNSORTED or not column.field.is_filterable:
                message = f"field '{column.field.name}' can not be sorted in a query call"
                raise names.refuse("INVALID_FIELD", message, one.operand.place)
            if is_grouped and not soql_functions.is_aggregate(one.operand) and column.sql not in groups:
                message = f"Ordered field must be grouped or aggregated: {column.field.name}"
                raise names.refuse("MALFORMED_QUERY", message, one.operand.place)
            exact = kind in (*ID_TYPES, *NUMBER_TYPES, "boolean", "date", "datetime")
            direction = "DESC" if one.is_descending else "ASC"
            nulls = "LAST" if one.nulls_last else "FIRST"
            terms.append(f"{column.sql}{'' if exact else ' COLLATE NOCASE'} {direction} NULLS {nulls}")
        return f" ORDER BY {', '.join(terms)}" if terms else ""

    def _branches(self, query: Query) -> tuple[tuple[Branches, ...], list[str]]:
        found, sql = [], []
        for one in query.items:
            if isinstance(one, TypeOf):
                path, joins = self.names.of_types(one)
                found.append(Branches(path, tuple((name, columns) for name, _, columns in joins)))
                for _, alias, columns in joins:
                    sql += [f"{alias}.Id", *(self.names.own(alias, name) for name, _ in columns)]
        return tuple(found), sql

    def _children(self, query: Query) -> Iterator[Children]:
        names = self.names
        for nth, one in enumerate(query.items):
            if not isinstance(one, Child):
                continue
            inner = one.query
            relation = next((each for each in names.entity.children if each[2].lower() == inner.entity.lower()), None)
            if relation is None or names.view.find(relation[0]) is None:
                message = f"Didn't understand relationship '{inner.entity}' in FROM part of query call."
                raise names.refuse("INVALID_TYPE", message, inner.place)
            if soql_select.is_aggregate(inner):
                raise names.refuse("MALFORMED_QUERY", "Aggregates are not allowed in nested queries", inner.place)
            own = Names(names.view, names.text, replace(inner, entity=relation[0]), f"{names.alias}k{nth}")
            found = _Compiler(own, self.now, self.with_deleted).records(inner, link=relation[1])
            yield Children(relation[2], found.sql, found.parameters, found.shape)


def _sql(names: Names, selected: Sequence[str], conditions: Sequence[str], tail: str) -> str:
    named = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(selected))
    sql = f"SELECT {named} FROM {names.source()}"  # noqa: S608 - built from the schema, values are bound
    return sql + (f" WHERE {' AND '.join(conditions)}" if conditions else "") + tail


def _window(query: Query) -> str:
    if query.limit is None and not query.offset:
        return ""
    return f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset}"
