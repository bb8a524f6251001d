"""sObject Collections: up to 200 records a call, one result a row, in the order of the request.

A refused row has no id. With `allOrNone` one refusal takes everything back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sfdd_declare.sandbox.salesforce import dml, ids, store
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_list, as_object, locked
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType
from sfdd_declare.sandbox.salesforce.sobjects import read_many, visible

MAX_ROWS = 200
MAX_READ = 2000
MAX_CHUNKS = 10


class _RolledBack(Exception):
    """Takes a whole call back; carries nothing, the results are already known."""


def create(call: Call) -> Reply:
    """POST composite/sobjects."""
    body = call.json_object()

    def row(record: dict[str, Any]) -> dict[str, Any]:
        one = call.view.object(_type(record))
        return _done(dml.create(call, one, _without_id(record)))

    return _run(call, _records(body), row, all_or_none=_flag(body.get("allOrNone")))


def update(call: Call) -> Reply:
    """PATCH composite/sobjects."""
    body = call.json_object()
    records = _records(body)
    seen = [_own_id(record) for record in records]

    def row(record: dict[str, Any]) -> dict[str, Any]:
        one = call.view.object(_type(record))
        given = _own_id(record)
        if given is None:
            raise Refusal("MISSING_ARGUMENT", "Id not specified in an update call", ())
        record_id = _id_of(call, one, given)
        if seen.count(given) > 1:
            raise Refusal("DUPLICATE_VALUE", f"Duplicate id specified: {record_id}", ())
        dml.update(call, one, record_id, _without_id(record))
        return _done(record_id)

    return _run(call, records, row, all_or_none=_flag(body.get("allOrNone")))


def upsert(call: Call) -> Reply:
    """PATCH composite/sobjects/X/FIELD."""
    one = visible(call)
    key = dml.key_field(one, call.path["field"])
    body = call.json_object()
    records = _records(body)
    seen = [_value_of(record, key) for record in records]

    def row(record: dict[str, Any]) -> dict[str, Any]:
        if _type(record).lower() != one.name.lower():
            raise Refusal("INVALID_TYPE", f"Record is not of type {one.name}", ())
        wanted = _value_of(record, key)
        if wanted is None and key.type != "id":
            raise Refusal("MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
        if wanted is not None and seen.count(wanted) > 1:
            message = f"Duplicate external id specified: {wanted}"
            raise Refusal("DUPLICATE_VALUE", message, (key.name,))
        rest = {name: value for name, value in record.items() if name.lower() != key.name.lower()}
        record_id, is_new = dml.upsert(call, one, key, wanted, rest)
        return {**_done(record_id), "created": is_new}

    return _run(call, records, row, all_or_none=_flag(body.get("allOrNone")))


def delete(call: Call) -> Reply:
    """DELETE composite/sobjects?ids=A,B,C."""
    given = [text for text in call.query.get("ids", "").split(",") if text]
    if not given:
        raise Refusal("MISSING_ARGUMENT", "The ids parameter is required")
    records = [{"id": text, "attributes": {"type": _type_of_id(call, text)}} for text in given]

    def row(record: dict[str, Any]) -> dict[str, Any]:
        record_id = ids.require(record["id"])
        if store.catalog(call.world).of_id(record_id) is None:
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
        one = call.view.object(_type(record))
        dml.delete(call, one, record_id)
        return _done(record_id)

    return _run(call, records, row, all_or_none=_flag(call.query.get("allOrNone")))


def read(call: Call) -> Reply:
    """GET, POST composite/sobjects/X with ids and fields: records in the order of the ids, null where there is none."""
    one = visible(call)
    body: dict[str, Any] = {}
    if call.method == "GET":
        body = {name: [text for text in call.query.get(name, "").split(",") if text] for name in ("ids", "fields")}
        for name, listed in body.items():
            if not listed:
                raise Refusal("MISSING_ARGUMENT", f"The {name} parameter is required")
    else:
        body = call.json_object()
    given = as_list(body.get("ids"), "ids")
    fields = [str(name) for name in as_list(body.get("fields"), "fields")]
    if len(given) > MAX_READ:
        raise Refusal("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MAX_READ} records")
    return Reply(read_many(call, one, [ids.require(text) for text in given], fields))


def _run(
    call: Call,
    records: Sequence[dict[str, Any]],
    row: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    all_or_none: bool,
) -> Reply:
    _check_size(records)
    results: list[dict[str, Any]] = []
    try:
        with dml.attempt(call.world):
            results = [_attempt(call, at, record, row) for at, record in enumerate(records)]
            if all_or_none and not all(result["success"] for result in results):
                raise _RolledBack
    except _RolledBack:
        return Reply([_rolled_back(result) for result in results])
    return Reply(results)


def _attempt(
    call: Call, at: int, record: dict[str, Any], row: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    try:
        locked(call, at)
        return row(record)
    except Refusal as refusal:
        return refusal.row()


def _check_size(records: Sequence[dict[str, Any]]) -> None:
    if len(records) > MAX_ROWS:
        message = f"record limit reached. cannot submit more than {MAX_ROWS} records into this call"
        raise Refusal("EXCEEDED_ID_LIMIT", message)
    types = [_type(record) for record in records]
    chunks = sum(1 for at, name in enumerate(types) if at == 0 or types[at - 1] != name)
    if chunks > MAX_CHUNKS:
        message = (
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. "
            "Please rearrange the data to reduce chunking."
        )
        raise Refusal("LIMIT_EXCEEDED", message)


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return result
    message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    return Refusal("ALL_OR_NONE_OPERATION_ROLLED_BACK", message, ()).row()


def _records(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [as_object(record) for record in as_list(body.get("records"), "records")]


def _type(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise malformed_json("attributes.type is required for each record at [line:1, column:1]")
    return name


def _own_id(record: dict[str, Any]) -> Any:
    return next((value for name, value in record.items() if name.lower() == "id"), None)


def _without_id(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name.lower() != "id"}


def _value_of(record: dict[str, Any], key: Field) -> Any:
    return next((value for name, value in record.items() if name.lower() == key.name.lower()), None)


def _id_of(call: Call, one: ObjectType, given: Any) -> str:
    record_id = ids.require(given)
    target = store.catalog(call.world).of_id(record_id)
    if target is None or target.name != one.name:
        raise Refusal("MALFORMED_ID", f"{one.label} ID: id value of incorrect type: {given}", ("Id",))
    return record_id


def _type_of_id(call: Call, text: str) -> str:
    target = store.catalog(call.world).of_id(text)
    return "Name" if target is None else target.name


def _flag(value: Any) -> bool:
    return str(value).lower() == "true"


def _done(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": []}
