"""What the vendors' codes mean, as data: every line has a sentence, a family, and a hint that one can type or find."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from sfdd_declare.cli.main import build
from sfdd_declare.config.schema import config_schema
from sfdd_declare.dotdigital import codes as dotdigital
from sfdd_declare.model.errors import Conflict, Denied, NotFound, RateLimited, Terminal, Transient
from sfdd_declare.salesforce import codes as salesforce

FAMILIES = {Conflict, Denied, NotFound, RateLimited, Terminal, Transient, dotdigital.TooManyJobs}
SCHEMA = json.loads(config_schema())
PROGRAM = typer.main.get_command(build())
Meaning = dotdigital.Meaning | salesforce.Meaning
MEANINGS: dict[str, dict[str, Meaning]] = {
    "Dotdigital": {**dotdigital.CODES, **{str(status): meaning for status, meaning in dotdigital.BY_STATUS.items()}},
    "Salesforce": {**salesforce.CODES},
}


def options(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and everything that it says it may be instead."""
    if "$ref" in schema:
        yield from options(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    yield schema
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from options(part)


def is_key(steps: list[str], schema: dict[str, Any]) -> bool:
    """Whether a path of keys exists; a step in angle brackets is a name that somebody chose."""
    if not steps:
        return True
    step, *rest = steps
    for one in options(schema):
        named = one.get("properties", {}).get(step)
        chosen = (one.get("additionalProperties"), *one.get("patternProperties", {}).values())
        below = [named] if named else [each for each in chosen if isinstance(each, dict)]
        if any(is_key(rest, inner) for inner in below):
            return True
    return False


def is_command(words: list[str]) -> bool:
    at: Any = PROGRAM
    for word in words:
        at = getattr(at, "commands", {}).get(word)
    return at is not None


def is_hint(text: str) -> bool:
    """`sfdd command`, or keys with ` / ` between them, each with a value perhaps."""
    if text.startswith("sfdd "):
        return is_command(text.split()[1:])
    return all(is_key(part.split(":")[0].split("."), SCHEMA) for part in text.split(" / "))


@pytest.mark.parametrize("vendor", MEANINGS)
def test_every_hint_is_a_command_or_a_key_that_exists(vendor: str) -> None:
    hints = {
        meaning.hint.format(account="dotdigital.accounts.main", key="main") for meaning in MEANINGS[vendor].values()
    }
    assert {hint for hint in hints if not is_hint(hint)} == set()


@pytest.mark.parametrize("vendor", MEANINGS)
def test_every_code_has_a_sentence_an_id_and_a_family(vendor: str) -> None:
    for code, meaning in MEANINGS[vendor].items():
        assert re.fullmatch(r"SFDD-E2[12]\d\d", meaning.id), code
        assert meaning.kind in FAMILIES, code
        assert len(meaning.text.split()) >= 4, code


@pytest.mark.parametrize("hint", ["sfdd import", "sfdd errors explode", "dotdigital.accounts.main.pasword", "nothing"])
def test_a_hint_that_leads_nowhere_is_told(hint: str) -> None:
    assert not is_hint(hint)


@pytest.mark.parametrize("vendor", MEANINGS)
def test_an_id_has_one_family(vendor: str) -> None:
    kinds: dict[str, set[type]] = {}
    for meaning in MEANINGS[vendor].values():
        kinds.setdefault(meaning.id, set()).add(meaning.kind)
    several = {id for id, those in kinds.items() if len(those) > 1}
    assert several <= {"SFDD-E2121", "SFDD-E2126"}  # a field nobody has or may not write; a place lost, or later


def test_the_published_codes_are_all_there() -> None:
    assert sum(code.startswith("ERROR_") for code in dotdigital.CODES) == 95
    assert sum(":" in code for code in dotdigital.CODES) >= 16
    assert len(salesforce.CODES) >= 560
    assert all(re.fullmatch("[A-Z_]+", code) for code in salesforce.CODES)
