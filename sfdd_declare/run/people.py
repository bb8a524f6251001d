"""Operations with rows: batch by batch, each journalled before it is sent and settled by what its rows answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa
from pydantic import SecretStr

from sfdd_declare.model.canonical import email_key, keyed_hash
from sfdd_declare.model.errors import DeclareError, Interrupted, Terminal
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.outcome import OperationResult, Problem, Status
from sfdd_declare.model.ports import Batch, ImportRow, MemberRemovalRow, PersonResult, Settlement, SuppressRow
from sfdd_declare.model.state import Intent
from sfdd_declare.people import memories
from sfdd_declare.run.batches import PeopleBatch, people_batches
from sfdd_declare.run.leads import add_members, newcomers
from sfdd_declare.run.remember import REMEMBERED, remembered_opt_outs
from sfdd_declare.run.settle import Keys, people_settlement
from sfdd_declare.run.tools import Run, result_of, send
from sfdd_declare.wire.pacing import is_uncertain

#: Why nothing was sent for people although their turn came.
UNSUPPORTED = "waiting for a campaign member, another address, or somebody who goes first"


@dataclass(slots=True)
class Tally:
    """Persons done and failed so far in one operation; `left_out` on purpose, by what became of them meanwhile;
    `sent`, those of the batch whose answer is awaited.
    """

    done: int = 0
    failed: int = 0
    sent: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    may_all_fail: bool = False  # what comes after goes on without these persons

    def add(self, results: tuple[PersonResult, ...]) -> None:
        self.done += sum(result.ok for result in results)
        self.failed += sum(not result.ok for result in results)
        self.sent = 0

    @property
    def status(self) -> Status:
        if not self.failed:
            return Status.DONE
        return Status.PARTIAL if self.done or self.may_all_fail else Status.FAILED

    def result(self, op: Operation, status: Status, *, message: str = "", hint: str = "") -> OperationResult:
        """INV-7: whoever the plan showed and the apply left alone is counted and named."""
        result = result_of(op, status, message=message, hint=hint, done=self.done, failed=self.failed)
        return replace(result, left_out=tuple(self.left_out.items()))


def run_people(op: Operation, run: Run) -> None:
    """Carry out one people operation. A failing batch ends the operation; what was settled stays settled."""
    tally = Tally(may_all_fail=op.task is Task.RENAME)
    _remember_approval(op, run)
    try:
        for number, batch in enumerate(_batches(op, run)):
            _run_batch(op, number, batch, run, tally)
            if signal := run.tools.stop():
                raise Interrupted(signal)
    except Interrupted:
        if tally.done or tally.failed or tally.sent:
            result = tally.result(op, Status.PARTIAL, message="interrupted")
            run.results[op.id] = replace(result, unknown=tally.sent)
        raise
    except DeclareError as error:
        run.results[op.id] = _broken_off(op, error, run, tally)
        return
    idle = tally.result(op, tally.status).not_reached
    if idle:
        tally.left_out[UNSUPPORTED] += idle
    run.results[op.id] = tally.result(op, tally.status, message=_left_out(tally))


def _left_out(tally: Tally) -> str:
    said = (f"{count} {'person' if count == 1 else 'people'} {what}" for what, count in tally.left_out.items())
    return "; ".join(said) + ": left out, `sfdd plan` shows them" if tally.left_out else ""


def _broken_off(op: Operation, error: DeclareError, run: Run, tally: Tally) -> OperationResult:
    """A batch whose answer was lost may have been carried out; one that was refused as a whole goes on record, so that
    it is found again.
    """
    status = Status.PARTIAL if tally.done else Status.FAILED
    result = tally.result(op, status, message=str(error), hint=error.hint)
    if isinstance(error, Terminal):
        account = str(dict(op.payload).get("account", ""))
        refusal = Problem(op.id, account, op.id, "", error.code or error.id, error.summary)
        run.tools.journal.record(Settlement(problems=(refusal,)))
        return replace(result, refused=True)
    return replace(result, unknown=tally.sent if is_uncertain(error) else 0)


def _remember_approval(op: Operation, run: Run) -> None:
    """CON-15: creations are approved once per account; a kill between sending them and the end must not ask again."""
    if op.task is Task.IMPORT_CONTACTS:
        name = f"double_opt_in:{dict(op.payload)['account']}"
        marks = tuple((mark, value) for mark, value in run.plan.after.marks if mark == name)
        run.tools.journal.record(Settlement(marks=marks))


def _batches(op: Operation, run: Run) -> Iterator[PeopleBatch]:
    joins = op.task in (Task.IMPORT_CONTACTS, Task.IMPORT_OPTED_OUT)
    leave_out = frozenset(run.unconfirmed) if joins else frozenset()
    batches = people_batches(op, run.tools.spool, run.plan.sets, leave_out=leave_out, removed=run.removed)
    for batch in batches:
        kept = batch.without(run.unrenamed) if joins else batch
        if kept.rows:
            yield kept


def _run_batch(op: Operation, number: int, batch: PeopleBatch, run: Run, tally: Tally) -> None:
    account = str(dict(op.payload).get("account", ""))
    batch = _rechecked(op, batch, run, tally)
    if not batch.rows:
        return
    run.tools.journal.begin(op, number, account, _intents(batch, account, run.tools.hash_key))
    before, total = tally.done + tally.failed, op.rows.people if op.rows else 0
    sent = Batch((op,), number, batch.rows, dict(run.ids))
    tally.sent = len({row.person for row in batch.rows})
    results = send(sent, run, lambda rows: run.report("operation", op.id, before + rows, total)).people
    if op.task is Task.IMPORT_OPTED_OUT:
        results = _suppress_refused(sent, results, run)
    if op.task is Task.CREATE_LEADS:
        results = add_members(sent, results, run)
    settlement = people_settlement(op, batch.table, results, Keys.of(run.plan.sets), run.tools.hash_key)
    settlement = replace(
        settlement,
        remembered=_remembered(op, sent, batch.table, results, run.tools.hash_key),
        newcomers=newcomers(sent, batch.table, results),
    )
    run.tools.journal.settle(op.id, number, settlement)
    run.problems.extend(settlement.problems)
    _count_joined(op, settlement, run)
    run.counted.add(op, batch.table, results)
    tally.add(results)
    if op.task is Task.RENAME:
        run.unrenamed.update(result.person for result in results if not result.ok)
    if op.task is Task.ADD_MEMBERS:
        run.unconfirmed.update(result.person for result in results if not result.ok)
    if op.task is Task.REMOVE_MEMBERS:
        gone = {result.person for result in results if result.ok}
        run.removed |= {r.member_id for r in batch.rows if isinstance(r, MemberRemovalRow) and r.person in gone}


def _rechecked(op: Operation, batch: PeopleBatch, run: Run, tally: Tally) -> PeopleBatch:
    """The batch without whoever must not go out any more as the plan has them (WIRE-6)."""
    for recheck in run.tools.rechecks:
        leave_out = recheck(op, batch) if batch.rows else frozenset()
        if leave_out:
            tally.left_out[recheck.what] += len(leave_out)
            run.unrenamed.update(leave_out if op.task is Task.RENAME else ())
            batch = batch.without(leave_out)
    return batch


def _count_joined(op: Operation, settlement: Settlement, run: Run) -> None:
    """What our own writes do to the counts that the lists show (RUN-3)."""
    if settlement.memberships is None:
        return
    each = -1 if op.task is Task.REMOVE_FROM_LIST else 1
    for book in settlement.memberships.column("address_book").to_pylist():
        run.joined[book] += each


def _intents(batch: PeopleBatch, account: str, hash_key: SecretStr) -> tuple[Intent, ...]:
    """What a kill right after sending must not make us forget: who is being added to which book."""
    key = hash_key.get_secret_value()
    return tuple(
        Intent(account, book, keyed_hash(key, email_key(row.email)))
        for row in batch.rows
        if isinstance(row, ImportRow)
        for book in row.books
    )


def _remembered(
    op: Operation, sent: Batch, table: pa.Table, results: tuple[PersonResult, ...], hash_key: SecretStr
) -> pa.Table | None:
    if op.task in (Task.SUPPRESS, Task.OPT_OUT_RECORDS):
        return remembered_opt_outs(table, hash_key, {result.person for result in results if result.ok})
    return _refused_for_good(sent, results, str(dict(op.payload).get("account", "")), hash_key)


def _refused_for_good(
    sent: Batch, results: tuple[PersonResult, ...], account: str, hash_key: SecretStr
) -> pa.Table | None:
    """WIRE-1: an address that is refused for good is remembered by its keyed hash, so that another address is tried."""
    never = {result.person for result in results if result.permanent}
    key = hash_key.get_secret_value()
    hashes = [
        keyed_hash(key, memories.refused_text(email_key(row.email)))
        for row in sent.rows
        if isinstance(row, ImportRow) and row.person in never
    ]
    rows = [{"account": account, "email_hash": hashed, "reason": memories.REFUSED} for hashed in hashes]
    return pa.Table.from_pylist(rows, schema=REMEMBERED) if rows else None


def _suppress_refused(sent: Batch, results: tuple[PersonResult, ...], run: Run) -> tuple[PersonResult, ...]:
    """CON-3: a contact that was created although its opted-out status was refused is suppressed at once."""
    emails = {row.person: row.email for row in sent.rows if isinstance(row, ImportRow)}
    rows = tuple(
        SuppressRow(result.person, result.contact_id, emails[result.person])
        for result in results
        if result.refused and result.contact_id is not None
    )
    if not rows:
        return results
    suppressing = replace(sent.operations[0], task=Task.SUPPRESS)
    again = Batch((suppressing,), sent.number, rows, sent.ids)
    with run.tools.stop.owing():
        answers = run.tools.writer(suppressing).send(again, lambda _: None, lambda _: None).people
    suppressed = {answer.person: answer for answer in answers}
    return tuple(_after_suppression(result, suppressed.get(result.person)) for result in results)


def _after_suppression(result: PersonResult, answer: PersonResult | None) -> PersonResult:
    if not result.refused or answer is None:
        return result
    return replace(result, ok=answer.ok, refused=False, code=answer.code, message=answer.message)
