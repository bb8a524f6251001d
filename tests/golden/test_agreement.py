"""One plan says the same numbers, addresses and token as text, as Markdown and as a document."""

from __future__ import annotations

import json
import re

import pytest

from sfdd_declare.render.machine.document import to_json
from sfdd_declare.render.machine.plan import plan_document
from sfdd_declare.render.markdown import plan_markdown
from tests.golden import cases
from tests.golden.test_markdown import PLACE
from tests.golden.test_texts import plan_as_text

#: How the summary line says a number of the document.
THINGS = {"to add": "add", "to change": "change", "to destroy": "destroy"}
PEOPLE = {
    "to add": "add",
    "to update": "update",
    "to remove": "remove",
    "to suppress": "suppress",
    "to adopt": "adopt",
    "to opt out in Salesforce": "opt_out",
    "new leads?": "new_leads",
    "conflicts?": "conflicts",
}


def said(part: str, words: dict[str, str]) -> dict[str, int]:
    """The numbers in front of the words."""
    found = {}
    for word, name in words.items():
        numbers = re.findall(rf"(\d[\d,]*) {word}\b", part)
        assert len(numbers) < 2, (word, part)
        found[name] = int(numbers[0].replace(",", "")) if numbers else 0
    return found


def numbers_of(text: str) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers of the summary line, wherever it stands."""
    found = re.search(r"Plan: (?P<things>.*?)(?: People: (?P<people>.*?))?\.(?:\*\*|$|\n)", text, re.DOTALL)
    things, people = (found["things"], found["people"] or "") if found else ("", "")
    return said(things, THINGS), said(people, PEOPLE)


@pytest.mark.parametrize("case", cases.PLANS, ids=lambda case: case.__name__)
def test_text_markdown_and_document_say_the_same(case):
    plan = case()
    document = json.loads(to_json(plan_document(plan)))
    summary = document["summary"]
    expected = (
        {name: summary["things"][name] for name in THINGS.values()},
        {name: summary["people"][name] for name in PEOPLE.values()},
    )
    text = plan_as_text(plan, 4000, verbose=True)
    markdown = plan_markdown(plan, PLACE)
    if plan.is_empty:
        assert not any(expected[0].values())
    else:
        assert numbers_of(text) == expected
        assert numbers_of(markdown) == expected
    for operation in document["operations"]:
        if operation["rows"] is None:
            assert operation["address"] in text
            assert operation["address"] in markdown
    for name in {verdict["guard"] for verdict in document["blocked"]}:
        assert name in text
        assert name in markdown
    assert (document["token"] in text) == (not plan.is_empty)
