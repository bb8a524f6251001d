"""Reads the people of both systems into the spool, side by side, and then what their first sight leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sfdd_declare.app.beside import Beside
from sfdd_declare.app.inputs import Inputs
from sfdd_declare.app.recheck import opted_out_mark
from sfdd_declare.app.unmatched import warning
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.ports import Event, ReadReport, Spool
from sfdd_declare.model.state import BookChanges
from sfdd_declare.people import columns
from sfdd_declare.people.lookups import OpenQuestions, addresses_to_tick, open_questions, unread_heirs
from sfdd_declare.people.question import Question
from sfdd_declare.plan import passes
from sfdd_declare.plan.scope import Memory, Reading

#: Read again what changed shortly before the watermark: a stamp is set before a change becomes visible (RUN-2).
DOTDIGITAL_OVERLAP = timedelta(seconds=300)
BEGINNING = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class PeopleRead:
    """New watermarks, and the question with what is known to be complete."""

    question: Question
    stamps: Mapping[str, str]  # by mark
    book_stamps: Mapping[str, str]  # by address-book key
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountRead:
    books: ReadReport
    suppressed: ReadReport

    @property
    def stamp(self) -> str:
        """Before any of it was read."""
        return self.suppressed.stamp


def after_delta(
    inputs: Inputs, reading: Reading, question: Question, memory: Memory, stamps: Mapping[str, str]
) -> PeopleRead:
    """What is left to ask once a delta was read: nobody needs to be looked up any more."""
    question = replace(
        question,
        books=tuple(replace(book, partial=True) for book in question.books),
        # that nobody is to be taken out of a campaign was seen by its selection and its count
        campaigns=tuple(replace(campaign, exact=False) for campaign in question.campaigns),
    )
    everywhere = frozenset(inputs.readers.dotdigital)
    asked = open_questions(question, inputs.spool, everywhere)
    return PeopleRead(question, stamps, _ask(inputs, reading, asked, question, memory, everywhere=everywhere))


@dataclass(frozen=True, slots=True)
class OrgRead:
    """Whether the member listing was complete, and the vendor's clock when the opt-outs were read and before."""

    members: bool
    opted_out: str
    began: str
    warnings: tuple[str, ...]


def read_people(inputs: Inputs, beside: Beside, reading: Reading, question: Question, memory: Memory) -> PeopleRead:
    """Everything `decide` needs, into the spool."""
    inputs.watch(Event("read", "people"))
    marks = inputs.marks
    remote = {key: beside.start(_read_account, inputs, key, reading, marks) for key in inputs.readers.dotdigital}
    exports = [beside.start(_export, inputs, key, reading.sets, memory.changes) for key in inputs.readers.dotdigital]
    org = _read_salesforce(inputs, reading)
    _protect_newcomers(inputs, reading)
    reports = {key: future.result() for key, future in remote.items()}
    for future in exports:
        future.result()
    question = _with_completeness(question, reports, members=org.members)
    if heirs := unread_heirs(question, inputs.spool):
        found = inputs.readers.salesforce.people.records({RecordType.CONTACT: heirs}, reading.sets, inputs.spool)
        whole(found, "contacts that leads were converted to")
    everywhere = frozenset(key for key, report in reports.items() if report.books.whole_account)
    asked = open_questions(question, inputs.spool, everywhere)
    book_stamps = _ask(inputs, reading, asked, question, memory, everywhere=everywhere)
    stamps = {f"suppressed_since:{key}": report.suppressed.stamp for key, report in reports.items()}
    stamps |= {passes.CONTACTS_SINCE + key: report.stamp for key, report in reports.items()}
    stamps |= {opted_out_mark(kind): org.opted_out for kind in reading.record_types}
    stamps |= {passes.SINCE: org.began, passes.FULL: org.began}
    return PeopleRead(question, stamps, book_stamps, org.warnings)


def _read_account(inputs: Inputs, key: str, reading: Reading, marks: Mapping[str, str]) -> AccountRead:
    people = inputs.readers.dotdigital[key].people
    own = tuple(s for s in reading.sets if s.account == key)
    since = marks.get(f"suppressed_since:{key}", "")
    suppressed = whole(people.suppressed_since(_with_overlap(since), inputs.spool), "who is suppressed in Dotdigital")
    lists = reading.lists[key]
    books = people.books(lists, None, own, inputs.spool) if lists else ReadReport(0, True, suppressed.stamp)
    return AccountRead(books, suppressed)


