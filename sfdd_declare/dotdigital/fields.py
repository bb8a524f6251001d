"""Data fields: the Writer of `data_field`.

Dotdigital has no call to change one. A replacement is a deletion and a creation, and takes every value with it; the
plan says so and asks. Attributes that the operation does not name are read first, so that they survive it. A field that
is in use somewhere in Dotdigital cannot be deleted; what uses it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from sfdd_declare.dotdigital.changes import each, new_values, not_for
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.errors import of_things
from sfdd_declare.dotdigital.setup import data_fields
from sfdd_declare.dotdigital.values import instant
from sfdd_declare.model.errors import Conflict, NotFound, Transient
from sfdd_declare.model.live import LiveDataField
from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.ports import Batch, ItemResult, Results
from sfdd_declare.model.state import Scalar
from sfdd_declare.wire.pacing import is_uncertain

_ALL = "/v2/data-fields"
_ONE = "/v2/data-fields/{name}"


class _Deleted(msgspec.Struct):
    """Whether a field was deleted, and if not, what uses it."""

    result: bool
    dependencies: list[Any] | None = None


class DataFieldWriter:
    """Implements `model.ports.Writer`: create, replace, delete."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """No job is started, so `on_job` is never called."""
        del on_job
        return each(batch, self._carry_out, on_progress)

    def _carry_out(self, operation: Operation) -> ItemResult:
        name = _name(operation)
        if operation.action is Action.CREATE:
            self._create(name, new_values(operation))
        elif operation.action is Action.DELETE:
            return ItemResult(operation.id, ok=True, live_id=name, already=not self._delete(name, operation))
        elif operation.action is Action.REPLACE:
            self._replace(name, operation)
        else:
            raise not_for(operation, "A data field")
        return ItemResult(operation.id, ok=True, live_id=name)

    def _replace(self, name: str, operation: Operation) -> None:
        present = self._named(name)
        kept: dict[str, Scalar] = {}
        if present:
            kept = {"type": present.type.value, "visibility": present.visibility, "defaultValue": present.default}
            self._delete(present.name, operation)
        self._create(name, {**kept, **new_values(operation)})

    def _create(self, name: str, wanted: Mapping[str, Scalar]) -> None:
        """A create whose reply was lost is repeated only if the field is not there."""
        body = _body(name, wanted)
        try:
            self._client.send("POST", _ALL, json=body, idempotent=False)
        except Transient as error:
            if not is_uncertain(error):
                raise
            if self._named(name) is None:
                self._client.send("POST", _ALL, json=body, idempotent=False)

    def _delete(self, name: str, operation: Operation) -> bool:
        """Whether there was something to delete. Raises Conflict when the field is in use."""
        try:
            reply = self._client.send("DELETE", f"{_ALL}/{quote(name, safe='')}", template=_ONE)
        except NotFound:
            return False
        except Conflict as error:
            raise _in_use(name, operation, error.detail) from error
        answer = self._client.decode(reply, _Deleted) if reply.body.strip() else _Deleted(result=True)
        if not answer.result:
            raise _in_use(name, operation, ", ".join(_dependency(entry) for entry in answer.dependencies or ()))
        return True

    def _named(self, name: str) -> LiveDataField | None:
        fields = data_fields(self._client)
        return next((field for field in fields if field.name.casefold() == name.casefold()), None)


def _name(operation: Operation) -> str:
    named = next((change.new or change.old for change in operation.fields if change.name == "name"), None)
    return str(named or operation.prior_id or operation.address.parts[-1])


def _body(name: str, wanted: Mapping[str, Scalar]) -> bytes:
    kind = DataFieldType(str(wanted["type"]))
    body: dict[str, Any] = {"name": name, "type": kind.value}
    if wanted.get("visibility"):
        body["visibility"] = wanted["visibility"]
    default = wanted.get("defaultValue")
    if default is not None:
        body["defaultValue"] = _typed(default, kind)
    return msgspec.json.Encoder(decimal_format="number").encode(body)


def _typed(default: str | bool | float, kind: DataFieldType) -> object:
    if kind is DataFieldType.DATE:
        return instant(str(default))
    if kind is DataFieldType.NUMERIC and isinstance(default, str):
        return Decimal(default)
    return default


def _dependency(entry: object) -> str:
    """Dependencies come as texts or as objects with a type and an id."""
    if isinstance(entry, dict):
        fields = {str(name).casefold(): value for name, value in entry.items()}
        return f"{fields.get('type', 'something')} {fields.get('objectid', '')}".strip()
    return of_things(str(entry))


def _in_use(name: str, operation: Operation, by: str) -> Conflict:
    return Conflict(
        "SFDD-E2213",
        f"The data field {name} is in use in Dotdigital and cannot be deleted",
        code="inUse",
        detail=by,
        where=str(operation.address),
        hint=f"data_fields.{'.'.join(operation.address.parts)}: existing",
    )
