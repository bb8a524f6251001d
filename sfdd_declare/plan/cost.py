"""What an operation will cost in calls: estimates for the reader of a plan, from the batch sizes of `model.limits`."""

from __future__ import annotations

from math import ceil

from sfdd_declare.model import limits
from sfdd_declare.model.operation import Cost, Operation, RowSet, Task
from sfdd_declare.model.plan import Usage


def people_cost(task: Task, rows: RowSet) -> Cost:
    """Calls of one people operation; a job is estimated at two polls. Before a filled value is replaced, its person is
    read again on both sides (WIRE-6).
    """
    people = rows.people
    replaced = sum(count for name, count in rows.counts if name.endswith((":overwrite", ":blank")))
    again = ceil(min(people, replaced) / limits.LOOK_UP_ROWS)
    if task in (Task.ADD_MEMBERS, Task.ADOPT, Task.OPT_OUT_RECORDS):
        return Cost(salesforce=write_calls(people))
    if task is Task.UPDATE_RECORDS:
        return Cost(salesforce=again + write_calls(people), dotdigital=again)
    if task is Task.REMOVE_MEMBERS:
        return Cost(salesforce=ceil(people / limits.COLLECTION_ROWS))
    if task is Task.CREATE_LEADS:  # looked up once more, written, added to their campaigns
        return Cost(salesforce=5 * ceil(people / limits.COLLECTION_ROWS))
    if task is Task.SUPPRESS:
        return Cost(dotdigital=ceil(people / limits.SUPPRESS_ROWS))
    if task is Task.REMOVE_FROM_LIST:
        return Cost(dotdigital=3 * ceil(people / limits.LIST_DELETE_ROWS))
    size = people * limits.IMPORT_BYTES_PER_CONTACT + rows.rows * limits.IMPORT_BYTES_PER_VALUE
    return Cost(salesforce=again, dotdigital=again + 3 * ceil(size / limits.IMPORT_BYTES))


def write_calls(rows: int) -> int:
    """Salesforce calls for so many rows of one type: a job per full batch, and one for a large rest."""
    jobs, rest = divmod(rows, limits.BULK_BATCH_ROWS)
    if rest > limits.BULK_WRITE_ROWS:
        jobs, rest = jobs + 1, 0
    return jobs * limits.BULK_JOB_CALLS + ceil(rest / limits.COLLECTION_ROWS)


def total(operations: tuple[Operation, ...], *, salesforce_left: int | None, dotdigital_left: int | None) -> Usage:
    """Sum of what is not blocked. Registry rows of one kind travel together."""
    active = [op for op in operations if not op.blocked_by]
    rows = sum(1 for op in active if op.task is Task.REGISTRY_ROW)
    salesforce = sum(op.cost.salesforce for op in active if op.task is not Task.REGISTRY_ROW)
    dotdigital = sum(op.cost.dotdigital for op in active)
    calls = salesforce + ceil(rows / limits.COLLECTION_ROWS) + dotdigital
    return Usage(
        salesforce=salesforce + ceil(rows / limits.COLLECTION_ROWS),
        dotdigital=dotdigital,
        salesforce_left=salesforce_left,
        dotdigital_left=dotdigital_left,
        minutes=round(calls / 60, 1),
    )
