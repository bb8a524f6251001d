"""GitLab's Code Quality report."""

from __future__ import annotations

import json
from dataclasses import replace

from sfdd_declare.model.finding import Findings
from sfdd_declare.render.machine.code_quality import code_quality
from tests.unit.render.findings import a_finding, several


def report(findings):
    return json.loads(code_quality(findings))


def test_nothing_found_is_an_empty_list():
    assert report(Findings(())) == []


def test_a_finding_has_what_gitlab_asks_for():
    (entry,) = report(Findings((a_finding(summary="wrong.", hint="links: []", file="crm/sfdd.yaml", line=7),)))
    fingerprint = entry.pop("fingerprint")
    assert len(fingerprint) == 32
    assert entry == {
        "description": "wrong. Hint: links: []",
        "check_name": "SFDD-E1101",
        "severity": "major",
        "location": {"path": "crm/sfdd.yaml", "lines": {"begin": 7}},
    }


def test_each_level_has_its_severity():
    found = report(several(errors=1, warnings=1, notes=1))
    assert sorted(entry["severity"] for entry in found) == ["info", "major", "minor"]


def test_fingerprints_are_unique_also_for_one_rule_about_one_thing():
    one = a_finding()
    found = report(Findings((one, one, replace(one, line=9))))
    assert len({entry["fingerprint"] for entry in found}) == 3


def test_an_address_of_a_person_is_masked():
    (entry,) = report(Findings((a_finding(summary="no key `ada@acme.example`"),)))
    assert entry["description"] == "no key `a•••@acme.example`"
