"""What components there are, with who made them and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sfdd_declare.sandbox.salesforce import metadata_parts, sql, store, tooling_rows
from sfdd_declare.sandbox.salesforce.soap_users import full_name
from sfdd_declare.sandbox.world import World

_LONG_AGO = "1970-01-01T00:00:00Z"
"""When what every org has was made."""


def listed(world: World, kind: str) -> list[dict[str, Any]]:
    """The properties of every component of a kind, by name."""
    listings = {"CustomField": _fields, "CustomObject": _objects, "PermissionSet": _permission_sets}
    found = (_properties(world, kind, *one) for one in listings[kind](world))
    return sorted(found, key=lambda one: str(one["fullName"]))


def _objects(world: World) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    rows = {f"{row['DeveloperName']}__c": row for row in _rows(world, "CustomObject")}
    for one in metadata_parts.objects(world):
        yield one.name, f"objects/{one.name}.object", rows.get(one.name, {})


def _fields(world: World) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for row in _rows(world, "CustomField"):
        owner, _, _ = row["FullName"].partition(".")
        yield row["FullName"], f"objects/{owner}.object", row


def _permission_sets(world: World) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    with world.lock:
        rows = sql.select(world.db, "sf_PermissionSet", "1")
    for row in rows:
        yield row["Name"], f"permissionsets/{row['Name']}.permissionset", row


def _rows(world: World, name: str) -> Iterable[dict[str, Any]]:
    tooling_rows.refresh(world)
    with world.lock:
        return sql.select(world.db, store.table(name), "1")


def _properties(world: World, kind: str, name: str, file: str, row: Mapping[str, Any]) -> dict[str, Any]:
    maker, changer = (row.get(column) or _admin(world) for column in ("CreatedById", "LastModifiedById"))
    made, changed = (row.get(column) or _LONG_AGO for column in ("CreatedDate", "LastModifiedDate"))
    return {
        "createdById": maker,
        "createdByName": full_name(world, maker),
        "createdDate": f"{made.removesuffix('Z')}.000Z",
        "fileName": file,
        "fullName": name,
        "id": row.get("Id") or "",
        "lastModifiedById": changer,
        "lastModifiedByName": full_name(world, changer),
        "lastModifiedDate": f"{changed.removesuffix('Z')}.000Z",
        "manageableState": "unmanaged" if row else None,
        "type": kind,
    }


def _admin(world: World) -> str:
    return store.user_id(world, store.ADMIN)
