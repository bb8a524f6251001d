"""What the state holds, as values: resources, runs' bookkeeping, the journal and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from sfdd_declare.model.declared import OnDestroy
from sfdd_declare.model.figures import NOBODY, Figures
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Task

Scalar = str | bool | int | float | None


@dataclass(frozen=True, slots=True)
class Bound:
    """The world a state belongs to (RUN-8): org, and each account's own id by its key. Without an org: unknown."""

    org_id: str = ""
    accounts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StateHeader:
    """Identity of one state. `hash_key` keys every hash of personal data; it never leaves the process."""

    lineage: str
    serial: int
    format_version: int
    hash_key: SecretStr
    fresh: bool = False  # made just now, nothing applied yet
    bound: Bound = Bound()
    begun_anew: bool = False  # on purpose, whatever lies beside it
    exists: bool = True  # False for the empty one that stands in where there is none


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing we manage, link to, or created. `applied` is the base of the three-way diff: fields as last applied."""

    address: str
    salesforce_id: str = ""
    dotdigital_id: str = ""
    applied: dict[str, Scalar] = field(default_factory=dict)
    on_destroy: OnDestroy = OnDestroy.FORGET
    prevent_destroy: bool = False
    created_by_us: bool = False


@dataclass(frozen=True, slots=True)
class BookState:
    """What is remembered per (account, address book): BASE-2."""

    account: str
    address_book: str
    list_id: int
    baseline: bool  # the first run over it has been recorded (RUN-1, NEW-1)
    count_seen: int
    wanted_seen: int  # people wanted on it at the last apply (RUN-6)
    unsubscribed_since: str  # watermark, vendor's clock, ISO


@dataclass(frozen=True, slots=True)
class BookChanges:
    """What happened to address books since the state was written. Both go by their keys.

    `relisted` books are another list than the one that is remembered: who was on that one says nothing about this one;
    only opt-outs from the list are still true (MEM-2, CON-5).
    """

    moved: Mapping[str, str] = field(default_factory=dict)  # `moved:` blocks, from -> to
    relisted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PeopleKeys:
    """People of whom something was read: by record, by contact, and by keyed hash of the folded address."""

    sf_ids: frozenset[str] = frozenset()
    contact_ids: frozenset[int] = frozenset()
    email_hashes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Intent:
    """A list add that was about to be sent: after a kill it tells our additions from other people's."""

    account: str
    address_book: str
    email_hash: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One batch that was begun and not settled."""

    run: str
    operation: OperationId
    batch: int
    task: Task
    address: str
    account: str
    job: str | None
    intents: tuple[Intent, ...]
    at: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row problem that is tried again, or parked."""

    account: str
    record: str
    field: str
    code: str
    message: str
    attempts: int
    first_seen: str
    last_seen: str
    parked: bool


@dataclass(frozen=True, slots=True)
class RunDetails:
    """Who ran what, and what became of it. Without personal data: people are numbers, problems are codes."""

    command: str = ""  # apply, sync or watch
    user: str = ""
    host: str = ""
    commit: str = ""  # of the repository that the configuration is in, if it is in one
    links: tuple[str, ...] = ()  # addresses of those that were asked for; empty: all
    planned: Figures = NOBODY
    done: Figures = NOBODY  # whom the answers confirmed
    opted_out: int = 0  # people whose opt-out was carried, to either side
    setup: int = 0  # operations on the set-up that were carried out
    failed: int = 0  # rows
    written: int = 0  # rows and things, of every kind
    left_out: int = 0  # rows that were due and neither done nor failed
    salesforce_calls: int = 0
    dotdigital_calls: int = 0
    salesforce_calls_left: int | None = None
    dotdigital_calls_left: int | None = None
    held: tuple[tuple[str, int], ...] = ()  # what waits for a human -> people
    blocked: tuple[str, ...] = ()  # guards that held something back
    problems: tuple[tuple[str, int], ...] = ()  # code -> rows
    error: str = ""  # `SFDD-E…: text`, where the run ended in one
    attempts: int = 1  # runs in a row that ended in this error
    stopped: tuple[str, ...] = ()  # links that were left out because of an error about them alone
    setup_left: tuple[str, ...] = ()  # addresses of what differs and is left to `sfdd apply`

    @property
    def wrote_nothing(self) -> bool:
        """Whether neither system was written to, as far as this tells."""
        return self.done == NOBODY and not (self.opted_out or self.setup or self.failed or self.written)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: finished, going on, or interrupted."""

    run: str
    started: datetime
    finished: datetime | None
    fingerprint: str
    result: str
    details: RunDetails | None = None  # None: of a tool that kept none
