"""Create, update, upsert and delete one record, with all rules. Shared by every way to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sfdd_declare.sandbox.salesforce import ids, members, rows, rules, sql, store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal, not_found
from sfdd_declare.sandbox.salesforce.schema import NUMBER_TYPES, Field, ObjectType
from sfdd_declare.sandbox.salesforce.values import Stored, to_stored
from sfdd_declare.sandbox.world import World


def create(call: Call, one: ObjectType, body: Mapping[str, Any]) -> str:
    """Insert a record and return its id."""
    if not one.has("createable"):
        raise Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {one.name} does not support create")
    with attempt(call.world):
        values = rules.read_record(call.view, one, body, is_new=True)
        rules.check_unique(call.view, one, values, own=None)
        values = members.before_insert(call, one.name, values)
        return rows.insert_many(call.world, one.name, [values], who=call.user)[0]


def update(call: Call, one: ObjectType, record_id: str, body: Mapping[str, Any]) -> None:
    """Change a record."""
    if not one.has("updateable"):
        raise Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {one.name} does not support update")
    with attempt(call.world):
        old = living(call.world, one, record_id)
        values = rules.read_record(call.view, one, body, is_new=False)
        rules.check_unique(call.view, one, values, own=record_id)
        values = members.before_update(call, one.name, old, values)
        rows.update(call.world, one, record_id, values, who=call.user)


def upsert(call: Call, one: ObjectType, key: Field, wanted: Any, body: Mapping[str, Any]) -> tuple[str, bool]:
    """Update the one record that has the value in the key field, or create it: id, and whether it is new."""
    found = matches(call.world, one, key, wanted)
    if len(found) > 1:
        listed = ", ".join(found)
        message = f"{key.name}: more than one record found for external id field: [{listed}]"
        code = str(call.world.setting("salesforce.duplicate_key_code", "DUPLICATE_EXTERNAL_ID"))
        raise Refusal(code, message, (key.name,))
    if found:
        update(call, one, found[0], body)
        return found[0], False
    if key.type == "id" and wanted is not None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    new = body if key.type == "id" else {**body, key.name: wanted}
    return create(call, one, new), True


def delete(call: Call, one: ObjectType, record_id: str) -> None:
    """Delete a record and what hangs on it."""
    if not one.has("deletable"):
        raise Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", ())
    with attempt(call.world):
        members.before_delete(call, one.name, living(call.world, one, record_id))
        rows.delete(call.world, one, [record_id], who=call.user)


def matches(world: World, one: ObjectType, key: Field, wanted: Any) -> list[str]:
    """The ids of the living records that have the value in an external-id or look-up field."""
    if wanted is None or wanted == "":
        return []
    value = ids.normalise(str(wanted)) if key.type == "id" else _key_value(key, wanted)
    where = f"{key.name} = ?" + (" AND IsDeleted = 0" if one.field("IsDeleted") else "")
    with world.lock:
        found = sql.select(world.db, store.table(one.name), where + " ORDER BY Id", (value,), columns="Id")
    return [str(row["Id"]) for row in found]


def _key_value(key: Field, wanted: Any) -> Stored:
    """A key as it is stored; one from a path is always text."""
    if key.type in NUMBER_TYPES and isinstance(wanted, str):
        try:
            wanted = float(wanted)
        except ValueError:
            return None
    return to_stored(key, wanted)


def key_field(one: ObjectType, name: str) -> Field:
    """The field by which records may be addressed. Raises NOT_FOUND if it is none."""
    field = one.field(name)
    if field is None or not (field.has("externalId") or field.has("idLookup")):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def living(world: World, one: ObjectType, record_id: str) -> dict[str, Any]:
    """The stored record. Raises for one that never was or that is deleted."""
    old = rows.fetch(world, one, record_id)
    if old is None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    if old.get("IsDeleted"):
        raise Refusal("ENTITY_IS_DELETED", "entity is deleted", ())
    return old


@contextmanager
def attempt(world: World) -> Iterator[None]:
    """A part of a transaction that leaves nothing behind when it is refused."""
    with world.transaction() as db:
        db.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            db.execute("ROLLBACK TO attempt")
            db.execute("RELEASE attempt")
            raise
        db.execute("RELEASE attempt")
