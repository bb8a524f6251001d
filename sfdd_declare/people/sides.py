"""What was read about an account's people, brought to one narrow row per record, per contact and per known pair.

A record or contact may have been read several times, and not always alike: which of its rows counts is decided by what
the rows say, never by the order in which they came (INV-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pyarrow as pa

from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.rules import OPT_OUT_REASONS
from sfdd_declare.people import columns
from sfdd_declare.people.columns import flag, long
from sfdd_declare.people.question import AccountRules
from sfdd_declare.people.succession import nobody, succession
from sfdd_declare.people.tables import Table, Tables, Value, first_per, joined, stack, text

#: Statuses of a contact that is not there any more (ID-7).
GONE = ("deleted", "binned")

RECORD = pa.schema(
    {
        "sf_id": columns.text,
        "record_type": columns.text,
        "rank": long,  # place in `matching.precedence`
        "email": columns.text,
        "email_key": columns.text,
        "opted_out": flag,
        "modified": long,
        "converted": flag,
        "converted_to": columns.text,
    }
)
CONTACT = pa.schema(
    {
        "contact_id": long,
        "email": columns.text,
        "email_key": columns.text,
        "channel": columns.text,
        "looked_up": flag,
        "is_out": flag,  # the channel has a reason of CON-4
    }
)
PAIR = pa.schema(
    {
        "sf_id": columns.text,
        "record_type": columns.text,
        "rank": long,
        "contact_id": long,
        "email_s": columns.text,
        "email_d": columns.text,
        "out_s": flag,
        "out_d": flag,
        "wrote_d": long,
    }
)


OLDER = pa.schema({"email_key": columns.text, "older": columns.text})


@dataclass(frozen=True, slots=True)
class Sides:
    """One account, with the tables RECORD, CONTACT and PAIR.

    `read` are all records, `records` those without former selves (ID-5). `pairs` are those of the base; heirs with the
    pair of a former self stand in `taken`, contacts that a former self left beside the heir's own in `left` (sf_id,
    former).
    """

    rules: AccountRules
    read: Table
    records: Table
    contacts: Table
    pairs: Table
    heirs: Table
    taken: Table
    left: Table
    older: Table | None = None  # email_key, older: as earlier versions hashed it, where that was otherwise (ID-1)

    @property
    def all_pairs(self) -> Table:
        """With those that were taken over."""
        return stack([self.pairs, self.taken])


def read_sides(tables: Tables, rules: AccountRules, precedence: Sequence[RecordType]) -> Sides:
    records = stack(
        [tables.small(RECORD, []), *(_records(tables, mapping, _rank(mapping, precedence)) for mapping in rules.sets)]
    )
    pairs = stack(
        [tables.small(PAIR, []), *(_pairs(tables, mapping, _rank(mapping, precedence)) for mapping in rules.sets)]
    )
    narrow = contacts(tables, rules).select(*CONTACT.names)
    read, known = tables.keep(first_per(records, ["sf_id"], _record_order(records))), tables.keep(pairs)
    found = succession(tables, read, known)
    there = tables.keep(first_per(narrow, ["contact_id"], _contact_order(narrow)))
    return Sides(
        rules=rules,
        read=read,
        records=tables.keep(read.anti_join(found.heirs, "sf_id")),
        contacts=there,
        older=_older(tables, read, there),
        pairs=known,
        heirs=found.heirs,
        taken=found.taken,
        left=found.left,
    )


def _older(tables: Tables, read: Table, contacts: Table) -> Table | None:
    """Addresses that an earlier version case-folded to something else: opt-outs are remembered under that hash."""
    keys = stack([read.select("email_key"), contacts.select("email_key")])
    odd = tables.rows(keys.filter(~keys.email_key.re_search(r"^[\x00-\x7F]*$")).distinct())
    rows = [(row["email_key"], row["email_key"].casefold()) for row in odd]
    differing = [(key, older) for key, older in rows if key != older]
    return tables.small(OLDER, differing) if differing else None


def sides_of_opted_out(tables: Tables, rules: AccountRules, precedence: Sequence[RecordType]) -> Sides:
    """The same with contacts who are opted out alone, and records and pairs as often as they were read: enough to ask
    about those contacts, and little work where there are many others.
    """
    mappings = [(mapping, _rank(mapping, precedence)) for mapping in rules.sets]
    narrow = contacts(tables, rules).select(*CONTACT.names)
    out = narrow.filter(narrow.is_out)
    records = stack([tables.small(RECORD, []), *(_records(tables, *mapping) for mapping in mappings)])
    heirs, left = nobody(tables)
    return Sides(
        rules=rules,
        read=records,
        records=records,
        contacts=tables.keep(first_per(out, ["contact_id"], _contact_order(out))),
        pairs=stack([tables.small(PAIR, []), *(_pairs(tables, *mapping) for mapping in mappings)]),
        heirs=heirs,
        taken=tables.small(PAIR, []),
        left=left,
    )


def wide_records(tables: Tables, mapping: MappingSet, wanted: Table) -> Table:
    """The records of `wanted` (by sf_id) with all values, one row each: the row that `Sides.records` was made of."""
    dataset = columns.records(mapping.account, mapping.record_type)
    found = tables.read(dataset, columns.records_schema(mapping)).semi_join(wanted, "sf_id")
    if not tables.repeats(dataset, "sf_id"):
        return found
    values = [found[f"{side}{mapped.index}"] for side in "cr" for mapped in mapping.fields]
    return first_per(found, ["sf_id"], [*_record_order(found), joined([*values, found.modified_by])])


def wide_contacts(tables: Tables, rules: AccountRules, wanted: Table) -> Table:
    """The contacts of `wanted` (by contact_id) with all values, one row each."""
    found = contacts(tables, rules).semi_join(wanted, "contact_id")
    if not tables.repeats(columns.contacts(rules.key), "contact_id"):
        return found
    values = [found[f"{side}{slot.index}"] for side in "cr" for slot in columns.slots(rules.sets)]
    return first_per(found, ["contact_id"], [*_contact_order(found), joined(values)])


def contacts(tables: Tables, rules: AccountRules) -> Table:
    """Contacts that are there, as often as they were read."""
    table = tables.read(columns.contacts(rules.key), columns.contacts_schema(rules.sets))
    there = table.filter(~table.status.isin(GONE).fill_null(False), ~table.channel.isin(GONE).fill_null(False))
    return there.mutate(is_out=there.channel.isin(opt_out_reasons(rules)).fill_null(False))


def opt_out_reasons(rules: AccountRules) -> tuple[str, ...]:
    """Reasons that make an unsubscribe an opt-out of the person (CON-4)."""
    return rules.consent.reasons or OPT_OUT_REASONS


def _records(tables: Tables, mapping: MappingSet, rank: int) -> Table:
    table = tables.read(columns.records(mapping.account, mapping.record_type), columns.records_schema(mapping))
    return _labelled(table, mapping, rank).select(*RECORD.names)


def _pairs(tables: Tables, mapping: MappingSet, rank: int) -> Table:
    table = tables.read(columns.base(mapping.account, mapping.record_type), columns.base_schema(mapping))
    return _labelled(table, mapping, rank).select(*PAIR.names)


def _labelled(table: Table, mapping: MappingSet, rank: int) -> Table:
    return table.mutate(record_type=text(mapping.record_type.value), rank=ibis.literal(rank, "int64"))


def _rank(mapping: MappingSet, precedence: Sequence[RecordType]) -> int:
    order = [*precedence, *RecordType]
    return order.index(mapping.record_type)


def _record_order(table: Table) -> list[Value]:
    return [
        table.modified.fill_null(-1).desc(),
        table.opted_out.desc(),
        table.converted.desc(),
        table.converted_to.fill_null(""),
        table.email_key.fill_null(""),
        table.email.fill_null(""),
    ]


def _contact_order(table: Table) -> list[Value]:
    return [
        table.is_out.desc(),
        table.looked_up,
        table.channel.fill_null(""),
        table.email_key.fill_null(""),
        table.email.fill_null(""),
    ]
