"""The state, opened: what planning may read of it, and the door to writing (lease, then run)."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from sqlalchemy import Connection, delete, func, select

from sfdd_declare.model.canonical import email_key, keyed_hash
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.mapping import FieldMapping, MappingSet
from sfdd_declare.model.ports import NO_CHANGES, Spool
from sfdd_declare.model.service import LinkStatus
from sfdd_declare.model.state import (
    BookChanges,
    BookState,
    Bound,
    JournalEntry,
    LedgerEntry,
    PeopleKeys,
    Resource,
    RunDetails,
    RunRecord,
    StateHeader,
)
from sfdd_declare.store import hashkey, schema
from sfdd_declare.store.backup import back_up
from sfdd_declare.store.binding import bind, read_bound
from sfdd_declare.store.by_hand import Forgotten, forget_person, set_parked
from sfdd_declare.store.database import Database, upsert
from sfdd_declare.store.export import export_people
from sfdd_declare.store.failures import busy
from sfdd_declare.store.hashkey import HashKey
from sfdd_declare.store.history import is_known, note_failure, read_links, read_named, read_runs, start_run
from sfdd_declare.store.journal import OpenRun, count_change, read_unfinished
from sfdd_declare.store.layouts import keep_fields
from sfdd_declare.store.lease import Clock, Holder, Lease, LeaseInfo, Leases, acquire
from sfdd_declare.store.lease_rows import RowLeases
from sfdd_declare.store.ledger import read_ledger
from sfdd_declare.store.memberships import read_books_of
from sfdd_declare.store.meta import BEGUN_ANEW, MOVED_TO, NO_LINEAGE, read_meta, write_meta
from sfdd_declare.store.rebind import rebind
from sfdd_declare.store.resources import read_books, read_marks, read_newcomers, read_resources, settle_marks
from sfdd_declare.store.transfer import carry

NOWHERE = Bound()

Random = Callable[[int], bytes]


class State:
    """One open state; a `model.ports.StateReader`. Reads are safe from several threads."""

    def __init__(
        self,
        database: Database,
        key: HashKey,
        environ: Mapping[str, str],
        clock: Clock,
        random: Random,
        *,
        adopts: str = "",
    ) -> None:
        """`adopts`: the lineage that a new state is to go on under; one that was used has its own."""
        self._database = database
        self._leases = _leases_of(database)
        self._key = key
        self._environ = environ
        self._clock = clock
        self._random = random
        self._adopts = adopts

    # --- reading

    def header(self) -> StateHeader:
        with self._database.reading() as connection:
            meta = read_meta(connection)
        return StateHeader(
            lineage=(self._adopts if meta["serial"] == "0" else "") or meta["lineage"],
            serial=int(meta["serial"]),
            format_version=int(meta["format_version"]),
            hash_key=self._key.value,
            fresh=meta["serial"] == "0",
            bound=read_bound(meta),
            begun_anew=BEGUN_ANEW in meta,
            exists=meta["lineage"] != NO_LINEAGE,
        )

    def resources(self) -> tuple[Resource, ...]:
        with self._database.reading() as connection:
            return read_resources(connection)

    def books(self) -> tuple[BookState, ...]:
        with self._database.reading() as connection:
            return read_books(connection)

    def marks(self) -> Mapping[str, str]:
        with self._database.reading() as connection:
            return read_marks(connection)

    def newcomers(self) -> tuple[tuple[str, str], ...]:
        with self._database.reading() as connection:
            return read_newcomers(connection)

    def unfinished(self) -> tuple[JournalEntry, ...]:
        with self._database.reading() as connection:
            return read_unfinished(connection)

    def ledger(self) -> tuple[LedgerEntry, ...]:
        with self._database.reading() as connection:
            return read_ledger(connection)

    def export(
        self,
        account: str,
        sets: tuple[MappingSet, ...],
        spool: Spool,
        books: BookChanges = NO_CHANGES,
        only: PeopleKeys | None = None,
    ) -> None:
        """Write one account's people into the spool, as of one moment: all of them, or those with certain keys.

        What an earlier export wrote there is replaced.
        """
        with self._database.reading() as connection:
            export_people(connection, account, sets, spool, books, only=only)

    def pairs(self, account: str) -> int:
        """How many pairs of record and contact an account has."""
        mine = select(func.count()).select_from(schema.base).where(schema.base.c.account == account)
        with self._database.reading() as connection:
            return int(connection.execute(mine).scalar_one())

    def knows(self, run: str) -> bool:
        with self._database.reading() as connection:
            return is_known(connection, run)

    def runs(self, limit: int = 20) -> tuple[RunRecord, ...]:
        """The last applies, newest first."""
        with self._database.reading() as connection:
            return read_runs(connection, limit)

    def links(self) -> Mapping[str, LinkStatus]:
        """How each link stood after the last run over it, by its address."""
        with self._database.reading() as connection:
            return read_links(connection)

    def books_of(self, account: str, records: Collection[str]) -> Mapping[str, Collection[str]]:
        """Record -> the address books that its contact is on."""
        with self._database.reading() as connection:
            return read_books_of(connection, account, records)

    def named(self, name: str, limit: int) -> tuple[RunRecord, ...]:
        """The run of that id; else the last ones whose ids begin so, newest first."""
        with self._database.reading() as connection:
            return read_named(connection, name, limit)

    def holder(self) -> LeaseInfo | None:
        """Who holds the lease, dead or alive. It is not taken, and nobody is waited for."""
        return self._leases.read()

    def copies(self) -> tuple[str, ...]:
        """How an object store names the states that the last runs began with, the newest first."""
        return tuple(saved.generation for saved in self._database.replica.earlier()) if self._database.replica else ()

    # --- writing

    def lock(self, holder: Holder, *, timeout: float = 0.0, pause: Callable[[float], None] = time.sleep) -> Lease:
        """Take the lease, waiting up to `timeout` seconds; raises Locked, naming the holder. Use it in a `with`."""
        self._require_home()
        token = self._random(16).hex()
        lease = acquire(
            self._leases,
            holder,
            token=token,
            clock=self._clock,
            timeout=timeout,
            pause=pause,
            finish=self._database.tidy,
        )
        try:
            self._catch_up()
        except BaseException:
            lease.release()
            raise
        return lease

    def unlock(self) -> LeaseInfo | None:
        """Remove the lease whoever holds it; returns what was removed."""
        return self._leases.remove()

    def begin_run(
        self,
        lease: Lease,
        *,
        run: str,
        fingerprint: str,
        sets: Mapping[str, tuple[MappingSet, ...]],
        declared: tuple[FieldMapping, ...] = (),
        bound: Bound = NOWHERE,
        details: RunDetails | None = None,
        backs_up: bool = True,
    ) -> OpenRun:
        """Back the state up and start an apply, which binds the state to the world it is carried out in (RUN-8).
        `details` are what is known of it before it is carried out. `backs_up` may be False where nobody is written to.

        `sets` holds the complete mapping of every account it names; hashes of fields that are not in it any more are
        deleted (BASE-7), unless they are `declared` rows whose values do not move now. Accounts it does not name
        (disabled ones) keep theirs.
        """
        self._require_home()
        rewrapped = self._rewrap(lease)
        if backs_up or rewrapped:
            back_up(self._database, drop_old=rewrapped)
        with self._database.writing() as connection:
            lease.renew(connection)
            _make_later_tables(connection)
            bind(connection, bound, self._adopts if read_meta(connection)["serial"] == "0" else "")
            start_run(connection, run, fingerprint, details, self._clock())
            for account in sorted(sets):
                keep_fields(connection, account, sets[account], declared)
        return OpenRun(self._database, lease, run, self._clock)

    def note_failure(self, lease: Lease, run: RunRecord) -> None:
        """Remember a run that ended in an error before it wrote anything. Nothing that planning reads changes."""
        with self._noting(lease) as connection:
            note_failure(connection, run)

    def keep_marks(self, lease: Lease, marks: Mapping[str, str]) -> None:
        """Write marks that planning does not read."""
        with self._noting(lease) as connection:
            settle_marks(connection, tuple(marks.items()))

    def set_parked(self, lease: Lease, records: Collection[str], *, parked: bool) -> int:
        """Park problems of the ledger, or have them tried again; no `records` means all. Returns how many."""
        with self._changing(lease) as connection:
            return set_parked(connection, records, parked=parked)

    def forget(self, lease: Lease, email: str) -> Forgotten:
        """Drop what is known about the person with an address, opt-outs excepted."""
        with self._changing(lease) as connection:
            return forget_person(connection, keyed_hash(self._key.value.get_secret_value(), email_key(email)))

    def rebind(
        self,
        lease: Lease,
        bound: Bound,
        accounts: Collection[str] | None,
        *,
        books: Mapping[str, str],
        reasons: Collection[str],
    ) -> Forgotten:
        """Forget the people of these accounts, of all for another org (None), and belong there from now on."""
        with self._changing(lease) as connection:
            return rebind(connection, bound, accounts, books=books, reasons=reasons)

    def put(self, lease: Lease, source: Database, then: Callable[[Connection], None]) -> None:
        """Hold what another database holds from now on; what was held is kept where the home keeps copies."""
        self._require_home()
        self._database.tidy()

        def proved(connection: Connection) -> None:
            lease.renew(connection)
            then(connection)

        carry(source, self._database, proved)

    def copy_to(self, target: Database) -> None:
        """Write all of it into another database."""
        carry(self._database, target, _nothing_more)

    def move_to(self, lease: Lease, target: Database, place: str) -> None:
        """Write all of it into another database, and be a copy from then on."""
        self.copy_to(target)
        with self._database.writing() as connection:
            lease.renew(connection)
            connection.execute(upsert(connection, schema.meta).values(name=MOVED_TO, value=place))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _catch_up(self) -> None:
        """What others wrote until the lease was ours is read, too. Raises Locked when the state is another one now."""
        if self._database.replica is None:
            return
        lineage = self.header().lineage
        self._database.refresh()
        if self.header().lineage != lineage:
            raise busy(self._database.place)

    def _rewrap(self, lease: Lease) -> bool:
        """Keep the hash key in the form SFDD_KEY asks for now."""
        if not self._key.outdated:
            return False
        meta = schema.meta
        with self._database.writing() as connection:
            lease.renew(connection)
            connection.execute(delete(meta).where(meta.c.name.in_((hashkey.PLAIN, hashkey.SEALED))))
            write_meta(connection, hashkey.key_rows(self._key.value, self._environ, self._random))
        self._key = HashKey(self._key.value, outdated=False)
        self._database.truncate_log()
        return True

    @contextmanager
    def _noting(self, lease: Lease) -> Iterator[Connection]:
        """Something that no plan rests on: neither backed up nor counted."""
        self._require_home()
        with self._database.writing() as connection:
            lease.renew(connection)
            _make_later_tables(connection)
            yield connection

    @contextmanager
    def _changing(self, lease: Lease) -> Iterator[Connection]:
        """One change by hand: backed up before, and a plan that was made before it is not applied any more."""
        self._require_home()
        back_up(self._database, drop_old=False)
        with self._database.writing() as connection:
            lease.renew(connection)
            yield connection
            count_change(connection)

    def _require_home(self) -> None:
        if self._database.in_memory:
            raise BugError("SFDD-E9932", "Something was to be written to a state that was opened for reading.")


def _make_later_tables(connection: Connection) -> None:
    """What states that are older than these tables lack."""
    for table in (schema.newcomers, schema.refusals, schema.run_details, schema.link_states):
        table.create(connection, checkfirst=True)


def _nothing_more(connection: Connection) -> None:
    del connection


def _leases_of(database: Database) -> Leases:
    if database.replica is None:
        return RowLeases(database)
    from sfdd_declare.store.lease_object import ObjectLeases  # noqa: PLC0415 - an object store is seldom in use

    return ObjectLeases(database.replica)
