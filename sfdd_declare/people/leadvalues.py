"""What a new lead would be written with (NEW-3): values towards Salesforce, then `leads.defaults`; who lacks one waits.

A value that Salesforce could not hold counts as missing where it is required, and is left out and named elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pyarrow as pa

from sfdd_declare.model.mapping import MappedField, MappingSet, RecordType
from sfdd_declare.model.typetable import Misfit
from sfdd_declare.people import columns
from sfdd_declare.people.checks import is_address, salesforce_problem
from sfdd_declare.people.columns import flag, long
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides, wide_contacts
from sfdd_declare.people.tables import Table, Tables, no_text, stack, stripped, text
from sfdd_declare.people.values import with_field_rules

#: Salesforce's longest address of a lead.
LONGEST_EMAIL = 80

#: `preset`: from `leads.defaults`.
_RULE = pa.schema({"field": long, "is_required": flag, "preset": columns.text})
_PRESET = pa.schema({"name": columns.text, "value": columns.text})
_GIVEN_ROW = pa.schema(
    {
        "contact_id": columns.long,
        "name": columns.text,
        "value": columns.text,
        "hash": columns.text,
        "is_default": columns.flag,
        "problem": columns.text,
    }
)
_GIVEN = tuple(_GIVEN_ROW.names)
_PENDING = pa.schema({"contact_id": columns.long, "why": columns.text})


@dataclass(frozen=True, slots=True)
class LeadValues:
    """`given`: contact_id, name (of the Salesforce field), value, hash (null of a default), is_default, problem.

    `pending`: contact_id, why.
    """

    given: Table
    pending: Table


def lead_values(tables: Tables, question: Question, sides: Sides, people: Table) -> LeadValues:
    """`people`: contact_id and email of newcomers whom nobody in Salesforce has."""
    if tables.is_empty(people):
        return LeadValues(tables.small(_GIVEN_ROW, []), tables.small(_PENDING, []))
    mapping = _towards_salesforce(sides)
    presets = dict(question.leads.defaults)
    names = {field.mapping.salesforce_field for field in mapping.fields}
    values = tables.keep(_values(tables, question, sides, people, mapping))
    own = values.filter(values.value.notnull(), ~(values.problem.notnull() & values.is_required))
    blank = values.filter(values.value.isnull(), values.preset.notnull())
    defaults = blank.mutate(value=blank.preset, hash=no_text(), is_default=ibis.literal(True), problem=no_text())
    others = [(name, value) for name, value in question.leads.defaults if name not in names]
    given = stack([own.select(*_GIVEN), defaults.select(*_GIVEN), _constant(tables, people, others)])
    never = [name for name in question.leads.required if name not in names and name not in presets]
    return LeadValues(tables.keep(given), tables.keep(_pending(people, values, never)))


def _towards_salesforce(sides: Sides) -> MappingSet:
    """The fields of leads that Dotdigital has values for and may fill. A data field that is made anew holds none."""
    fields = (
        field
        for mapping in sides.rules.sets
        if mapping.record_type is RecordType.LEAD
        for field in mapping.fields
        if field.mapping.direction.writes_salesforce and not field.renewed
    )
    return MappingSet(sides.rules.key, RecordType.LEAD, tuple(fields))


def _values(tables: Tables, question: Question, sides: Sides, people: Table, mapping: MappingSet) -> Table:
    """A row per person and mapped field."""
    wide = wide_contacts(tables, sides.rules, people)
    nobody = people.limit(0).select("contact_id", field=ibis.literal(0, "int64"), c_d=no_text(), r_d=no_text())
    found = [
        wide.select(
            "contact_id",
            field=ibis.literal(field.index, "int64"),
            c_d=wide[f"c{_slot(sides, field)}"],
            r_d=wide[f"r{_slot(sides, field)}"],
        )
        for field in mapping.fields
    ]
    rows = stack([nobody, *found]).mutate(c_s=no_text(), r_s=no_text())
    rows = with_field_rules(tables, sides, mapping, rows)
    rows = rows.inner_join(tables.small(_RULE, _rules(question, mapping)), "field")
    return rows.select(
        "contact_id",
        "is_required",
        "preset",
        name=rows.salesforce_field,
        value=rows.v_s,
        hash=keyed(question.key, rows.c_d),
        is_default=ibis.literal(False),
        problem=salesforce_problem(rows, mapping.fields),
    )


def _rules(question: Question, mapping: MappingSet) -> list[tuple[object, ...]]:
    presets = dict(question.leads.defaults)
    named = [(field.index, field.mapping.salesforce_field) for field in mapping.fields]
    return [(index, name in question.leads.required, presets.get(name)) for index, name in named]


def _slot(sides: Sides, mapped: MappedField) -> int:
    return columns.slot_of(mapped, columns.slots(sides.rules.sets)).index


def _constant(tables: Tables, people: Table, values: list[tuple[str, str]]) -> Table:
    presets = tables.small(_PRESET, values)
    both = people.select("contact_id").cross_join(presets)
    return both.mutate(hash=no_text(), is_default=ibis.literal(True), problem=no_text()).select(*_GIVEN)


def _pending(people: Table, values: Table, never: list[str]) -> Table:
    """contact_id, why: everything that is missing, in the order of its names."""
    needed = values.filter(values.is_required, values.preset.isnull())
    absent = needed.filter(needed.value.isnull())
    wrong = values.filter(values.is_required, values.problem.notnull())
    long_email = people.filter(people.email.length() > LONGEST_EMAIL)
    odd_email = people.filter(~is_address(stripped(people.email)))
    parts = [
        absent.select("contact_id", part=text("no ") + absent.name),
        wrong.select("contact_id", part=wrong.name + text(" ") + wrong.problem),
        long_email.select("contact_id", part=text(Misfit.EMAIL_TOO_LONG)),
        odd_email.select("contact_id", part=text(Misfit.INVALID_EMAIL)),
        *(people.select("contact_id", part=text(f"no {name}")) for name in never),
    ]
    rows = stack(parts)
    return rows.group_by("contact_id").agg(why=rows.part.collect(distinct=True).sort().join(", "))
