"""The committed JSON Schemas are the ones the shapes give."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sfdd_declare.cli.tools import Schema
from sfdd_declare.cli.use_cases import UseCases
from sfdd_declare.render.machine.schema import DocumentKind

SCHEMAS = Path(__file__).parents[2] / "schemas"

schema = UseCases().schema


@pytest.mark.parametrize("what", Schema)
def test_the_committed_schema_is_current(what: Schema) -> None:
    path = SCHEMAS / f"{what.value}.schema.json"
    command = f"sfdd schema {what.value}"
    assert path.read_text(encoding="utf-8") == schema(what.value), f"write it anew: {command} > schemas/{path.name}"


@pytest.mark.parametrize("what", Schema)
def test_the_schema_is_a_valid_schema(what: Schema) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema(what.value)))


def test_every_kind_of_document_has_a_schema_and_no_file_is_left_over() -> None:
    assert {kind.value for kind in DocumentKind} == {what.value for what in Schema} - {"config"}
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{what.value}.schema.json" for what in Schema}
