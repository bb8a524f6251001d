"""The world's custom objects and fields as rows that the Tooling API can query.

The rows are made anew from the schema for every query; ids and dates stay what they were when a component was first
seen.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import schema, sql, store
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.world import World

Row = dict[str, Any]
_KEPT = ("Id", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")


@functools.cache
def objects() -> Mapping[str, ObjectType]:
    """The objects of the Tooling API by lower-case name."""
    text = resources.files(__package__).joinpath("schema_tooling.json").read_text("utf-8")
    found = map(schema.read_object, json.loads(text))
    return MappingProxyType({one.name.lower(): one for one in found})


def refresh(world: World) -> None:
    """Bring the rows in line with the schema."""
    with world.transaction() as db:
        for one in objects().values():
            store.ensure_table(db, one)
        whole = list(store.catalog(world).objects.values())
        custom = [_custom_object(one) for one in whole if one.is_custom]
        _replace(world, "CustomObject", custom, ("DeveloperName",))
        durable = {f"{row['DeveloperName']}__c": str(row["Id"]) for row in custom}
        _replace(world, "EntityDefinition", [_definition(one, durable) for one in whole], ())
        fields = [row for one in whole for row in _custom_fields(one, durable.get(one.name, one.name))]
        _replace(world, "CustomField", fields, ("TableEnumOrId", "DeveloperName"))


def _custom_object(one: ObjectType) -> Row:
    return {"DeveloperName": one.name.removesuffix("__c"), "ManageableState": "unmanaged"}


def _definition(one: ObjectType, durable: Mapping[str, str]) -> Row:
    durable_id = durable.get(one.name, one.name)
    return {
        "Id": durable_id,
        "DurableId": durable_id,
        "QualifiedApiName": one.name,
        "DeveloperName": one.name.removesuffix("__c"),
        "Label": one.label,
        "PluralLabel": one.plural,
        "KeyPrefix": one.prefix or None,
    }


def _custom_fields(one: ObjectType, durable_id: str) -> Iterator[Row]:
    for field in one.fields.values():
        if field.is_custom:
            yield {
                "DeveloperName": field.name.removesuffix("__c"),
                "FullName": f"{one.name}.{field.name}",
                "TableEnumOrId": durable_id,
                "EntityDefinitionId": durable_id,
                "ManageableState": "unmanaged",
                "Length": field.length or None,
                "Precision": field.precision or None,
                "Scale": field.scale if field.precision else None,
            }


def _replace(world: World, name: str, rows: list[Row], key: tuple[str, ...]) -> None:
    """Put these rows in the table, with the id and the dates that the same key had before; adds the ids to them."""
    one = objects()[name.lower()]
    table = store.table(name)
    columns = tuple(field.name for field in one.fields.values())
    with world.transaction() as db:
        known = {tuple(row[part] for part in key): row for row in sql.select(db, table, "1")} if key else {}
        now, admin = store.stamp(world.now()), store.user_id(world, store.ADMIN)
        for row in rows:
            old = known.get(tuple(row[part] for part in key)) if key else None
            if old is not None:
                row.update({column: old[column] for column in _KEPT})
            elif key:
                fresh = (store.next_ids(world, one.prefix, 1)[0], now, admin, now, admin)
                row.update(zip(_KEPT, fresh, strict=True))
        sql.erase(db, table, "1", ())
        sql.insert(db, table, columns, [tuple(row.get(column) for column in columns) for row in rows])
