"""The order of operations: stages first, then the graph of needs, then address - the same for the same set of
operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from sfdd_declare.model.errors import BugError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import STAGES, Action, Operation, Task

# Within a stage: what others refer to comes first; deletions run after everything else.
_TASK_ORDER = (
    Task.STATE_ONLY,
    Task.DEPLOY_REGISTRY,
    Task.CAMPAIGN,
    Task.CAMPAIGN_STATUS,
    Task.ADDRESS_BOOK,
    Task.DATA_FIELD,
    Task.REGISTRY_ROW,
    Task.REMOVE_MEMBERS,  # before address books lose whom these members wanted there
)


def ordered(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Sort by stage and needs, ties by task and id; needs of operations that are not there are dropped."""
    by_id = {operation.id: _with_present_needs(operation, operation.needs) for operation in operations}
    by_id = {key: _with_present_needs(op, tuple(n for n in op.needs if n in by_id)) for key, op in by_id.items()}
    sorter = TopologicalSorter({key: operation.needs for key, operation in by_id.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise BugError("SFDD-E9902", "operations need each other in a circle", detail=str(error.args[1])) from error
    done: list[Operation] = []
    ready: list[OperationId] = []
    while sorter.is_active():
        ready.extend(sorter.get_ready())
        ready.sort(key=lambda key: _rank(by_id[key]))
        first = ready.pop(0)
        done.append(by_id[first])
        sorter.done(first)
    return tuple(done)


def _with_present_needs(operation: Operation, needs: tuple[OperationId, ...]) -> Operation:
    unique = tuple(dict.fromkeys(need for need in needs if need != operation.id))
    return operation if unique == operation.needs else replace(operation, needs=unique)


def _rank(operation: Operation) -> tuple[int, bool, int, str]:
    task = _TASK_ORDER.index(operation.task) if operation.task in _TASK_ORDER else len(_TASK_ORDER)
    return STAGES.index(operation.stage), operation.action is Action.DELETE, task, operation.id
