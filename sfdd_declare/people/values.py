"""Which values differ: only the people who may have something to say (`sidebyside`) are unpivoted to (person, field).

There the table of rules decides, with the base that counts, and the checks say what the target cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa

from sfdd_declare.model.mapping import DataFieldType, Direction, Flow, FormKind, MappedField, MappingSet, RecordType
from sfdd_declare.model.rules import TEXT_LIMIT
from sfdd_declare.model.typetable import WRITTEN_TO_DOTDIGITAL, WRITTEN_TO_SALESFORCE
from sfdd_declare.people import columns
from sfdd_declare.people.checks import dotdigital_problem, salesforce_problem
from sfdd_declare.people.columns import flag, long
from sfdd_declare.people.echo import was_altered, with_echo, with_echo_base
from sfdd_declare.people.fields import HELD, with_effect, with_rule
from sfdd_declare.people.hashing import keyed
from sfdd_declare.people.question import Question
from sfdd_declare.people.renewed import Renewed, renewed, without_outflow
from sfdd_declare.people.sidebyside import PERSON, candidates, side_by_side
from sfdd_declare.people.sides import Sides, wide_records
from sfdd_declare.people.tables import Table, Tables, Value, mark, no_text, stack, stripped, text

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
        "s_type": columns.text,
        "s_length": long,
        "s_digits": long,
        "lossy": flag,
        "renewed": flag,
        "retyped": flag,
        "first_run": flag,
        "old_direction": columns.text,  # BASE-7: where the direction was another one at the last apply
        "old_conflict": columns.text,
        "old_on_blank": columns.text,
    }
)

#: What a change of direction left to be carried by the old rule (BASE-7).
SETTLED = "BASE-7"
#: Why a conflict waits.
FIRST_SYNC, CONFLICT, RENEWED = "first-sync held", "conflict", "renewed"

#: What is known of our last writes (BASE-5).
_WRITES = ("fresh_s", "fresh_d", "by_us", "is_new_writer")

DECIDED = (
    *("sf_id", "record_type", "contact_id", "c_s", "r_s", "r_d", "v_s", "v_d", "s_blank", "d_blank"),
    *("rule", "to", "echo", "next_s", "next_d", "moves", "problem", "waits"),
)


@dataclass(frozen=True, slots=True)
class Values:
    """`pairs`: a row per candidate and field with DECIDED and FIELD.

    `created`: the values a new contact takes (VAL-20). `refused`: what would be written to an address that the account
    refused for good (WIRE-1), like `pairs`. All have sf_id and record_type; the outer two contact_id too. `v_s`, `v_d`
    are what would be written to either side; `waits` says why something is held. `renewed`: fields that lost their
    values at once, by record type.
    """

    pairs: tuple[Table, ...]
    created: tuple[Table, ...]
    refused: tuple[Table, ...] = ()
    renewed: Mapping[RecordType, Renewed] = field(default_factory=dict)


def values(tables: Tables, question: Question, sides: Sides, active: Table, created: Table) -> Values:
    """`active`: sf_id, record_type, contact_id, is_pair, former of people whose contact exists; `created`: who gets
    one.
    """
    key = question.key
    heirs = tables.keep(active.filter(~active.is_pair).semi_join(sides.pairs, "contact_id").select("contact_id"))
    barred = active.filter(active.is_refused).select("sf_id", to=text("d"))
    pairs, fresh, refused = [], [], []
    lost: dict[RecordType, Renewed] = {}
    for mapping in sides.rules.sets:
        everybody = _of_type(active, mapping)
        people = tables.keep(candidates(tables, sides, mapping, everybody, key=key))
        if mapping.fields and not tables.is_empty(people):
            wide = side_by_side(tables, sides, mapping, people, heirs)
            wide = tables.keep(_with_new_writer(tables, wide, heirs, sides))
            found, lost[mapping.record_type] = _pairs(tables, question, sides, mapping, wide=wide, people=everybody)
            pairs.append(found.anti_join(barred, ["sf_id", "to"]))
            refused.append(found.semi_join(barred, ["sf_id", "to"]))
            tables.drop(wide)
        newcomers = tables.keep(_of_type(created, mapping).select("sf_id"))
        if mapping.fields and not tables.is_empty(newcomers):
            fresh.append(_created(tables, key, sides, mapping, newcomers))
    return Values(tuple(pairs), tuple(fresh), tuple(refused), lost)


def _of_type(people: Table, mapping: MappingSet) -> Table:
    return people.filter(people.record_type == mapping.record_type.value)


def _pairs(
    tables: Tables, question: Question, sides: Sides, mapping: MappingSet, *, wide: Table, people: Table
) -> tuple[Table, Renewed]:
    key = question.key
    wide = wide.mutate(
        fresh_s=_unread(wide.wrote_s, sides.rules.seen),
        fresh_d=_unread(wide.wrote_d, sides.rules.seen),
        by_us=wide.modified_by.isin(question.salesforce_users).fill_null(False),
    )
    cells = stack(wide.select(*PERSON, *_WRITES, **_cell(wide, m)) for m in mapping.fields)
    lost = renewed(tables, question, sides, mapping, cells=cells, people=people)
    ruled = _with_bases(with_field_rules(tables, sides, mapping, cells), question)
    decided, kept = _decided(tables, key, mapping, ruled)
    decided = without_outflow(decided, lost)
    decided = decided.mutate(
        problem=ibis.cases(
            (decided.to == "d", dotdigital_problem(decided)),
            (decided.to == "s", salesforce_problem(decided, mapping.fields)),
            else_=no_text(),
        ),
        next_s=decided.next_s.fill_null(decided.inherited_s),
        next_d=_hash_sent(decided, key).fill_null(decided.inherited_d),
        waits=_waits(decided),
    )
    moves = _differs(decided.next_s, decided.stored_s) | _differs(decided.next_d, decided.stored_d)
    moves = moves | ((decided.rule == "VAL-1") & was_altered(decided.mark))
    is_said = decided.rule.isin(["VAL-5", "VAL-7", "VAL-26"]) | decided.waits.notnull() | decided.echo.notnull()
    found = decided.filter(decided.to.notnull() | moves | is_said).mutate(moves=moves & decided.to.isnull())
    result = tables.keep(found.select(*DECIDED, *FIELD.names))
    tables.drop(*kept)
    return result, lost


def _with_new_writer(tables: Tables, wide: Table, heirs: Table, sides: Sides) -> Table:
    """Whether another record wrote this contact so far (ID-3), and not a former self (ID-5)."""
    if tables.is_empty(heirs):
        return wide.mutate(is_new_writer=ibis.literal(value=False))
    others = heirs.anti_join(sides.taken, "contact_id")
    return mark(wide, others, {"contact_id": "contact_id"}, "is_new_writer")


def _unread(wrote: Value, seen: int | None) -> Value:
    """Whether our last write came after the read of the last apply that ended."""
    return wrote.notnull() if seen is None else (wrote >= seen).fill_null(False)


def _cell(wide: Table, mapped: MappedField) -> dict[str, Value]:
    """One field of everybody, in the columns that all fields share."""
    names = ("c_s", "r_s", "c_d", "r_d", "b_s", "b_d", "i_s", "i_d", "mark")
    defaults = {"default_s": no_text(), "default_d": text(mapped.data_field_default)}
    found = {name: wide[f"{name}{mapped.index}"] for name in names}
    return found | defaults | {"field": ibis.literal(mapped.index, "int64")}


def _with_bases(table: Table, question: Question) -> Table:
    """The base to decide with: its own, else the one inherited from another writer (BASE-1), none where it was only
    held (RUN-1) or the data field is a new one. `stored_…` is what the state has.
    """
    t = table.mutate(stored_s=table.b_s, stored_d=table.b_d)
    t = t.mutate(
        inherited_s=t.b_s.isnull().ifelse(t.i_s, no_text()), inherited_d=t.b_d.isnull().ifelse(t.i_d, no_text())
    )
    t = t.mutate(b_s=t.b_s.fill_null(t.i_s), b_d=t.b_d.fill_null(t.i_d))
    was_held = ((t.b_s == HELD) | (t.b_d == HELD)).fill_null(False)
    # ID-3: what a new writer brings that differs from a filled value has never been agreed upon
    differs = t.c_d.notnull() & (t.c_s.isnull() | (t.c_s != t.c_d).fill_null(False))
    is_strange = t.is_new_writer & (t.direction == Direction.TWO_WAY.value) & differs
    none = was_held | t.renewed | t.retyped | is_strange
    return t.mutate(
        b_s=none.ifelse(no_text(), t.b_s),
        b_d=none.ifelse(no_text(), t.b_d),
        first_run=(t.first_run | was_held | t.retyped | is_strange) & ibis.literal(not question.accept_first_sync),
    )


def _decided(tables: Tables, key: Any, mapping: MappingSet, ruled: Table) -> tuple[Table, tuple[Table, ...]]:
    """By the table of rules; where the direction changed, what the old rule still owed goes first (BASE-7)."""
    if not any(m.before for m in mapping.fields):
        kept = tables.keep(with_echo(with_rule(ruled, key)))
        return with_echo_base(with_effect(kept)), (kept,)
    before = ruled.filter(ruled.old_direction.notnull())
    old = before.is_cut.ifelse(before.direction, before.old_direction)
    before = before.mutate(direction=old, conflict=before.old_conflict, on_blank=before.old_on_blank)
    before = with_effect(tables.keep(with_echo(with_rule(before, key))))
    source_moved = ((before.to == "d") & before.s_moved) | ((before.to == "s") & before.d_moved)
    owed = tables.keep(before.filter(before.has_base, source_moved.fill_null(False)))
    rest = tables.keep(with_echo(with_rule(ruled.anti_join(owed, ["sf_id", "field"]), key)))
    return stack([owed.mutate(rule=text(SETTLED)), with_echo_base(with_effect(rest))]), (owed, rest)


def _hash_sent(decided: Table, key: Any) -> Value:
    """A text that is cut on its way is remembered as it was sent, so that it is no edit when it is read."""
    is_cut = (decided.to == "d") & decided.is_cut
    return is_cut.fill_null(False).ifelse(keyed(key, decided.v_d), decided.next_d)


def _waits(decided: Table) -> Value:
    """Conflicts that nobody has decided (VAL-9, RUN-1), and what would come out of a renewed field (VAL-26)."""
    return ibis.cases(
        (decided.is_renewed, RENEWED),
        (decided.to.notnull(), no_text()),
        ((decided.rule == "VAL-12") & decided.first_run, FIRST_SYNC),
        (decided.rule.isin(["VAL-9", "VAL-12"]), CONFLICT),
        else_=no_text(),
    )


def _differs(new: Value, old: Value) -> Value:
    return new.notnull() & (old.isnull() | (new != old).fill_null(False))


def _created(tables: Tables, key: Any, sides: Sides, mapping: MappingSet, people: Table) -> Table:
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
    long_form = with_field_rules(tables, sides, mapping, long_form.filter(long_form.c_s.notnull()))
    towards = long_form.filter(long_form.direction != Direction.DOTDIGITAL_TO_SALESFORCE.value)
    now = keyed(key, towards.c_s)
    next_d = towards.is_cut.ifelse(keyed(key, towards.v_d), now)
    return tables.keep(towards.mutate(next_s=now, next_d=next_d, problem=dotdigital_problem(towards)))


def with_field_rules(tables: Tables, sides: Sides, mapping: MappingSet, table: Table) -> Table:
    """A table of people and fields with FIELD and what would be written to either side (`v_s`, `v_d`)."""
    rules = tables.small(
        FIELD, [_field(m, first_run=mapping.record_type in sides.rules.first_run) for m in mapping.fields]
    )
    ruled = table.inner_join(rules, "field")
    return _as_sent(ruled)


def _as_sent(table: Table) -> Table:
    """What would be written to either side: some forms instead of the text (`model.typetable`), all else as it stands,
    without the white space around it that the target would cut, and which would then look like an edit for ever. A text
    that is declared lossy is cut, and then only flows towards Dotdigital (VAL-22).
    """
    t = table if "r_d" in table.columns else table.mutate(r_d=no_text(), c_d=no_text())
    v_d = t.form.isin(_values(WRITTEN_TO_DOTDIGITAL)).ifelse(t.c_s, stripped(t.r_s))
    v_s = t.form.isin(_values(WRITTEN_TO_SALESFORCE)).ifelse(t.c_d, stripped(t.r_d))
    t = t.mutate(v_s=v_s, v_d=v_d, is_cut=(t.lossy & (t.c_s.length() > TEXT_LIMIT)).fill_null(False))
    return t.mutate(
        v_d=t.is_cut.ifelse(stripped(t.c_s.left(TEXT_LIMIT)), t.v_d),
        direction=t.is_cut.ifelse(text(Direction.SALESFORCE_TO_DOTDIGITAL.value), t.direction),
    )


def _values(kinds: Iterable[FormKind]) -> list[str]:
    return [kind.value for kind in kinds]


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
        mapped.salesforce_type,
        mapped.salesforce_length,
        mapped.salesforce_digits,
        mapping.lossy,
        mapped.renewed,
        bool(mapped.retyped),
        first_run,
        *_old_rules(mapped.before),
    )


def _old_rules(before: Flow | None) -> tuple[str | None, str | None, str | None]:
    if before is None:
        return None, None, None
    return before.direction.value, before.conflict.value, before.on_blank.value
