"""What the writers of set-up share: one result per operation, and the attributes an operation sets."""

from __future__ import annotations

from collections.abc import Callable

from sfdd_declare.model.errors import BugError, RemoteError
from sfdd_declare.model.operation import Operation
from sfdd_declare.model.ports import Batch, ItemResult, Results
from sfdd_declare.model.state import Scalar


def each(batch: Batch, carry_out: Callable[[Operation], ItemResult], on_progress: Callable[[int], None]) -> Results:
    """Carry out a batch's operations one by one: one that fails does not keep the others from their turn."""
    items = []
    for operation in batch.operations:
        try:
            items.append(carry_out(operation))
        except RemoteError as error:
            items.append(failure(operation, error))
        on_progress(len(items))
    return Results(items=tuple(items))


def failure(operation: Operation, error: RemoteError) -> ItemResult:
    """An error as the result of its operation. The vendor's own words follow ours."""
    message = f"{error.summary} ({error.detail})" if error.detail else error.summary
    return ItemResult(operation.id, ok=False, code=error.id, message=message, hint=error.hint)


def new_values(operation: Operation) -> dict[str, Scalar]:
    """What the operation sets, by the vendor's attribute: changed fields, and what the payload adds to them."""
    return {**dict(operation.payload), **{change.name: change.new for change in operation.fields}}


def not_for(operation: Operation, what: str) -> BugError:
    """The plan asks for an action that this kind of thing does not have."""
    return BugError("SFDD-E9905", f"{what} cannot be carried out as {operation.action}", where=str(operation.address))
