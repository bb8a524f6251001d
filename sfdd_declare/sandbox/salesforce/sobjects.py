"""Single records: create, read, update, delete, upsert by external id."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from sfdd_declare.sandbox.salesforce import dml, ids, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, locked
from sfdd_declare.sandbox.salesforce.errors import Refusal, not_found
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.salesforce.soql_compile import compile_query
from sfdd_declare.sandbox.salesforce.values import parse_moment


def create(call: Call) -> Reply:
    """POST sobjects/X."""
    one = visible(call)
    locked(call, 0)
    record_id = dml.create(call, one, call.json_object())
    location = {"Location": f"{call.root}/sobjects/{one.name}/{record_id}"}
    return Reply({"id": record_id, "success": True, "errors": []}, 201, location)


def read(call: Call) -> Reply:
    """GET sobjects/X/ID, with `?fields=A,B` or everything."""
    one = visible(call)
    wanted = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    found = read_many(call, one, [_record_id(call)], wanted)
    if found[0] is None:
        raise not_found()
    headers = {}
    moment = parse_moment(str(found[0].get("LastModifiedDate", "")))
    if moment is not None:
        headers["Last-Modified"] = format_datetime(moment, usegmt=True)
    return Reply(found[0], 200, headers)


def update(call: Call) -> Reply:
    """PATCH sobjects/X/ID."""
    one = visible(call)
    record_id = _record_id(call)
    locked(call, 0)
    _exists(call, one, record_id)
    dml.update(call, one, record_id, call.json_object())
    return Reply(None, 204)


def delete(call: Call) -> Reply:
    """DELETE sobjects/X/ID."""
    one = visible(call)
    record_id = _record_id(call)
    locked(call, 0)
    _exists(call, one, record_id)
    dml.delete(call, one, record_id)
    return Reply(None, 204)


def upsert(call: Call) -> Reply:
    """PATCH sobjects/X/FIELD/VALUE: 201 for a new record, 200 for a known one, 300 for several."""
    one = visible(call)
    key = dml.key_field(one, call.path["field"])
    wanted = call.path["value"]
    found = dml.matches(call.world, one, key, wanted)
    if len(found) > 1:
        return _choices(call, one, found)
    if not found and call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    locked(call, 0)
    record_id, is_new = dml.upsert(call, one, key, wanted, call.json_object())
    body = {"id": record_id, "success": True, "errors": [], "created": is_new}
    return Reply(body, 201 if is_new else 200)


def read_by_key(call: Call) -> Reply:
    """GET sobjects/X/FIELD/VALUE."""
    one = visible(call)
    key = dml.key_field(one, call.path["field"])
    found = dml.matches(call.world, one, key, call.path["value"])
    if len(found) > 1:
        return _choices(call, one, found)
    records = read_many(call, one, found, [])
    if not records or records[0] is None:
        raise not_found()
    return Reply(records[0])


def delete_by_key(call: Call) -> Reply:
    """DELETE sobjects/X/FIELD/VALUE."""
    one = visible(call)
    found = dml.matches(call.world, one, dml.key_field(one, call.path["field"]), call.path["value"])
    if len(found) > 1:
        return _choices(call, one, found)
    if not found:
        raise not_found()
    locked(call, 0)
    dml.delete(call, one, found[0])
    return Reply(None, 204)


def read_many(call: Call, one: ObjectType, record_ids: list[str], wanted: list[str]) -> list[dict[str, Any] | None]:
    """Records by id, in that order, None for those that are not there. Without `wanted`, all fields."""
    fields = wanted or [field.name for field in one.fields.values()]
    names = {name.lower(): name for name in ("Id", *fields)}
    quoted = ", ".join(f"'{record_id}'" for record_id in record_ids)
    if not quoted:
        return []
    text = f"SELECT {', '.join(names.values())} FROM {one.name} WHERE Id IN ({quoted})"  # noqa: S608 - SOQL
    world = call.world
    with world.lock:
        statement = compile_query(call.view, text, world.now(), with_deleted=False)
        rows = world.db.execute(statement.sql, statement.parameters).fetchall()
    found = {str(row[0]): statement.shape.record(row, call.root, world.db) for row in rows}
    return [found.get(record_id) for record_id in record_ids]


def visible(call: Call) -> ObjectType:
    """The object in the path, if the user may see it."""
    found = call.view.find(call.path["object"])
    if found is None:
        raise not_found()
    return found


def _choices(call: Call, one: ObjectType, record_ids: list[str]) -> Reply:
    return Reply([f"{call.root}/sobjects/{one.name}/{record_id}" for record_id in record_ids], 300)


def _record_id(call: Call) -> str:
    record_id = ids.normalise(call.path["id"])
    if record_id is None:
        raise not_found("Provided external ID field does not exist or is not accessible: " + call.path["id"])
    return record_id


def _exists(call: Call, one: ObjectType, record_id: str) -> None:
    """A record that never was is no resource; a deleted one says so itself."""
    if store.catalog(call.world).of_id(record_id) is not store.catalog(call.world).object(one.name):
        raise not_found()
    try:
        dml.living(call.world, one, record_id)
    except Refusal as refusal:
        if refusal.code == "INVALID_CROSS_REFERENCE_KEY":
            raise not_found() from None
        raise
