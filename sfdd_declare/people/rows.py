"""Rows of `changes` and `moves`: one place that knows all columns, so that each rule names only what it says."""

from __future__ import annotations

import ibis

from sfdd_declare.people.columns import CHANGE
from sfdd_declare.people.tables import Table, Value, text


def change(table: Table, *, operation: str | Value, account: str, **columns: str | Value) -> Table:
    """One row per row of `table`. Columns not given are null; `person` is the record, else `contact <id>`."""
    given: dict[str, Value] = {"operation": _value(operation), "account": text(account)}
    given.update({name: _value(value) for name, value in columns.items()})
    for name in ("sf_id", "record_type", "contact_id"):
        if name not in given and name in table.columns:
            given[name] = table[name]
    if "person" not in given:
        given["person"] = person_label(given["sf_id"], given["contact_id"]) if "contact_id" in given else given["sf_id"]
    kinds = {"string": "string", "int64": "int64"}
    return table.select(
        **{
            field.name: given.get(field.name, ibis.null(kinds[str(field.type)])).cast(str(field.type))
            for field in CHANGE
        }
    )


def person_label(sf_id: Value, contact_id: Value) -> Value:
    return sf_id.fill_null(text("contact ") + contact_id.cast("string"))


def _value(value: str | Value) -> Value:
    return text(value) if isinstance(value, str) else value
