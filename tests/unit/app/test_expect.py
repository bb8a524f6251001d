"""A token approves so much and no more: fewer is fine, more is refused with the numbers and the new token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.app.expect import demand
from sfdd_declare.model.declared import Limit
from sfdd_declare.model.errors import Stale, UsageError
from sfdd_declare.model.operation import Task
from sfdd_declare.model.plan import PeopleTotals
from tests.golden.builders import a_people_operation, a_plan, people

FIVE = Limit(percent=5.0)
TOKEN = "3f9c0a1b2c3d:412.57.9.3.41"


def planned(add=412, update=57, remove=9, leads=3, overwrites=41, *operations, **rest):
    totals = PeopleTotals(add=add, update=update, remove=remove, new_leads=leads, overwrites=overwrites)
    return a_plan(*operations or (a_people_operation(),), people_plan=people(totals=totals), **rest)


def test_a_plan_prints_five_figures():
    assert planned().token == TOKEN


@pytest.mark.parametrize(
    "numbers",
    [(412, 57, 9, 3, 41), (432, 67, 9, 3, 41), (0, 0, 0, 0, 0), (1, 57, 2, 0, 0)],
    ids=["the same", "as much more as is tolerated", "nothing", "fewer"],
)
def test_what_the_approval_covers_goes_on(numbers):
    demand(planned(*numbers), TOKEN, FIVE)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((433, 57, 9, 3, 41), "people to add: 433 now, 412 when the plan was approved, at most 432"),
        ((412, 68, 9, 3, 41), "people to update: 68 now, 57 when the plan was approved, at most 67"),
        ((412, 57, 10, 3, 41), "people to remove: 10 now, 9 when the plan was approved."),
        ((412, 57, 9, 4, 41), "new leads: 4 now, 3 when the plan was approved."),
        ((412, 57, 9, 3, 42), "people with a value overwritten: 42 now, 41 when the plan was approved."),
    ],
)
def test_more_is_refused_with_both_numbers_and_the_new_token(numbers, said):
    plan = planned(*numbers)
    with pytest.raises(Stale) as refused:
        demand(plan, TOKEN, FIVE)
    assert said in refused.value.summary
    assert plan.token in refused.value.detail


def test_an_absolute_tolerance_is_one():
    demand(planned(512), TOKEN, Limit(count=100))
    with pytest.raises(Stale):
        demand(planned(513), TOKEN, Limit(count=100))


def test_another_set_up_or_rule_is_another_plan():
    with pytest.raises(Stale) as refused:
        demand(replace(planned(), fingerprint="000000000000"), TOKEN, FIVE)
    assert "set-up, or a rule" in refused.value.summary


def test_what_is_left_of_a_plan_applied_in_part_says_so_with_its_own_token():
    left = replace(planned(5), fingerprint="0123456789ab")
    left = replace(left, header=replace(left.header, last_applied="3f9c0a1b2c3d"))
    with pytest.raises(Stale) as refused:
        demand(left, TOKEN, FIVE)
    assert "in whole or in part" in refused.value.summary
    assert "0123456789ab:5.57.9.3.41" in refused.value.detail


def test_a_token_of_four_figures_asks_for_another_plan():
    with pytest.raises(UsageError) as refused:
        demand(planned(), "3f9c0a1b2c3d:412.57.9.3", FIVE)
    assert ("four figures" in refused.value.summary, refused.value.hint) == (True, "sfdd plan")


def test_a_guard_that_was_lifted_meanwhile_is_not_approved():
    counts = (("list:add", 300), ("FIRSTNAME:fill", 300))
    creation = a_people_operation(Task.IMPORT_CONTACTS, people=300, id="create:main", counts=counts)
    rest = a_people_operation(people=20, id="import:main", counts=(("list:add", 20), ("FIRSTNAME:overwrite", 4)))
    held = planned(320, 4, 0, 0, 4, replace(creation, blocked_by="double_opt_in"), rest)
    assert held.token == "3f9c0a1b2c3d:20.4.0.0.4"
    with pytest.raises(Stale):
        demand(planned(320, 4, 0, 0, 4, creation, rest), held.token, FIVE)
