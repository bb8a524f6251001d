"""Rows about values, pairs and problems. Only salesforce_to_dotdigital is written; what else is decided is listed."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from sfdd_declare.model.mapping import Direction
from sfdd_declare.people.checks import address_problem
from sfdd_declare.people.creation import Creation
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.match import NO_ADDRESS, Matched
from sfdd_declare.people.question import MOVES_ID, Question, import_id, problems_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Value, bring, no_text, text
from sfdd_declare.people.values import Values
from sfdd_declare.people.wanted import Wanted

#: The direction that is written; the others wait for their engine.
APPLIED = Direction.SALESFORCE_TO_DOTDIGITAL.value


def value_rows(sides: Sides, found: Values, active: Table, made: Creation) -> Iterator[Table]:
    """A row per value to write, or, where its target cannot hold it, a row that says so (VAL-23)."""
    account = sides.rules.key
    for table in found.pairs:
        rows = bring(
            table.filter(table.direction == APPLIED, table.to == "d"), active, {"sf_id": "sf_id"}, email="sent_to"
        )
        decision = ibis.cases((rows.d_blank, "fill"), (rows.s_blank, "blank"), else_="overwrite")
        yield from _values(rows.mutate(operation=text(import_id(account)), decision=decision, old=rows.r_d), account)
    for table in found.created:
        rows = bring(
            table.filter(table.direction == APPLIED),
            made.people,
            {"sf_id": "sf_id"},
            email="email",
            operation="operation",
        )
        rows = rows.mutate(decision=text("fill"), old=no_text(), rule=text("VAL-20"), contact_id=ibis.null("int64"))
        yield from _values(rows, account)


def _values(rows: Table, account: str) -> Iterator[Table]:
    fits = rows.filter(rows.problem.isnull())
    yield change(
        fits,
        operation=fits.operation,
        account=account,
        email=fits.email,
        aspect="value",
        field=fits.data_field,
        old=fits.old,
        new=fits.r_s,
        decision=fits.decision,
        reason=fits.rule,
        expect_s=fits.next_s,
        expect_d=fits.next_s,
    )
    misfits = rows.filter(rows.problem.notnull())
    yield change(
        misfits,
        operation=problems_id(account),
        account=account,
        email=misfits.email,
        aspect="problem",
        field=misfits.data_field,
        old=misfits.old,
        new=misfits.r_s,
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
    """In step, or a blank kept: only the base moves (VAL-1, VAL-5, VAL-7)."""
    for table in found.pairs:
        rows = table.filter(table.moves)
        yield change(
            rows,
            operation=MOVES_ID,
            account=sides.rules.key,
            aspect="value",
            field=rows.data_field,
            decision="known",
            reason=rows.rule,
            expect_s=rows.next_s,
            expect_d=rows.next_d,
        )


def pair_moves(question: Question, sides: Sides, active: Table) -> Table:
    """People found by their address become pairs (ID-1, ID-2)."""
    key = question.hash_key.get_secret_value()
    fresh = active.filter(~active.is_pair)
    return change(
        fresh,
        operation=MOVES_ID,
        account=sides.rules.key,
        aspect="identity",
        field="email",
        decision="pair",
        reason=fresh.looked_up.ifelse(text("ID-2"), text("ID-1")),
        expect_s=keyed(key, fresh.email_key),
        expect_d=keyed(key, fresh.contact_key),
    )


def sent_to(people: Table) -> Value:
    """The address an existing contact is sent with: its own, so that its stored case is never changed."""
    return people.contact_email.fill_null(people.email)
