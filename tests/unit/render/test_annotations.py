"""GitHub's annotations: escaped, limited, and no name can give the runner a command."""

from __future__ import annotations

import pytest

from sfdd_declare.model.finding import Findings, Level
from sfdd_declare.render.annotations import workflow_commands
from tests.unit.render.findings import a_finding, command_of, several


def commands(findings):
    """What the runner reads; every line is one command."""
    return [command_of(line) for line in workflow_commands(findings).split("\n")[:-1]]


def test_nothing_found_says_nothing():
    assert workflow_commands(Findings(())) == ""


def test_a_finding_is_an_annotation_at_its_place():
    finding = a_finding(summary="50% of a: b, c", hint="links: []", file="a,b:c%.yaml", line=7, col=9)
    assert workflow_commands(Findings((finding,))) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=7,col=9,title=SFDD-E1101::50%25 of a: b, c%0AHint: links: []\n"
    )
    place = {"file": "a,b:c%.yaml", "line": "7", "col": "9", "title": "SFDD-E1101"}
    assert commands(Findings((finding,))) == [("error", place, "50% of a: b, c\nHint: links: []")]


def test_each_level_has_its_command_and_the_worst_come_first():
    found = commands(several(errors=2, warnings=2, notes=1))
    assert [name for name, _, _ in found] == ["error", "error", "warning", "warning", "notice"]


def test_the_tenth_of_a_kind_counts_those_that_the_runner_would_drop():
    found = commands(several(errors=41, warnings=11, notes=10))
    said = {kind: [message for name, _, message in found if name == kind] for kind in ("error", "warning", "notice")}
    assert {kind: len(messages) for kind, messages in said.items()} == {"error": 10, "warning": 10, "notice": 10}
    assert said["error"][9] == "error 9\n… and 31 more errors: `sfdd validate` shows all."
    assert said["warning"][9] == "warning 9\n… and 1 more warning: `sfdd validate` shows all."
    assert said["notice"][9] == "note 9"
    assert "more" not in "".join(said["error"][:9])


HOSTILE = {
    "a line of its own": "x\n::error::y",
    "a carriage return": "x\r::add-mask::y",
    "escaped once": "x%0A::error::y",
    "escaped twice": "x%250A::error::y",
    "the end of the properties": "a::error::b",
    "the older form": "##[add-mask]y",
    "other line ends": "x\u2028::error::y\x85::error::z\x0b::error::w",
    "a blank first": " \u3000::stop-commands::t",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("part", ["summary", "hint", "file"])
def test_no_name_gives_the_runner_another_command_or_property(text, part):
    lines = workflow_commands(
        Findings((a_finding(**{part: text}),))
    ).splitlines()  # at every character that could end one
    assert len(lines) == 1
    name, properties, message = command_of(lines[0])
    assert (name, properties["line"], properties["title"]) == ("error", "3", "SFDD-E1101")
    assert set(properties) == {"file", "line", "col", "title"}
    assert "##[" not in message
    assert all(command_of(line) is None for line in message.split("\n")[1:])
    if part != "file":
        assert properties["file"] == "sfdd.yaml"


def test_a_name_that_is_no_text_can_be_written():
    assert workflow_commands(Findings((a_finding(file="a\udc80.yaml", summary="\ud800"),))).encode("utf-8")


def test_a_warning_is_no_error():
    assert workflow_commands(Findings((a_finding(level=Level.WARNING),))).startswith("::warning ")
