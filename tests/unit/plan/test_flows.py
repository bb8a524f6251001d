"""What changed of a mapping since the last apply: the marks it leaves, and what the next plan makes of them."""

from __future__ import annotations

from dataclasses import replace

from sfdd_declare.model.mapping import ConflictRule, Direction, Flow, MappedField, MappingSet, OnBlank
from sfdd_declare.plan.flows import flow_marks, with_flows
from tests.unit.people.worlds import a_field, a_set

FORTH, BACK, BOTH = Direction.SALESFORCE_TO_DOTDIGITAL, Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY


def compared(before: MappingSet, now: MappingSet) -> tuple[MappedField, ...]:
    (found,) = with_flows((now,), dict(flow_marks((before,), (), {}, allow_renewed=False)))
    return found.fields


def test_an_unchanged_mapping_is_as_it_was() -> None:
    same = a_set(a_field(0, "TITLE", direction=BOTH))
    assert compared(same, same) == same.fields


def test_BASE_7_another_direction_remembers_the_whole_earlier_rule() -> None:
    before = a_set(a_field(0, "TITLE", direction=BOTH, conflict=ConflictRule.DOTDIGITAL, on_blank=OnBlank.KEEP))
    (field,) = compared(before, a_set(a_field(0, "TITLE", direction=BACK)))
    assert field.before == Flow(BOTH, ConflictRule.DOTDIGITAL, OnBlank.KEEP)
    assert field.writes_dotdigital


def test_another_conflict_rule_owes_nothing() -> None:
    before = a_set(a_field(0, "TITLE", direction=BOTH, conflict=ConflictRule.SKIP))
    (field,) = compared(before, a_set(a_field(0, "TITLE", direction=BOTH)))
    assert (field.before, field.is_new) == (None, False)


def test_RUN_5_a_mapping_that_was_not_there_is_new_and_a_repointed_one_too() -> None:
    before = a_set(a_field(0, "TITLE"))
    renamed = replace(a_field(1, "TITLE"), mapping=replace(a_field(1, "TITLE").mapping, salesforce_field="Other"))
    assert [field.is_new for field in compared(before, a_set(a_field(0, "TITLE"), renamed))] == [False, True]


def test_nothing_is_new_where_nothing_is_remembered() -> None:
    now = a_set(a_field(0, "TITLE"))
    assert with_flows((now,), {}) == (now,)


def test_what_is_owed_gives_way_to_the_mapping_that_writes_the_data_field_now() -> None:
    other = replace(a_field(1, "TITLE"), mapping=replace(a_field(1, "TITLE").mapping, salesforce_field="Other"))
    before = a_set(a_field(0, "TITLE"))
    first, second = compared(before, a_set(a_field(0, "TITLE", direction=BACK), other))
    assert (first.before, second.is_new) == (None, True)


def test_declared_mappings_that_do_not_move_now_keep_their_place() -> None:
    field = a_field(0, "TITLE")
    (mark,) = flow_marks((a_set(),), (field.mapping,), {}, allow_renewed=False)
    (found,) = with_flows((a_set(field),), dict([mark]))
    assert not found.fields[0].is_new
