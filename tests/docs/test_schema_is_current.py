"""The committed JSON Schema is the one the shape gives."""

from __future__ import annotations

from pathlib import Path

import jsonschema

from sfdd_declare.config.schema import config_schema

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.json"


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == config_schema(), (
        "write it anew: sfdd schema > schemas/config.schema.json"
    )


def test_the_schema_is_a_valid_schema() -> None:
    import json

    jsonschema.Draft202012Validator.check_schema(json.loads(config_schema()))
