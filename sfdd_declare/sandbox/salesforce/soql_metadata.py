"""`columns=true`: what a query would answer, column by column, and no record."""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.salesforce.schema import NUMBER_TYPES, TEXT_TYPES
from sfdd_declare.sandbox.salesforce.soql_compile import Statement
from sfdd_declare.sandbox.salesforce.soql_select import Answered
from sfdd_declare.sandbox.salesforce.views import View

_APEX = {"id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "date": "Date", "datetime": "Datetime"}


def column_metadata(statement: Statement, view: View) -> dict[str, Any]:
    """The body of the answer."""
    entity = view.object(statement.entity)
    return {
        "columnMetadata": list(_trees(statement.columns, ())),
        "entityName": entity.name,
        "groupBy": any(one.is_aggregate for one in statement.columns),
        "idSelected": any(one.path == ("Id",) for one in statement.columns),
        "keyPrefix": entity.prefix,
    }


def _trees(columns: tuple[Answered, ...], walked: tuple[str, ...]) -> list[dict[str, Any]]:
    """The columns of one level; those of a parent stand in `joinColumns` of its name."""
    found: dict[str, dict[str, Any]] = {}
    for one in columns:
        name = one.path[len(walked)]
        if name in found:
            continue
        own = (*walked, name)
        below = tuple(each for each in columns if each.path[: len(own)] == own and len(each.path) > len(own))
        found[name] = _column(name, one, _trees(below, own) if below else [])
    return list(found.values())


def _column(name: str, one: Answered, below: list[dict[str, Any]]) -> dict[str, Any]:
    field = one.field
    kind = "" if below else field.type
    apex = _APEX.get(kind, "Double" if kind in NUMBER_TYPES else "String")
    return {
        "aggregate": one.is_aggregate,
        "apexType": None if below else apex,
        "booleanType": kind == "boolean",
        "columnName": name,
        "custom": name.endswith(("__c", "__r")),
        "displayName": name,
        "foreignKeyName": None,
        "insertable": not below and field.has("createable"),
        "joinColumns": below,
        "numberType": kind in NUMBER_TYPES,
        "textType": kind in TEXT_TYPES,
        "updatable": not below and field.has("updateable"),
    }
