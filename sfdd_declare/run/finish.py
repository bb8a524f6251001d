"""The end of an apply: base moves that need no write, then baselines and watermarks, last of all (RUN-2, BASE-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.outcome import OperationResult, Status
from sfdd_declare.model.ports import Settlement, Spool
from sfdd_declare.people.columns import MOVES, suppressed
from sfdd_declare.run.batches import change_rows
from sfdd_declare.run.settle import Keys, moves_settlement
from sfdd_declare.run.tools import Run

_REMEMBERED = pa.schema([("account", pa.string()), ("email_hash", pa.string()), ("reason", pa.string())])


def finish(run: Run) -> None:
    """Record what was seen. Baselines and first-run marks only for accounts whose people operations went through."""
    plan, journal, spool = run.plan, run.tools.journal, run.tools.spool
    keys = Keys.of(plan.sets)
    for batch in change_rows(spool, MOVES, "moves"):
        journal.record(moves_settlement(pa.Table.from_batches([batch]), keys))
    for account, _ in plan.header.accounts:
        for remembered in _remembered(account, spool, run.tools.hash_key):
            journal.record(Settlement(remembered=remembered))
    failed = _failed_accounts(run.results)
    books = tuple(
        replace(book, list_id=book.list_id or int(run.ids.get(f"@address_book.{book.address_book}", "0")))
        for book in plan.after.books
        if book.account not in failed
    )
    marks = tuple((name, value) for name, value in plan.after.marks if not _is_first_of(name, failed))
    resources = tuple(r for r in plan.after.resources if r.address not in _touched(run))
    journal.record(Settlement(resources=resources, books=tuple(b for b in books if b.list_id), marks=marks))
    for entry in run.tools.unfinished:
        journal.abandon(entry)


def _touched(run: Run) -> frozenset[str]:
    """Addresses whose base an operation of this run has moved already."""
    return frozenset(str(op.address) for op in run.plan.operations)


def _failed_accounts(results: Mapping[OperationId, OperationResult]) -> frozenset[str]:
    """Accounts of which a whole people operation did not go through."""
    bad = (Status.FAILED, Status.SKIPPED, Status.BLOCKED)
    return frozenset(
        key.split(":")[1]
        for key, result in results.items()
        if key.startswith(("import:", "create:", "import_opted_out:")) and result.status in bad
    )


def _is_first_of(name: str, accounts: frozenset[str]) -> bool:
    return name.startswith("first:") and name.split(":")[1] in accounts


def _remembered(account: str, spool: Spool, hash_key: SecretStr) -> Iterator[pa.Table]:
    """Account-level suppressions read in this run, by keyed hash of the folded address."""
    key = hash_key.get_secret_value()
    for part in spool.parts(suppressed(account)):
        for batch in pq.ParquetFile(part).iter_batches(columns=["email_key", "reason"]):
            rows = [
                {"account": account, "email_hash": keyed_hash(key, row["email_key"]), "reason": row["reason"]}
                for row in batch.to_pylist()
                if row["email_key"]
            ]
            if rows:
                yield pa.Table.from_pylist(rows, schema=_REMEMBERED)
