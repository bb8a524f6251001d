"""Both sides and the base of people, side by side in one row: of those only about whom something may have to be said.

A person is settled when both sides' values and both sides' base are the same; everybody else is a candidate. The base
of a contact goes with it: where another record writes now, it finds what the last writer left (BASE-1).
"""

from __future__ import annotations

from typing import Any

import ibis

from sfdd_declare.model.mapping import MappedField, MappingSet
from sfdd_declare.people import columns
from sfdd_declare.people.echo import was_altered
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.sides import Sides, wide_contacts, wide_records
from sfdd_declare.people.tables import Table, Tables, Value, bring, first_per, joined, no_text, stack

PERSON = ("sf_id", "record_type", "contact_id")


def candidates(tables: Tables, sides: Sides, mapping: MappingSet, people: Table, *, key: Any) -> Table:
    """PERSON and `former`: the contact that the record leaves (ID-4); its base says nothing about the present one."""
    people = people.select(*PERSON, "former")
    if not mapping.fields or not tables.has(columns.base(mapping.account, mapping.record_type)):
        return people
    people = tables.keep(people)
    if tables.is_empty(people):
        return people
    stays = people.filter(people.former.isnull())
    return people.anti_join(_settled(tables, sides, mapping, stays, key=key), "sf_id")


def side_by_side(tables: Tables, sides: Sides, mapping: MappingSet, people: Table, heirs: Table) -> Table:
    fields = mapping.fields
    wide = people.select(*PERSON)
    record = wide_records(tables, mapping, people)
    values = {f"{x}_s{m.index}": f"{x}{m.index}" for x in "cr" for m in fields}
    wide = bring(wide, record, {"sf_id": "sf_id"}, modified_by="modified_by", **values)
    contact = wide_contacts(tables, sides.rules, people)
    slots = {f"{x}_d{m.index}": f"{x}{_slot(sides, m)}" for x in "cr" for m in fields}
    wide = bring(wide, contact, {"contact_id": "contact_id"}, **slots)
    hashes = {f"b_{x}{m.index}": f"b{x}{m.index}" for x in "sd" for m in fields}
    known = hashes | {f"mark{m.index}": f"m{m.index}" for m in fields} | {"wrote_s": "wrote_s", "wrote_d": "wrote_d"}
    stays = _base(tables, mapping).semi_join(people.filter(people.former.isnull()), "sf_id")
    wide = bring(wide, stays, {"sf_id": "sf_id"}, **known)
    inherited = {f"i_{x}{m.index}": f"b{x}{m.index}" for x in "sd" for m in fields}
    if tables.is_empty(heirs):
        return wide.mutate(**dict.fromkeys(inherited, no_text()))
    return bring(wide, _estate(tables, sides, mapping, heirs), {"contact_id": "contact_id"}, **inherited)


def _estate(tables: Tables, sides: Sides, mapping: MappingSet, heirs: Table) -> Table:
    """By contact, what the base knows of it under whatever record wrote it last: it goes to the new writer (BASE-1)."""
    known = []
    for other in sides.rules.sets:
        base = _base(tables, other).semi_join(heirs, "contact_id")
        twins = {m.index: _twin(m, other) for m in mapping.fields}
        hashes = {
            f"b{x}{i}": no_text() if twin is None else base[f"b{x}{twin.index}"]
            for x in "sd"
            for i, twin in twins.items()
        }
        known.append(base.select("contact_id", "sf_id", wrote=base.wrote_d.fill_null(-1), **hashes))
    every = stack(known)
    return first_per(every, ["contact_id"], [every.wrote.desc(), every.sf_id])


def _twin(mapped: MappedField, other: MappingSet) -> MappedField | None:
    """The field of another record type that is compared with the same data field in the same form."""
    ours = (mapped.data_field_name, mapped.form)
    return next((m for m in other.fields if (m.data_field_name, m.form) == ours), None)


def _settled(tables: Tables, sides: Sides, mapping: MappingSet, people: Table, *, key: Any) -> Table:
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


def _base(tables: Tables, mapping: MappingSet) -> Table:
    return tables.read(columns.base(mapping.account, mapping.record_type), columns.base_schema(mapping))


def _slot(sides: Sides, mapped: MappedField) -> int:
    return columns.slot_of(mapped, columns.slots(sides.rules.sets)).index
