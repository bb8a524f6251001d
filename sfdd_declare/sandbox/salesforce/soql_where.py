"""Conditions of a query as SQL, with Salesforce's types and its two-valued logic.

A comparison with a missing value is false, its negation true; `!=` and NOT IN therefore include blanks. Text is
compared without regard to case, beyond ASCII too. Values are bound, never written into the statement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sfdd_declare.sandbox.salesforce import ids, soql_functions, store
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field
from sfdd_declare.sandbox.salesforce.soql_dates import day_range
from sfdd_declare.sandbox.salesforce.soql_names import Column, Names
from sfdd_declare.sandbox.salesforce.soql_tree import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Operand,
    Path,
    Selected,
    SemiJoin,
)
from sfdd_declare.sandbox.salesforce.values import Stored, parse_moment, to_stored

MAX_SEMI_JOINS = 2
_EQUAL = ("=", "!=")


@dataclass(slots=True)
class Where:
    """Compiles the conditions of one query; `parameters` fill up in the order of the SQL it returns."""

    names: Names
    now: datetime
    is_inner: bool = False
    is_having: bool = False
    parameters: list[Stored] = field(default_factory=list)
    _semi_joins: int = 0

    def sql(self, condition: Condition, *, in_or: bool = False) -> str:
        """The SQL of a condition."""
        if isinstance(condition, Junction):
            return self._junction(condition, in_or=in_or)
        if isinstance(condition, SemiJoin):
            return self._semi_join(condition, in_or=in_or)
        if isinstance(condition, Membership):
            return self._membership(condition)
        return self._comparison(condition)

    def _junction(self, one: Junction, *, in_or: bool) -> str:
        if one.operator == "NOT":
            return f"(NOT (({self.sql(one.terms[0], in_or=in_or)}) IS TRUE))"
        is_or = in_or or one.operator == "OR"
        return _joined([self.sql(term, in_or=is_or) for term in one.terms], one.operator)

    def _comparison(self, one: Comparison) -> str:
        column = self._filterable(one.operand)
        if one.operator == "LIKE":
            return self._like(column, one.value)
        if one.value.kind == "null":
            return self._blank(column, one)
        if one.value.kind == "date_literal":
            return self._in_range(column, one.operator, one.value)
        value = self._value(column.field, one.value)
        sql, value = _folded(column, value)
        if column.field.type == "boolean" and one.operator not in _EQUAL:
            raise self._invalid_operator(column.field, one.value)
        self.parameters.append(value)
        operator = {"=": "=", "!=": "IS NOT"}.get(one.operator, one.operator)
        return f"{sql} {operator} ?"

    def _blank(self, column: Column, one: Comparison) -> str:
        if one.operator not in _EQUAL:
            raise self._invalid_operator(column.field, one.value)
        if column.field.type == "boolean":  # a check box without a value is one that is not ticked
            return f"coalesce({column.sql}, 0) {'=' if one.operator == '=' else '<>'} 0"
        return f"{column.sql} IS {'NULL' if one.operator == '=' else 'NOT NULL'}"

    def _like(self, column: Column, value: Literal) -> str:
        if column.field.type in (*ID_TYPES, *NUMBER_TYPES, "boolean", "date", "datetime", "multipicklist"):
            raise self._invalid_operator(column.field, value)
        if value.kind != "string":
            raise self._wrong_type(column.field, value)
        sql, pattern = (column.sql, value.text)
        if not pattern.isascii():
            sql, pattern = f"sf_fold({sql})", pattern.casefold()
        self.parameters.append(pattern)
        return f"{sql} LIKE ? ESCAPE '\\'"

    def _in_range(self, column: Column, operator: str, value: Literal) -> str:
        if column.field.type not in ("date", "datetime"):
            raise self._wrong_type(column.field, value)
        try:
            first, after = day_range(value.text, self.now.date())
        except (OverflowError, ValueError):
            message = f"invalid date literal: {value.text}"
            raise self.names.refuse("MALFORMED_QUERY", message, value.place) from None
        low, high = _day(column.field, first), _day(column.field, after)
        shapes = {
            "=": ("({0} >= ? AND {0} < ?)", (low, high)),
            "!=": ("(({0} >= ? AND {0} < ?) IS NOT TRUE)", (low, high)),
            "<": ("{0} < ?", (low,)),
            "<=": ("{0} < ?", (high,)),
            ">": ("{0} >= ?", (high,)),
            ">=": ("{0} >= ?", (low,)),
        }
        shape, bound = shapes[operator]
        self.parameters += bound
        return shape.format(column.sql)

    def _membership(self, one: Membership) -> str:
        column = self._filterable(one.operand)
        if one.operator in ("INCLUDES", "EXCLUDES"):
            return self._includes(column, one)
        parts = []
        if any(value.kind == "null" for value in one.values):
            parts.append(f"{column.sql} IS NULL")
        plain: list[Stored] = []
        folded: list[Stored] = []
        for literal in one.values:
            if literal.kind == "null":
                continue
            value = self._value(column.field, literal)
            (folded if _needs_folding(column, value) else plain).append(value)
        if plain:
            parts.append(f"{_comparable(column)} IN ({', '.join('?' * len(plain))})")
            self.parameters += plain
        if folded:
            parts.append(f"sf_fold({column.sql}) IN ({', '.join('?' * len(folded))})")
            self.parameters += [str(value).casefold() for value in folded]
        found = f"({' OR '.join(parts)})"
        return found if one.operator == "IN" else f"({found} IS NOT TRUE)"

    def _includes(self, column: Column, one: Membership) -> str:
        if column.field.type != "multipicklist":
            message = f"{one.operator} operator is only valid on multipicklist field"
            raise self.names.refuse("INVALID_QUERY_FILTER_OPERATOR", message, one.operand.place)
        options = []
        for literal in one.values:
            chosen = str(self._value(column.field, literal)).split(";")
            options.append(" AND ".join("instr(';' || lower(" + column.sql + ") || ';', ?) > 0" for _ in chosen))
            self.parameters += [f";{value.lower()};" for value in chosen]
        found = f"({' OR '.join(f'({option})' for option in options)})"
        return found if one.operator == "INCLUDES" else f"({found} IS NOT TRUE)"

    def _semi_join(self, one: SemiJoin, *, in_or: bool) -> str:
        outer = self._column(one.operand)
        place = one.operand.place
        self._semi_joins += 1
        if self.is_inner:
            raise self.names.refuse("MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported", place)
        if in_or:
            message = "Semi join sub-selects are not allowed with the 'OR' operator"
            raise self.names.refuse("MALFORMED_QUERY", message, place)
        if self._semi_joins > MAX_SEMI_JOINS:
            message = f"maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed"
            raise self.names.refuse("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", message, place)
        inner = Names(self.names.view, self.names.text, one.query, f"s{self._semi_joins}")
        if inner.entity.name == self.names.entity.name:
            message = "The inner and outer selects should not be on the same object type"
            raise self.names.refuse("MALFORMED_QUERY", message, one.query.place)
        selected = self._selected(inner, one, outer)
        conditions = [f"{selected.sql} IS NOT NULL"]
        if inner.entity.field("IsDeleted"):
            conditions.append(f"{inner.alias}.IsDeleted = 0")
        if one.query.where is not None:
            nested = Where(inner, self.now, is_inner=True)
            conditions.append(nested.sql(one.query.where))
            self.parameters += nested.parameters
        found = (
            f"{outer.sql} IN (SELECT {selected.sql} FROM {inner.source()} "  # noqa: S608 - built from the schema
            f"WHERE {' AND '.join(conditions)})"
        )
        return found if one.operator == "IN" else f"(({found}) IS NOT TRUE)"

    def _selected(self, inner: Names, one: SemiJoin, outer: Column) -> Column:
        (first, *more) = one.query.items
        is_field = isinstance(first, Selected) and isinstance(first.operand, Path)
        if more or not is_field or one.operator not in ("IN", "NOT IN"):
            message = "semi join sub-selects can only query one field"
            raise self.names.refuse("MALFORMED_QUERY", message, one.query.place)
        assert isinstance(first, Selected)
        selected = soql_functions.column(inner, first.operand)
        kinds = _targets(inner, selected) & _targets(self.names, outer)
        if not kinds:
            message = (
                f"The selected field '{selected.field.name}' in the subquery and the left operand field "
                f"'{outer.field.name}' in the where expression in the outer query should point to the same object type"
            )
            raise self.names.refuse("MALFORMED_QUERY", message, one.operand.place)
        return selected

    def _column(self, operand: Operand) -> Column:
        return soql_functions.column(self.names, operand, may_aggregate=self.is_having)

    def _filterable(self, operand: Operand) -> Column:
        column = self._column(operand)
        if not column.field.is_filterable:
            message = f"field '{column.field.name}' can not be filtered in a query call"
            raise self.names.refuse("INVALID_FIELD", message, operand.place)
        return column

    def _value(self, field: Field, literal: Literal) -> Stored:
        if field.type in ID_TYPES:
            found = ids.normalise(literal.string) if literal.kind == "string" else None
            if found is None:
                message = f"invalid ID field: {literal.string}"
                raise self.names.refuse("INVALID_QUERY_FILTER_OPERATOR", message, literal.place)
            return found
        wanted = {"boolean": ("true", "false"), "date": ("date",), "datetime": ("datetime",)}
        kinds = wanted.get(field.type, ("number",) if field.type in NUMBER_TYPES else ("string",))
        if literal.kind not in kinds:
            raise self._wrong_type(field, literal)
        if field.type == "boolean":
            return int(literal.kind == "true")
        if field.type in NUMBER_TYPES:
            return float(literal.text)
        if field.type == "datetime":
            moment = parse_moment(literal.text)
            if moment is None:
                raise self._wrong_type(field, literal)
            return store.stamp(moment)
        if field.type == "date":
            try:
                return to_stored(field, literal.text)
            except Refusal:
                raise self._wrong_type(field, literal) from None
        return literal.string

    def _wrong_type(self, field: Field, literal: Literal) -> Refusal:
        names = {
            "boolean": "boolean",
            "date": "date",
            "datetime": "dateTime",
            "int": "int",
            "double": "double",
        }
        names |= {"currency": "currency", "percent": "percent"}
        quoted = "should not be enclosed in quotes" if field.type in names else "should be enclosed in quotes"
        message = (
            f"value of filter criterion for field '{field.name}' must be of type "
            f"{names.get(field.type, 'string')} and {quoted}"
        )
        return self.names.refuse("INVALID_FIELD", message, literal.place)

    def _invalid_operator(self, field: Field, literal: Literal) -> Refusal:
        kind = "id" if field.type in ID_TYPES else field.type
        message = f"invalid operator on {kind} field"
        return self.names.refuse("INVALID_QUERY_FILTER_OPERATOR", message, literal.place)


def _joined(terms: list[str], operator: str) -> str:
    """The terms as a balanced tree: SQLite bounds the depth of expressions, Salesforce only their length."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return f"({_joined(terms[:middle], operator)} {operator} {_joined(terms[middle:], operator)})"


def _targets(names: Names, column: Column) -> frozenset[str]:
    if column.field.type == "reference":
        return frozenset(column.field.reference_to)
    if column.field.type == "id" and len(column.path) == 1:
        return frozenset({names.entity.name})
    return frozenset()


def _needs_folding(column: Column, value: Stored) -> bool:
    is_text = column.field.type not in (*ID_TYPES, "date", "datetime") and not column.field.has("caseSensitive")
    return is_text and isinstance(value, str) and not value.isascii()


def _comparable(column: Column) -> str:
    exact = (*ID_TYPES, *NUMBER_TYPES, "boolean", "date", "datetime")
    if column.field.type in exact or column.field.has("caseSensitive"):
        return column.sql
    return f"{column.sql} COLLATE NOCASE"


def _folded(column: Column, value: Stored) -> tuple[str, Stored]:
    if _needs_folding(column, value):
        return f"sf_fold({column.sql})", str(value).casefold()
    return _comparable(column), value


def _day(field: Field, day: date) -> str:
    return day.isoformat() if field.type == "date" else f"{day.isoformat()}T00:00:00Z"
