"""The three-way comparison of one thing."""

from __future__ import annotations

import pytest

from sfdd_declare.model.operation import Cause
from sfdd_declare.plan.three_way import compare, created, same


@pytest.mark.parametrize(
    ("want", "base", "live", "cause"),
    [
        ("new", "old", "old", Cause.CONFIG),
        ("mine", "mine", "theirs", Cause.DRIFT),
        ("mine", "old", "theirs", Cause.BOTH),
    ],
    ids=["edited in Git", "edited by hand", "edited on both sides"],
)
def test_a_difference_is_told_apart_by_who_moved(want: str, base: str, live: str, cause: Cause) -> None:
    (change,) = compare({"Name": want}, {"Name": base}, {"Name": live}).changes
    assert (change.old, change.new, change.cause) == (live, want, cause)


def test_a_difference_without_a_base_comes_from_the_configuration() -> None:
    (change,) = compare({"Name": "a"}, {}, {"Name": "b"}).changes
    assert change.cause is Cause.CONFIG


def test_both_sides_changed_to_the_same_value_is_no_difference() -> None:
    assert compare({"Name": "same"}, {"Name": "old"}, {"Name": "same"}).changes == ()


def test_what_is_not_managed_is_not_compared() -> None:
    difference = compare({"Name": "a"}, {"Name": "a"}, {"Name": "a", "Type": "Email"})
    assert difference.changes == ()
    assert difference.unchanged == 1


def test_ignored_drift_is_left_alone_but_a_configuration_change_is_not() -> None:
    drifted = compare({"Type": "a"}, {"Type": "a"}, {"Type": "b"}, ignore=("Type",))
    edited = compare({"Type": "c"}, {"Type": "b"}, {"Type": "b"}, ignore=("Type",))
    assert (drifted.changes, drifted.ignored) == ((), ("Type",))
    assert [change.new for change in edited.changes] == ["c"]


def test_drift_means_that_everything_that_differs_was_changed_by_hand() -> None:
    both = compare({"A": 1, "B": 1}, {"A": 1, "B": 0}, {"A": 2, "B": 0})
    assert not both.is_drift
    assert compare({"A": 1}, {"A": 1}, {"A": 2}).is_drift


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("", None, True),
        (1, 1.0, True),
        (True, 1, False),
        (False, None, False),
        ("a", "A", False),
        (0, None, False),
        ("a\nb\n", " a\r\nb", True),
        ("a b", "ab", False),
    ],
)
def test_equality_of_attributes(left: object, right: object, equal: bool) -> None:
    assert same(left, right) is equal  # type: ignore[arg-type]


def test_references_are_known_after_apply() -> None:
    changes = created({"Campaign__c": "@campaign.spring", "Name": "x"})
    assert [(c.name, c.known) for c in changes] == [("Campaign__c", False), ("Name", True)]
