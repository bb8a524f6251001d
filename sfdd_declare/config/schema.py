"""The JSON Schema of the configuration, for editors: generated from the shape, with references allowed everywhere."""

from __future__ import annotations

import json
from typing import Any

from sfdd_declare.config.shape.root import Root

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: Keys of credentials and addresses that admit less than any text.
_SECRETS = {"AccessToken": ("instance_url",), "Salesforce": ("login_url",), "Account": ("region",)}
_ABOUT = ("title", "description", "default", "examples")
_SECRET = {"format", "writeOnly"}


def config_schema() -> str:
    """The schema as text; the same shape always gives the same text."""
    schema = _simplified(Root.model_json_schema(by_alias=True))
    schema["$defs"]["Reference"] = {
        "description": "A variable, filled by --var, SFDD_VAR_name or `vars:`.",
        "examples": ["${var:name}"],
        "pattern": r"\$\{var:[^{}]+\}",
        "type": "string",
    }
    schema["$defs"]["SecretReference"] = {
        "description": "A value from the environment, a file or a variable.",
        "examples": ["${env:NAME}", "${env:NAME:-default}", "${file:path}", "${var:name}"],
        "pattern": r"\$\{(env|file|var):[^{}]+\}",
        "type": "string",
    }
    _without_account(schema["properties"]["data_fields"])
    for model, keys in _SECRETS.items():
        for key in keys:
            _take_secrets(schema["$defs"][model]["properties"][key])
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def _without_account(data_fields: dict[str, Any]) -> None:
    """With one account its key may be left out: then fields stand where accounts do."""
    for key, fields in data_fields["patternProperties"].items():
        options = fields["additionalProperties"]["oneOf"]
        data_fields["patternProperties"][key] = {"anyOf": [fields, *options]}


def _take_secrets(schema: dict[str, Any]) -> None:
    for option in schema["anyOf"]:
        if option == {"$ref": "#/$defs/Reference"}:
            option["$ref"] = "#/$defs/SecretReference"


def _simplified(schema: Any) -> Any:
    """Without the nulls pydantic adds to whatever may be absent, and with references wherever text would be refused."""
    if isinstance(schema, list):
        return [_simplified(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _part(key, value) for key, value in schema.items() if key not in _SECRET}
    options = [option for option in parts.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) < len(parts.get("anyOf", ())):
        del parts["anyOf"]
        if parts.get("default", 0) is None:
            del parts["default"]
        parts.update(options[0] if len(options) == 1 else {"anyOf": options})
    return _with_reference(parts) if _is_narrow(parts) else parts


def _part(key: str, value: Any) -> Any:
    """Examples and defaults are values, not schemas; `properties` and `$defs` are schemas by name."""
    if key in ("examples", "default", "required", "enum", "const", "propertyNames"):
        return value
    if key in ("properties", "$defs", "patternProperties"):
        return {name: _simplified(schema) for name, schema in value.items()}
    return _simplified(value)


def _is_narrow(schema: dict[str, Any]) -> bool:
    """Whether a reference, which is text, would not pass."""
    if "const" in schema or "anyOf" in schema:
        return False
    return schema.get("type") in ("boolean", "integer", "number") or "enum" in schema or "pattern" in schema


def _with_reference(schema: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {key: schema[key] for key in _ABOUT if key in schema}
    rest = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [rest, {"$ref": "#/$defs/Reference"}]}
