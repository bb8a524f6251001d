"""People who joined a book in Dotdigital and are nobody we know (NEW): adopted, created, pending, or skipped.

Who is a newcomer is decided with the other memberships (`membership`); here it is decided what becomes of them. One
person on two books is one lead and two memberships.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import pyarrow as pa

from sfdd_declare.model.mapping import RecordType
from sfdd_declare.people import columns, held, identity
from sfdd_declare.people.bookfacts import SHOWN
from sfdd_declare.people.closure import Closure
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.leadvalues import LeadValues, lead_values
from sfdd_declare.people.membership import NEWCOMER
from sfdd_declare.people.question import LinkRules, Question, adopt_id, create_leads_id, pending_id, problems_id
from sfdd_declare.people.rows import change, person_label
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, Value, bring, first_per, mark, no_text, text

_LEADING = pa.schema({"address_book": columns.text, "campaign": columns.text, "status": columns.text})
_ROW_TYPES = dict.fromkeys(("address_book", "campaign", "status"), columns.text) | {"contact_id": columns.long}
_ROW_TYPES |= dict.fromkeys(("email", "email_key", "found_id", "found_type", "skip"), columns.text)
_ROW = pa.schema(_ROW_TYPES)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """`rows`: a row per newcomer and book: address_book, campaign, status, contact_id, email, email_key, the record
    that has the address (`found_id`, `found_type`), and why nothing is done (`skip`). `values`: what a lead would get.
    """

    rows: Table
    values: LeadValues

    @property
    def adopted(self) -> Table:
        return self.rows.filter(self.rows.skip.isnull(), self.rows.found_id.notnull())

    @property
    def created(self) -> Table:
        mine = self.rows.filter(self.rows.skip.isnull(), self.rows.found_id.isnull())
        return mine.anti_join(self.values.pending, "contact_id")

    @property
    def pending(self) -> Table:
        """address_book, campaign, contact_id, email, why."""
        mine = self.rows.filter(self.rows.skip.isnull(), self.rows.found_id.isnull())
        return mine.inner_join(self.values.pending, "contact_id")

    @property
    def held(self) -> Table:
        """reason, who."""
        rows = self.rows.filter(self.rows.skip.notnull())
        return rows.select(reason=rows.skip, who=_label(rows))


def leading(question: Question) -> dict[str, LinkRules]:
    """Per book the link whose campaign newcomers join (NEW-8), of those that are asked for."""
    found: dict[str, LinkRules] = {}
    for link in question.links:
        if link.new_leads is not None and (link.address_book not in found or link.new_leads.primary):
            found[link.address_book] = link
    focus = question.focus
    return {book: link for book, link in found.items() if focus is None or link.address in focus}


def newcomers(tables: Tables, question: Question, sides: Sides, closure: Closure, books: Table) -> Newcomers:
    """`books`: memberships as decided."""
    links = _links(question)
    rows = (
        tables.keep(_rows(tables, question, sides, closure, books=books, links=links))
        if links
        else tables.small(_ROW, [])
    )
    fresh = rows.filter(rows.skip.isnull(), rows.found_id.isnull()).select("contact_id", "email").distinct()
    return Newcomers(rows, lead_values(tables, question, sides, tables.keep(fresh)))


def _links(question: Question) -> list[tuple[str, str, str]]:
    """LEADING: which campaign the newcomers of a book join, and as what."""
    default = {campaign.key: campaign.default_status for campaign in question.campaigns}
    return [
        (book, link.campaign, (link.new_leads and link.new_leads.member_status) or default.get(link.campaign, ""))
        for book, link in leading(question).items()
    ]


def _rows(
    tables: Tables,
    question: Question,
    sides: Sides,
    closure: Closure,
    *,
    books: Table,
    links: list[tuple[str, str, str]],
) -> Table:
    rows = books.filter(books.decision == NEWCOMER).select("address_book", "contact_id")
    rows = rows.inner_join(tables.small(_LEADING, links), "address_book")
    seen = {name: name for name in ("email", "email_key", "channel")}
    rows = bring(rows, sides.contacts, {"contact_id": "contact_id"}, **seen)
    rows = mark(rows, closure.emails, {"email_key": "email_key"}, "s_out")
    rows = mark(rows, closure.dotdigital[sides.rules.key], {"email_key": "email_key"}, "d_out")
    rows = bring(
        rows, _chosen(tables, question), {"email_key": "email_key"}, found_id="sf_id", found_type="record_type"
    )
    is_there = rows.found_type.notnull()
    rows = rows.mutate(
        skip=ibis.cases(
            (rows.email_key.isnull(), text(held.NEWCOMER_NO_ADDRESS)),
            (rows.s_out | rows.d_out | ~rows.channel.isin(SHOWN).fill_null(False), text(held.NEWCOMER_OUT)),
            (is_there & rows.found_id.isnull(), text(identity.CONVERTED)),
            else_=no_text(),
        )
    )
    return rows.select(*_ROW.names)


def _chosen(tables: Tables, question: Question) -> Table:
    """ID-3: the record of an address that is adopted; a converted lead stands for its contact (ID-5), which may be
    gone, merged into another one, or out of sight."""
    found = tables.read(columns.FOUND_DATASET, columns.FOUND)
    order = [t.value for t in dict.fromkeys((*question.precedence, *RecordType))]
    contact = text(RecordType.CONTACT.value)
    fates = tables.read(columns.FATES_DATASET, columns.FATES)
    fates = first_per(fates, ["sf_id"], [fates.fate, fates.survivor])
    found = bring(found, fates, {"converted_to": "sf_id"}, fate="fate", survivor="survivor")
    heir = ibis.cases(
        (found.fate == "merged", found.survivor),
        (found.fate.isin(["deleted", "invisible"]), no_text()),
        else_=found.converted_to,
    )
    found = found.mutate(
        sf_id=found.converted.ifelse(heir, found.sf_id),
        record_type=found.converted.ifelse(contact, found.record_type),
    )
    rank = found.record_type.cases(*((kind, i) for i, kind in enumerate(order)), else_=len(order))
    return first_per(
        found,
        ["email_key"],
        [found.sf_id.isnull(), rank, found.modified.fill_null(-1).desc(), found.sf_id],
    )


def newcomer_rows(tables: Tables, question: Question, sides: Sides, new: Newcomers) -> Iterator[Table]:
    if tables.is_empty(new.rows):
        return
    yield from _adoptions(question, sides, new)
    yield from _creations(tables, question, sides, new)
    pending = new.pending.select("contact_id", "email", "why").distinct()
    yield change(
        pending,
        operation=pending_id(sides.rules.key),
        account=sides.rules.key,
        person=_label(pending),
        record_type=RecordType.LEAD.value,
        email=pending.email,
        aspect="problem",
        field="new lead",
        decision=pending.why,
        reason="NEW-4",
    )


def _adoptions(question: Question, sides: Sides, new: Newcomers) -> Iterator[Table]:
    """The base learns of the pair at once, so that they are never newcomers again; not of records that are not
    imported, nor of one that is another contact's."""
    account = sides.rules.key
    rows = mark(new.adopted, sides.pairs, {"found_id": "sf_id"}, "is_paired")
    kinds = [mapping.record_type.value for mapping in sides.rules.sets]
    rows = rows.mutate(
        operation=text(adopt_id("")) + rows.campaign, settles=rows.found_type.isin(kinds or [""]) & ~rows.is_paired
    )
    who = {"person": rows.found_id, "sf_id": rows.found_id, "record_type": rows.found_type, "email": rows.email}
    yield change(
        rows,
        operation=rows.operation,
        account=account,
        **who,
        contact_id=rows.contact_id,
        address_book=rows.settles.ifelse(rows.address_book, no_text()),
        campaign=rows.campaign,
        aspect="member",
        field="Status",
        new=rows.status,
        decision="adopt",
        reason="NEW-2",
        expect_s="wanted",
        expect_d="on",
    )
    names = ("operation", "contact_id", "email", "email_key", "found_id", "found_type")
    pairs = rows.filter(rows.settles).select(*names).distinct()
    hashed = keyed(question.key, pairs.email_key)
    yield change(
        pairs,
        operation=pairs.operation,
        account=account,
        person=pairs.found_id,
        sf_id=pairs.found_id,
        record_type=pairs.found_type,
        contact_id=pairs.contact_id,
        email=pairs.email,
        aspect="identity",
        field="email",
        decision="pair",
        reason="NEW-2",
        expect_s=hashed,
        expect_d=hashed,
    )


