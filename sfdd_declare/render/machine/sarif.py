"""Findings as SARIF 2.1.0, within what GitHub takes.

Every document is the whole set: a host closes what is no longer in it. Braces in texts are not doubled, although the
format asks for that beside placeholders: hosts show them as they are, and no text here has arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from sfdd_declare.model.finding import Finding, Findings, Level
from sfdd_declare.render.machine.document import to_text
from sfdd_declare.render.machine.findings import advice, fingerprints, sentence
from sfdd_declare.render.machine.rules import family, title
from sfdd_declare.render.words import counted

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
MARK = "sfdd/v1"  # the second digest of a finding, if there ever is one, gets another name

_MOST_RESULTS = 5_000  # GitHub refuses a run with 25,000, and shows 5,000
_MOST_BYTES = 9_000_000  # GitHub refuses 10 MB
_SEVERE_FIRST = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2}


def sarif(findings: Findings, version: str) -> str:
    """The document as text, without results where nothing was found. What a host would refuse is counted instead."""
    marked = list(zip(findings.found, fingerprints(findings.found), strict=True))
    room = _MOST_RESULTS
    while True:
        text = to_text(_document(_cut(marked, room), len(marked), findings.scope, version))
        if len(text.encode()) <= _MOST_BYTES:
            return text
        room = min(room, len(marked)) // 2


Marked = tuple[Finding, str]


def _cut(marked: list[Marked], room: int) -> list[Marked]:
    if len(marked) <= room:
        return marked
    return sorted(marked, key=lambda each: _SEVERE_FIRST[each[0].level])[:room]


def _document(marked: Sequence[Marked], total: int, scope: Sequence[str], version: str) -> dict[str, object]:
    rules = sorted({finding.rule: finding.level for finding, _ in marked}.items())
    order = {rule: index for index, (rule, _) in enumerate(rules)}
    results = [_result(finding, mark, order[finding.rule]) for finding, mark in marked]
    if total > len(results) > 0:
        last = marked[-1][0]
        more = counted(total - len(results), "problems")
        results[-1]["message"] = {"text": f"{_text(last)}\nAnd {more} more; `sfdd validate` shows all."}
    run = {
        "tool": {
            "driver": {
                "name": "sfdd",
                "version": version,
                "rules": [_rule(rule, level) for rule, level in rules],
            }
        },
        "automationDetails": {"id": "/".join(("sfdd", "validate", *(_uri(part) for part in scope), ""))},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(id: str, level: Level) -> dict[str, object]:
    return {
        "id": id,
        "shortDescription": {"text": title(id)},
        "fullDescription": {"text": f"{title(id)} {family(id)}"},
        "help": {"text": "`sfdd validate` shows the line, and `sfdd schema` what may stand there."},
        "defaultConfiguration": {"level": level.value},
        "properties": {"tags": ["configuration"]},
    }


def _result(finding: Finding, mark: str, rule: int) -> dict[str, object]:
    place = {
        "artifactLocation": {"uri": _uri(finding.file), "uriBaseId": ROOT},
        "region": {"startLine": finding.line, "startColumn": finding.col},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.level.value,
        "message": {"text": _text(finding)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {MARK: mark},
    }


def _text(finding: Finding) -> str:
    return "\n".join(part for part in (sentence(finding), advice(finding)) if part)


def _uri(path: str) -> str:
    """A relative reference; colons are quoted too, since one in its first part would make a scheme of that."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")
