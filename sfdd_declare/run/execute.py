"""The one loop of an apply: operation by operation in the plan's order, journal - send - results - settle.

Independent branches go on when one fails; what needs a failed or blocked operation is skipped. Killed at any point,
a later
run converges to the same end (INV-2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sfdd_declare.model import limits
from sfdd_declare.model.errors import DeclareError, Interrupted, Locked
from sfdd_declare.model.operation import Action, Operation, Stage, Task
from sfdd_declare.model.outcome import Outcome, Status
from sfdd_declare.model.plan import Plan, Usage
from sfdd_declare.model.ports import Settlement
from sfdd_declare.people.columns import CHANGES
from sfdd_declare.run.batches import change_rows
from sfdd_declare.run.finish import finish, record_early_moves
from sfdd_declare.run.items import run_items
from sfdd_declare.run.people import run_people
from sfdd_declare.run.tools import Run, Tools, result_of


def execute(plan: Plan, tools: Tools) -> Outcome:
    """Carry out a plan. What a writer raises becomes a result; a signal ends the run early, journalled."""
    run = Run(plan, tools, tools.calls(), dict(plan.after.ids), {r.address: r for r in tools.resources})
    signal, lost = 0, None
    try:
        signal = _carry_out(run)
    except Locked as error:
        if not run.has_sent:
            raise
        lost = error
    salesforce, dotdigital = run.used()
    run.report("done", "apply")
    for op in plan.operations:
        if op.id not in run.results:
            why = (lost.summary, lost.hint) if lost else ("not reached", "")
            run.results[op.id] = result_of(op, Status.SKIPPED, message=why[0], hint=why[1])
    return Outcome(
        plan,
        tuple(run.results[op.id] for op in plan.operations),
        tuple(run.problems),
        Usage(salesforce=salesforce, dotdigital=dotdigital),
        interrupted=signal,
        people=run.counted.figures(),
        overtaken=lost is not None,
    )


def _carry_out(run: Run) -> int:
    """All of it; returns the number of the signal that ended it, or 0. Raises Locked when the state was taken over."""
    if run.plan.after.relisted:
        run.tools.journal.record(Settlement(relisted=run.plan.after.relisted))
    record_early_moves(run)
    run.remember_calls()
    signal = _operations(run)
    _record_solved(run)
    if not signal:
        finish(run)
    run.remember_calls()
    return signal


def _record_solved(run: Run) -> None:
    """Entries of the ledger about a whole operation, or about a thing, go once everything of it went through."""
    states: dict[tuple[str, str], set[Status]] = defaultdict(set)
    for op in run.plan.operations:
        if op.id in run.results:
            record = op.id if op.rows else str(op.address)
            states[str(dict(op.payload).get("account", "")) if op.rows else "", record].add(run.results[op.id].status)
    solved = tuple(key for key, found in states.items() if found == {Status.DONE})
    if solved:
        run.tools.journal.record(Settlement(solved=solved))


def _operations(run: Run) -> int:
    """Run every operation; returns the number of the signal that ended it, or 0."""
    stage: Stage | None = None
    try:
        for group in _groups(run.plan.operations):
            if signal := run.tools.stop():
                return signal
            if group[0].stage is not stage:
                stage = group[0].stage
                run.report("stage", stage.value)
            ready = tuple(op for op in group if _is_ready(op, run))
            if ready:
                _run_group(ready, run)
                run.remember_calls()
    except Interrupted as interruption:
        return interruption.signal
    return 0


def _groups(operations: tuple[Operation, ...]) -> Iterator[tuple[Operation, ...]]:
    """Registry rows that follow each other and do the same go together, up to one Collections call."""
    group: list[Operation] = []
    for op in operations:
        if group and not (_travels_with(group[-1], op) and len(group) < limits.COLLECTION_ROWS):
            yield tuple(group)
            group = []
        group.append(op)
    if group:
        yield tuple(group)


def _travels_with(left: Operation, right: Operation) -> bool:
    def kind(op: Operation) -> tuple[object, ...]:
        return op.task, op.action is Action.DELETE, dict(op.payload).get("sobject"), op.stage

    return left.task is Task.REGISTRY_ROW and kind(left) == kind(right)


def _is_ready(op: Operation, run: Run) -> bool:
    """False when it is blocked, or when something it needs did not go through; both are recorded."""
    unmet = [need for need in op.needs if not run.went_through(need)]
    if op.blocked_by:
        message = f"blocked by {op.blocked_by}"
        run.results[op.id] = result_of(op, Status.BLOCKED, message=message, hint=f"--allow {op.blocked_by}")
    elif unmet:
        run.results[op.id] = result_of(op, Status.SKIPPED, message=f"needs {unmet[0]}")
    else:
        return True
    _leave_out_members(op, run)
    return False


def _leave_out_members(op: Operation, run: Run) -> None:
    """Nobody joins a book on the strength of a membership that was not made."""
    if op.task is Task.ADD_MEMBERS:
        for batch in change_rows(run.tools.spool, CHANGES, op.id):
            run.unconfirmed.update(str(person) for person in batch.column("person").to_pylist())


def _run_group(group: tuple[Operation, ...], run: Run) -> None:
    first = group[0]
    total = first.rows.people if first.rows else len(group)
    run.report("operation", first.id, 0, total)
    try:
        if first.rows is None:
            run_items(group, run)
        else:
            run_people(first, run)
    except Interrupted:
        raise
    except DeclareError as error:
        for op in group:
            run.results.setdefault(op.id, result_of(op, Status.FAILED, message=str(error), hint=error.hint, failed=1))
        if isinstance(error, Locked):
            raise
    if run.results[first.id].status is Status.FAILED:
        _leave_out_members(first, run)
    run.report("operation", first.id, total, total)
