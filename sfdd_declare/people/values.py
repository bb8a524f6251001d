"""Which values differ: narrow signatures find the people to look at, only those are unpivoted to (person, field).

A person is settled when both sides' values and both sides' base are the same; everybody else is a candidate.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pyarrow as pa

from sfdd_declare.model.mapping import DataFieldType, Direction, FormKind, MappedField, MappingSet
from sfdd_declare.people import columns
from sfdd_declare.people.checks import dotdigital_problem
from sfdd_declare.people.columns import flag, long
from sfdd_declare.people.echo import was_altered, with_echo, with_echo_base
from sfdd_declare.people.fields import with_effect, with_rule
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides, wide_contacts, wide_records
from sfdd_declare.people.tables import Table, Tables, Value, bring, joined, no_text, stack, stripped, text

FIELD = pa.schema(
    {
        "field": long,
        "salesforce_field": columns.text,
        "data_field": columns.text,
        "direction": columns.text,
        "conflict": columns.text,
        "on_blank": columns.text,
        "d_type": columns.text,
        "form": columns.text,
        "d_nullable": flag,
        "s_nullable": flag,
        "first_run": flag,
    }
)

DECIDED = (
    *("sf_id", "record_type", "contact_id", "c_s", "r_s", "r_d", "s_blank", "d_blank"),
    *("rule", "to", "echo", "next_s", "next_d", "moves", "problem"),
)


@dataclass(frozen=True, slots=True)
class Values:
    """`pairs`: a row per candidate and field with DECIDED and FIELD.

    `created`: the values a new contact takes (VAL-20). `refused`: what would be written to an address that the account
    refused for good (WIRE-1), like `pairs`. All have sf_id and record_type; the outer two contact_id too.
    """

    pairs: tuple[Table, ...]
    created: tuple[Table, ...]
    refused: tuple[Table, ...] = ()


def values(tables: Tables, question: Question, sides: Sides, active: Table, created: Table) -> Values:
    """`active`: sf_id, record_type, contact_id of people whose contact exists; `created`: those who get one."""
    key = question.hash_key.get_secret_value()
    pairs, fresh, refused = [], [], []
    barred = active.filter(active.is_refused).select("sf_id", to=text("d"))
    for mapping in sides.rules.sets:
        candidates = tables.keep(_candidates(tables, sides, mapping, _of_type(active, mapping), key=key))
        if mapping.fields and not tables.is_empty(candidates):
            found = _pairs(tables, question, sides, mapping, candidates)
            pairs.append(found.anti_join(barred, ["sf_id", "to"]))
            refused.append(found.semi_join(barred, ["sf_id", "to"]))
        newcomers = tables.keep(_of_type(created, mapping).select("sf_id"))
        if mapping.fields and not tables.is_empty(newcomers):
            fresh.append(_created(tables, key, sides, mapping, newcomers))
    return Values(tuple(pairs), tuple(fresh), tuple(refused))


def _of_type(people: Table, mapping: MappingSet) -> Table:
    return people.filter(people.record_type == mapping.record_type.value)


def _candidates(tables: Tables, sides: Sides, mapping: MappingSet, people: Table, *, key: str) -> Table:
    people = people.select("sf_id", "record_type", "contact_id")
    if not mapping.fields or not tables.has(columns.base(mapping.account, mapping.record_type)):
        return people
    people = tables.keep(people)
    if tables.is_empty(people):
        return people
    return people.anti_join(_settled(tables, sides, mapping, people, key=key), "sf_id")


def _pairs(tables: Tables, question: Question, sides: Sides, mapping: MappingSet, people: Table) -> Table:
    key = question.hash_key.get_secret_value()
    wide = _wide(tables, sides, mapping, people)
    wide = tables.keep(
        wide.mutate(
            fresh_s=_unread(wide.wrote_s, sides.rules.seen),
            fresh_d=_unread(wide.wrote_d, sides.rules.seen),
            by_us=(wide.modified_by == question.salesforce_user).fill_null(False),
        )
    )
    long_form = stack(
        wide.select(
            "sf_id",
            "record_type",
            "contact_id",
            c_s=wide[f"c_s{m.index}"],
            r_s=wide[f"r_s{m.index}"],
            c_d=wide[f"c_d{m.index}"],
            r_d=wide[f"r_d{m.index}"],
            b_s=wide[f"b_s{m.index}"],
            b_d=wide[f"b_d{m.index}"],
            mark=wide[f"mark{m.index}"],
            fresh_s=wide.fresh_s,
            fresh_d=wide.fresh_d,
            by_us=wide.by_us,
            field=ibis.literal(m.index, "int64"),
        )
        for m in mapping.fields
    )
    ruled = tables.keep(with_echo(with_rule(_with_rules(tables, sides, mapping, long_form), key)))
    decided = with_echo_base(with_effect(ruled))
    decided = decided.mutate(problem=(decided.to == "d").ifelse(dotdigital_problem(decided), no_text()))
    moves = _differs(decided.next_s, decided.b_s) | _differs(decided.next_d, decided.b_d)
    moves = moves | ((decided.rule == "VAL-1") & was_altered(decided.mark))
    is_kept = decided.rule.isin(["VAL-5", "VAL-7"])
    found = decided.filter(decided.to.notnull() | moves | is_kept | decided.echo.notnull()).mutate(
        moves=moves & decided.to.isnull()
    )
    result = tables.keep(found.select(*DECIDED, *FIELD.names))
    tables.drop(wide, ruled)
    return result


def _unread(wrote: Value, seen: int | None) -> Value:
    """Whether our last write came after the read of the last apply that ended."""
    return wrote.notnull() if seen is None else (wrote >= seen).fill_null(False)


def _differs(new: Value, old: Value) -> Value:
    return new.notnull() & (old.isnull() | (new != old).fill_null(False))


def _settled(tables: Tables, sides: Sides, mapping: MappingSet, people: Table, *, key: str) -> Table:
    """People of whom nothing needs to be said: one signature per side and base instead of every value."""
    record = wide_records(tables, mapping, people)
    forms = [record[f"c{m.index}"] for m in mapping.fields]
    record = record.select(
        "sf_id",
        values=_signature(joined(forms)),
        hashes=_signature(ibis.literal("").concat(*(keyed(key, f) for f in forms))),
    )
    contact = wide_contacts(tables, sides.rules, people)
    contact = contact.select(
        "contact_id", values=_signature(joined(contact[f"c{_slot(sides, m)}"] for m in mapping.fields))
    )
    known = _base(tables, mapping).semi_join(people, "sf_id")
    known = known.select(
        "sf_id",
        hashes_s=_signature(_hashes(known, mapping, "bs")),
        hashes_d=_signature(_hashes(known, mapping, "bd")),
        altered=ibis.or_(*(was_altered(known[f"m{m.index}"]) for m in mapping.fields)),
    )
    found = bring(people, record, {"sf_id": "sf_id"}, values_s="values", hashes="hashes")
    found = bring(found, contact, {"contact_id": "contact_id"}, values_d="values")
    found = bring(found, known, {"sf_id": "sf_id"}, hashes_s="hashes_s", hashes_d="hashes_d", altered="altered")
    in_step = (found.values_s == found.values_d) & (found.hashes == found.hashes_s) & (found.hashes == found.hashes_d)
    in_step = in_step & ~found.altered
    return tables.keep(found.filter(in_step.fill_null(False)).select("sf_id"))


def _hashes(base: Table, mapping: MappingSet, side: str) -> Value:
    return ibis.literal("").concat(*(base[f"{side}{m.index}"].fill_null("-") for m in mapping.fields))


def _signature(value: Value) -> Value:
    """To compare, never to keep."""
    return value.hexdigest("md5")


def _wide(tables: Tables, sides: Sides, mapping: MappingSet, people: Table) -> Table:
    fields = mapping.fields
    wide = people.select("sf_id", "record_type", "contact_id")
    record = wide_records(tables, mapping, people)
    values = {f"{x}_s{m.index}": f"{x}{m.index}" for x in "cr" for m in fields}
    wide = bring(wide, record, {"sf_id": "sf_id"}, modified_by="modified_by", **values)
    contact = wide_contacts(tables, sides.rules, people)
    slots = {f"{x}_d{m.index}": f"{x}{_slot(sides, m)}" for x in "cr" for m in fields}
    wide = bring(wide, contact, {"contact_id": "contact_id"}, **slots)
    hashes = {f"b_{x}{m.index}": f"b{x}{m.index}" for x in "sd" for m in fields}
    marks = {f"mark{m.index}": f"m{m.index}" for m in fields}
    return bring(
        wide, _base(tables, mapping), {"sf_id": "sf_id"}, wrote_s="wrote_s", wrote_d="wrote_d", **hashes, **marks
    )


def _base(tables: Tables, mapping: MappingSet) -> Table:
    return tables.read(columns.base(mapping.account, mapping.record_type), columns.base_schema(mapping))


def _slot(sides: Sides, mapped: MappedField) -> int:
    return columns.slot_of(mapped, columns.slots(sides.rules.sets)).index


def _created(tables: Tables, key: str, sides: Sides, mapping: MappingSet, people: Table) -> Table:
    record = wide_records(tables, mapping, people)
    long_form = stack(
        record.select(
            "sf_id",
            record_type=text(mapping.record_type.value),
            c_s=record[f"c{m.index}"],
            r_s=record[f"r{m.index}"],
            field=ibis.literal(m.index, "int64"),
        )
        for m in mapping.fields
    )
    long_form = _with_rules(tables, sides, mapping, long_form.filter(long_form.c_s.notnull()))
    towards = long_form.filter(long_form.direction != Direction.DOTDIGITAL_TO_SALESFORCE.value)
    return tables.keep(towards.mutate(next_s=keyed(key, towards.c_s), problem=dotdigital_problem(towards)))


def _with_rules(tables: Tables, sides: Sides, mapping: MappingSet, table: Table) -> Table:
    rules = tables.small(
        FIELD, [_field(m, first_run=mapping.record_type in sides.rules.first_run) for m in mapping.fields]
    )
    ruled = table.inner_join(rules, "field")
    return ruled.mutate(r_s=_as_sent(ruled))


def _as_sent(table: Table) -> Value:
    """Numbers go in their form, with no more digits than it has; all else as it stands, without the white space around
    it that Dotdigital would cut, and which would then look like an edit for ever."""
    return (table.form == FormKind.DECIMAL.value).ifelse(table.c_s, stripped(table.r_s))


def _field(mapped: MappedField, *, first_run: bool) -> tuple[object, ...]:
    mapping = mapped.mapping
    return (
        mapped.index,
        mapping.salesforce_field,
        mapped.data_field_name,
        mapping.direction.value,
        mapping.conflict.value,
        mapping.on_blank.value,
        mapped.data_field_type.value,
        mapped.form.kind.value,
        mapped.data_field_type is not DataFieldType.BOOLEAN,
        mapped.nillable and mapped.salesforce_type != "boolean",
        first_run,
    )
