"""Operations without rows: one send for a group, one settlement for what it proved."""

from __future__ import annotations

from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.outcome import Status
from sfdd_declare.model.ports import Batch, ItemResult, Settlement
from sfdd_declare.run.settle import item_settlement
from sfdd_declare.run.tools import Run, result_of, send


def run_items(group: tuple[Operation, ...], run: Run) -> None:
    """Carry out operations that travel together. Raises what the writer raises."""
    first = group[0]
    run.tools.journal.begin(first, 0, "", ())
    answers = send(Batch(group, 0, (), dict(run.ids)), run, lambda _: None).items
    by_id = {answer.operation: answer for answer in answers}
    merged = Settlement()
    for op in group:
        answer = by_id.get(op.id, ItemResult(op.id, ok=False, message="no answer for this row"))
        settlement = item_settlement(op, answer, run.resources, run.ids)
        _learn(op, answer, settlement, run)
        merged = _merged(merged, settlement)
        run.results[op.id] = result_of(
            op,
            Status.DONE if answer.ok else Status.FAILED,
            message=f"{answer.code} {answer.message}".strip(),
            hint=answer.hint,
            done=int(answer.ok),
            failed=int(not answer.ok),
        )
    run.tools.journal.settle(first.id, 0, merged)


def _learn(op: Operation, answer: ItemResult, settlement: Settlement, run: Run) -> None:
    run.problems.extend(settlement.problems)
    for resource in settlement.resources:
        run.resources[resource.address] = resource
    for address in settlement.forgotten:
        run.resources.pop(address, None)
    if answer.ok and answer.live_id and op.task in (Task.CAMPAIGN, Task.ADDRESS_BOOK):
        run.ids[f"@{op.address}"] = answer.live_id


def _merged(left: Settlement, right: Settlement) -> Settlement:
    return Settlement(
        resources=left.resources + right.resources,
        forgotten=left.forgotten + right.forgotten,
        problems=left.problems + right.problems,
    )
