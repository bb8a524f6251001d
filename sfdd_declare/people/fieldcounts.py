"""One line per mapped field: how many values travel, are replaced, blanked or kept, and how many people carry it."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.model.mapping import Direction, MappedField, MappingSet
from sfdd_declare.model.plan import FieldCount
from sfdd_declare.people import columns
from sfdd_declare.people.account import Decided
from sfdd_declare.people.sides import wide_contacts, wide_records
from sfdd_declare.people.tables import Table, Tables, Value, stack


def field_counts(tables: Tables, one: Decided, changes: Table) -> Iterator[FieldCount]:
    rows = changes.filter(changes.account == one.sides.rules.key, changes.aspect == "value")
    grouped = rows.group_by("record_type", "field", "decision").agg(n=rows.count())
    written = {(r["record_type"], r["field"], r["decision"]): int(r["n"]) for r in tables.rows(grouped)}
    kept = _kept(tables, one)
    for mapping in one.sides.rules.sets:
        carriers = _carriers(tables, one, mapping)
        for mapped in mapping.fields:
            key = (mapping.record_type.value, mapped.data_field_name)
            counts = {
                decision: written.get((*key, decision), 0) for decision in ("fill", "update", "overwrite", "blank")
            }
            yield FieldCount(
                account=mapping.account,
                record_type=mapping.record_type.value,
                salesforce_field=mapped.mapping.salesforce_field,
                data_field=mapped.data_field_name,
                direction=mapped.mapping.direction.value,
                to_dotdigital=sum(counts.values()),
                to_salesforce=0,
                overwritten=counts["overwrite"],
                blanked=counts["blank"],
                blanks_kept=kept.get((mapping.record_type.value, mapped.index), 0),
                carriers=carriers[mapped.index],
            )


def _kept(tables: Tables, one: Decided) -> dict[tuple[str, int], int]:
    if not one.values.pairs:
        return {}
    rows = stack(
        table.filter(table.rule.isin(["VAL-5", "VAL-7"]), table.to.isnull()).select("record_type", "field")
        for table in one.values.pairs
    )
    grouped = rows.group_by("record_type", "field").agg(n=rows.count())
    return {(row["record_type"], row["field"]): int(row["n"]) for row in tables.rows(grouped)}


def _carriers(tables: Tables, one: Decided, mapping: MappingSet) -> dict[int, int]:
    """People in scope whose source is filled."""
    if not mapping.fields:
        return {}
    kind = mapping.record_type.value
    active = one.active.filter(one.active.record_type == kind)
    scope = stack([active.select("sf_id"), one.created.filter(one.created.record_type == kind).select("sf_id")])
    counts = _filled(tables, wide_records(tables, mapping, scope), {m.index: f"c{m.index}" for m in mapping.fields})
    back = {m.index: f"c{_slot(one, m)}" for m in mapping.fields if _is_back(m)}
    if back:
        counts.update(_filled(tables, wide_contacts(tables, one.sides.rules, active), back))
    return counts


def _is_back(mapped: MappedField) -> bool:
    return mapped.mapping.direction is Direction.DOTDIGITAL_TO_SALESFORCE


def _slot(one: Decided, mapped: MappedField) -> int:
    return columns.slot_of(mapped, columns.slots(one.sides.rules.sets)).index


def _filled(tables: Tables, table: Table, named: dict[int, str]) -> dict[int, int]:
    counts: dict[str, Value] = {f"n{index}": table[name].count() for index, name in named.items()}
    [row] = tables.rows(table.aggregate(**counts))
    return {index: int(row[f"n{index}"]) for index in named}
