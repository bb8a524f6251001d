"""Findings as GitLab's Code Quality report."""

from __future__ import annotations

from sfdd_declare.model.finding import Finding, Findings, Level
from sfdd_declare.model.visible import safe
from sfdd_declare.render.machine.document import to_text
from sfdd_declare.render.machine.findings import advice, fingerprints, sentence

_SEVERITY = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def code_quality(findings: Findings) -> str:
    """The report as text; an empty list where nothing was found."""
    marks = fingerprints(findings.found)
    return to_text([_entry(finding, mark) for finding, mark in zip(findings.found, marks, strict=True)])


def _entry(finding: Finding, mark: str) -> dict[str, object]:
    return {
        "description": " ".join(part for part in (sentence(finding), advice(finding)) if part),
        "check_name": finding.rule,
        "fingerprint": mark,
        "severity": _SEVERITY[finding.level],
        "location": {"path": safe(finding.file), "lines": {"begin": finding.line}},
    }
