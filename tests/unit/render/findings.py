"""Findings for the tests of the formats of code hosts, and what GitHub's runner makes of a line."""

from __future__ import annotations

from sfdd_declare.model.finding import Finding, Findings, Level

COMMANDS = ("add-mask", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "save-state", "set-env")
COMMANDS += ("set-output", "stop-commands", "warning")


def a_finding(
    rule="SFDD-E1101", level=Level.ERROR, summary="wrong", *, hint="", file="sfdd.yaml", line=3, col=1, **more
):
    return Finding(rule, level, summary, hint, file, line, col, more.get("subject", ("links", "-a-b")))


def several(errors=0, warnings=0, notes=0):
    """In the order of lines, the levels mixed."""
    found = [
        a_finding(rule, level, f"{level.value} {index}", line=index + 1, subject=(level.value, str(index)))
        for level, rule, count in (
            (Level.NOTE, "SFDD-W1210", notes),
            (Level.WARNING, "SFDD-W1201", warnings),
            (Level.ERROR, "SFDD-E1101", errors),
        )
        for index in range(count)
    ]
    return Findings(tuple(sorted(found, key=lambda each: each.line)))


def command_of(line):
    """The command that the runner finds on a line, its properties and its message, as the runner reads them."""
    text = line.lstrip()
    if text.startswith("::") and "::" in text[2:]:
        head, _, message = text[2:].partition("::")
        name, _, written = head.partition(" ")
        if name in COMMANDS:
            pairs = (pair.split("=", 1) for pair in written.strip().split(",") if "=" in pair)
            return name, {key: _read(value, ":,") for key, value in pairs}, _read(message, "")
    _, begun, rest = line.partition("##[")
    name = rest.partition("]")[0].partition(" ")[0]
    return (name, {}, "") if begun and "]" in rest and name in COMMANDS else None


def _read(text, more):
    for character in f"\r\n{more}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text
