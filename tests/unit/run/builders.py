"""An apply among fakes: a plan with its change rows in, what was journalled, sent and settled out.

The writer answers every row well unless it is told otherwise; the journal writes down what it is told. Both write to
one log, so that a test can see what came before what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import SecretStr

from sfdd_declare.model.address import Address, account
from sfdd_declare.model.canonical import email_key, keyed_hash
from sfdd_declare.model.errors import DeclareError
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Action, Operation, RowSet, Stage, Task
from sfdd_declare.model.outcome import OperationResult, Outcome
from sfdd_declare.model.plan import After, Header, PeoplePlan, Plan, Usage
from sfdd_declare.model.ports import Batch, Event, ImportRow, ItemResult, LeadRow, PersonResult, Results, Settlement
from sfdd_declare.model.state import Intent, JournalEntry, Resource
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.run.execute import execute
from sfdd_declare.run.tools import Recheck, Tools
from tests.unit.store.builders import a_mapping

KEY = "test key"
#: The id of every contact that an import makes.
NEW = 900
TITLE = a_mapping("Title>JOB")
STAGES = {
    Task.SUPPRESS: Stage.CONSENT,
    Task.OPT_OUT_RECORDS: Stage.CONSENT,
    Task.ADD_MEMBERS: Stage.MEMBERS,
    Task.RENAME: Stage.CONTACTS,
    Task.IMPORT_OPTED_OUT: Stage.CONTACTS,
    Task.IMPORT_CONTACTS: Stage.CONTACTS,
    Task.UPDATE_RECORDS: Stage.RECORDS,
    Task.CREATE_LEADS: Stage.NEWCOMERS,
    Task.ADOPT: Stage.NEWCOMERS,
    Task.REMOVE_MEMBERS: Stage.REMOVALS,
    Task.REMOVE_FROM_LIST: Stage.REMOVALS,
}
Row = dict[str, Any]


def hashed(text: str) -> str:
    return keyed_hash(KEY, text)


def hashed_email(email: str) -> str:
    return hashed(email_key(email) or "")


def people(id: str, task: Task, *, of: int = 1, account_key: str = "main", **changes: Any) -> Operation:
    """An operation with rows of so many people."""
    payload = (("account", account_key), *changes.pop("payload", ()))
    values = {"rows": RowSet(of, of, ""), "payload": payload, **changes}
    return Operation(OperationId(id), account(account_key), STAGES[task], Action.PEOPLE, task, **values)


def thing(id: str, task: Task = Task.CAMPAIGN, action: Action = Action.CREATE, **changes: Any) -> Operation:
    """An operation without rows; its id is its address unless that is given."""
    address = Address.parse(changes.pop("address", id))
    needs = tuple(OperationId(need) for need in changes.pop("needs", ()))
    return Operation(OperationId(id), address, changes.pop("stage", Stage.SETUP), action, task, needs=needs, **changes)


def a_row(operation: str, person: str, aspect: str = "value", **changes: Any) -> Row:
    """A change row about a contact whose record and address are named after the person."""
    row = dict.fromkeys(columns.CHANGE.names)
    row |= {"operation": operation, "account": "main", "person": person, "record_type": "contact", "sf_id": person}
    row |= {"contact_id": 1, "email": f"{person}@example.com", "aspect": aspect}
    if aspect == "value":
        row |= {"field": "JOB", "new": "Captain", "decision": "fill", "reason": "VAL-3"}
        row |= {"expect_s": hashed("captain"), "expect_d": hashed("captain")}
    if aspect == "list":
        row |= {"address_book": "news", "decision": "add", "expect_s": "wanted", "expect_d": "on,ours"}
    return row | changes


def as_table(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=columns.CHANGE)


@dataclass
class Signals:
    """`run.tools.Stop`: answers with the number it holds, inside `owing` with 0."""

    number: int = 0
    owes: bool = False

    def __call__(self) -> int:
        return 0 if self.owes else self.number

    @contextmanager
    def owing(self) -> Iterator[None]:
        self.owes = True
        yield
        self.owes = False


@dataclass
class Vendors:
    """`model.ports.Writer`. `answers`: of persons and operations that are not answered well; `meanwhile` is called
    with every batch before it is answered, and may raise.
    """

    log: list[tuple[Any, ...]]
    answers: dict[str, Any] = field(default_factory=dict)
    job: str = ""
    meanwhile: Callable[[Batch], None] = lambda batch: None
    batches: list[Batch] = field(default_factory=list)

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results:
        first = batch.operations[0]
        self.batches.append(batch)
        self.log.append(("send", first.id, first.task.value))
        if self.job:
            on_job(self.job)
        self.meanwhile(batch)
        on_progress(len(batch.rows))
        found = [self.answers.get(op.id, ItemResult(op.id, ok=True)) for op in batch.operations if not batch.rows]
        persons = {row.person: row for row in batch.rows}
        return Results(
            tuple(item for item in found if item is not None),
            tuple(self.answers.get(person, _done(row)) for person, row in persons.items()),
        )


def _done(row: Any) -> PersonResult:
    is_new = isinstance(row, ImportRow) and row.contact_id is None
    sf_id = f"00Q of {row.person}" if isinstance(row, LeadRow) else ""
    return PersonResult(row.person, ok=True, contact_id=NEW if is_new else None, sf_id=sf_id)


@dataclass
class Notes:
    """`model.ports.Journal`."""

    log: list[tuple[Any, ...]]
    intents: list[Intent] = field(default_factory=list)
    settled: list[tuple[str, int, Settlement]] = field(default_factory=list)
    recorded: list[Settlement] = field(default_factory=list)
    abandoned: list[JournalEntry] = field(default_factory=list)

    def begin(self, operation: Operation, batch: int, account: str, intents: tuple[Intent, ...]) -> None:
        self.log.append(("begin", operation.id, batch, account))
        self.intents += intents

    def sent(self, operation: OperationId, batch: int, job: str) -> None:
        self.log.append(("sent", operation, batch, job))

    def settle(self, operation: OperationId, batch: int, settlement: Settlement) -> None:
        self.log.append(("settle", operation, batch))
        self.settled.append((operation, batch, settlement))

    def record(self, settlement: Settlement) -> None:
        self.log.append(("record", settlement))
        self.recorded.append(settlement)

    def abandon(self, entry: JournalEntry) -> None:
        self.abandoned.append(entry)


@dataclass
class LeftOut:
    """`run.tools.Recheck` that names these persons, and remembers whom it was asked about."""

    persons: frozenset[str]
    what: str = "edited meanwhile"
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, operation: Operation, batch: Any) -> frozenset[str]:
        self.asked.append(tuple(row.person for row in batch.rows))
        return self.persons & {row.person for row in batch.rows}


class Apply:
    """One apply of these operations. `end` carries it out."""

    def __init__(
        self,
        folder: Path,
        *operations: Operation,
        changes: tuple[Row, ...] = (),
        moves: tuple[Row, ...] = (),
        after: After | None = None,
        resources: tuple[Resource, ...] = (),
        unfinished: tuple[JournalEntry, ...] = (),
        rechecks: tuple[Recheck, ...] = (),
        accounts: tuple[str, ...] = ("main",),
    ) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.vendors, self.journal, self.signals = Vendors(self.log), Notes(self.log), Signals()
        self.events: list[Event] = []
        self.spool = RunDirectory(folder)
        self.write(columns.CHANGES, as_table(*sorted(changes, key=lambda row: (row["operation"], row["person"]))))
        self.write(columns.MOVES, as_table(*moves))
        self.plan = a_plan(*operations, after=after or After(), accounts=accounts)
        self.tools = Tools(
            writer=lambda op: self.vendors,
            journal=self.journal,
            spool=self.spool,
            resources=resources,
            unfinished=unfinished,
            hash_key=SecretStr(KEY),
            calls=lambda: (100 + len(self.vendors.batches), 7),
            call_mark=lambda made: ("calls", str(made)),
            stop=self.signals,
            watch=self.events.append,
            rechecks=rechecks,
        )

    def write(self, dataset: str, table: pa.Table) -> None:
        with self.spool.sink(dataset, table.schema) as sink:
            for batch in table.to_batches():
                sink.write(batch)

    def end(self) -> Outcome:
        return execute(self.plan, self.tools)

    def sent_to(self, operation: str) -> list[str]:
        """The persons that were sent in this operation, in order."""
        batches = (batch for batch in self.vendors.batches if batch.operations[0].id == operation)
        return [row.person for batch in batches for row in batch.rows]

    @property
    def sent(self) -> list[str]:
        """The operations of every send."""
        return [op.id for batch in self.vendors.batches for op in batch.operations]

    def settlement(self, operation: str) -> Settlement:
        """The only one of an operation."""
        [found] = [settlement for id, _, settlement in self.journal.settled if id == operation]
        return found

    @property
    def marks(self) -> dict[str, str]:
        """The last of each, without the count of calls."""
        found = dict(mark for settlement in self.journal.recorded for mark in settlement.marks)
        return {name: value for name, value in found.items() if name != "calls"}


def a_plan(*operations: Operation, after: After, accounts: tuple[str, ...] = ("main",)) -> Plan:
    named = tuple((key, f"id of {key}") for key in accounts)
    header = Header("1", "0", "d", "00D", named, "lin", 1, datetime(2026, 3, 1, tzinfo=UTC))
    none = Usage(0, 0)
    return Plan(header, operations, PeoplePlan(), (), (), (), none, none, "f00d", (TITLE,), after)


def results(outcome: Outcome) -> dict[str, OperationResult]:
    return {result.operation: result for result in outcome.results}


def statuses(outcome: Outcome) -> dict[str, str]:
    return {result.operation: result.status.value for result in outcome.results}


def breaking(error: DeclareError, *, at: int = 1) -> Callable[[Batch], None]:
    """Raises in the `at`-th send."""
    sends = iter(range(1, 1_000))

    def meanwhile(batch: Batch) -> None:
        if next(sends) == at:
            raise error

    return meanwhile