def _read_salesforce(inputs: Inputs, reading: Reading) -> OrgRead:
    """Opted-out records, members, declared selections."""
    began = inputs.readers.salesforce.clock()
    people = inputs.readers.salesforce.people
    complete = True
    ticked = whole(people.opted_out(reading.record_types, inputs.spool), "who is opted out in Salesforce")
    if reading.campaigns:
        complete = people.members(reading.campaigns, reading.sets, inputs.spool).complete
    warnings = []
    for selection in reading.selections:
        report = people.selection(selection, reading.sets, inputs.spool)
        whole(report, "the members that a selection names")
        if report.unmatched:
            warnings.append(warning(selection, report.unmatched, Path(inputs.desired.root)))
    return OrgRead(complete, ticked.stamp, began, tuple(warnings))


def _protect_newcomers(inputs: Inputs, reading: Reading) -> None:
    """MEM-13: whom a link added as a newcomer stays a member."""
    keys = {str(campaign_id): key for key, campaign_id in reading.campaigns}
    rows = [
        {"campaign": keys[campaign_id], "sf_id": sf_id}
        for campaign_id, sf_id in inputs.state.newcomers()
        if campaign_id in keys
    ]
    with inputs.spool.sink(columns.PROTECTED_DATASET, columns.PROTECTED) as sink:
        for batch in pa.Table.from_pylist(rows, schema=columns.PROTECTED).to_batches():
            sink.write(batch)


def whole(report: ReadReport, what: str) -> ReadReport:
    """Consent and look-ups must be known to their end: a listing that was cut short ends the plan."""
    if not report.complete:
        summary = f"The list of {what} came back incomplete, so nothing is decided by it."
        raise Transient("SFDD-E4008", summary, hint="sfdd plan")
    return report


def _export(inputs: Inputs, key: str, sets: tuple[MappingSet, ...], changes: BookChanges) -> None:
    inputs.state.export(key, tuple(s for s in sets if s.account == key), inputs.spool, changes)


def _with_completeness(question: Question, reports: Mapping[str, AccountRead], *, members: bool) -> Question:
    whole = {key for key, report in reports.items() if members and report.books.complete}
    books = tuple(replace(b, complete=b.complete and b.account in whole) for b in question.books)
    campaigns = tuple(replace(c, complete=members) for c in question.campaigns)
    return replace(question, books=books, campaigns=campaigns)


def _ask(
    inputs: Inputs,
    reading: Reading,
    asked: OpenQuestions,
    question: Question,
    memory: Memory,
    *,
    everywhere: frozenset[str],
) -> dict[str, str]:
    """Look-ups in the whole account (ID-2), except where all of it was seen (`everywhere`), and then in the whole org
    (CON-4); fates of records that left; list opt-outs before additions (MEM-12); whoever has the address of a newcomer
    (NEW-2).
    """
    stamps: dict[str, str] = {}
    first = {book.key for book in question.books if book.first_run}
    for key, reader in inputs.readers.dotdigital.items():
        own = tuple(s for s in reading.sets if s.account == key)
        if key not in everywhere:
            found = reader.people.look_up(asked.emails.get(key, ()), asked.contact_ids.get(key, ()), own, inputs.spool)
            whole(found, "contacts that were looked up")
        for book, list_id, _ in reading.lists[key]:
            if book in asked.books or book in first:
                known = memory.books.get(book)
                since = known.unsubscribed_since if known and book not in first else ""
                report = reader.people.unsubscribed_since(book, list_id, _with_overlap(since), inputs.spool)
                stamps[book] = whole(report, "who unsubscribed from an address book").stamp
    to_tick = addresses_to_tick(question, inputs.spool) if asked.to_tick is None else asked.to_tick
    if to_tick := {kind: emails for kind, emails in to_tick.items() if kind in reading.record_types}:
        whole(inputs.readers.salesforce.people.not_ticked(to_tick, inputs.spool), "records with an address")
    if asked.departed:
        whole(inputs.readers.salesforce.people.fates(asked.departed, inputs.spool), "records that left")
    if asked.newcomers:
        found = inputs.readers.salesforce.people.by_email(asked.newcomers, reading.record_types, inputs.spool)
        whole(found, "records with the addresses of newcomers")
        if contacts := _converted_to(inputs.spool):  # they may be gone
            fates = inputs.readers.salesforce.people.fates({RecordType.CONTACT: contacts}, inputs.spool)
            whole(fates, "contacts that leads were converted to")
    return stamps


def _converted_to(spool: Spool) -> tuple[str, ...]:
    """Contacts that leads with the address of a newcomer were converted to, and that were not found themselves."""
    rows = [row for part in spool.parts(columns.FOUND_DATASET) for row in pq.read_table(part).to_pylist()]
    named = {row["converted_to"] for row in rows if row["converted"] and row["converted_to"]}
    return tuple(sorted(named - {row["sf_id"] for row in rows}))


def _with_overlap(since: str) -> str:
    if not since:
        return BEGINNING
    moment = datetime.fromisoformat(since.replace("Z", "+00:00")).astimezone(UTC) - DOTDIGITAL_OVERLAP
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
