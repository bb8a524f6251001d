"""Writing our own rows: upserts by external id, deletes by record id, 200 a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from sfdd_declare.model import registry
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.operation import Action, Operation
from sfdd_declare.model.ports import Batch, ItemResult, Results
from sfdd_declare.salesforce import collections, errors
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult
from sfdd_declare.salesforce.references import body_of

_LOCKED_WAITS = (1.0, 3.0, 5.0)


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
        for (sobject, is_delete), operations in _grouped(batch.operations).items():
            results = self._delete(operations) if is_delete else self._upsert(sobject, operations, batch)
            for operation, result in zip(operations, results, strict=True):
                answers[operation.id] = _answer(operation, result)
            on_progress(len(answers))
        return Results(items=tuple(answers[operation.id] for operation in batch.operations))

    def _upsert(self, sobject: str, operations: Sequence[Operation], batch: Batch) -> list[RowResult]:
        records = [
            {**body_of(operation, batch.ids), registry.EXTERNAL_ID: self._external_id(operation)}
            for operation in operations
        ]
        results = collections.upsert(self._client, sobject, registry.EXTERNAL_ID, records)
        for wait in _LOCKED_WAITS:
            locked = [i for i, result in enumerate(results) if result.code in errors.TRANSIENT_CODES]
            if not locked:
                break
            self._client.pause(wait)
            again = collections.upsert(self._client, sobject, registry.EXTERNAL_ID, [records[i] for i in locked])
            for i, result in zip(locked, again, strict=True):
                results[i] = result
        return results

    def _delete(self, operations: Sequence[Operation]) -> list[RowResult]:
        return collections.delete(self._client, [operation.prior_id for operation in operations])

    def _external_id(self, operation: Operation) -> str:
        return registry.external_id(self._lineage, str(dict(operation.payload)["key"]))


def _grouped(operations: Sequence[Operation]) -> dict[tuple[str, bool], list[Operation]]:
    groups: dict[tuple[str, bool], list[Operation]] = defaultdict(list)
    for operation in operations:
        sobject = str(dict(operation.payload).get("sobject") or registry.SOBJECT_OF[operation.address.kind])
        groups[sobject, operation.action is Action.DELETE].append(operation)
    return dict(sorted(groups.items()))


def _answer(operation: Operation, result: RowResult) -> ItemResult:
    if result.ok:
        return ItemResult(operation.id, ok=True, live_id=result.id or operation.prior_id)
    return ItemResult(operation.id, ok=False, code=result.code, message=result.message, hint=str(operation.address))
