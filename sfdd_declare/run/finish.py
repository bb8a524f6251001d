"""The end of an apply: base moves that need no write, then baselines and watermarks, last of all (RUN-2, BASE-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.outcome import Findings, OperationResult, Problem, Status
from sfdd_declare.model.ports import Settlement, Spool
from sfdd_declare.model.state import Resource
from sfdd_declare.people import held, memories
from sfdd_declare.people.checks import MEANINGS
from sfdd_declare.people.columns import CHANGES, MOVES, list_optouts, suppressed
from sfdd_declare.people.question import EARLY_MOVES_ID, MOVES_ID, RECORDS, problems_id
from sfdd_declare.plan import turns
from sfdd_declare.plan.flows import PREFIX
from sfdd_declare.plan.passes import OF_A_PASS, SINCE
from sfdd_declare.run.batches import change_rows
from sfdd_declare.run.progress import addresses_of, behind
from sfdd_declare.run.remember import REMEMBERED, remembered_opt_outs
from sfdd_declare.run.settle import Keys, moves_settlement
from sfdd_declare.run.tools import Run


def record_early_moves(run: Run) -> None:
    """Before anything is carried out: what is so whatever becomes of the operations."""
    keys = Keys.of(run.plan.sets)
    for batch in change_rows(run.tools.spool, MOVES, OperationId(EARLY_MOVES_ID)):
        run.tools.journal.record(moves_settlement(pa.Table.from_batches([batch]), keys))


def finish(run: Run) -> None:
    """Record what was seen. Baselines and first-run marks only for accounts whose people operations went through."""
    plan, journal, spool = run.plan, run.tools.journal, run.tools.spool
    keys = Keys.of(plan.sets)
    unsuppressed = _unsuppressed_accounts(run.results)
    for batch in change_rows(spool, MOVES, OperationId(MOVES_ID)):
        moves = _without_changes_of_contact(pa.Table.from_batches([batch]), unsuppressed)
        remembered = remembered_opt_outs(moves, run.tools.hash_key)
        journal.record(replace(moves_settlement(moves, keys), remembered=remembered))
    for account, _ in plan.header.accounts:
        for told in _remembered(account, spool, run.tools.hash_key):
            journal.record(Settlement(remembered=told))
    failed = _failed_accounts(run.results)
    books = tuple(
        replace(
            book,
            list_id=book.list_id or int(run.ids.get(f"@address_book.{book.address_book}", "0")),
            count_seen=book.count_seen + run.joined[book.address_book],
        )
        for book in plan.after.books
        if book.account not in failed
    )
    unfinished = failed | _unfinished_accounts(run.results)
    is_whole = _all_dealt_with(run)
    moves_all = is_whole and SINCE in dict(plan.after.marks)
    marks = tuple(
        (name, value)
        for name, value in (*plan.after.marks, *(() if moves_all else _marks_of_links(run)))
        if not _is_about("first:", name, failed)
        and not _is_about(PREFIX, name, unfinished)
        and (is_whole or not name.startswith(OF_A_PASS))
    )
    resources = tuple(_refreshed(plan.after.resources, run))
    journal.record(Settlement(resources=resources, books=tuple(b for b in books if b.list_id), marks=marks))
    for account, _ in plan.header.accounts:
        journal.record(Settlement(findings=(_findings(account, run),)))
    for entry in run.tools.unfinished:
        journal.abandon(entry)


def _findings(account: str, run: Run) -> Findings:
    """What planning left out of this account's people, for the ledger: ids and codes, never a value."""
    operation = OperationId(problems_id(account))
    rows = (row for batch in change_rows(run.tools.spool, CHANGES, operation) for row in batch.to_pylist())
    return Findings(
        account=account,
        operation=operation,
        problems=tuple(_finding(row, account, operation) for row in rows),
        is_whole=account in run.plan.after.looked_at,
        fresh=frozenset((problem.record, problem.field) for problem in run.problems if problem.account == account),
    )


def _finding(row: Mapping[str, str], account: str, operation: OperationId) -> Problem:
    code = row["decision"]
    if code == memories.REFUSED:
        return Problem(operation, account, row["person"], "", code, held.REFUSED, permanent=True)
    return Problem(operation, account, row["person"], row["field"], code, MEANINGS.get(code, ""))


