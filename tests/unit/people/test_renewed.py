"""Fields that lost their values at once (VAL-26): what flows out of them is held, what flows into them goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.model.mapping import Direction, MappedField, OnBlank
from sfdd_declare.people.columns import HELD
from tests.unit.people.worlds import CONTACT, World, a_field, decided, h
from tests.unit.people.worlds import a_world as linked

BACK, BOTH, FORTH = Direction.DOTDIGITAL_TO_SALESFORCE, Direction.TWO_WAY, Direction.SALESFORCE_TO_DOTDIGITAL


def a_world(field: MappedField, *, people: int, lost: int, side: str = "d", becomes: str | None = None) -> World:
    """People whose value was `old` on both sides; `lost` of them hold `becomes` on one side now."""
    world = linked(field)
    for number in range(people):
        sf_id, email = f"003{number:02d}", f"p{number}@example.com"
        now = becomes if number < lost else "old"
        world.record(sf_id, email, now if side == "s" else "old")
        world.member(sf_id)
        world.contact(number + 1, email, now if side == "d" else "old", books=["news"])
        world.pair(sf_id, number + 1, email, "old")
        world.membership(number + 1, "wanted,on,ours")
    return world


def values(world: World) -> list[tuple[str, str | None]]:
    found = decided(world)
    return [(row["operation"], row["new"]) for row in found.changes if row["aspect"] == "value"]


def held(world: World) -> int:
    return sum(h.people for h in decided(world).answer.people.held if h.reason == "VAL-26")


@pytest.mark.parametrize(
    ("people", "lost", "is_renewed"), [(3, 3, True), (10, 9, True), (10, 8, False), (2, 2, False), (40, 40, True)]
)
def test_VAL_26_a_column_that_turns_blank_is_held_from_three_values_and_nine_in_ten(
    people: int, lost: int, is_renewed: bool
) -> None:
    world = a_world(a_field(0, "TITLE", direction=BACK), people=people, lost=lost)
    assert values(world) == ([] if is_renewed else [("update_records:main", None)] * lost)
    assert held(world) == (lost if is_renewed else 0)


def test_of_few_people_who_were_read_the_share_is_of_everybody() -> None:
    field = a_field(0, "TITLE", direction=BACK)
    world = a_world(field, people=3, lost=3)
    world.rules(filled=(((CONTACT, field.key, "d"), 10),))
    assert (values(world), held(world)) == ([("update_records:main", None)] * 3, 0)


@pytest.mark.parametrize("base", ["", HELD], ids=["blank", "held since the first run"])
def test_whoever_had_no_value_has_lost_none(base: str) -> None:
    world = a_world(a_field(0, "TITLE", direction=BACK), people=12, lost=12)
    for row in world.rows["base.main.contact"][2:]:
        row["bs0"] = row["bd0"] = base or h("")
    assert held(world) == 0


def test_a_salesforce_field_that_turns_blank_is_held_likewise() -> None:
    world = a_world(a_field(0, "TITLE"), people=8, lost=8, side="s")
    assert (values(world), held(world)) == ([], 8)


@pytest.mark.parametrize("side", ["s", "d"])
@pytest.mark.parametrize("on_blank", list(OnBlank))
def test_of_a_field_that_flows_both_ways_no_base_moves(on_blank: OnBlank, side: str) -> None:
    world = a_world(a_field(0, "TITLE", direction=BOTH, on_blank=on_blank), people=5, lost=5, side=side)
    assert [row for row in decided(world).moves if row["aspect"] == "value"] == []
    assert (values(world), held(world)) == ([], 5)


def test_what_flows_into_a_renewed_field_goes() -> None:
    world = a_world(a_field(0, "TITLE", direction=FORTH), people=4, lost=4)
    assert (values(world), held(world)) == ([("import:main", "old")] * 4, 0)


def test_a_column_that_is_all_at_its_default_is_held() -> None:
    field = replace(a_field(0, "TITLE", direction=BACK), data_field_default="none")
    world = a_world(field, people=4, lost=4, becomes="none")
    assert (values(world), held(world)) == ([], 4)
    other = a_world(field, people=4, lost=4, becomes="chosen by somebody")
    assert len(values(other)) == 4


def test_another_type_is_first_sight_and_nothing_flows_out_of_it() -> None:
    world = a_world(replace(a_field(0, "TITLE", direction=BACK), retyped="d"), people=1, lost=1, becomes="other")
    assert (values(world), held(world)) == ([], 1)


def test_allowed_blanks_are_carried() -> None:
    world = a_world(a_field(0, "TITLE", direction=BACK), people=3, lost=3)
    world.allow = frozenset({"blanked"})
    assert (values(world), held(world)) == ([("update_records:main", None)] * 3, 0)
