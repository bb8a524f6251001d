"""What is done of a plan file that holds some rows of a random plan, against the oracle, whatever was left out."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.property.agreement import in_order, unexplained
from tests.property.oracle_approved import NEVER_ASKED, carried, created, meaning
from tests.property.random_worlds import random_world
from tests.unit.people.worlds import KEY, decided


@pytest.mark.parametrize("number", range(7))
def test_CON_16_of_any_plan_only_what_the_file_holds_is_done_and_nothing_that_rests_on_the_rest(number: int) -> None:
    random = Random(number)
    world = random_world(number, size=60)
    world.approved = None
    planned = decided(world)
    rows = [row for row in planned.changes if row["aspect"] != "problem"]
    pairs = planned.moved(aspect="identity", decision="pair")
    assert planned.meanings == {meaning(row, KEY, created(rows)) for row in (*rows, *pairs)}

    share = random.choice((0.0, 0.5, 0.9, 0.97))
    approved = frozenset(one for one in sorted(planned.meanings) if random.random() < share)
    found = decided(replace(world, approved=approved))
    expected = carried(planned.changes, planned.moves, approved, KEY)
    assert in_order([row for row in found.changes if row["aspect"] != "problem"]) == in_order(expected)
    left = {(row["account"], row["person"]) for row in rows if row not in expected}
    assert found.answer.left_out == len({person for _, person in left})
    everywhere = {person for account, person in left if not account}
    for row in found.moved(operation="moves"):
        assert (row["account"], row["person"]) not in left
        assert row["person"] not in everywhere
    assert all(row in found.changes for row in rows if row["operation"].startswith(NEVER_ASKED))
    assert unexplained(found.answer) == []
