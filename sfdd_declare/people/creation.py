"""Wanted people who have no contact: created with their lists, created opted out, or left out (MEM-1, CON-3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis

from sfdd_declare.people import held, membership
from sfdd_declare.people.consent import OPTED_OUT_ITEM
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.match import Matched
from sfdd_declare.people.question import Question, create_id, import_id, opted_out_id
from sfdd_declare.people.refused import REFUSED
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, mark, no_text, text
from sfdd_declare.people.unsubscribed import with_remembered, with_told_address
from sfdd_declare.people.wanted import Wanted

_PERSON = ("person", "sf_id", "record_type", "email", "email_key", "s_out", "d_out", "is_carried", "is_refused")


@dataclass(frozen=True, slots=True)
class Creation:
    """`wants`: a row per book that wants somebody without a contact: link, campaign, member_id, rests_on, why
    not (`held`).

    `people`: who gets a contact, and by which operation.
    """

    wants: Table
    people: Table


def creation(
    tables: Tables, question: Question, sides: Sides, matched: Matched, wants: Wanted, *, left: Table | None
) -> Creation:
    """Nobody is created because they are opted out, and nobody to be on no book, but opted out (CON-3, ID-4).

    `left`: address_book, person: what somebody left with the contact they had before.
    """
    people = matched.people.filter(matched.people.hold.isnull(), ~matched.people.has_contact).select(*_PERSON)
    rows = wants.people.select("address_book", "link", "campaign", "member_id", "rests_on", "person")
    rows = with_told_address(tables, sides, rows.inner_join(people, "person"), "is_told")
    rows = with_remembered(tables, question, sides, rows, "is_remembered")
    if left is not None:
        rows = mark(rows, left, {"address_book": "address_book", "person": "person"}, "is_left_behind")
        rows = rows.mutate(is_remembered=rows.is_remembered | rows.is_left_behind).drop("is_left_behind")
    taken_over = [book.key for book in question.books if book.taken_over]
    unread = [book.key for book in question.books if not book.complete]
    suppresses = ibis.literal(sides.rules.consent.opt_out_to_dotdigital)
    rows = rows.mutate(is_out=rows.s_out | rows.is_carried)
    rows = rows.mutate(
        held=ibis.cases(
            (rows.is_out & ~suppresses, text(membership.OPTED_OUT)),
            (rows.d_out & ~rows.is_out, text(held.OPTED_OUT_THERE)),
            (rows.is_refused, text(REFUSED)),
            (rows.is_out, no_text()),
            (rows.is_told | rows.is_remembered, text(membership.UNSUBSCRIBED)),
            (rows.address_book.isin(unread or [""]), text(membership.NOT_READ)),
            (rows.address_book.isin(taken_over or [""]), text(membership.UNKNOWN)),
            else_=no_text(),
        )
    )
    rows = tables.keep(rows)
    account = sides.rules.key
    normal = create_id(account) if sides.rules.hold_creations else import_id(account)
    created = rows.filter(rows.held.isnull()).select(*_PERSON, "is_out").distinct()
    operation = created.is_out.ifelse(text(opted_out_id(account)), text(normal))
    return Creation(rows, tables.keep(created.mutate(operation=operation)))


def creation_rows(question: Question, sides: Sides, made: Creation) -> Iterator[Table]:
    """Their identity, their opt-out, their lists; the values come with those of everybody else."""
    account = sides.rules.key
    people = made.people
    hashed = keyed(question.key, people.email_key)
    yield change(
        people,
        operation=people.operation,
        account=account,
        email=people.email,
        aspect="identity",
        field="email",
        new=people.email,
        decision="create",
        reason="ID-2",
        expect_s=hashed,
        expect_d=hashed,
    )
    out = people.filter(people.is_out)
    yield change(
        out,
        operation=out.operation,
        account=account,
        email=out.email,
        aspect="consent",
        field=OPTED_OUT_ITEM,
        new="suppressed",
        decision="create_opted_out",
        reason=out.s_out.ifelse(text("CON-3"), text("ID-4")),
        expect_s=out.s_out.ifelse(text("1"), text("0")),
        expect_d="1",
    )
    lists = made.wants.filter(made.wants.held.isnull()).inner_join(
        people.filter(~people.is_out).select("person", "operation"), "person"
    )
    yield change(
        lists,
        operation=lists.operation,
        account=account,
        person=lists.sf_id,
        email=lists.email,
        address_book=lists.address_book,
        campaign=lists.campaign,
        aspect="list",
        field=lists.member_id,
        old=lists.rests_on,
        decision="add",
        reason="MEM-1",
        expect_s="wanted",
        expect_d="on,ours",
    )
