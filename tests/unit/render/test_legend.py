"""Rule ids that a plan prints are explained in it, once, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import sfdd_declare.people
from sfdd_declare.render.legend import MEANINGS
from tests.golden import cases
from tests.golden.test_texts import plan_as_text

#: Ids that the people room uses and that no plan prints: decisions without a change, and bases alone.
SILENT = {"CON-10", "ID-1", "MEM-3", "MEM-5", "NEW-1", "RUN-3", "VAL-2", "VAL-10"}


def test_every_rule_that_a_decision_names_has_a_meaning():
    room = Path(sfdd_declare.people.__file__).parent
    named = {rule for path in room.rglob("*.py") for rule in re.findall(r'"([A-Z]{2,4}-\d+)"', path.read_text())}
    assert named - SILENT - MEANINGS.keys() == set()


def test_only_what_is_printed_is_explained():
    text = plan_as_text(cases.first_plan(), 1000)
    rules = text[text.index("Rules named here") :]
    assert re.findall(r"^  ([A-Z]+-\d+) ", rules, re.MULTILINE) == ["VAL-3", "MEM-1", "RUN-1"]
    assert "MEM-1" not in plan_as_text(cases.first_plan(), 1000, samples=0)


def test_a_plan_that_names_no_rule_explains_none():
    assert "Rules named here" not in plan_as_text(cases.every_action(), 1000)
