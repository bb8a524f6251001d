"""Writing our own rows: upserts by external id, renames and deletes by record id, 200 a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import StrEnum

from sfdd_declare.model import registry
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.ports import Batch, ItemResult, Results
from sfdd_declare.model.state import Scalar
from sfdd_declare.salesforce import collections, errors
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.codes import meaning_of
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.references import body_of

_LOCKED_WAITS = (1.0, 3.0, 5.0)


class Way(StrEnum):
    """How a row is written. A row that gets another key (`moved:`) is found by its record id."""

    UPSERT = "upsert"
    RENAME = "rename"
    DELETE = "delete"


class RegistryWriter:
    """Carries out REGISTRY_ROW for the rows of one lineage."""

    def __init__(self, client: Client, lineage: str) -> None:
        """Raises BugError without a lineage: its rows would be nobody's."""
        if not lineage:
            raise BugError("SFDD-E9923", "Rows of the registry were to be written without the lineage they belong to.")
        self._client = client
        self._lineage = lineage

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        """One call per object and 200 rows. An upsert may be repeated at any time, and so may a delete."""
        del on_job
        answers: dict[str, ItemResult] = {}
        for (sobject, way), operations in _grouped(batch.operations).items():
            results = (
                self._delete(sobject, operations) if way is Way.DELETE else self._write(sobject, way, operations, batch)
            )
            for operation, result in zip(operations, results, strict=True):
                answers[operation.id] = _answer(operation, result)
            on_progress(len(answers))
        return Results(items=tuple(answers[operation.id] for operation in batch.operations))

    def _write(self, sobject: str, way: Way, operations: Sequence[Operation], batch: Batch) -> list[RowResult]:
        def write(records: list[dict[str, Scalar]]) -> list[RowResult]:
            if way is Way.RENAME:
                return collections.update(self._client, sobject, records)
            return collections.upsert(self._client, sobject, registry.EXTERNAL_ID, records)

        records = [self._record(operation, way, batch) for operation in operations]
        results = write(records)
        for wait in _LOCKED_WAITS:
            locked = [i for i, result in enumerate(results) if result.code in errors.TRANSIENT_CODES]
            if not locked:
                break
            self._client.pause(wait)
            again = write([records[i] for i in locked])
            for i, result in zip(locked, again, strict=True):
                results[i] = result
        return results

    def _delete(self, sobject: str, operations: Sequence[Operation]) -> list[RowResult]:
        return collections.delete(self._client, sobject, [operation.prior_id for operation in operations])

    def _record(self, operation: Operation, way: Way, batch: Batch) -> dict[str, Scalar]:
        key: dict[str, Scalar] = {registry.EXTERNAL_ID: self._external_id(operation)}
        if way is Way.RENAME:
            key["Id"] = operation.prior_id
        return {**body_of(operation, batch.ids), **key}

    def _external_id(self, operation: Operation) -> str:
        return registry.external_id(self._lineage, str(dict(operation.payload)["key"]))


def _grouped(operations: Sequence[Operation]) -> dict[tuple[str, Way], list[Operation]]:
    groups: dict[tuple[str, Way], list[Operation]] = defaultdict(list)
    for operation in operations:
        sobject = str(dict(operation.payload).get("sobject") or registry.SOBJECT_OF[operation.address.kind])
        groups[sobject, _way(operation)].append(operation)
    return dict(sorted(groups.items()))


def _way(operation: Operation) -> Way:
    if operation.action is Action.DELETE:
        return Way.DELETE
    return Way.RENAME if dict(operation.payload).get("renamed") else Way.UPSERT


def _answer(operation: Operation, result: RowResult) -> ItemResult:
    if result.ok:
        return ItemResult(operation.id, ok=True, live_id=result.id or operation.prior_id)
    known = meaning_of(result.code)
    hint = known.hint if known else str(operation.address)
    return ItemResult(operation.id, ok=False, code=result.code, message=result.message, hint=hint)
