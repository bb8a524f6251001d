"""Files and pipes get every line whole; only terminals have a right edge."""

from __future__ import annotations

import io
import sys

import pytest

from sfdd_declare.cli import consoles
from tests.cli.surroundings import Asked, run
from tests.golden import cases

WORDS = " ".join(f"word{i}" for i in range(4000))
NAME = "Some_Custom_Field_With_A_Long_Name__c" * 4


@pytest.mark.parametrize("environ", [{}, {"COLUMNS": "40"}, {"FORCE_COLOR": "1"}], ids=str)
def test_nothing_wraps_where_there_is_no_terminal(environ, monkeypatch, capsys):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    mapping = cases.a_thing(f"field_mapping.main.contacts.{NAME}", note=WORDS, fields=(cases.a_change(new=WORDS),))
    link = cases.a_link(f"link.{'campaign' * 20}.{'book' * 20}")
    plan = cases.a_plan(mapping, people_plan=cases.people(links=(link,)), warnings=(WORDS,))
    assert run("plan", asked=Asked({"plan": plan})) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(WORDS in line for line in lines) == 3
    assert sum(NAME in line for line in lines) == 1
    assert sum(link.link in line for line in lines) == 1


def test_a_terminal_keeps_its_width(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert consoles.results().width in (49, 50)
