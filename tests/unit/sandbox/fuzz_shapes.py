"""Small JSON Schemas, and operations made of them, for our own OpenAPI descriptions of the sandbox."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]

DATES = ("2026-03-01T00:00:00Z", "2026-03-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-99-99")
_ODD = ("", "\u0000", "\u00b2", "a" * 2000, "%", "'", "9" * 25)
TEXT: Schema = {"enum": ["a", "r1", "\u00e9", *_ODD]}
SCALAR: Schema = {
    "enum": [None, True, 0, -1, 1.5, 1e308, 10**40, -(2**63) - 1, "a", "2", *_ODD, *DATES, [], {"a": [1]}]
}


def word(*known: Any) -> Schema:
    """One of the known values mostly, and now and then an odd text."""
    return {"enum": [*dict.fromkeys((*known, "\u0000", "\u00b2"))]}


def some(*known: Any) -> Schema:
    """One of the known values, or any other that JSON can hold."""
    return {"anyOf": [{"enum": list(known)}, SCALAR]}


def thing(required: Sequence[str] = (), **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def several(item: Schema, most: int = 3) -> Schema:
    return {"type": "array", "items": item, "maxItems": most}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def operation(path: str, queries: Mapping[str, Schema], body: Schema | None, kind: str) -> Schema:
    """An operation of OpenAPI: the path's own parameters, optional ones of the query, perhaps a body."""
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"enum": ["x"]}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in queries.items()]
    made: Schema = {"parameters": parameters, "responses": {"default": {"description": "any"}}}
    if body is not None:
        made["requestBody"] = {"content": {kind: {"schema": body}}}
    return made


def document(paths: Mapping[str, Mapping[str, Schema]]) -> Schema:
    return {"openapi": "3.1.0", "info": {"title": "sandbox", "version": "1"}, "paths": dict(paths)}


def plain(template: str) -> str:
    """A route's template as OpenAPI writes it: without the kinds of its parameters."""
    return re.sub(r"{(\w+):\w+}", r"{\1}", template)
