"""Any sequence of settlements is what a dictionary would hold, in every home of the state."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdd_declare.store.opening import open_state
from tests.unit.store.builders import (
    DATABASES,
    OBJECT_STORES,
    a_home,
    a_mapping,
    a_run,
    base_of,
    exported,
    h,
    memberships,
    pairs,
)

FIELDS = ("A>A", "B>B", "C>C")
texts = st.sampled_from(["", "x", "y"])
expects = st.none() | texts.map(h)
pair_rows = st.fixed_dictionaries(
    {
        "sf_id": st.sampled_from(["003A", "003B", "003C"]),
        "contact_id": st.none() | st.integers(1, 3),
        "item": st.sampled_from(FIELDS),
        "expect_s": expects,
        "expect_d": expects,
    }
)
member_rows = st.fixed_dictionaries(
    {"contact_id": st.integers(1, 3), "wanted": st.booleans(), "on_book": st.booleans(), "forget": st.booleans()}
)
steps = st.lists(
    st.tuples(st.just("pairs"), st.lists(pair_rows, min_size=1, max_size=6))
    | st.tuples(st.just("memberships"), st.lists(member_rows, min_size=1, max_size=4))
    | st.tuples(st.just("mapping"), st.lists(st.sampled_from(FIELDS), unique=True)),
    max_size=8,
)


@pytest.mark.parametrize("kind", DATABASES)
@settings(max_examples=25, deadline=None)
@given(steps=steps)
def test_any_sequence_of_settlements_equals_a_dictionary(kind: str, steps: list[tuple[str, list[Any]]]) -> None:
    equals_a_dictionary(kind, steps)


@pytest.mark.parametrize("kind", OBJECT_STORES)
@settings(max_examples=5, deadline=None)  # the same statements as in a file, and some requests for each
@given(steps=steps)
def test_any_sequence_of_settlements_in_an_object_store(kind: str, steps: list[tuple[str, list[Any]]]) -> None:
    equals_a_dictionary(kind, steps)


def equals_a_dictionary(kind: str, steps: list[tuple[str, list[Any]]]) -> None:
    values: dict[str, dict[str, Any]] = {}
    members: dict[int, tuple[bool, bool]] = {}
    with a_home(kind) as home, open_state(home, create=True, environ={}) as state:
        for number, (what, rows) in enumerate(steps):
            if what == "mapping":
                with a_run(state, a_mapping(*rows), run=str(number)):
                    pass
                for person in values.values():
                    for key in [key for key in person if key[1:] in FIELDS and key[1:] not in rows]:
                        del person[key]
                continue
            with a_run(state, run=str(number)) as run:
                run.record(pairs(*rows) if what == "pairs" else memberships(*rows))
            _remember(values, members, what, rows)
        assert {
            row["contact_id"]: (row["wanted"], row["on_book"]) for row in exported(state, "memberships.main")
        } == members
        found = base_of(state, a_mapping(*FIELDS))
        assert found.keys() == values.keys()
        for sf_id, person in values.items():
            assert found[sf_id]["contact_id"] == person.get("contact_id")
            for i, field in enumerate(FIELDS):
                sides = (found[sf_id][f"bs{i}"], found[sf_id][f"bd{i}"])
                assert sides == (person.get("s" + field), person.get("d" + field))


def _remember(
    values: dict[str, dict[str, Any]], members: dict[int, Any], what: str, rows: list[dict[str, Any]]
) -> None:
    for row in rows:
        if what == "memberships":
            members.pop(row["contact_id"], None)
            if not row["forget"]:
                members[row["contact_id"]] = (row["wanted"], row["on_book"])
            continue
        person = values.setdefault(row["sf_id"], {})
        new = {"s" + row["item"]: row["expect_s"], "d" + row["item"]: row["expect_d"], "contact_id": row["contact_id"]}
        person.update({key: value for key, value in new.items() if value is not None})
