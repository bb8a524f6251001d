"""By which rules values flowed at the last apply: what changed of a mapping since then (BASE-7, RUN-5).

The registry's rows cannot tell: they change before the people do, and an apply may be interrupted in between. So one
mark per (account, record type) remembers direction, `conflict` and `on_blank` of each field, written last of all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sfdd_declare.model.mapping import (
    ConflictRule,
    Direction,
    FieldMapping,
    Flow,
    MappedField,
    MappingSet,
    OnBlank,
    RecordType,
)

PREFIX = "flows:"


def flows_mark(account: str, record_type: RecordType) -> str:
    """Name of the mark."""
    return f"{PREFIX}{account}:{record_type.value}"


def flow_marks(sets: Iterable[MappingSet], declared: Iterable[FieldMapping]) -> Iterator[tuple[str, str]]:
    """What the next apply should know. Mappings that are declared and do not move now keep their place."""
    rows = tuple(declared)
    for mappings in sets:
        of_set = [m for m in rows if (m.account, m.record_type) == (mappings.account, mappings.record_type)]
        flows = {m.key: _words(m.flow) for m in (*of_set, *(f.mapping for f in mappings.fields))}
        yield flows_mark(mappings.account, mappings.record_type), json.dumps(flows, sort_keys=True)


def with_flows(sets: tuple[MappingSet, ...], marks: Mapping[str, str]) -> tuple[MappingSet, ...]:
    """The sets, with the fields marked that flow otherwise than at the last apply, or did not exist then."""
    return tuple(_compared(s, marks.get(flows_mark(s.account, s.record_type))) for s in sets)


def _compared(mappings: MappingSet, remembered: str | None) -> MappingSet:
    if remembered is None:
        return mappings
    known = {key: _flow(words) for key, words in json.loads(remembered).items()}
    fields = (replace(f, before=_before(f, known, mappings), is_new=f.key not in known) for f in mappings.fields)
    return replace(mappings, fields=tuple(fields))


def _before(field: MappedField, known: Mapping[str, Flow], mappings: MappingSet) -> Flow | None:
    """The earlier rule of a field that flows in another direction now. A data field that another mapping writes by now
    is left to that one.
    """
    flow = known.get(field.key)
    if flow is None or flow.direction is field.mapping.direction:
        return None
    others = (f for f in mappings.fields if f is not field and f.data_field_name == field.data_field_name)
    is_taken = flow.direction.writes_dotdigital and any(f.mapping.direction.writes_dotdigital for f in others)
    return None if is_taken else flow


def _words(flow: Flow) -> str:
    return f"{flow.direction.value} {flow.conflict.value} {flow.on_blank.value}"


def _flow(words: str) -> Flow:
    direction, conflict, on_blank = words.split()
    return Flow(Direction(direction), ConflictRule(conflict), OnBlank(on_blank))
