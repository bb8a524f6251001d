"""Row problems: counted up at every failure, parked after too many, removed when the row goes through (WIRE-1).

Vendors repeat addresses in their messages; whatever looks like one is taken out before it gets here.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Select, and_, bindparam, delete, func, or_, select, update

from sfdd_declare.model.outcome import Findings, Problem
from sfdd_declare.model.rules import REFUSED_FOR_GOOD
from sfdd_declare.model.state import LedgerEntry
from sfdd_declare.people.parked import is_same
from sfdd_declare.store import schema
from sfdd_declare.store.database import insert_into, upsert

PARK_AFTER = 10

#: Operations of entries about values that were not sent: that the record's other values go through solves nothing.
FOUND_BY_PLANNING = "problems:%"

_LONGEST_MESSAGE = 500
_LONGEST_READ = 4 * _LONGEST_MESSAGE  # cut before searching: an address cut in two here does not reach the message
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+(?:@|%40)[^\s<>\"'(),;:]+", re.IGNORECASE)


def read_ledger(connection: Connection) -> tuple[LedgerEntry, ...]:
    """All open problems by account, record and field."""
    table = schema.ledger
    query = select(table).order_by(table.c.account, table.c.record, table.c.field)
    return tuple(
        LedgerEntry(
            account=row.account,
            record=row.record,
            field=row.field,
            code=row.code,
            message=row.message,
            attempts=row.attempts,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            parked=row.parked,
        )
        for row in connection.execute(query)
    )


def settle_problems(
    connection: Connection, problems: tuple[Problem, ...], solved: tuple[tuple[str, str], ...], now: datetime
) -> None:
    """Count `problems` up and remove what is solved.

    A record may stand in both (the contact was saved, one part of it refused): the problem named again keeps its age.
    """
    again: dict[tuple[str, str], set[str]] = {}
    for problem in problems:
        account, record, field = _key(problem)
        again.setdefault((account, record), set()).add(field)
    _remove(connection, [(account, scrubbed(record)) for account, record in solved], again)
    rows = {_key(problem): _row(problem, now) for problem in problems}
    if rows:
        _begin_anew_what_differs(connection, problems)
        connection.execute(_count_up(connection), list(rows.values()))


def _begin_anew_what_differs(connection: Connection, problems: tuple[Problem, ...]) -> None:
    """Another value that is refused is another problem: it is neither parked nor as often tried as the one before."""
    table, refusals = schema.ledger, schema.refusals
    rows = [
        {"account": p.account, "record": scrubbed(p.record), "operation": p.operation, "hash": p.refused}
        for p in problems
        if p.refused
    ]
    for row in rows:
        mine = and_(*(refusals.c[name] == row[name] for name in ("account", "record", "operation")))
        before = connection.execute(select(refusals.c.hash).where(mine)).scalar()
        if before is not None and not is_same(before, row["hash"]):
            entry = (table.c.account == row["account"], table.c.record == row["record"], table.c.field == "")
            connection.execute(update(table).where(*entry).values(attempts=0, parked=False))
    if rows:
        connection.execute(upsert(connection, refusals), rows)


def read_parked(account: str) -> Select[Any]:
    """operation, person, hash: what is parked of an account. Rows of campaigns belong to no account."""
    ledger, refusals = schema.ledger, schema.refusals
    same = and_(ledger.c.account == refusals.c.account, ledger.c.record == refusals.c.record, ledger.c.field == "")
    query = select(refusals.c.operation, refusals.c.record.label("person"), refusals.c.hash)
    return query.join(ledger, same).where(ledger.c.parked, refusals.c.account.in_((account, "")))


def settle_findings(connection: Connection, findings: Findings, now: datetime) -> None:
    """Count up what planning found again, and drop what it does not find any more.

    An address that was refused for good is entered once and not counted: nothing was tried.
    """
    rows = {_key(problem): _row(problem, now) for problem in findings.problems}
    tried = [row for row in rows.values() if not row["parked"]]
    refused = [row for row in rows.values() if row["parked"]]
    if tried:
        connection.execute(_count_up(connection), tried)
    if refused:
        connection.execute(insert_into(connection, schema.ledger).on_conflict_do_nothing(), refused)
    if findings.is_whole:
        kept = {key[1:] for key in rows} | {(scrubbed(record), field) for record, field in findings.fresh}
        _drop_solved(connection, findings, kept)


def _drop_solved(connection: Connection, findings: Findings, kept: set[tuple[str, str]]) -> None:
    """Entries of this kind that planning did not find: values that fit, addresses that changed."""
    table = schema.ledger
    is_refusal = and_(table.c.field == "", func.lower(table.c.code).in_(REFUSED_FOR_GOOD))
    is_found = or_(table.c.operation == findings.operation, is_refusal)
    query = select(table.c.record, table.c.field).where(table.c.account == findings.account, is_found)
    gone = [{"r": row.record, "f": row.field} for row in connection.execute(query) if tuple(row) not in kept]
    if gone:
        mine = (table.c.record == bindparam("r"), table.c.field == bindparam("f"))
        connection.execute(delete(table).where(table.c.account == findings.account, *mine), gone)


def scrubbed(text: str) -> str:
    """The text with everything that looks like an email address taken out."""
    return _ADDRESS.sub("‹address›", text[:_LONGEST_READ])


def _key(problem: Problem) -> tuple[str, str, str]:
    return problem.account, scrubbed(problem.record), scrubbed(problem.field)


def _remove(connection: Connection, solved: list[tuple[str, str]], again: dict[tuple[str, str], set[str]]) -> None:
    table = schema.ledger
    mine = delete(table).where(table.c.account == bindparam("a"), table.c.record == bindparam("r"))
    mine = mine.where(or_(table.c.field == "", table.c.operation.not_like(FOUND_BY_PLANNING)))
    plain = [{"a": account, "r": record} for account, record in solved if (account, record) not in again]
    if plain:
        connection.execute(mine, plain)
        refusals = schema.refusals
        gone = (refusals.c.account == bindparam("a"), refusals.c.record == bindparam("r"))
        connection.execute(delete(refusals).where(*gone), plain)
    for account, record in again.keys() & set(solved):
        others = mine.where(table.c.field.not_in(again[account, record]))
        connection.execute(others, {"a": account, "r": record})


def _count_up(connection: Connection) -> Insert:
    table = schema.ledger
    statement = insert_into(connection, table)
    new, attempts = statement.excluded, table.c.attempts + 1
    changed: dict[str, ColumnElement[Any]] = {n: new[n] for n in ("operation", "code", "message", "last_seen")}
    changed |= {"attempts": attempts, "parked": or_(table.c.parked, new.parked, attempts >= PARK_AFTER)}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


def _row(problem: Problem, now: datetime) -> dict[str, object]:
    account, record, field = _key(problem)
    moment = now.isoformat(timespec="seconds")
    return {
        "account": account,
        "record": record,
        "field": field,
        "operation": problem.operation,
        "code": scrubbed(problem.code),
        "message": scrubbed(problem.message)[:_LONGEST_MESSAGE],
        "attempts": 1,
        "first_seen": moment,
        "last_seen": moment,
        "parked": problem.permanent,
    }
