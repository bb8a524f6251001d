"""The outside world as this program needs it. Adapters implement these; only `app.wiring` puts them together.

Readers and writers are apart: planning receives readers only and cannot write. Listings say whether they are complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from sfdd_declare.model.ids import ListId, OperationId, SalesforceId
from sfdd_declare.model.live import DotdigitalLive, FirstLook, ObjectInfo, SalesforceLive
from sfdd_declare.model.mapping import DataFieldType, MappingSet, RecordType
from sfdd_declare.model.operation import Operation
from sfdd_declare.model.outcome import Findings, Problem
from sfdd_declare.model.state import (
    BookChanges,
    BookState,
    Intent,
    JournalEntry,
    LedgerEntry,
    PeopleKeys,
    Resource,
    RunRecord,
    StateHeader,
)

if TYPE_CHECKING:
    import pyarrow as pa


NO_CHANGES = BookChanges()


# --- the run directory -------------------------------------------------------------------------------------------


class Sink(Protocol):
    """Appends record batches to one dataset; closing makes it readable."""

    def write(self, batch: pa.RecordBatch) -> None: ...
    def __enter__(self) -> Sink: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Spool(Protocol):
    """The run directory: columnar files by dataset name (names in `people.columns`). A dataset may have several
    parts. `clear` throws all of them away.
    """

    @property
    def root(self) -> Path: ...
    def sink(self, dataset: str, schema: pa.Schema) -> Sink: ...
    def parts(self, dataset: str) -> tuple[Path, ...]: ...
    def clear(self) -> None: ...


# --- set-up readers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetupQuestion:
    """Which set-up to read from Salesforce, in as few calls as possible."""

    campaign_ids: tuple[str, ...]  # known from state, `existing.id`, `import`
    campaign_names: tuple[str, ...]  # declared names: to find `existing` ones and clashes
    campaign_fields: tuple[str, ...]  # managed fields besides Id and Name
    registry: bool
    lineage: str
    references: tuple[
        tuple[str, str], ...
    ] = ()  # (field of Lead, words such as `queue:Web leads`) whose ids are sought


class SalesforceSetup(Protocol):
    """Reads describes, with the rows that name states (one composite), and set-up (one composite)."""

    def first_look(self, names: tuple[str, ...], *, registry: bool) -> FirstLook: ...
    def describes(self, names: tuple[str, ...]) -> Mapping[str, ObjectInfo | None]: ...
    def setup(self, question: SetupQuestion, look: FirstLook) -> SalesforceLive: ...
    def user_names(self, users: tuple[str, ...]) -> Mapping[str, str]: ...  # by id, for a terminal alone


class DotdigitalSetup(Protocol):
    """Reads address books and data fields of one account."""

    def setup(self) -> DotdigitalLive: ...


# --- people readers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What a people read gave. `stamp` is the vendor's clock (HTTP Date of the first reply, ISO, UTC).

    `whole_account`: everybody in the account was read, so whoever is not there does not exist (ID-2). `unmatched`: ids
    and addresses of a selection that are nobody's.
    """

    rows: int
    complete: bool
    stamp: str
    whole_account: bool = False
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeReport(ReadReport):
    """A delta. `created`: members made since their campaign was counted, by campaign key."""

    created: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SelectionQuestion:
    """One selection of a campaign: by exactly one of where, ids and emails."""

    campaign: str
    record_type: RecordType
    where: str | None
    ids: tuple[str, ...]
    status: str | None
    label: str  # position of the selection, for messages
    emails: tuple[str, ...] = ()
    file: str | None = None  # where ids or emails were written, if in a file


