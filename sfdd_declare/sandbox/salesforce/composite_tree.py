"""sObject trees: records with their children in one call, all or nothing, up to 200 of five types and five levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfdd_declare.sandbox.salesforce import dml
from sfdd_declare.sandbox.salesforce.calls import Call, Reply, as_list, as_object
from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.salesforce.sobjects import visible

MAX_RECORDS = 200
MAX_TYPES = 5
MAX_DEPTH = 5


class _Refused(Exception):
    """Takes everything back."""


def tree(call: Call) -> Reply:
    """POST composite/tree/X."""
    root = visible(call)
    records = [as_object(one) for one in as_list(call.json_object().get("records"), "records")]
    seen = _check(records, root.name)
    planting = _Planting(call)
    try:
        with dml.attempt(call.world):
            for record in records:
                planting.plant(record, root, {})
            if planting.refused:
                raise _Refused
    except _Refused:
        return Reply({"hasErrors": True, "results": planting.refused}, 400)
    assert len(planting.results) == seen
    return Reply({"hasErrors": False, "results": planting.results}, 201)


@dataclass(frozen=True, slots=True)
class _Planting:
    """What became of the records so far. Children of a refused one are not looked at."""

    call: Call
    results: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def plant(self, record: Mapping[str, Any], one: ObjectType, link: Mapping[str, str]) -> None:
        reference = record["attributes"]["referenceId"]
        values = {key: value for key, value in record.items() if not _is_children(value) and key != "attributes"}
        try:
            record_id = dml.create(self.call, one, {**values, **link})
            below = [(_relation(one, name), value) for name, value in record.items() if _is_children(value)]
        except Refusal as refusal:
            self.refused.append({"referenceId": reference, "errors": refusal.row()["errors"]})
            return
        self.results.append({"referenceId": reference, "id": record_id})
        for (child, reference_field), value in below:
            for inner in value["records"]:
                self.plant(inner, self.call.view.object(child), {reference_field: record_id})


def _relation(one: ObjectType, name: str) -> tuple[str, str]:
    found = next((child for child in one.children if child[2].lower() == name.lower()), None)
    if found is None:
        raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {one.name}", ())
    return found[0], found[1]


def _is_children(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("records"), list)


def _check(records: list[dict[str, Any]], root: str) -> int:
    """How many records there are."""
    references: list[str] = []
    types = {root}

    def walk(level: list[Any], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise Refusal("LIMIT_EXCEEDED", f"Maximum depth of {MAX_DEPTH} exceeded")
        for record in map(as_object, level):
            attributes = record.get("attributes")
            if not isinstance(attributes, dict) or not all(
                isinstance(attributes.get(key), str) for key in ("type", "referenceId")
            ):
                raise malformed_json("attributes with type and referenceId are required for each record")
            if depth == 1 and attributes["type"].lower() != root.lower():
                raise Refusal("INVALID_INPUT", f"Record is not of type {root}")
            references.append(attributes["referenceId"])
            types.add(attributes["type"])
            for value in record.values():
                if _is_children(value):
                    walk(value["records"], depth + 1)

    walk(records, 1)
    if not references:
        raise malformed_json("records is empty at [line:1, column:1]")
    if len(set(references)) < len(references):
        raise Refusal("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
    for most, count, what in ((MAX_RECORDS, len(references), "records"), (MAX_TYPES, len(types), "object types")):
        if count > most:
            raise Refusal("LIMIT_EXCEEDED", f"Maximum number of {most} {what} exceeded: {count}")
    return len(references)
