"""What no source confirms has one name: in the product's table of assumptions and among the sandbox's switches
(RUN-7).
"""

from __future__ import annotations

from sfdd_declare.model.rules import ASSUMPTIONS
from sfdd_declare.sandbox.switches import SWITCHES


def test_every_assumption_is_a_switch_of_the_sandbox_and_the_other_way_round() -> None:
    assert {assumption.name for assumption in ASSUMPTIONS} == set(SWITCHES)


def test_the_product_assumes_what_the_sandbox_calls_cautious() -> None:
    assert {a.name: a.cautious for a in ASSUMPTIONS} == {name: switch.cautious for name, switch in SWITCHES.items()}


def test_the_product_knows_both_values_that_the_sandbox_can_take() -> None:
    assert {a.name: a.choices for a in ASSUMPTIONS} == {name: switch.choices for name, switch in SWITCHES.items()}
