"""One more look just before people are added: whoever opted out since the plan was read is left out (CON, WIRE-6).

A few calls per import: suppressions of the account, unsubscribes from the books concerned, and records whose Email Opt
Out was ticked, each since the moment the plan read them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq

from sfdd_declare.app.wiring import Readers
from sfdd_declare.model.canonical import email_key
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.ids import ListId
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.plan import Plan
from sfdd_declare.model.ports import ImportRow, LeadRow, ReadReport, Spool
from sfdd_declare.model.rules import OPT_OUT_REASONS
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.run.batches import PeopleBatch

#: A stamp is set before a change becomes visible (RUN-2).
SALESFORCE_OVERLAP = timedelta(seconds=600)
DOTDIGITAL_OVERLAP = timedelta(seconds=300)


def opted_out_mark(record_type: RecordType) -> str:
    """Name of the watermark up to which Email Opt Out of these records was read."""
    return f"opted_out_since:{record_type.value}"


@dataclass(frozen=True, slots=True)
class OptedOut:
    """Answers with the persons of one import who opted out since the plan was read. `aside` makes a directory for what
    is read now.
    """

    desired: Desired
    plan: Plan
    readers: Readers
    aside: Callable[[], RunDirectory]

    @property
    def what(self) -> str:
        return "opted out meanwhile"

    def __call__(self, operation: Operation, batch: PeopleBatch) -> frozenset[str]:
        """Raises Transient when one of the listings is not whole: nobody is added on the strength of half a look."""
        joining = [row for row in batch.rows if isinstance(row, ImportRow) and _is_reachable_anew(row)]
        if not joining or operation.task not in (Task.IMPORT_CONTACTS, Task.RENAME):
            return frozenset()
        account = str(dict(operation.payload)["account"])
        with closing(self.aside()) as spool:
            self._read(account, {book for row in joining for book in row.books}, spool)
            reasons = self._reasons(account)
            out = frozenset(_column(spool, (columns.OPTED_OUT_DATASET,), "email_key"))
            told = _told(spool, account, reasons)
            addresses, contacts = out | {email for email, _ in told}, {contact for _, contact in told} - {None}
            listed = _pairs(spool, columns.list_optouts(account))
            renamed = [r.contact_id for r in joining if r.rename and r.contact_id and email_key(r.email) in addresses]
            contacts |= self._opted_out_before(account, [one for one in renamed if one not in contacts], spool)
        return frozenset(row.person for row in joining if _is_out(row, addresses, contacts, listed))

    def _reasons(self, account: str) -> Collection[str]:
        """What makes an unsubscribe an opt-out: the same words as the plan's (CON-4)."""
        declared = next((a.consent.reasons for a in self.desired.accounts if a.key == account), ())
        return declared or OPT_OUT_REASONS

    def _opted_out_before(self, account: str, contacts: Sequence[int], spool: Spool) -> set[int]:
        """Of those whom no listing names since the plan: who has long been opted out."""
        if not contacts:
            return set()
        own = tuple(mapping for mapping in self.plan.sets if mapping.account == account)
        _whole(self.readers.dotdigital[account].people.look_up([], contacts, own, spool))
        rows = (row for part in spool.parts(columns.contacts(account)) for row in pq.read_table(part).to_pylist())
        return {row["contact_id"] for row in rows if row["channel"] in self._reasons(account)}

    def _read(self, account: str, books: set[str], spool: Spool) -> None:
        marks = dict(self.plan.header.watermarks)
        people = self.readers.dotdigital[account].people
        since = _before(marks[f"suppressed_since:{account}"], DOTDIGITAL_OVERLAP)
        _whole(people.suppressed_since(since, spool))
        ids = dict(self.plan.after.ids)
        for book in sorted(books):
            if known := ids.get(f"@address_book.{book}"):  # a list made in this run has nobody to have left it
                _whole(people.unsubscribed_since(book, ListId(int(known)), since, spool))
        for kind in RecordType:
            if opted_out_mark(kind) in marks:
                ticked = _before(marks[opted_out_mark(kind)], SALESFORCE_OVERLAP)
                _whole(self.readers.salesforce.people.opted_out((kind,), spool, since=ticked))


def _is_reachable_anew(row: ImportRow) -> bool:
    return bool(row.books) or row.contact_id is None or row.rename


def _is_out(
    row: ImportRow,
    addresses: Collection[str | int | None],
    contacts: Collection[int | None],
    listed: Collection[tuple[str, str | int | None]],
) -> bool:
    """A contact that is renamed keeps its status: where that is an opt-out, no address makes anybody reachable."""
    email = email_key(row.email)
    if row.rename:
        return email in addresses and row.contact_id not in contacts
    is_off = any((book, email) in listed or (book, row.contact_id) in listed for book in row.books)
    return email in addresses or row.contact_id in contacts or is_off


@dataclass(frozen=True, slots=True)
class KnownMeanwhile:
    """Answers with the newcomers whose address a record has by now: the next run adopts it (NEW-7)."""

    plan: Plan
    readers: Readers
    aside: Callable[[], RunDirectory]

    @property
    def what(self) -> str:
        return "known to Salesforce meanwhile"

    def __call__(self, operation: Operation, batch: PeopleBatch) -> frozenset[str]:
        """Raises Transient when the look-up is not whole."""
        leads = [row for row in batch.rows if isinstance(row, LeadRow)]
        if not leads or operation.task is not Task.CREATE_LEADS:
            return frozenset()
        marks = dict(self.plan.header.watermarks)
        kinds = tuple(kind for kind in RecordType if opted_out_mark(kind) in marks)
        with closing(self.aside()) as spool:
            _whole(self.readers.salesforce.people.by_email([lead.email for lead in leads], kinds, spool))
            known = frozenset(_column(spool, (columns.FOUND_DATASET,), "email_key"))
        return frozenset(lead.person for lead in leads if email_key(lead.email) in known)


def _whole(report: ReadReport) -> None:
    if not report.complete:
        raise Transient("SFDD-E5003", "Who opted out meanwhile could not be read to the end.", hint="sfdd apply")


def _before(stamp: str, overlap: timedelta) -> str:
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC) - overlap
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _column(spool: Spool, datasets: Iterable[str], name: str) -> Iterable[str | int]:
    for dataset in datasets:
        for part in spool.parts(dataset):
            yield from (
                value for value in pq.read_table(part, columns=[name]).column(0).to_pylist() if value is not None
            )


def _told(spool: Spool, account: str, reasons: Collection[str]) -> set[tuple[str | None, int | None]]:
    """Address and contact of everybody who is suppressed with one of the reasons."""
    rows = (
        row
        for part in spool.parts(columns.suppressed(account))
        for row in pq.read_table(part, columns=["email_key", "contact_id", "reason"]).to_pylist()
    )
    return {(row["email_key"], row["contact_id"]) for row in rows if row["reason"] in reasons}


def _pairs(spool: Spool, dataset: str) -> frozenset[tuple[str, str | int | None]]:
    found: set[tuple[str, str | int | None]] = set()
    for part in spool.parts(dataset):
        for row in pq.read_table(part, columns=["address_book", "email_key", "contact_id"]).to_pylist():
            found |= {(row["address_book"], row[name]) for name in ("email_key", "contact_id") if row[name] is not None}
    return frozenset(found)
