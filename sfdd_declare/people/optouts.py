"""Who has opted out in Dotdigital, held against the base, and which Salesforce records follow (CON-4, CON-8 to CON-10).

The base of a pair says whether both sides knew of an opt-out. Where no pair speaks (the person is no member, or another
record of theirs was ticked), the address itself is remembered, by keyed hash:

`ticked`: a record of ours was ticked, others may still be due · `settled`: both sides were out · `free`: neither was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis

from sfdd_declare.people import columns
from sfdd_declare.people.closure import Closure, Ticked
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, bring, first_per, mark, stack, text
from sfdd_declare.people.unsubscribed import SEPARATOR

TICKED, SETTLED, FREE = "ticked", "settled", "free"


@dataclass(frozen=True, slots=True)
class Ticks:
    """By account: `people` who are out in Dotdigital (see `unsubscribed`), and `rows`, the records to tick: sf_id,
    record_type, email_key, and of the contact that is out: contact_id, email; `is_only`: no other record is due for it.
    """

    people: Mapping[str, Table]
    rows: Mapping[str, Table]


def ticks(tables: Tables, question: Question, sides: Sequence[Sides], closure: Closure) -> Ticks:
    """CON-8, for all accounts before anything else is decided: whom one account ticks, every account has out."""
    people = {side.rules.key: tables.keep(unsubscribed(tables, question, side, closure)) for side in sides}
    rows = {side.rules.key: tables.keep(_rows(tables, side, sides, people[side.rules.key], closure)) for side in sides}
    return Ticks(people, rows)


def after(tables: Tables, closure: Closure, due: Ticks) -> Closure:
    """The closure as it is once everything due has been ticked: what follows from that belongs to the same plan."""
    rows = [table for table in due.rows.values() if not tables.is_empty(table)]
    if not rows:
        return closure
    addressed = [table.filter(table.email_key.notnull()).select("email_key") for table in rows]
    return Closure(
        records=tables.keep(stack([closure.records, *(table.select("sf_id") for table in rows)]).distinct()),
        emails=tables.keep(stack([closure.emails, *addressed]).distinct()),
        dotdigital=closure.dotdigital,
    )


def unsubscribed(tables: Tables, question: Question, sides: Sides, ticked: Ticked | Closure) -> Table:
    """contact_id, email, email_key of everybody in scope whom this account has out for a reason of CON-4.

    `s_out`: out in Salesforce as well. `is_due`: records are to be ticked, for the first time or because some were
    refused. `is_reconsented`: out in Salesforce once and not any more (CON-9). `is_settled`: the base knows both sides.
    """
    out = sides.contacts.filter(sides.contacts.is_out, sides.contacts.email_key.notnull())
    out = tables.keep(out.select("contact_id", "email", "email_key"))
    people = out.semi_join(_in_scope(tables, sides, out), "contact_id")
    people = bring(people, _base(sides, out), {"contact_id": "contact_id"}, pair_s="out_s", pair_d="out_d")
    people = with_memory(tables, question, sides.rules.key, people)
    people = mark(people, _out_in_salesforce(sides, out, ticked), {"contact_id": "contact_id"}, "s_out")
    was_s = people.pair_s.fill_null(False) | people.memory.isin([TICKED, SETTLED])
    was_d = people.pair_d.fill_null(False) | (people.memory == SETTLED)
    return people.select(
        *("contact_id", "email", "email_key", "s_out"),
        is_due=people.s_out.ifelse(was_s & ~was_d, ~was_s),
        is_reconsented=~people.s_out & was_s,
        is_settled=was_s & was_d,
    )


def with_memory(tables: Tables, question: Question, account: str, table: Table) -> Table:
    """Adds `memory`: what is remembered of the opt-out of `email_key`; empty when nothing is."""
    key = question.key
    table = table.mutate(address_hash=keyed(key, text(SEPARATOR * 2) + table.email_key))
    known = memories(tables, account)
    return bring(table, known, {"address_hash": "email_hash"}, memory="reason").mutate(
        memory=lambda t: t.memory.fill_null("")
    )


def memories(tables: Tables, account: str) -> Table:
    """email_hash, reason: every address of which an opt-out is remembered."""
    remembered = tables.read(columns.remembered(account), columns.REMEMBERED)
    known = remembered.filter(remembered.reason.isin([TICKED, SETTLED]))
    return known.group_by("email_hash").agg(reason=known.reason.min())


def _in_scope(tables: Tables, sides: Sides, out: Table) -> Table:
    """CON scope: on a linked book, in the base, or the address of a record that was read."""
    listed = tables.read(columns.listed(sides.rules.key), columns.LISTED)
    known = tables.read(columns.memberships(sides.rules.key), columns.MEMBERSHIPS)
    parts = (
        *(out.semi_join(table, "contact_id") for table in (listed, known, _bonds(sides))),
        out.semi_join(sides.read, "email_key"),
    )
    return stack(part.select("contact_id") for part in parts).distinct()


def _bonds(sides: Sides) -> Table:
    """sf_id, contact_id of pairs, and of heirs with every contact that a former self of theirs had (ID-5)."""
    left = sides.left.select("sf_id", contact_id="former")
    return stack([sides.all_pairs.select("sf_id", "contact_id"), left])


def _base(sides: Sides, out: Table) -> Table:
    """Per contact: whether any of its pairs knew of an opt-out, side by side."""
    pairs = sides.pairs.semi_join(out, "contact_id")
    return pairs.group_by("contact_id").agg(
        out_s=pairs.out_s.fill_null(False).any(), out_d=pairs.out_d.fill_null(False).any()
    )


def _out_in_salesforce(sides: Sides, out: Table, ticked: Ticked | Closure) -> Table:
    """Contacts of which a record that has their address, or one that is their pair, is ticked."""
    read = sides.read.filter(sides.read.email_key.notnull()).select("sf_id", "email_key")
    emails = stack([ticked.emails, read.semi_join(ticked.records, "sf_id").select("email_key")]).distinct()
    pairs = _bonds(sides).semi_join(out, "contact_id")
    parts = (
        out.semi_join(emails, "email_key"),
        pairs.semi_join(ticked.records, "sf_id"),
        pairs.inner_join(read, "sf_id").semi_join(emails, "email_key"),
    )
    return stack(part.select("contact_id") for part in parts).distinct()


def _rows(tables: Tables, side: Sides, sides: Sequence[Sides], people: Table, closure: Closure) -> Table:
    """All records with an address that is due, members or not, and the pairs of its contact, by switch (CON-4)."""
    due = people.filter(people.is_due)
    found = tables.read(columns.NOT_TICKED_DATASET, columns.NOT_TICKED).mutate(converted=ibis.literal(False))
    columns_of = ("sf_id", "record_type", "email_key", "converted")
    read = stack([found.select(*columns_of), *(other.read.select(*columns_of) for other in sides)])
    pairs = _bonds(side).semi_join(due, "contact_id").distinct()
    names = (*columns_of, "contact_id")
    rows = stack(
        [
            read.inner_join(due.select("email_key", "contact_id"), "email_key").select(*names),
            side.read.inner_join(pairs, "sf_id").select(*names),
        ]
    )
    switch = [record_type.value for record_type in side.rules.consent.unsubscribe_to_salesforce]
    rows = rows.filter(rows.record_type.isin(switch or [""])).anti_join(closure.records, "sf_id")
    rows = rows.anti_join(read.filter(read.converted), "sf_id")
    rows = first_per(rows, ["sf_id"], [rows.contact_id, rows.record_type, rows.email_key.fill_null("")])
    rows = bring(rows, due, {"contact_id": "contact_id"}, email="email")
    return rows.mutate(is_only=rows.count().over(group_by="contact_id") == 1).drop("converted")
