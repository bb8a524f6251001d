"""Which properties a describe has, as data: `describe_shape.json` is made from recorded describe bodies.

    python -m sfdd_declare.sandbox.salesforce.shape Contact.json Lead.json … > describe_shape.json

A property that every recording answers alike is kept with its value; of the others only the name is kept, as the
sandbox works them out itself (`describe`). Bodies put together by hand, without child relationships, are no
recordings and are passed over.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

Part = Mapping[str, Any]
"""One kind of entry: `same` maps properties to the value they always have, `own` names the others."""

_LISTS = {
    "field": "fields",
    "childRelationship": "childRelationships",
    "recordType": "recordTypeInfos",
    "scope": "supportedScopes",
}


def shape_of(describes: Sequence[Mapping[str, Any]]) -> dict[str, Part]:
    """The properties of the object itself and of everything listed in it."""
    recorded = [describe for describe in describes if describe.get("childRelationships")]
    shape = {"object": _part(recorded)}
    for name, key in _LISTS.items():
        shape[name] = _part(entry for describe in recorded for entry in describe.get(key) or ())
    values = (value for describe in recorded for field in describe["fields"] for value in field["picklistValues"])
    shape["picklistValue"] = _part(values)
    shape["url"] = {"same": {}, "own": sorted({name for describe in recorded for name in describe["urls"]})}
    return shape


def _part(entries: Iterable[Mapping[str, Any]]) -> Part:
    seen: dict[str, list[Any]] = {}
    for entry in entries:
        for key, value in entry.items():
            found = seen.setdefault(key, [])
            if value not in found:
                found.append(value)
    same = {key: values[0] for key, values in sorted(seen.items()) if len(values) == 1 and _is_plain(values[0])}
    return {"same": same, "own": sorted(set(seen) - set(same))}


def _is_plain(value: Any) -> bool:
    """Whether a value says the same of every object: a text is a name, and a filled list belongs to its object."""
    return value is None or isinstance(value, bool) or value == []


@functools.cache
def shape() -> Mapping[str, Part]:
    """The committed shape."""
    text = resources.files(__package__).joinpath("describe_shape.json").read_text("utf-8")
    return MappingProxyType(json.loads(text))


def filled(kind: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with all its properties, by name: what the sandbox worked out, else what is always the same."""
    return dict(sorted({**shape()[kind]["same"], **own}.items()))


if __name__ == "__main__":
    bodies = [json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]]
    sys.stdout.write(json.dumps(shape_of(bodies), indent=1) + "\n")
