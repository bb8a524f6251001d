"""One line per mapped field: how many values travel, are replaced, blanked or kept, and how many people carry it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sfdd_declare.model.mapping import Direction, MappedField, MappingSet
from sfdd_declare.model.plan import FieldCount
from sfdd_declare.people import columns
from sfdd_declare.people.account import Decided
from sfdd_declare.people.question import create_leads_id, records_id
from sfdd_declare.people.sides import wide_contacts, wide_records
from sfdd_declare.people.tables import Table, Tables, Value, stack
from sfdd_declare.people.values import CONFLICT, FIRST_SYNC, SETTLED

DECISIONS = ("fill", "overwrite", "blank")
#: Rules that decided between two values.
CONFLICTS = ("VAL-9", "VAL-12")


def field_counts(tables: Tables, one: Decided, changes: Table) -> Iterator[FieldCount]:
    written = _written(tables, one, changes)
    kept, waiting = _left(tables, one, "kept"), _left(tables, one, "waiting")
    for mapping in one.sides.rules.sets:
        here, there_now = _filled_values(tables, one, mapping)
        for mapped in mapping.fields:
            kind, index = mapping.record_type.value, mapped.index
            there = written[kind, False, mapped.data_field_name] if mapped.writes_dotdigital else Counter()
            back = written[kind, True, mapped.mapping.salesforce_field]
            both = there + back
            yield FieldCount(
                account=mapping.account,
                record_type=kind,
                salesforce_field=mapped.mapping.salesforce_field,
                data_field=mapped.data_field_name,
                direction=mapped.mapping.direction.value,
                to_dotdigital=sum(there[decision] for decision in DECISIONS),
                to_salesforce=sum(back[decision] for decision in DECISIONS),
                overwritten=both["overwrite"],
                blanked=both["blank"],
                blanks_kept=kept.get((kind, index), 0),
                carriers=(there_now if _is_back(mapped) else here)[index],
                salesforce_won=there[CONFLICT],
                dotdigital_won=back[CONFLICT],
                conflicts_held=waiting.get((kind, index), 0),
                settled=both[SETTLED],
                is_new=mapped.is_new,
                filled_there=there_now[index],
                filled_here=here[index],
                replaced_there=there["overwrite"] + there["blank"],
                replaced_here=back["overwrite"] + back["blank"],
            )


def _written(tables: Tables, one: Decided, changes: Table) -> dict[tuple[str, bool, str], Counter[str]]:
    """By record type, whether towards Salesforce, and target field: rows by decision, conflicts, and what was owed."""
    rows = changes.filter(changes.account == one.sides.rules.key, changes.aspect == "value")
    back = [of(one.sides.rules.key) for of in (records_id, create_leads_id)]
    rows = rows.mutate(is_back=rows.operation.isin(back))
    grouped = rows.group_by("record_type", "is_back", "field", "decision", "reason").agg(n=rows.count())
    found: dict[tuple[str, bool, str], Counter[str]] = defaultdict(Counter)
    for row in tables.rows(grouped):
        counts = found[row["record_type"], bool(row["is_back"]), row["field"]]
        counts[row["decision"]] += int(row["n"])
        if row["reason"] in CONFLICTS:
            counts[CONFLICT] += int(row["n"])
        elif row["reason"] == SETTLED:
            counts[SETTLED] += int(row["n"])
    return found


def _left(tables: Tables, one: Decided, what: str) -> dict[tuple[str, int], int]:
    """Blanks kept, or conflicts that wait."""
    if not one.values.pairs:
        return {}
    rows = stack(
        table.filter(
            table.waits.isin([CONFLICT, FIRST_SYNC]) if what == "waiting" else table.rule.isin(["VAL-5", "VAL-7"]),
            table.to.isnull(),
        ).select("record_type", "field")
        for table in one.values.pairs
    )
    grouped = rows.group_by("record_type", "field").agg(n=rows.count())
    return {(row["record_type"], row["field"]): int(row["n"]) for row in tables.rows(grouped)}


def _filled_values(tables: Tables, one: Decided, mapping: MappingSet) -> tuple[dict[int, int], dict[int, int]]:
    """People in scope who have a value in Salesforce, and those who have one in Dotdigital, by field."""
    if not mapping.fields:
        return {}, {}
    kind = mapping.record_type.value
    active = one.active.filter(one.active.record_type == kind)
    scope = stack([active.select("sf_id"), one.created.filter(one.created.record_type == kind).select("sf_id")])
    names = {m.index: f"c{_slot(one, m)}" for m in mapping.fields}
    return (
        _filled(tables, wide_records(tables, mapping, scope), {m.index: f"c{m.index}" for m in mapping.fields}),
        _filled(tables, wide_contacts(tables, one.sides.rules, active), names),
    )


def _is_back(mapped: MappedField) -> bool:
    return mapped.mapping.direction is Direction.DOTDIGITAL_TO_SALESFORCE


def _slot(one: Decided, mapped: MappedField) -> int:
    return columns.slot_of(mapped, columns.slots(one.sides.rules.sets)).index


def _filled(tables: Tables, table: Table, named: dict[int, str]) -> dict[int, int]:
    counts: dict[str, Value] = {f"n{index}": table[name].count() for index, name in named.items()}
    [row] = tables.rows(table.aggregate(**counts))
    return {index: int(row[f"n{index}"]) for index in named}