def _creations(tables: Tables, question: Question, sides: Sides, new: Newcomers) -> Iterator[Table]:
    account, operation = sides.rules.key, create_leads_id(sides.rules.key)
    people = tables.keep(new.created.select("contact_id", "email", "email_key").distinct())
    hashed = keyed(question.key, people.email_key)
    lead = {"operation": operation, "account": account, "record_type": RecordType.LEAD.value, "reason": "NEW-3"}
    yield change(
        people,
        **lead,
        person=_label(people),
        email=people.email,
        aspect="identity",
        field="email",
        new=people.email,
        decision="create_lead",
        expect_s=hashed,
        expect_d=hashed,
    )
    given = new.values.given.inner_join(people.select("contact_id", "email"), "contact_id")
    fits = given.filter(given.problem.isnull())
    yield change(
        fits,
        **lead,
        person=_label(fits),
        email=fits.email,
        aspect="value",
        field=fits.name,
        new=fits.value,
        decision=fits.is_default.ifelse(text("default"), text("fill")),
        expect_s=fits.hash,
        expect_d=fits.hash,
    )
    misfits = given.filter(given.problem.notnull())
    yield change(
        misfits,
        operation=problems_id(account),
        account=account,
        person=_label(misfits),
        record_type=RecordType.LEAD.value,
        email=misfits.email,
        aspect="problem",
        field=misfits.name,
        new=misfits.value,
        decision=misfits.problem,
        reason="VAL-23",
    )
    joins = new.created
    yield change(
        joins,
        **lead,
        person=_label(joins),
        email=joins.email,
        address_book=joins.address_book,
        campaign=joins.campaign,
        aspect="member",
        field="Status",
        new=joins.status,
        decision="add",
        expect_s="wanted",
        expect_d="on",
    )


def _label(rows: Table) -> Value:
    return person_label(no_text(), rows.contact_id)
