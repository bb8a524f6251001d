"""Functions of fields in a query: aggregates, parts of dates, labels, localized text.

A function is a column like any other, with a type of its own; where aggregates may stand the caller says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sfdd_declare.sandbox.salesforce.schema import NUMBER_TYPES, Field
from sfdd_declare.sandbox.salesforce.soql_malformed import NOT_SUPPORTED
from sfdd_declare.sandbox.salesforce.soql_names import Column, Names
from sfdd_declare.sandbox.salesforce.soql_tree import Call, Operand, Path

AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
FORMATTED = "formatted:"
"""In front of the type of a column that is answered as text of the user's locale."""

_DATES = ("date", "datetime")
_UNGROUPED = (*NUMBER_TYPES - {"int"}, "datetime", "address", "location", "multipicklist", "base64")
_NEITHER_LEAST_NOR_MOST = ("boolean", "address", "location", "multipicklist")
_YEAR, _MONTH = "CAST(strftime('%Y', {0}) AS INTEGER)", "CAST(strftime('%m', {0}) AS INTEGER)"
_QUARTER = f"(({_MONTH} + 2) / 3)"
_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "CALENDAR_YEAR": _YEAR,
        "CALENDAR_QUARTER": _QUARTER,
        "CALENDAR_MONTH": _MONTH,
        "FISCAL_YEAR": _YEAR,  # the fiscal year of this org begins in January
        "FISCAL_QUARTER": _QUARTER,
        "FISCAL_MONTH": _MONTH,
        "DAY_IN_MONTH": "CAST(strftime('%d', {0}) AS INTEGER)",
        "DAY_IN_WEEK": "(CAST(strftime('%w', {0}) AS INTEGER) + 1)",
        "DAY_IN_YEAR": "CAST(strftime('%j', {0}) AS INTEGER)",
        "DAY_ONLY": "date({0})",
        "HOUR_IN_DAY": "CAST(strftime('%H', {0}) AS INTEGER)",
        "WEEK_IN_MONTH": "((CAST(strftime('%d', {0}) AS INTEGER) + 6) / 7)",
        "WEEK_IN_YEAR": "((CAST(strftime('%j', {0}) AS INTEGER) + 6) / 7)",
    }
)
_OF_MOMENTS = ("DAY_ONLY", "HOUR_IN_DAY")


def column(names: Names, operand: Operand, *, may_aggregate: bool = False) -> Column:
    """The column behind a field or a function. Raises INVALID_FIELD and MALFORMED_QUERY."""
    if isinstance(operand, Path):
        return names.column(operand)
    if operand.name in AGGREGATES:
        if not may_aggregate:
            raise names.refuse("MALFORMED_QUERY", "Aggregate expressions are not allowed here", operand.place)
        return _aggregate(names, operand)
    if operand.name in _PARTS:
        return _part(names, operand)
    if operand.name == "TOLABEL":  # the labels of this org are its values
        return _argument(names, operand)
    if operand.name == "FORMAT":
        found = _argument(names, operand, may_aggregate=may_aggregate)
        return replace(found, field=replace(found.field, type=FORMATTED + found.field.type))
    raise names.refuse("MALFORMED_QUERY", f"{operand.name} is {NOT_SUPPORTED}", operand.place)


def is_aggregate(operand: Operand) -> bool:
    """Whether there is an aggregate in it."""
    if isinstance(operand, Path):
        return False
    return operand.name in AGGREGATES or (operand.argument is not None and is_aggregate(operand.argument))


def is_part(operand: Operand) -> bool:
    """Whether it is a part of a date, which groups like a field and is named like an aggregate."""
    return isinstance(operand, Call) and operand.name in _PARTS


def grouped(names: Names, operand: Operand) -> Column:
    """A term of GROUP BY."""
    found = column(names, operand)
    if isinstance(operand, Path) and (found.field.type in _UNGROUPED or not found.field.is_filterable):
        message = f"field '{found.field.name}' can not be grouped in a query call"
        raise names.refuse("MALFORMED_QUERY", message, operand.place)
    return found


def _aggregate(names: Names, call: Call) -> Column:
    if call.argument is None:
        if call.name == "COUNT":
            return Column(("COUNT",), Field("COUNT", "", "int"), "count(*)")
        raise names.refuse("MALFORMED_QUERY", "unexpected token: ')'", call.place)
    inner = column(names, call.argument)
    kind = inner.field.type
    sums = call.name in ("SUM", "AVG")
    bounds = call.name in ("MIN", "MAX")
    is_wrong = (sums and kind not in NUMBER_TYPES) or (bounds and kind in _NEITHER_LEAST_NOR_MOST)
    if is_wrong or not inner.field.is_filterable:
        message = f"field {inner.field.name} does not support aggregate operator {call.name}"
        raise names.refuse("MALFORMED_QUERY", message, call.place)
    if call.name.startswith("COUNT"):
        distinct = "DISTINCT " if call.name == "COUNT_DISTINCT" else ""
        return Column((call.name,), Field(call.name, "", "int"), f"count({distinct}{inner.sql})")
    own = "double" if call.name == "AVG" else kind
    return Column((call.name,), replace(inner.field, type=own), f"{call.name.lower()}({inner.sql})")


def _part(names: Names, call: Call) -> Column:
    inner = _argument(names, call)
    allowed = ("datetime",) if call.name in _OF_MOMENTS else _DATES
    if inner.field.type not in allowed:
        message = f"The function {call.name} cannot be used with the field {inner.field.name}"
        raise names.refuse("MALFORMED_QUERY", message, call.place)
    kind = "date" if call.name == "DAY_ONLY" else "int"
    return Column((call.name,), Field(call.name, "", kind), _PARTS[call.name].format(inner.sql))


def _argument(names: Names, call: Call, *, may_aggregate: bool = False) -> Column:
    if call.argument is None:
        raise names.refuse("MALFORMED_QUERY", "unexpected token: ')'", call.place)
    return column(names, call.argument, may_aggregate=may_aggregate)
