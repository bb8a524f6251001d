"""The end of an apply: what is settled when something of it did not go through."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sfdd_declare.people.columns import CHANGE
from sfdd_declare.run.finish import _without_changes_of_contact

MOVES = pa.Table.from_pylist(
    [
        {"account": "main", "aspect": "identity", "reason": "ID-4", "person": "goes over"},
        {"account": "main", "aspect": "identity", "reason": "ID-1", "person": "is found"},
        {"account": "other", "aspect": "identity", "reason": "ID-4", "person": "elsewhere"},
        {"account": "main", "aspect": "list", "reason": None, "person": "bystander"},
    ],
    schema=CHANGE,
)


@pytest.mark.parametrize(
    ("unsuppressed", "left_out"), [(frozenset(), []), (frozenset({"main"}), ["goes over"])], ids=["all well", "refused"]
)
def test_nobody_goes_over_to_another_contact_while_an_opt_out_could_not_go_along(
    unsuppressed: frozenset[str], left_out: list[str]
) -> None:
    kept = _without_changes_of_contact(MOVES, unsuppressed)["person"].to_pylist()
    assert [person for person in MOVES["person"].to_pylist() if person not in kept] == left_out
