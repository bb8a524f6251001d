"""The engine against the oracle: the same change rows and moves for any small world, in whatever order it is read."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.property.agreement import unexplained
from tests.property.oracle import judge
from tests.property.random_worlds import random_world
from tests.unit.people.worlds import Decision, decided

SEEDS = st.integers(0, 2**32)
LIMITS = settings(
    deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)


def in_order(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return sorted(tuple("-" if value is None else f"={value}" for value in row.values()) for row in rows)


def spoken_of_twice(found: Decision) -> set[tuple[Any, ...]]:
    """Memberships that an operation settles and a move at the end of the run would overwrite."""
    at_the_end = [row for row in found.moves if row["operation"] == "moves"]
    changes, moves = (
        {(row["account"], row["address_book"], row["contact_id"]) for row in rows if row["aspect"] == "list"}
        for rows in (found.changes, at_the_end)
    )
    return changes & moves


@given(SEEDS)
@settings(LIMITS, max_examples=8)
def test_INV_11_the_engine_decides_as_the_rules_say_and_explains_every_member(seed: int) -> None:
    world = random_world(seed, size=60)  # cells that do not know each other: as good as 60 worlds

    expected, found = judge(world.question(), world.rows), decided(world, seed=seed)

    assert in_order(found.changes) == in_order(expected.changes)
    assert in_order(found.moves) == in_order(expected.moves)
    assert unexplained(found.answer) == []
    assert spoken_of_twice(found) == set()


@given(SEEDS)
@settings(LIMITS, max_examples=3)
def test_INV_6_the_order_of_rows_and_parts_does_not_matter(seed: int) -> None:
    first, second = (decided(random_world(seed, size=15), seed=order) for order in (seed, seed + 1))

    assert first.changes == second.changes
    assert first.moves == second.moves
    assert first.answer == second.answer
