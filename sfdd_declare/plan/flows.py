"""By which rules values flowed at the last apply: what changed of a mapping since then (BASE-7, RUN-5).

The registry's rows cannot tell: they change before the people do, and an apply may be interrupted in between. So one
mark per (account, record type) remembers direction, `conflict`, `on_blank` and both types of each field, written last
of all. Values of another type do not compare with what is remembered of the old one (VAL-26): until somebody allows
what flows out of such a field, the old type stays remembered.
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
    FormKind,
    MappedField,
    MappingSet,
    OnBlank,
    RecordType,
)

PREFIX = "flows:"


def flows_mark(account: str, record_type: RecordType) -> str:
    """Name of the mark."""
    return f"{PREFIX}{account}:{record_type.value}"


def flow_marks(
    sets: Iterable[MappingSet], declared: Iterable[FieldMapping], marks: Mapping[str, str], *, allow_renewed: bool
) -> Iterator[tuple[str, str]]:
    """What the next apply should know. Mappings that are declared and do not move now keep their place."""
    rows = tuple(declared)
    for mappings in sets:
        name = flows_mark(mappings.account, mappings.record_type)
        known: dict[str, str] = json.loads(marks.get(name, "{}"))
        of_set = [m for m in rows if (m.account, m.record_type) == (mappings.account, mappings.record_type)]
        flows = {m.key: _words(m.flow) for m in of_set}
        for field in mappings.fields:
            waits = _flows_out(field) and not allow_renewed
            types = _types_of(known[field.key]) if waits else _types(field)
            flows[field.key] = f"{_words(field.mapping.flow)} {types}"
        yield name, json.dumps(flows, sort_keys=True)


def _flows_out(field: MappedField) -> bool:
    """Whether values flow out of a side whose type changed."""
    direction = field.mapping.direction
    return ("s" in field.retyped and direction.writes_dotdigital) or (
        "d" in field.retyped and direction.writes_salesforce
    )


def with_flows(sets: tuple[MappingSet, ...], marks: Mapping[str, str]) -> tuple[MappingSet, ...]:
    """The sets, with the fields marked that flow otherwise than at the last apply, or did not exist then."""
    return tuple(_compared(s, marks.get(flows_mark(s.account, s.record_type))) for s in sets)


def _compared(mappings: MappingSet, remembered: str | None) -> MappingSet:
    if remembered is None:
        return mappings
    words: dict[str, str] = json.loads(remembered)
    known = {key: _flow(text) for key, text in words.items()}
    fields = (
        replace(
            f,
            before=_before(f, known, mappings),
            is_new=f.key not in known,
            retyped=_retyped(f, _types_of(words.get(f.key, ""))),
        )
        for f in mappings.fields
    )
    return replace(mappings, fields=tuple(fields))


def _retyped(field: MappedField, remembered: str) -> str:
    if not remembered:
        return ""
    pairs = zip("sd", remembered.split(">"), _types(field).split(">"), strict=True)
    return "".join(side for side, before, now in pairs if before != now)


def _types(field: MappedField) -> str:
    """Dates are days of the account's time zone (VAL-25)."""
    zone = f"@{field.zone}" if field.form.kind is FormKind.DATE else ""
    return f"{field.salesforce_type}>{field.data_field_type.value}{zone}"


def _types_of(words: str) -> str:
    """Empty where an earlier version remembered none."""
    return words.split()[3] if words.count(" ") > 2 else ""


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
    direction, conflict, on_blank = words.split()[:3]
    return Flow(Direction(direction), ConflictRule(conflict), OnBlank(on_blank))