def _refreshed(resources: tuple[Resource, ...], run: Run) -> Iterator[Resource]:
    """Bases in step. Where an operation of this run has moved the base already, only what rules its end is news."""
    touched = frozenset(str(op.address) for op in run.plan.operations if op.rows is None)
    for fresh in resources:
        moved = run.resources.get(fresh.address)
        if fresh.address not in touched:
            yield fresh
        elif moved is not None:
            yield replace(moved, on_destroy=fresh.on_destroy, prevent_destroy=fresh.prevent_destroy)


def _failed_accounts(results: Mapping[OperationId, OperationResult]) -> frozenset[str]:
    """Accounts of which a whole people operation did not go through."""
    bad = (Status.FAILED, Status.SKIPPED, Status.BLOCKED)
    return frozenset(
        key.split(":")[1] for key, result in results.items() if _is_of_values(key) and result.status in bad
    )


def _all_dealt_with(run: Run) -> bool:
    """Whether everybody was written or has a problem on record: whoever was left out must be read again (RUN-2)."""
    return not behind(run.plan, run.results)


def _marks_of_links(run: Run) -> Iterable[tuple[str, str]]:
    """Of each link of which everybody was dealt with, where the marks of all links do not move."""
    after, open_now = run.plan.after, behind(run.plan, run.results)
    carried = [link.address for link in after.carried if not open_now & set(addresses_of(link))]
    return turns.kept(dict(after.pass_marks), carried).items()


def _unsuppressed_accounts(results: Mapping[OperationId, OperationResult]) -> frozenset[str]:
    """Accounts in which not everybody was suppressed who was to be."""
    return frozenset(
        key.split(":")[1]
        for key, result in results.items()
        if key.startswith("suppress:") and (result.status is not Status.DONE or result.skipped)
    )


def _without_changes_of_contact(moves: pa.Table, accounts: frozenset[str]) -> pa.Table:
    """An opt-out goes along when somebody goes over to another contact (ID-4): until it is there, they stay."""
    if not accounts:
        return moves
    is_one = pc.and_(
        pc.is_in(moves["account"], value_set=pa.array(sorted(accounts), pa.string())),
        pc.and_(pc.equal(moves["aspect"], "identity"), pc.equal(moves["reason"], "ID-4")),
    )
    return moves.filter(pc.invert(pc.fill_null(is_one, False)))


def _unfinished_accounts(results: Mapping[OperationId, OperationResult]) -> frozenset[str]:
    """Accounts with people whose turn did not come: what an earlier direction owes them is still owed (BASE-7)."""
    return frozenset(key.split(":")[1] for key, result in results.items() if _is_of_values(key) and result.skipped)


def _is_of_values(key: OperationId) -> bool:
    return key.startswith(("import:", "create:", "import_opted_out:", "rename:", f"{RECORDS}:"))


def _is_about(kind: str, name: str, accounts: frozenset[str]) -> bool:
    return name.startswith(kind) and name.split(":")[1] in accounts


def _remembered(account: str, spool: Spool, hash_key: SecretStr) -> Iterator[pa.Table]:
    """What this run read of suppressions, account-wide and per address book, by keyed hash: it outlives the contact."""
    for rows in _opt_outs(account, spool, hash_key.get_secret_value()):
        if rows:
            yield pa.Table.from_pylist([{"account": account, **row} for row in rows], schema=REMEMBERED)


def _opt_outs(account: str, spool: Spool, key: str) -> Iterator[list[dict[str, str]]]:
    for batch in _batches(spool, suppressed(account), ["email_key", "reason"]):
        yield [
            {"email_hash": keyed_hash(key, row["email_key"]), "reason": row["reason"]}
            for row in batch
            if row["email_key"]
        ]
    for batch in _batches(spool, list_optouts(account), ["address_book", "email_key"]):
        yield [
            {"email_hash": keyed_hash(key, f"{row['address_book']}\x1f{row['email_key']}"), "reason": memories.LIST}
            for row in batch
            if row["email_key"]
        ]


def _batches(spool: Spool, dataset: str, names: list[str]) -> Iterator[list[dict[str, str]]]:
    for part in spool.parts(dataset):
        for batch in pq.ParquetFile(part).iter_batches(columns=names):
            yield batch.to_pylist()