class SalesforcePeople(Protocol):
    """Streams Salesforce people into `records.*`, `members`, `selected`, `opted_out`, `not_ticked`, `fates`, `found` of
    the spool.
    """

    def members(
        self, campaigns: tuple[tuple[str, SalesforceId], ...], sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport: ...
    def selection(self, question: SelectionQuestion, sets: tuple[MappingSet, ...], spool: Spool) -> ReadReport: ...
    def opted_out(
        self, record_types: tuple[RecordType, ...], spool: Spool, *, since: str | None = None
    ) -> ReadReport: ...
    def records(
        self, ids: Mapping[RecordType, tuple[str, ...]], sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport: ...
    def not_ticked(self, emails: Mapping[RecordType, tuple[str, ...]], spool: Spool) -> ReadReport: ...
    def fates(self, ids: Mapping[RecordType, tuple[str, ...]], spool: Spool) -> ReadReport: ...
    def by_email(self, emails: Iterable[str], record_types: tuple[RecordType, ...], spool: Spool) -> ReadReport: ...


class SalesforceDelta(Protocol):
    """Streams what changed since a moment, and people by their keys, into the same datasets."""

    def changes(
        self,
        campaigns: tuple[tuple[str, SalesforceId], ...],
        sets: tuple[MappingSet, ...],
        since: str,
        counted: Mapping[str, str],
        spool: Spool,
    ) -> ChangeReport: ...
    def members_of(
        self,
        ids: Mapping[RecordType, Sequence[str]],
        campaigns: tuple[tuple[str, SalesforceId], ...],
        sets: tuple[MappingSet, ...],
        spool: Spool,
    ) -> ReadReport: ...
    def opted_out_among(self, emails: Sequence[str], spool: Spool) -> ReadReport: ...


class DotdigitalPeople(Protocol):
    """Streams the people of one account into `contacts.*`, `listed.*`, `suppressed.*`, `list_optouts.*`."""

    def books(
        self,
        lists: tuple[tuple[str, ListId, int], ...],
        account_size: int | None,
        sets: tuple[MappingSet, ...],
        spool: Spool,
    ) -> ReadReport: ...
    def changes(
        self, since: str, lists: tuple[tuple[str, ListId, int], ...], sets: tuple[MappingSet, ...], spool: Spool
    ) -> ReadReport: ...
    def look_up(
        self,
        emails: Iterable[str],
        contact_ids: Iterable[int],
        sets: tuple[MappingSet, ...],
        spool: Spool,
        account_size: int | None = None,
    ) -> ReadReport: ...
    def suppressed_since(self, since: str, spool: Spool) -> ReadReport: ...
    def unsubscribed_since(self, address_book: str, list_id: ListId, since: str, spool: Spool) -> ReadReport: ...


# --- state -------------------------------------------------------------------------------------------------------


class StateReader(Protocol):
    """Everything planning may know about the past."""

    def header(self) -> StateHeader: ...
    def resources(self) -> tuple[Resource, ...]: ...
    def books(self) -> tuple[BookState, ...]: ...
    def marks(self) -> Mapping[str, str]: ...  # watermarks and first-run marks by name
    def newcomers(self) -> tuple[tuple[str, str], ...]: ...  # (campaign's Salesforce id, record) that a link added
    def unfinished(self) -> tuple[JournalEntry, ...]: ...
    def ledger(self) -> tuple[LedgerEntry, ...]: ...
    def export(
        self,
        account: str,
        sets: tuple[MappingSet, ...],
        spool: Spool,
        books: BookChanges = NO_CHANGES,
        only: PeopleKeys | None = None,
    ) -> None: ...
    def pairs(self, account: str) -> int: ...  # how many the base holds
    def knows(self, run: str) -> bool: ...  # whether this apply was made with it
    def runs(self, limit: int = 20) -> tuple[RunRecord, ...]: ...  # applies, the last one first


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one batch proved, written in one transaction (BASE-4).

    `pairs` and `memberships` have the schemas PAIRS and MEMBERSHIPS of `people.columns`; `remembered` has the columns
    account, email_hash, reason (account-level suppressions that were read).
    """

    resources: tuple[Resource, ...] = ()
    forgotten: tuple[str, ...] = ()  # addresses taken out of the state
    books: tuple[BookState, ...] = ()
    relisted: tuple[str, ...] = ()  # books whose list is another one now: only opt-outs from it are kept
    pairs: pa.Table | None = None
    memberships: pa.Table | None = None
    problems: tuple[Problem, ...] = ()
    solved: tuple[tuple[str, str], ...] = ()  # (account, record) whose ledger entries are settled
    findings: tuple[Findings, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    newcomers: tuple[tuple[str, str], ...] = ()  # (campaign's Salesforce id, record) that a link added: MEM-13
    remembered: pa.Table | None = None


class Journal(Protocol):
    """begin -> sent(job) -> settle; every call is one committed transaction."""

    def begin(self, operation: Operation, batch: int, account: str, intents: tuple[Intent, ...]) -> None: ...
    def sent(self, operation: OperationId, batch: int, job: str) -> None: ...
    def settle(self, operation: OperationId, batch: int, settlement: Settlement) -> None: ...
    def record(self, settlement: Settlement) -> None: ...  # without a batch: base moves, watermarks
    def abandon(self, entry: JournalEntry) -> None: ...  # a recovered batch whose rows have been seen by a later read


# --- writing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MemberRow:
    person: str
    campaign: str  # key; the id comes from `Batch.ids`
    record_type: RecordType
    sf_id: str
    status: str | None


@dataclass(frozen=True, slots=True)
class MemberRemovalRow:
    person: str
    member_id: str


@dataclass(frozen=True, slots=True)
class ImportValue:
    """One data field to write; `text` is the raw Salesforce value as text, None clears."""

    data_field: str
    type: DataFieldType
    text: str | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One contact of an import. Without contact_id it is matched, or created, by email; a `rename` gives the contact
    that address.
    """

    person: str
    contact_id: int | None
    email: str
    values: tuple[ImportValue, ...]
    books: tuple[str, ...]  # keys; only in the row that adds (MEM-10)
    opted_out: bool = False  # CON-3: sent with the opted-out status and never with books
    rename: bool = False  # ID-4


@dataclass(frozen=True, slots=True)
class SuppressRow:
    person: str
    contact_id: int
    email: str


@dataclass(frozen=True, slots=True)
class RemovalRow:
    person: str
    contact_id: int
    address_book: str


@dataclass(frozen=True, slots=True)
class RecordValue:
    """One Salesforce field to write. `type` as the describe says; `text` is the raw value as text, None clears."""

    field: str
    type: str
    text: str | None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One Salesforce record to update, by its Id."""

    person: str
    record_type: RecordType
    sf_id: str
    values: tuple[RecordValue, ...]


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One lead to create, and the campaigns it joins: (key, member status). Values hold the address."""

    person: str
    email: str
    values: tuple[RecordValue, ...]
    campaigns: tuple[tuple[str, str], ...]


Row = MemberRow | MemberRemovalRow | ImportRow | SuppressRow | RemovalRow | RecordRow | LeadRow


@dataclass(frozen=True, slots=True)
class Batch:
    """What one send carries: operations without rows, or rows of one operation. `ids` resolves `@kind.key`
    references.
    """

    operations: tuple[Operation, ...]
    number: int
    rows: tuple[Row, ...]
    ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one operation without rows."""

    operation: OperationId
    ok: bool
    live_id: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""
    already: bool = False  # it was there already: nothing was written


@dataclass(frozen=True, slots=True)
class PersonResult:
    """What became of one row. `refused`: the contact was saved, an attached part was not (WIRE-1). `sf_id`: of a record
    that was made.
    """

    person: str
    ok: bool
    contact_id: int | None = None
    code: str = ""
    message: str = ""
    permanent: bool = False
    refused: bool = False
    sf_id: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    items: tuple[ItemResult, ...] = ()
    people: tuple[PersonResult, ...] = ()


class Writer(Protocol):
    """Carries out one task. `on_job` must be called with a job's id before it is polled; `on_progress` with rows
    done.
    """

    def send(self, batch: Batch, on_job: Callable[[str], None], on_progress: Callable[[int], None]) -> Results: ...


class JobWaiter(Protocol):
    """Waits until a job of an earlier, interrupted run has ended; returns False when it is unknown by now."""

    def wait(self, job: str) -> bool: ...


# --- watching ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Progress of reading or applying; never holds personal data."""

    phase: str  # read | plan | stage | operation | done
    name: str
    done: int = 0
    total: int | None = None
    salesforce_calls: int = 0
    dotdigital_calls: int = 0


Watch = Callable[[Event], None]


def unwatched(event: Event) -> None:
    """A watch that looks away."""
