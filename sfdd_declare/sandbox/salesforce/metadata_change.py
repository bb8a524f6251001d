"""Components created, changed and deleted one by one, without a deployment: each has a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sfdd_declare.sandbox.salesforce import metadata_parts, store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.dml import attempt
from sfdd_declare.sandbox.salesforce.metadata_apply import (
    Outcome,
    deploy_field,
    deploy_object,
    deploy_permission_set,
)
from sfdd_declare.sandbox.salesforce.metadata_fields import Problem
from sfdd_declare.sandbox.salesforce.metadata_read import Component, Node
from sfdd_declare.sandbox.salesforce.soap_envelope import Message
from sfdd_declare.sandbox.salesforce.xml_text import XSI, element

_STEPS = {"CustomField": deploy_field, "CustomObject": deploy_object, "PermissionSet": deploy_permission_set}
_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"

Item = tuple[str, Callable[[], dict[str, Any]]]
"""A component's name, and what changes it and tells what its result holds besides."""


class _Refused(Problem):
    """A component that is refused with a code of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Undo(Exception):
    """Takes all components back."""


def create(call: Call, message: Message) -> str:
    """createMetadata: components that there are not yet."""
    return _saved(call, message, may_exist=False, must_exist=False)


def update(call: Call, message: Message) -> str:
    """updateMetadata: components that there are; what is said of each replaces what was."""
    return _saved(call, message, may_exist=True, must_exist=True)


def upsert(call: Call, message: Message) -> str:
    """upsertMetadata: either; each result says which."""
    return _saved(call, message, may_exist=True, must_exist=False)


def delete(call: Call, message: Message) -> str:
    """deleteMetadata."""
    node = Node(message.call)
    kind = node.text("type")
    metadata_parts.require_kind(kind)

    def item(name: str) -> Item:
        def change() -> dict[str, Any]:
            _require(call, kind, name)
            metadata_parts.delete(call.world, kind, name)
            return {}

        return name, change

    return _results(call, message, [item((one.element.text or "").strip()) for one in node.all("fullNames")])


def _saved(call: Call, message: Message, *, may_exist: bool, must_exist: bool) -> str:
    shows_new = may_exist and not must_exist

    def item(node: Node) -> Item:
        kind = node.element.get(f"{{{XSI}}}type", "").rpartition(":")[2]
        name = node.text("fullName")
        metadata_parts.require_kind(kind)

        def change() -> dict[str, Any]:
            if not name:
                raise _Refused("REQUIRED_FIELD_MISSING", "Required field is missing: fullName")
            if must_exist:
                _require(call, kind, name)
            if not may_exist and metadata_parts.exists(call.world, kind, name):
                raise _Refused("DUPLICATE_DEVELOPER_NAME", f"There is already a {kind} named {name}")
            outcome = Outcome()
            is_new = _STEPS[kind](call.world, call.user, Component(kind, name, "", node), outcome)
            if outcome.failures:
                raise Problem(outcome.failures[0].problem)
            return {"created": is_new} if shows_new else {}

        return name, change

    return _results(call, message, [item(node) for node in Node(message.call).all("metadata")], is_upsert=shows_new)


def _require(call: Call, kind: str, name: str) -> None:
    if not metadata_parts.exists(call.world, kind, name):
        raise _Refused("INVALID_CROSS_REFERENCE_KEY", f"no {kind} named {name} found")


def _results(call: Call, message: Message, items: list[Item], *, is_upsert: bool = False) -> str:
    if len(items) > metadata_parts.MAX_AT_ONCE:
        raise metadata_parts.too_many()
    results: list[dict[str, Any]] = []
    try:
        with attempt(call.world):
            results += [_result(call, *one, is_upsert=is_upsert) for one in items]
            if message.is_all_or_none and not all(one["success"] for one in results):
                raise _Undo
    except _Undo:
        store.touch_schema(call.world)
        results = list(_taken_back(results))
    return element("result", results)


def _result(call: Call, name: str, change: Callable[[], dict[str, Any]], *, is_upsert: bool) -> dict[str, Any]:
    try:
        with attempt(call.world):
            more = change()
    except Problem as problem:
        store.touch_schema(call.world)
        code = problem.code if isinstance(problem, _Refused) else "FIELD_INTEGRITY_EXCEPTION"
        return _failed(name, code, str(problem), is_upsert=is_upsert)
    return {**more, "fullName": name, "success": True}


def _taken_back(results: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for one in results:
        code = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
        yield _failed(one["fullName"], code, _ROLLED_BACK, is_upsert="created" in one) if one["success"] else one


def _failed(name: str, code: str, message: str, *, is_upsert: bool) -> dict[str, Any]:
    created = {"created": False} if is_upsert else {}
    return {**created, "errors": {"message": message, "statusCode": code}, "fullName": name, "success": False}
