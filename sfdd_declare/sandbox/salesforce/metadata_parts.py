"""The components that there are: custom objects, custom fields and permission sets, and how each is let go."""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.salesforce import schema, sql, store
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.metadata_fields import Problem
from sfdd_declare.sandbox.salesforce.query import release_cursors
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.world import World

KINDS = ("CustomField", "CustomObject", "PermissionSet")
MAX_AT_ONCE = 10
"""Components of one call."""


def require_kind(kind: str) -> None:
    """Raise INVALID_TYPE for a type of metadata that the sandbox has not."""
    if kind not in KINDS:
        raise Refusal("INVALID_TYPE", "This type of metadata is not available for this organization")


def too_many(most: int = MAX_AT_ONCE) -> Refusal:
    """More in one call than may be."""
    message = f"record limit reached. cannot submit more than {most} records in this operation"
    return Refusal("EXCEEDED_ID_LIMIT", message)


def objects(world: World) -> list[ObjectType]:
    """What counts as an object: helpers, such as permission sets, do not."""
    found = store.catalog(world).objects.values()
    return sorted((one for one in found if one.has("triggerable")), key=lambda one: one.name)


def find_object(world: World, name: str) -> ObjectType | None:
    """The object of that name, in any case."""
    return next((one for one in objects(world) if one.name.lower() == name.lower()), None)


def find_field(world: World, path: str) -> tuple[ObjectType, Field] | None:
    """The custom field `Object.Field`, with its object."""
    owner, _, name = path.partition(".")
    one = find_object(world, owner)
    field = None if one is None else one.field(name)
    return None if one is None or field is None or not field.is_custom else (one, field)


def find_permission_set(world: World, name: str) -> dict[str, Any] | None:
    """The permission set of that name."""
    with world.lock:
        found = sql.select(world.db, "sf_PermissionSet", "Name = ?", (name,))
    return found[0] if found else None


def exists(world: World, kind: str, name: str) -> bool:
    """Whether there is such a component."""
    find = {"CustomField": find_field, "CustomObject": find_object, "PermissionSet": find_permission_set}
    return find[kind](world, name) is not None


def delete(world: World, kind: str, name: str) -> None:
    """Delete a component that there is, with all that it held. Raises Problem.

    Queries that are read page by page end, as their next page may need what is gone.
    """
    release_cursors(world)
    {"CustomField": _delete_field, "CustomObject": _delete_object, "PermissionSet": _delete_permission_set}[kind](
        world, name
    )


def _delete_field(world: World, name: str) -> None:
    found = find_field(world, name)
    assert found is not None
    one, field = found
    with world.transaction() as db:
        sql.erase(db, "sf_FieldPermissions", "Field = ? COLLATE NOCASE", (f"{one.name}.{field.name}",))
        store.drop_field(world, one, field)


def _delete_object(world: World, name: str) -> None:
    one = find_object(world, name)
    assert one is not None
    if one.name in {standard.name for standard in schema.standard()}:
        raise Problem(f"The standard object {one.name} cannot be deleted")
    referring = [
        f"{other.name}.{field.name}"
        for other in store.catalog(world).objects.values()
        for field in other.fields.values()
        if one.name in field.reference_to and other.name != one.name
    ]
    if referring:
        raise Problem(f"This custom object is referenced elsewhere in salesforce.com: {', '.join(referring)}")
    with world.transaction() as db:
        for table in ("sf_FieldPermissions", "sf_ObjectPermissions"):
            sql.erase(db, table, "SobjectType = ? COLLATE NOCASE", (one.name,))
        store.drop_object(world, one)


def _delete_permission_set(world: World, name: str) -> None:
    found = find_permission_set(world, name)
    assert found is not None
    with world.transaction() as db:
        for table in ("sf_FieldPermissions", "sf_ObjectPermissions"):
            sql.erase(db, table, "ParentId = ?", (found["Id"],))
        sql.erase(db, "sf_PermissionSetAssignment", "PermissionSetId = ?", (found["Id"],))
        sql.erase(db, "sf_PermissionSet", "Id = ?", (found["Id"],))
