"""Who is left out and why: per link (`skips`), and over all (`held`, RUN-4)."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.people import echo, held
from sfdd_declare.people.creation import Creation
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.match import CONTACT_HOLDS, Matched
from sfdd_declare.people.newcomers import Newcomers
from sfdd_declare.people.question import Question
from sfdd_declare.people.refused import REFUSED
from sfdd_declare.people.rows import person_label
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Value, bring, no_text, stack, text
from sfdd_declare.people.values import CONFLICT, FIRST_SYNC, RENEWED, Values
from sfdd_declare.people.wanted import Wanted


def skips(wants: Wanted, books: Table, made: Creation) -> Table:
    """link, who, reason: everybody whom a link wants and who does not get onto the book (INV-11)."""
    held_up = wants.first.filter(wants.first.skip.notnull())
    listed = books.filter(books.is_wanted, books.held.notnull())
    created_out = made.wants.is_out.ifelse(text(held.CREATED_OUT), no_text())
    unmade = made.wants.mutate(held=made.wants.held.fill_null(created_out)).filter(lambda row: row.held.notnull())
    return stack(
        [
            held_up.select("link", who=held_up.who, reason=held_up.skip),
            listed.select("link", who=person_label(listed.sf_id, listed.contact_id), reason=listed.held),
            unmade.select("link", who=unmade.sf_id, reason=unmade.held),
        ]
    )


def held_people(question: Question, sides: Sides, matched: Matched, active: Table, found: Values) -> Iterator[Table]:
    """reason, who: what is held whatever link or book it is about."""
    records = matched.records
    writers = matched.people.select("sf_id")
    shadowed = records.filter(records.hold.isnull()).anti_join(writers, "sf_id")
    yield _because(held.SHADOWED, shadowed, shadowed.sf_id)
    stopped = matched.people.filter(matched.people.hold.isin(CONTACT_HOLDS))
    yield stopped.select(reason=stopped.hold, who=stopped.person)
    yield _because(held.CHANGED_THERE, *_changed_there(question, matched))
    taken_over = active.filter(~active.is_pair).semi_join(sides.pairs, "contact_id")
    yield _because(held.ANOTHER_WRITER, taken_over, taken_over.sf_id)
    for table in found.refused:
        yield _because(REFUSED, table, table.sf_id)
    for table in found.pairs:
        kept = table.filter(table.rule.isin(["VAL-5", "VAL-7"]), table.to.isnull())
        yield _because(held.BLANK_KEPT, kept, kept.sf_id)
        changing, echoes = table.filter(table.echo == echo.HELD), table.filter(table.echo.isin(["s", "d"]))
        yield _because(held.KEEPS_CHANGING, changing, changing.sf_id)
        yield _because(held.ALTERED, echoes, echoes.sf_id)
        for reason, words in ((FIRST_SYNC, held.FIRST_SYNC), (CONFLICT, held.CONFLICT), (RENEWED, held.RENEWED)):
            waits = table.filter(table.waits == reason)
            yield _because(words, waits, waits.sf_id + ":" + waits.salesforce_field)  # a conflict is about one field
    for table in (*found.pairs, *found.created):
        misfits = table.filter(table.problem.notnull())
        yield _because(held.PROBLEM, misfits, misfits.sf_id)


def _changed_there(question: Question, matched: Matched) -> tuple[Table, Value]:
    """ID-4: a contact has another address than the base says, and Salesforce did not move."""
    key = question.key
    records = bring(matched.records, matched.contacts, {"contact_id": "contact_id"}, contact_key="email_key")
    records = records.filter(records.hold.isnull(), records.is_pair, records.contact_key.notnull())
    stays = keyed(key, records.email_key) == records.email_s
    has_moved = (keyed(key, records.contact_key) != records.email_d).fill_null(False)
    found = records.filter(stays, has_moved, records.email_key != records.contact_key)
    return found, found.person


def held_books(books: Table) -> Table:
    """Removals that wait, and people who cannot be told to have gone."""
    rows = books.filter(books.held.notnull())
    return rows.select(reason=rows.held, who=person_label(rows.sf_id, rows.contact_id))


def held_left_behind(books: Table, gone_over: Table) -> Table:
    """ID-4: whose member went over to another contact, and who stays on a book that keeps people."""
    stays = books.filter(books.decision == "bystander", books.is_on, books.was_wanted)
    stays = stays.semi_join(gone_over.select(contact_id="former").distinct(), "contact_id")
    return _because(held.LEFT_BEHIND, stays, person_label(no_text(), stays.contact_id))


def held_newcomers(new: Newcomers) -> Table:
    """Newcomers who are left alone, and those who wait for a value."""
    pending = new.pending
    return stack([new.held, _because(held.PENDING, pending, person_label(no_text(), pending.contact_id))])


def held_skips(rows: Table) -> Table:
    return rows.select("reason", "who")


def held_problems(rows: Table) -> Table:
    return _because(held.PROBLEM, rows, rows.person)


def held_consent(listed: Iterator[tuple[str, Table]]) -> Iterator[Table]:
    for reason, people in listed:
        yield _because(reason, people, person_label(people.sf_id, people.contact_id))


def _because(reason: str, table: Table, who: Value) -> Table:
    return table.select(reason=text(reason), who=who)
