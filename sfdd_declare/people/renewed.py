"""Fields that lost their values at once (VAL-26): no edit of everybody, but a field that was emptied or made anew.

A side of a field is renewed when nine in ten of its values, and at least three, are blank or hold the field's default
now, or when its type is another one. Nothing flows out of it, and its bases stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sfdd_declare.model.mapping import MappedField, MappingSet
from sfdd_declare.people import columns
from sfdd_declare.people.fields import HELD
from sfdd_declare.people.hashing import hash_of_blank
from sfdd_declare.people.question import Question
from sfdd_declare.people.sides import Sides
from sfdd_declare.people.tables import Table, Tables, Value, no_text, text

FEWEST = 3
#: Of the values that were filled: so many in ten.
SHARE = 9

#: Field index -> which sides are renewed: `s`, `d` or `sd`.
Renewed = dict[int, str]


def renewed(
    tables: Tables, question: Question, sides: Sides, mapping: MappingSet, *, cells: Table, people: Table
) -> Renewed:
    """`cells`: the candidates' fields with present and base; `people`: everybody whose values are compared."""
    if "blanked" in question.allow:
        return {}
    lost = _lost(tables, question, cells)
    found: Renewed = {m.index: m.retyped for m in mapping.fields if m.retyped}
    doubtful = {side: [m for m in mapping.fields if lost.get((m.index, side), 0) >= FEWEST] for side in "sd"}
    if any(doubtful.values()):
        filled = _filled(tables, question.key, mapping, doubtful, people)
        for index, side in _emptied(lost, filled, sides, mapping, doubtful):
            found[index] = "".join(sorted({*found.get(index, ""), side}, reverse=True))
    return found


def _lost(tables: Tables, question: Question, cells: Table) -> dict[tuple[int, str], int]:
    """How many values that were filled in the base are blank, or the default, by field and side."""
    blank = hash_of_blank(question.key)
    counts = {}
    for side in "sd":
        was_filled = _was_filled(cells[f"b_{side}"], blank)
        now = cells[f"c_{side}"]
        counts[f"blank_{side}"] = (was_filled & now.isnull()).sum()
        counts[f"default_{side}"] = (was_filled & (now == cells[f"default_{side}"]).fill_null(False)).sum()
    rows = tables.rows(cells.group_by("field").agg(**counts))
    return {
        (row["field"], side): max(int(row[f"blank_{side}"] or 0), int(row[f"default_{side}"] or 0))
        for row in rows
        for side in "sd"
    }


def _filled(
    tables: Tables, key: Any, mapping: MappingSet, doubtful: dict[str, list[MappedField]], people: Table
) -> dict[tuple[int, str], int]:
    """How many values were filled in the base, of the people who are compared."""
    base = tables.read(columns.base(mapping.account, mapping.record_type), columns.base_schema(mapping))
    base, blank = base.semi_join(people, "sf_id"), hash_of_blank(key)
    counts = {
        f"{side}{m.index}": _was_filled(base[f"b{side}{m.index}"], blank).sum()
        for side, fields in doubtful.items()
        for m in fields
    }
    [row] = tables.rows(base.aggregate(**counts))
    return {(int(name[1:]), name[0]): int(count or 0) for name, count in row.items()}


def _emptied(
    lost: dict[tuple[int, str], int],
    filled: dict[tuple[int, str], int],
    sides: Sides,
    mapping: MappingSet,
    doubtful: dict[str, list[MappedField]],
) -> Iterator[tuple[int, str]]:
    known = dict(sides.rules.filled)
    for side, fields in doubtful.items():
        for m in fields:
            before = known.get((mapping.record_type, m.key, side), 0)
            if lost[m.index, side] * 10 >= max(filled[m.index, side], before) * SHARE:
                yield m.index, side


def _was_filled(base: Value, blank: Value) -> Value:
    return (base.notnull() & (base != blank) & (base != HELD)).fill_null(False)


def without_outflow(decided: Table, found: Renewed) -> Table:
    """After `fields.with_effect`: what would be written from a renewed side, or recorded of it, is held."""
    by_side = {side: [index for index, sides in found.items() if side in sides] for side in "sd"}
    from_s = decided.field.isin(by_side["s"]) & ((decided.to == "d") | _records(decided, "s"))
    from_d = decided.field.isin(by_side["d"]) & ((decided.to == "s") | _records(decided, "d"))
    t = decided.mutate(is_renewed=(from_s | from_d).fill_null(False))
    return t.mutate(
        to=t.is_renewed.ifelse(no_text(), t.to),
        next_s=t.is_renewed.ifelse(no_text(), t.next_s),
        next_d=t.is_renewed.ifelse(no_text(), t.next_d),
        rule=t.is_renewed.ifelse(text("VAL-26"), t.rule),
    )


def _records(decided: Table, side: str) -> Value:
    """Whether only a blank of this side would be remembered (VAL-5, VAL-7)."""
    other = "d" if side == "s" else "s"
    kept = decided.to.isnull() & decided[f"next_{side}"].notnull() & decided[f"next_{other}"].isnull()
    return kept & decided[f"c_{side}"].isnull()
