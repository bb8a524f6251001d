"""The SELECT list as columns: fields, functions, whole groups of fields, aggregates with their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sfdd_declare.sandbox.salesforce import soql_functions
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import Field
from sfdd_declare.sandbox.salesforce.soql_names import Names
from sfdd_declare.sandbox.salesforce.soql_tree import Call, Operand, Path, Query, Selected

FIELDS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """One column of the answer."""

    path: tuple[str, ...]
    field: Field
    sql: str
    is_aggregate: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is a long custom text, which makes pages small."""
        return self.field.is_custom and self.field.type == "textarea" and not self.field.is_filterable


def is_aggregate(query: Query) -> bool:
    """Whether rows stand for many records."""
    return bool(query.group) or any(soql_functions.is_aggregate(one.operand) for one in _selected(query))


def columns(names: Names, query: Query) -> tuple[Answered, ...]:
    """The columns of a query of records. Raises the refusal that Salesforce gives."""
    found: dict[tuple[str, ...], Answered] = {}
    for one in _spread(names, query):
        place = one.operand.place
        column = soql_functions.column(names, one.operand)
        if one.alias is not None and isinstance(one.operand, Path):
            raise names.refuse("MALFORMED_QUERY", "only aggregate expressions use field aliasing", place)
        path = column.path if one.alias is None else (one.alias,)
        if path in found:
            raise names.refuse("MALFORMED_QUERY", f"duplicate field selected: {_text(one.operand)}", place)
        found[path] = Answered(path, column.field, column.sql)
    return tuple(found.values())


def aggregated(names: Names, query: Query) -> tuple[tuple[Answered, ...], tuple[str, ...]]:
    """The columns of a query of groups, and what it groups by."""
    groups = {soql_functions.grouped(names, term).sql for term in query.group}
    found: dict[str, Answered] = {}
    unnamed = 0
    for one in query.items:
        if not isinstance(one, Selected):
            raise names.refuse("MALFORMED_QUERY", "Nested queries are not allowed with aggregates", query.place)
        column = soql_functions.column(names, one.operand, may_aggregate=True)
        counts = soql_functions.is_aggregate(one.operand)
        if not counts and column.sql not in groups:
            message = f"Field must be grouped or aggregated: {_text(one.operand)}"
            raise names.refuse("MALFORMED_QUERY", message, one.operand.place)
        key = one.alias or column.path[-1]
        if one.alias is None and (counts or soql_functions.is_part(one.operand)):
            key, unnamed = f"expr{unnamed}", unnamed + 1
        if key in found:
            raise names.refuse("MALFORMED_QUERY", f"duplicate alias: {key}", one.operand.place)
        found[key] = Answered((key,), column.field, column.sql, counts)
    if not query.group and (query.limit is not None or query.order):
        message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
        raise names.refuse("MALFORMED_QUERY", message, query.place)
    return tuple(found.values()), tuple(groups)


def _selected(query: Query) -> Iterator[Selected]:
    return (one for one in query.items if isinstance(one, Selected))


def _spread(names: Names, query: Query) -> Iterator[Selected]:
    for one in _selected(query):
        if isinstance(one.operand, Call) and one.operand.name == "FIELDS":
            for field in _group_of_fields(names, one.operand, query):
                yield Selected(Path((field.name,), one.operand.place))
        else:
            yield one


def _group_of_fields(names: Names, call: Call, query: Query) -> Iterator[Field]:
    group = call.argument.parts[0].upper() if isinstance(call.argument, Path) else ""
    if group not in ("ALL", "STANDARD", "CUSTOM"):
        raise names.refuse("MALFORMED_QUERY", "FIELDS takes ALL, STANDARD or CUSTOM", call.place)
    if group != "STANDARD" and (query.limit is None or query.limit > FIELDS_LIMIT):
        raise Refusal("MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
    for field in names.entity.fields.values():
        if group == "ALL" or field.is_custom == (group == "CUSTOM"):
            yield field


def _text(operand: Operand) -> str:
    if isinstance(operand, Path):
        return ".".join(operand.parts)
    return f"{operand.name}({_text(operand.argument) if operand.argument is not None else ''})"
