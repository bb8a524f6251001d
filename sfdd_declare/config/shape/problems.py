"""Pydantic's complaints in our words: one row per kind of complaint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sfdd_declare.config.positions import SECRET_KEYS, Path, Places, Scalar
from sfdd_declare.config.positions import Mapping as Tree
from sfdd_declare.config.shape.keys import example_at, keys_at
from sfdd_declare.config.suggest import did_you_mean, listed, quoted
from sfdd_declare.model.errors import ConfigError

#: Looking for what a misspelt word may have meant takes a while, and a hostile file has any number of them.
_MOST = 1000
_KINDS = {
    "string_type": "text",
    "string_sub_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "union_tag_not_found": "a mapping",
}
_BOUNDS = {
    "greater_than_equal": "This is smaller than {ge}.",
    "less_than_equal": "This is larger than {le}.",
    "string_too_short": "This is empty.",
    "too_short": "This is empty.",
}


def translate(problem: ValidationError, places: Places) -> list[ConfigError]:
    """Each complaint at its place, the first of very many."""
    found = problem.errors(include_url=False, include_input=False)[:_MOST]
    errors = [(error, _path(error["loc"], places)) for error in found]
    return [_translated(error, path, places) for error, path in errors if not _follows(error, path, places)]


def _follows(error: Mapping[str, Any], path: Path, places: Places) -> bool:
    """A misspelt `contacts:` looks like an account; that is said once, not for each of its rows."""
    if error["type"] != "extra_forbidden" or path[:1] != ("field_mappings",) or len(path) != 3:
        return False
    return path[1] not in places.names("dotdigital", "accounts")


def _translated(error: Mapping[str, Any], path: Path, places: Places) -> ConfigError:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], path, places)
    if kind == "missing":
        key = str(error["loc"][-1])
        hint = _key_hint(error["loc"], (*path, key))
        return ConfigError("SFDD-E1102", f"{_of(path)}`{key}` is missing.", where=places.key(*path), hint=hint)
    if kind == "union_tag_not_found" and isinstance(places.node(*path), Tree):
        return ConfigError(
            "SFDD-E1102", f"{_of(path)}`method` is missing.", where=places.key(*path), hint="method: jwt"
        )
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return _not_one_of(context, path, places)
    if kind.startswith("SFDD-"):
        of_key = "[key]" in error["loc"]
        return _our_own(error, path, places, of_key=of_key)
    at = places.key(*path) if "[key]" in error["loc"] else places.value(*path)
    if kind in _BOUNDS:
        return ConfigError("SFDD-E1105", _BOUNDS[kind].format(**context), where=at, hint=_key_hint(error["loc"], path))
    wanted = _KINDS.get(kind, "another kind of value")
    hint = _key_hint(error["loc"], path)
    return ConfigError(
        "SFDD-E1104", f"{_of(path)}{wanted} is expected here{_found(path, places)}.", where=at, hint=hint
    )


def _unknown_key(loc: Path, path: Path, places: Places) -> ConfigError:
    known = keys_at(loc[:-1])
    key = str(loc[-1])
    return ConfigError(
        "SFDD-E1101",
        f"{_of(path[:-1])}there is no key {quoted(key)}.",
        detail=f"keys here: {', '.join(known)}",
        where=places.key(*path),
        hint=did_you_mean(key, known, otherwise=f"remove `{key}:`"),
    )


def _not_one_of(context: Mapping[str, Any], path: Path, places: Places) -> ConfigError:
    options = re.findall(
        r"'\(?([^')]*)\)?'|(\b\d+\b)", str(context.get("expected") or context.get("expected_tags") or "")
    )
    words = [text or number for text, number in options]
    node = places.node(*path)
    method = places.node(*path, "method")
    at = places.value(*path, "method") if method else places.value(*path)
    shown = method or node
    written = shown.written if isinstance(shown, Scalar) else ""
    value = f" {quoted(written)}" if written else " this"
    return ConfigError(
        "SFDD-E1103",
        f"{_of(path)}{value.strip()} is not one of {listed(words)}.",
        where=at,
        hint=did_you_mean(written, words, otherwise=f"{path[-1] if path else ''}: {words[0] if words else '…'}"),
    )


def _our_own(error: Mapping[str, Any], path: Path, places: Places, *, of_key: bool) -> ConfigError:
    kind, context, message = error["type"], error.get("ctx", {}), error["msg"]
    at = context.get("at")
    where = places.key(*path, at) if at else places.value(*path)
    if not at and (of_key or kind in ("SFDD-E1102", "SFDD-E1106")):
        where = places.key(*path)
    summary = str(context.get("summary") or message)
    if kind == "SFDD-E1105" and not of_key:
        summary = _with_value(summary, path, places)
    hint = str(context.get("hint") or "") or (_key_like(path) if of_key else _key_hint(error["loc"], path))
    return ConfigError(kind, f"{_of(path)}{summary[0].lower()}{summary[1:]}", where=where, hint=hint)


def _with_value(summary: str, path: Path, places: Places) -> str:
    """`This is not a URL` → the value itself, where it may be repeated: as written, never after interpolation."""
    node = places.node(*path)
    if not isinstance(node, Scalar) or not node.written or str(path[-1]) in SECRET_KEYS:
        return summary
    return summary.replace("This is not", f"{quoted(node.written)} is not", 1)


def _path(loc: Path, places: Places) -> Path:
    """The location without what pydantic adds to it: the names of union members and `[key]`."""
    path: Path = ()
    for part in loc:
        if places.node(*path, part) is not None:
            path = (*path, part)
    return path


def _of(path: Path) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{words[1:]}: " if path else ""


def _key_like(path: Path) -> str:
    """The nearest key that would do."""
    proposed = re.sub(r"[^A-Za-z0-9_-]+", "_", str(path[-1]) if path else "")[:80].strip("_-")
    return f"{proposed if proposed[:1].isalpha() else 'key_' + proposed}: …"


def _key_hint(loc: Path, path: Path) -> str:
    """The key with a value that would do."""
    keys = [part for part in path if isinstance(part, str)]
    example = example_at(loc)
    return f"{keys[-1]}: {example}" if keys and example else "sfdd schema"


def _found(path: Path, places: Places) -> str:
    node = places.node(*path)
    if isinstance(node, Scalar):
        if node.value is None:
            return "; it is empty"
        if isinstance(node.value, bool):
            return f", not {str(node.value).lower()}"
        return "" if path and str(path[-1]) in SECRET_KEYS else f", not {quoted(node.written)}"
    return ", not a list" if node is not None and hasattr(node, "items") else ", not a mapping"
