"""Where a real org and account answered otherwise than the sandbox did: `make live` prints it, endpoint by endpoint.

Keys, types, status and headers are compared, never values. What only one of them was asked is named, too.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vcr.serializers.yamlserializer import deserialize

from tests.live.ends import CASSETTES, HEARD

_ID = re.compile(r"/(?:[0-9A-Za-z]{15}(?:[A-Z0-9]{3})?(?:-\d+)?|\d+|[0-9a-f-]{36}|sfdd-live[^/]*)(?=/|$)")

Facts = dict[str, set[str]]


def endpoints(folder: Path) -> dict[str, Facts]:
    """By method and path: what answers had, each fact as a text."""
    found: dict[str, Facts] = {}
    for path in sorted(folder.glob("*.yaml")):
        for one in deserialize(path.read_text())["interactions"]:
            asked, answer = one["request"], one["response"]
            key = f"{asked['method']} {_ID.sub('/{id}', urlsplit(asked['uri']).path)}"
            facts = found.setdefault(key, {"status": set(), "headers": set(), "body": set()})
            facts["status"].add(str(answer["status"]["code"]))
            facts["headers"] |= {name.lower() for name in answer["headers"]}
            facts["body"] |= set(_shape(answer["body"]["string"]))
    return found


def differences(sandbox: Mapping[str, Facts], real: Mapping[str, Facts]) -> Iterator[str]:
    for key in sorted({*sandbox, *real}):
        here, there = sandbox.get(key), real.get(key)
        if here is None or there is None:
            yield f"{key}: asked of {'the real one' if here is None else 'the sandbox'} only"
            continue
        for what in ("status", "headers", "body"):
            for fact in sorted(there[what] - here[what]):
                yield f"{key}: {what} {fact}: the real one alone"
            for fact in sorted(here[what] - there[what]):
                yield f"{key}: {what} {fact}: the sandbox alone"


def _shape(content: str | bytes) -> Iterator[str]:
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    try:
        value = json.loads(text)
    except ValueError:
        yield f"(text) {text.splitlines()[0] if text else 'empty'}"
        return
    yield from _paths(value, "")


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{path}[]")
    elif value is not None:  # absent and null say the same of a type
        kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
        yield f"{path or '.'} ({kind})"


if __name__ == "__main__":
    for line in differences(endpoints(CASSETTES), endpoints(HEARD)):
        sys.stdout.write(f"{line}\n")
