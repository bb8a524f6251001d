"""SARIF: valid by the schema of OASIS, within the limits of GitHub, and the same from run to run.

`sarif-schema-2.1.0.json` is the schema of SARIF 2.1.0, Errata 01, as OASIS Open publishes it at
https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/, unchanged.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import sfdd_declare.config
from sfdd_declare.model.finding import Findings, Level
from sfdd_declare.render.machine import rules, sarif
from tests.unit.render.findings import a_finding, command_of, several

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def the_run(findings):
    """The only run of a document, once that fits the schema."""
    document = json.loads(sarif.sarif(findings, "1.2.3"))
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    (run,) = document["runs"]
    return run


def marks(*found):
    return [result["partialFingerprints"]["sfdd/v1"] for result in the_run(Findings(found))["results"]]


def text_of(finding):
    (result,) = the_run(Findings((finding,)))["results"]
    return result["message"]["text"]


def test_nothing_found_is_a_document_without_results():
    run = the_run(Findings(()))
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == ("sfdd", "1.2.3")


def test_every_finding_has_its_rule_level_and_place():
    run = the_run(several(errors=2, warnings=1, notes=1))
    described = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert described == ["SFDD-E1101", "SFDD-W1201", "SFDD-W1210"]
    assert sorted(each["level"] for each in run["results"]) == ["error", "error", "note", "warning"]
    for result in run["results"]:
        assert described[result["ruleIndex"]] == result["ruleId"]


def test_a_place_is_a_quoted_path_from_the_root_of_the_repository():
    (result,) = the_run(Findings((a_finding(file="a b/sf#d:d%.yaml", line=7, col=9),)))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b/sf%23d%3Ad%25.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 7, "startColumn": 9}
    assert "uri" not in the_run(several())["originalUriBaseIds"]["%SRCROOT%"]  # where it is here says who runs it


def test_a_fingerprint_is_of_the_rule_and_its_subject_and_not_of_line_or_words():
    one = a_finding(line=3, summary="wrong")
    moved = replace(one, line=40, col=7, summary="Wrong.")
    assert marks(one) == marks(moved)
    others = [replace(one, rule="SFDD-E1102"), replace(one, subject=("links", "-a-c"))]
    assert len({*marks(one), *(mark for other in others for mark in marks(other))}) == 3


def test_findings_of_one_rule_about_one_thing_are_numbered():
    one = a_finding()
    first, second, third = marks(one, replace(one, line=9), replace(one, line=12))
    assert len({first, second, third}) == 3
    assert marks(one) == [first]
    assert marks(one, replace(one, line=5)) == [first, second]


def test_results_of_several_configurations_and_environments_do_not_close_each_other():
    ids = [the_run(Findings((), scope))["automationDetails"]["id"] for scope in ((), ("crm",), ("crm", "staging"))]
    assert ids == ["sfdd/validate/", "sfdd/validate/crm/", "sfdd/validate/crm/staging/"]


def test_more_than_github_keeps_is_counted_and_the_least_bad_are_left_out():
    (run,) = json.loads(sarif.sarif(several(errors=4_000, warnings=2_000), "1"))["runs"]
    levels = [result["level"] for result in run["results"]]
    assert (levels.count("error"), levels.count("warning")) == (4_000, 1_000)
    assert run["results"][-1]["message"]["text"].endswith("And 1,000 problems more; `sfdd validate` shows all.")


def test_a_document_stays_below_ten_megabytes():
    long = tuple(a_finding(summary="x" * 2_000, hint="y" * 2_000, subject=(str(each),)) for each in range(5_000))
    text = sarif.sarif(Findings(long), "1")
    assert 1_000_000 < len(text.encode()) < 10_000_000
    assert "problems more" in text


def test_a_rule_has_no_more_than_twenty_tags():
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in the_run(several(1, 1, 1))["tool"]["driver"]["rules"])


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("no key `[here](https://evil.example)`.", "no key `[here] (https://evil.example)`."),
        ("no key `##[add-mask]x`.", "no key `## [add-mask]x`."),
        ("no key `ada.b@acme.example`.", "no key `a•••@acme.example`."),
        ("a\r\nb\u2028c\u202ed", "a\\r\\nb\\u2028c\\u202ed"),
    ],
    ids=["link", "command", "address", "lines"],
)
def test_a_name_can_make_no_link_and_no_line_and_no_person_is_named(summary, shown):
    assert text_of(a_finding(summary=summary)) == shown


def test_a_hint_stands_below_and_keeps_its_example():
    assert text_of(a_finding(hint="emails: [name@example.com]")) == "wrong\nHint: emails: [name@example.com]"


def test_no_line_of_the_document_is_a_command_to_the_runner():
    hostile = a_finding(summary="##[stop-commands]x\n::error::y", hint="::add-mask::z", subject=("::error::",))
    lines = sarif.sarif(Findings((hostile,)), "1").splitlines()
    assert [line for line in lines if command_of(line)] == []


def test_every_error_and_warning_of_a_configuration_is_described():
    room = Path(sfdd_declare.config.__file__).parent
    live = {"checks_live.py", "checks_setup.py", "checks_same.py", "paths.py"}
    used = {
        id
        for path in room.rglob("*.py")
        if path.name not in live
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for id in re.findall(r"SFDD-[EW]1[0-2]\d\d", node.value)
    }
    described = {id for id in used if rules.title(id) != rules.title("")}
    assert used - described == set()
    assert len(used) > 80
    assert rules.family("SFDD-E1201") != rules.family("")


def test_levels_are_those_of_the_format():
    assert [level.value for level in Level] == ["error", "warning", "note"]
