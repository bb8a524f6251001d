"""Reads the people of both systems into the spool, side by side, and then what their first sight leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sfdd_declare.app.inputs import Inputs
from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.ports import Event, ReadReport
from sfdd_declare.people.lookups import OpenQuestions, open_questions
from sfdd_declare.people.question import Question
from sfdd_declare.plan.scope import Reading

#: Read again what changed shortly before the watermark: a stamp is set before a change becomes visible (RUN-2).
DOTDIGITAL_OVERLAP = timedelta(seconds=300)
BEGINNING = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class PeopleRead:
    """New watermarks, and the question with what is known to be complete."""

    question: Question
    stamps: Mapping[str, str]  # by mark
    book_stamps: Mapping[str, str]  # by address-book key


@dataclass(frozen=True, slots=True)
class AccountRead:
    books: ReadReport
    suppressed: ReadReport


def read_people(inputs: Inputs, pool: ThreadPoolExecutor, reading: Reading, question: Question) -> PeopleRead:
    """Everything `decide` needs, into the spool."""
    inputs.watch(Event("read", "people"))
    remote = {key: pool.submit(_read_account, inputs, key, reading) for key in inputs.readers.dotdigital}
    exports = [pool.submit(_export, inputs, key, reading.sets) for key in inputs.readers.dotdigital]
    members = _read_salesforce(inputs, reading)
    reports = {key: future.result() for key, future in remote.items()}
    for future in exports:
        future.result()
    question = _with_completeness(question, reports, members=members)
    whole = frozenset(key for key, report in reports.items() if report.books.whole_account)
    book_stamps = _ask(inputs, reading, open_questions(question, inputs.spool), question, whole)
    stamps = {f"suppressed_since:{key}": report.suppressed.stamp for key, report in reports.items()}
    return PeopleRead(question, stamps, book_stamps)


def _read_account(inputs: Inputs, key: str, reading: Reading) -> AccountRead:
    people = inputs.readers.dotdigital[key].people
    own = tuple(s for s in reading.sets if s.account == key)
    since = inputs.state.marks().get(f"suppressed_since:{key}", "")
    suppressed = people.suppressed_since(_with_overlap(since), inputs.spool)
    lists = reading.lists[key]
    books = people.books(lists, None, own, inputs.spool) if lists else ReadReport(0, True, suppressed.stamp)
    return AccountRead(books, suppressed)


def _read_salesforce(inputs: Inputs, reading: Reading) -> bool:
    """Members, declared selections, opted-out records; returns whether the member listing was complete."""
    people = inputs.readers.salesforce.people
    complete = True
    if reading.campaigns:
        complete = people.members(reading.campaigns, reading.sets, inputs.spool).complete
    for selection in reading.selections:
        people.selection(selection, reading.sets, inputs.spool)
    if reading.record_types:
        people.opted_out(reading.record_types, inputs.spool)
    return complete


def _export(inputs: Inputs, key: str, sets: tuple[MappingSet, ...]) -> None:
    inputs.state.export(key, tuple(s for s in sets if s.account == key), inputs.spool)


def _with_completeness(question: Question, reports: Mapping[str, AccountRead], *, members: bool) -> Question:
    books = tuple(replace(b, complete=members and reports[b.account].books.complete) for b in question.books)
    return replace(question, books=books)


def _ask(
    inputs: Inputs, reading: Reading, asked: OpenQuestions, question: Question, whole: frozenset[str]
) -> dict[str, str]:
    """Look-ups in the whole account (ID-2), fates of records that left, list opt-outs before additions (MEM-12)."""
    stamps: dict[str, str] = {}
    states = {book.address_book: book for book in inputs.state.books()}
    first = {book.key for book in question.books if book.first_run}
    for key, reader in inputs.readers.dotdigital.items():
        own = tuple(s for s in reading.sets if s.account == key)
        if key not in whole:
            reader.people.look_up(asked.emails.get(key, ()), asked.contact_ids.get(key, ()), own, inputs.spool)
        for book, list_id, _ in reading.lists[key]:
            if book in asked.books or book in first:
                known = states.get(book)
                since = known.unsubscribed_since if known and book not in first else ""
                report = reader.people.unsubscribed_since(book, list_id, _with_overlap(since), inputs.spool)
                stamps[book] = report.stamp
    if asked.departed:
        inputs.readers.salesforce.people.fates(asked.departed, inputs.spool)
    return stamps


def _with_overlap(since: str) -> str:
    if not since:
        return BEGINNING
    moment = datetime.fromisoformat(since.replace("Z", "+00:00")).astimezone(UTC) - DOTDIGITAL_OVERLAP
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
