"""The consent closure: which addresses and records are opted out, over the whole org and all accounts, before all else.

An address is opted out in Salesforce if any record that has it is, member or not. It is opted out by Dotdigital if an
account holds it with a reason of CON-4. A contact that was read speaks for itself: what is remembered of earlier runs
counts only for addresses of which no contact is there now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfdd_declare.people import columns
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides, opt_out_reasons
from sfdd_declare.people.tables import Table, Tables, stack, text


@dataclass(frozen=True, slots=True)
class Ticked:
    """Whom Salesforce has opted out: `records` (sf_id) and `emails` (email_key)."""

    records: Table
    emails: Table


@dataclass(frozen=True, slots=True)
class Closure:
    """`records` (sf_id) and `emails` (email_key) are out in Salesforce; `dotdigital` has the email_keys by account."""

    records: Table
    emails: Table
    dotdigital: Mapping[str, Table]


def closure(tables: Tables, question: Question, sides: Sequence[Sides]) -> Closure:
    ticked = ticked_records(tables, sides)
    others = _names(tables.read(columns.NOT_TICKED_DATASET, columns.NOT_TICKED))
    known = tables.keep(stack([_opted_out(tables), others, *(_names(side.read) for side in sides)]).distinct())
    held = {side.rules.key: tables.keep(_held(tables, question, side, known)) for side in sides}
    return Closure(
        records=ticked.records,
        emails=ticked.emails,
        dotdigital={
            side.rules.key: tables.keep(stack([held[side.rules.key], *_elsewhere(side, sides, held, known)]).distinct())
            for side in sides
        },
    )


def ticked_records(tables: Tables, sides: Sequence[Sides]) -> Ticked:
    ticked = tables.keep(opted_out_records(tables, sides))
    return Ticked(tables.keep(ticked.select("sf_id").distinct()), tables.keep(_addresses(ticked)))


def opted_out_records(tables: Tables, sides: Sequence[Sides]) -> Table:
    """record_type, sf_id, email_key of everybody whom Salesforce has opted out, anywhere in the org."""
    return stack([_opted_out(tables), *_ticked(tables, sides)])


def _opted_out(tables: Tables) -> Table:
    return _names(tables.read(columns.OPTED_OUT_DATASET, columns.OPTED_OUT))


def _ticked(tables: Tables, sides: Sequence[Sides]) -> Iterator[Table]:
    """Opted-out records of the scope, as often as they were read: one ticked reading is enough."""
    for side in sides:
        for mapping in side.rules.sets:
            dataset = columns.records(mapping.account, mapping.record_type)
            table = tables.read(dataset, columns.records_schema(mapping))
            yield _names(table.filter(table.opted_out).mutate(record_type=text(mapping.record_type.value)))


def _names(table: Table) -> Table:
    return table.select("record_type", "sf_id", "email_key")


def _addresses(table: Table) -> Table:
    return table.filter(table.email_key.notnull()).select("email_key").distinct()


def _held(tables: Tables, question: Question, side: Sides, known: Table) -> Table:
    """Addresses that this account holds as opted out."""
    account, reasons = side.rules.key, opt_out_reasons(side.rules)
    told = tables.read(columns.suppressed(account), columns.SUPPRESSED)
    told = told.filter(told.reason.isin(reasons))
    remembered = tables.read(columns.remembered(account), columns.REMEMBERED)
    remembered = remembered.filter(remembered.reason.isin(reasons))
    absent = _addresses(known).anti_join(_addresses(side.contacts), "email_key")
    absent = absent.mutate(email_hash=keyed(question.key, absent.email_key))
    parts = [
        side.contacts.filter(side.contacts.is_out),
        told,
        side.contacts.semi_join(told, "contact_id"),
        absent.semi_join(remembered, "email_hash"),
    ]
    if side.older is not None:
        older = absent.inner_join(side.older, "email_key")
        older = older.mutate(email_hash=keyed(question.key, older.older))
        parts.append(older.semi_join(remembered, "email_hash"))
    return stack(_addresses(part) for part in parts).distinct()


def _elsewhere(side: Sides, sides: Sequence[Sides], held: Mapping[str, Table], known: Table) -> Iterator[Table]:
    """What other accounts hold, if they tell Salesforce about at least one record type that has the address."""
    for other in sides:
        switch = [record_type.value for record_type in other.rules.consent.unsubscribe_to_salesforce]
        if other is not side and switch:
            yield held[other.rules.key].semi_join(known.filter(known.record_type.isin(switch)), "email_key")
