"""One apply as the state sees it: begin → sent → settle, each one committed transaction that also proves the lease.

Whatever a batch proved is written together with the end of its journal entry, or not at all; so after a kill the entry
that still stands names exactly the batch whose rows must be read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, Table, delete, select, update

from sfdd_declare.model.errors import BugError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.state import Intent, JournalEntry, RunDetails
from sfdd_declare.store import schema
from sfdd_declare.store.base import settle_pairs
from sfdd_declare.store.database import Database, insert_new, upsert
from sfdd_declare.store.history import end_run, keep_details, keep_links, moment
from sfdd_declare.store.lease import Clock, Lease
from sfdd_declare.store.ledger import settle_findings, settle_problems
from sfdd_declare.store.memberships import forget_list, remember_suppressed, settle_memberships
from sfdd_declare.store.resources import settle_books, settle_marks, settle_newcomers, settle_resources


class OpenRun:
    """A `model.ports.Journal`: the writing half of the state, while an apply holds the lease."""

    def __init__(self, database: Database, lease: Lease, run: str, clock: Clock) -> None:
        self._database = database
        self._lease = lease
        self._clock = clock
        self.run = run

    def begin(self, operation: Operation, batch: int, account: str, intents: tuple[Intent, ...]) -> None:
        """Announce a batch before anything is sent. Announcing it again replaces its intents."""
        key = {"run": self.run, "operation": operation.id, "batch": batch}
        entry = {
            **key,
            "task": operation.task.value,
            "address": str(operation.address),
            "account": account,
            "job": None,
            "at": moment(self._clock()),
        }
        with self._writing() as connection:
            connection.execute(delete(schema.intents).where(*_batch_is(schema.intents, self.run, operation.id, batch)))
            connection.execute(upsert(connection, schema.journal), entry)
            if intents:
                rows = [
                    {**key, "account": i.account, "address_book": i.address_book, "email_hash": i.email_hash}
                    for i in intents
                ]
                connection.execute(insert_new(connection, schema.intents), rows)

    def sent(self, operation: OperationId, batch: int, job: str) -> None:
        """Keep the job of a batch, before it is polled."""
        mine = _batch_is(schema.journal, self.run, operation, batch)
        with self._writing() as connection:
            found = connection.execute(update(schema.journal).where(*mine).values(job=job)).rowcount
            _require(found, operation)

    def settle(self, operation: OperationId, batch: int, settlement: Settlement) -> None:
        """Write what a batch proved and end it."""
        with self._writing() as connection:
            _require(_end(connection, self.run, operation, batch), operation)
            _apply(connection, settlement, self._clock())

    def record(self, settlement: Settlement) -> None:
        """Write what needed no batch: base moves, state-only operations, watermarks."""
        with self._writing() as connection:
            _apply(connection, settlement, self._clock())

    def abandon(self, entry: JournalEntry) -> None:
        """End a batch of an interrupted run after its rows were read again. Idempotent."""
        with self._writing() as connection:
            _end(connection, entry.run, entry.operation, entry.batch)
            count_change(connection)

    def end(self, result: str, details: RunDetails | None = None, links: Iterable[LinkStatus] = ()) -> None:
        """Close the run. A run that never comes here is shown as interrupted."""
        with self._writing() as connection:
            end_run(connection, self.run, result, self._clock())
            if details is not None:
                keep_details(connection, self.run, details)
            keep_links(connection, links)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            self._lease.renew(connection)
            yield connection


def read_unfinished(connection: Connection) -> tuple[JournalEntry, ...]:
    """Batches that were begun and neither settled nor abandoned, oldest first."""
    table = schema.intents
    query = select(table).order_by(*table.primary_key.columns)
    intents = {
        key: tuple(Intent(row.account, row.address_book, row.email_hash) for row in rows)
        for key, rows in groupby(connection.execute(query), key=lambda row: (row.run, row.operation, row.batch))
    }
    journal = schema.journal
    query = select(journal).order_by(journal.c.at, *journal.primary_key.columns)
    return tuple(
        JournalEntry(
            run=row.run,
            operation=OperationId(row.operation),
            batch=row.batch,
            task=Task(row.task),
            address=row.address,
            account=row.account,
            job=row.job,
            intents=intents.get((row.run, row.operation, row.batch), ()),
            at=row.at,
        )
        for row in connection.execute(query)
    )


def _apply(connection: Connection, settlement: Settlement, now: datetime) -> None:
    settle_resources(connection, settlement.resources, settlement.forgotten)
    for book in settlement.relisted:
        forget_list(connection, book)
    settle_books(connection, settlement.books)
    settle_newcomers(connection, settlement.newcomers)
    if settlement.pairs is not None:
        settle_pairs(connection, settlement.pairs, int(now.timestamp()))
    if settlement.memberships is not None:
        settle_memberships(connection, settlement.memberships)
    if settlement.remembered is not None:
        remember_suppressed(connection, settlement.remembered)
    settle_problems(connection, settlement.problems, settlement.solved, now)
    for findings in settlement.findings:
        settle_findings(connection, findings, now)
    settle_marks(connection, settlement.marks)
    count_change(connection)


def count_change(connection: Connection) -> None:
    """The serial names one content of the state: whatever planning may read has moved."""
    meta = schema.meta
    serial = int(connection.execute(select(meta.c.value).where(meta.c.name == "serial")).scalar_one())
    connection.execute(update(meta).where(meta.c.name == "serial").values(value=str(serial + 1)))


def _end(connection: Connection, run: str, operation: str, batch: int) -> int:
    connection.execute(delete(schema.intents).where(*_batch_is(schema.intents, run, operation, batch)))
    return connection.execute(delete(schema.journal).where(*_batch_is(schema.journal, run, operation, batch))).rowcount


def _batch_is(table: Table, run: str, operation: str, batch: int) -> tuple[ColumnElement[bool], ...]:
    return table.c.run == run, table.c.operation == operation, table.c.batch == batch


def _require(found: int, operation: str) -> None:
    if found != 1:
        raise BugError("SFDD-E9931", "A batch was settled that was never begun.", where=operation, hint="sfdd doctor")
