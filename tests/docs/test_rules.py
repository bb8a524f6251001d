"""Every rule about people has a test that bears its id: in its name (`VAL_3`) or in that of one of its cases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
RULES = (
    *(f"BASE-{n}" for n in range(1, 8)),
    *(f"ID-{n}" for n in range(1, 8)),
    *(f"VAL-{n}" for n in (*range(1, 13), *range(20, 25))),
    *(f"MEM-{n}" for n in range(1, 15)),
    *(f"NEW-{n}" for n in range(1, 10)),
    *(f"CON-{n}" for n in (*range(1, 11), *range(14, 17))),
    *(f"WIRE-{n}" for n in range(1, 7)),
    *(f"RUN-{n}" for n in range(1, 10)),
    *(f"INV-{n}" for n in range(1, 11)),
)
_NAME = re.compile(r"def test_((?:[A-Z]+_\d+_(?:to_)?)+)")
_CASE = re.compile(r'"((?:BASE|ID|VAL|MEM|NEW|CON|WIRE|RUN|INV)-\d+) ')


def _tested() -> set[str]:
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text()
        for name in _NAME.findall(text):
            found.update(rule.replace("_", "-") for rule in re.findall(r"[A-Z]+_\d+", name))
        found.update(_CASE.findall(text))
    return found


@pytest.fixture(scope="module")
def tested() -> set[str]:
    return _tested()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test(rule: str, tested: set[str]) -> None:
    assert rule in tested


def test_no_test_bears_the_id_of_a_rule_that_is_not_there(tested: set[str]) -> None:
    assert tested - set(RULES) == set()
