"""Rows about values towards either side, and about values that their target cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from sfdd_declare.people.checks import address_problem
from sfdd_declare.people.creation import Creation
from sfdd_declare.people.identity import NO_ADDRESS
from sfdd_declare.people.match import Matched
from sfdd_declare.people.question import MOVES_ID, import_id, problems_id, records_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Value, bring, no_text, text
from sfdd_declare.people.values import FIRST_SYNC, Values
from sfdd_declare.people.wanted import Wanted


def value_rows(sides: Sides, found: Values, active: Table, made: Creation) -> Iterator[Table]:
    """A row per value to write, or, where its target cannot hold it, a row that says so (VAL-23)."""
    account = sides.rules.key
    for table in found.pairs:
        rows = bring(table, active, {"sf_id": "sf_id"}, email="sent_to")
        to_d, to_s = rows.filter(rows.to == "d"), rows.filter(rows.to == "s")
        decision = ibis.cases((to_d.d_blank, "fill"), (to_d.s_blank, "blank"), else_="overwrite")
        here = to_d.mutate(target=to_d.data_field, old=to_d.r_d, new=to_d.v_d, decision=decision)
        yield from _values(here.mutate(operation=text(import_id(account))), account)
        decision = ibis.cases((to_s.s_blank, "fill"), (to_s.d_blank, "blank"), else_="overwrite")
        here = to_s.mutate(target=to_s.salesforce_field, old=to_s.r_s, new=to_s.v_s, decision=decision)
        yield from _values(here.mutate(operation=text(records_id(account))), account)
    for table in found.created:
        rows = bring(table, made.people, {"sf_id": "sf_id"}, email="email", operation="operation")
        rows = rows.mutate(target=rows.data_field, decision=text("fill"), old=no_text(), new=rows.v_d)
        yield from _values(rows.mutate(rule=text("VAL-20"), contact_id=ibis.null("int64")), account)


def _values(rows: Table, account: str) -> Iterator[Table]:
    fits = rows.filter(rows.problem.isnull())
    yield change(
        fits,
        operation=fits.operation,
        account=account,
        email=fits.email,
        aspect="value",
        field=fits.target,
        old=fits.old,
        new=fits.new,
        decision=fits.decision,
        reason=fits.rule,
        expect_s=fits.next_s,
        expect_d=fits.next_d,
    )
    misfits = rows.filter(rows.problem.notnull())
    yield change(
        misfits,
        operation=problems_id(account),
        account=account,
        email=misfits.email,
        aspect="problem",
        field=misfits.target,
        old=misfits.old,
        new=misfits.new,
        decision=misfits.problem,
        reason="VAL-23",
    )


def address_problems(sides: Sides, matched: Matched, wants: Wanted) -> Table:
    """Wanted people whose address is longer than Dotdigital takes."""
    records = matched.records.filter(matched.records.hold == NO_ADDRESS)
    records = bring(records, sides.records, {"sf_id": "sf_id"}, email="email")
    records = records.semi_join(wants.rows.filter(wants.rows.passes), "sf_id")
    records = records.mutate(problem=address_problem(records.email))
    records = records.filter(records.problem.notnull())
    return change(
        records,
        operation=problems_id(sides.rules.key),
        account=sides.rules.key,
        person=records.sf_id,
        contact_id=records.pair_contact,
        aspect="problem",
        field="email",
        new=records.email,
        decision=records.problem,
        reason="VAL-23",
    )


def value_moves(sides: Sides, found: Values) -> Iterator[Table]:
    """In step, a blank kept, held on a first run, or inherited from another writer: only the base moves. The field is
    the Salesforce field, of which a record type has each but once.
    """
    for table in found.pairs:
        rows = table.filter(table.moves)
        yield change(
            rows,
            operation=MOVES_ID,
            account=sides.rules.key,
            aspect="value",
            field=rows.salesforce_field,
            decision=(rows.waits == FIRST_SYNC).fill_null(False).ifelse(text("held"), text("known")),
            reason=rows.rule,
            expect_s=rows.next_s,
            expect_d=rows.next_d,
        )


def sent_to(people: Table) -> Value:
    """The address an existing contact is sent with: its own, so that its stored case is never changed."""
    return people.contact_email.fill_null(people.email)
