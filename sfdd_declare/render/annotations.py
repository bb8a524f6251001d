"""Findings as GitHub's workflow commands: lines on stdout that a run shows as annotations.

The runner takes a line for a command when `::` stands first on it, whatever white space is before, or when `##[` stands
anywhere on it. So each line begins with a command of ours, and nothing that a name holds begins another line.
"""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.model.finding import Finding, Findings, Level
from sfdd_declare.model.visible import safe
from sfdd_declare.render.machine.findings import advice, sentence
from sfdd_declare.render.words import number

_MOST = 10  # of each command in a step: the runner drops the rest without a word
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def workflow_commands(findings: Findings) -> str:
    """The commands, the worst first; nothing where nothing was found."""
    return "".join(f"{line}\n" for level in Level for line in _lines(findings.found, level))


def warning(text: str) -> str:
    """One warning of ours about the run itself, without the end of the line."""
    return f"::warning title=sfdd::{_data(safe(text))}"


def _lines(found: tuple[Finding, ...], level: Level) -> Iterator[str]:
    those = [finding for finding in found if finding.level is level]
    more = len(those) - _MOST
    for index, finding in enumerate(those[:_MOST], 1):
        parts = [sentence(finding), advice(finding)]
        if index == _MOST and more > 0:
            parts.append(
                f"… and {number(more)} more {level.value}{'s' if more > 1 else ''}: `sfdd validate` shows all."
            )
        yield _command(finding, "\n".join(part for part in parts if part))


def _command(finding: Finding, message: str) -> str:
    properties = {
        "file": safe(finding.file),
        "line": str(finding.line),
        "col": str(finding.col),
        "title": finding.rule,
    }
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {said}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
