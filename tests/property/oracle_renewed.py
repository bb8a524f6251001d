"""The oracle's renewed fields (VAL-26): a column that lost nine in ten of its values, and at least three."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from sfdd_declare.model.mapping import MappedField, MappingSet
from sfdd_declare.people.columns import slot_of, slots
from tests.property.oracle_org import Row
from tests.property.oracle_values import HELD


def renewed_fields(
    sets: tuple[MappingSet, ...],
    people: Iterable[tuple[Row, Row]],
    pairs: dict[str, Row],
    hash_: Callable[[str | None], str],
) -> set[tuple[str, int, str]]:
    """`people`: writers with their contacts. Returns (record type, field index, side)."""
    filled: Counter[tuple[str, int, str]] = Counter()
    blank, default = filled.copy(), filled.copy()
    mapped_of = {s.record_type.value: s.fields for s in sets}
    all_slots = slots(sets)
    for writer, contact in people:
        pair = pairs.get(writer["sf_id"])
        for mapped in mapped_of[writer["record_type"]]:
            now = {"s": writer[f"c{mapped.index}"], "d": contact[f"c{slot_of(mapped, all_slots).index}"]}
            for side in "sd":
                known = pair[f"b{side}{mapped.index}"] if pair else None
                if known in (None, HELD, hash_(None)):
                    continue
                key = (writer["record_type"], mapped.index, side)
                filled[key] += 1
                if writer["former"] is None:
                    blank[key] += now[side] is None
                    default[key] += side == "d" and now[side] is not None and now[side] == mapped.data_field_default
    lost = {key: max(blank[key], default[key]) for key in filled}
    return {key for key, count in lost.items() if count >= 3 and count * 10 >= filled[key] * 9} | _retyped(mapped_of)


def _retyped(mapped_of: dict[str, tuple[MappedField, ...]]) -> set[tuple[str, int, str]]:
    return {(kind, m.index, side) for kind, fields in mapped_of.items() for m in fields for side in m.retyped}
