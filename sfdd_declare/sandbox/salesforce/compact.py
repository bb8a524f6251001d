"""Turn recorded describe bodies into the sandbox's own compact schema data.

    python -m sfdd_declare.sandbox.salesforce.compact Contact.json Lead.json … > schema_data.json

Keeps standard fields and the few keys the sandbox acts on. Custom fields belong to the org that was recorded
and are left out; the sandbox adds its own (`schema_added.json`). Of two files for one object the first wins,
the second only adds standard fields that the first lacks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FLAGS = {
    "createable": "C",
    "updateable": "U",
    "nillable": "N",
    "defaultedOnCreate": "D",
    "calculated": "K",
    "unique": "Q",
    "externalId": "E",
    "idLookup": "X",
    "restrictedPicklist": "R",
    "permissionable": "P",
    "caseSensitive": "S",
    "nameField": "M",
    "searchPrefilterable": "H",
}
"""The letters of a field's `flags`; `f`, besides, means that it cannot be filtered."""

OBJECT_FLAGS = {
    "createable": "C",
    "updateable": "U",
    "deletable": "D",
    "queryable": "Q",
    "undeletable": "R",
    "replicateable": "V",
    "compactLayoutable": "c",
    "feedEnabled": "f",
    "layoutable": "l",
    "mergeable": "m",
    "mruEnabled": "r",
    "searchLayoutable": "s",
    "searchable": "h",
    "triggerable": "t",
}
"""The letters of an object's `flags`; what a user may do is in capitals."""

PLAIN_TEXT = "plaintextarea"
"""What `extraTypeInfo` says of a text area unless the field says otherwise."""

_NUMBERS = ("length", "precision", "scale", "digits")
_TEXTS = ("relationshipName", "compoundFieldName")


def compact_field(field: dict[str, Any]) -> dict[str, Any]:
    """One field, with only what differs from the defaults."""
    short: dict[str, Any] = {"name": field["name"], "label": field.get("label", field["name"])}
    short["type"] = field["type"]
    short |= {key: field[key] for key in (*_NUMBERS, *_TEXTS) if field.get(key)}
    if field.get("referenceTo"):
        short["referenceTo"] = field["referenceTo"]
    extra = field.get("extraTypeInfo")
    short |= {"extraTypeInfo": extra} if extra and extra != PLAIN_TEXT else {}
    values = field.get("picklistValues") or []
    if values:
        short["values"] = [value["value"] for value in values if value["active"]]
        default = next((value["value"] for value in values if value.get("defaultValue")), None)
        short |= {"default": default} if default else {}
        inactive = [value["value"] for value in values if not value["active"]]
        short |= {"inactive": inactive} if inactive else {}
    flags = "".join(letter for key, letter in FLAGS.items() if field.get(key))
    return short | {"flags": flags + ("" if field.get("filterable", True) else "f")}


def compact_object(describe: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """One object with its standard fields and its child relationships to the objects in `names`."""
    children = [
        [child["childSObject"], child["field"], child["relationshipName"], child["cascadeDelete"]]
        for child in describe.get("childRelationships", ())
        if child["childSObject"] in names and child["relationshipName"]
    ]
    return {
        "name": describe["name"],
        "label": describe["label"],
        "labelPlural": describe.get("labelPlural") or _plural(describe["label"]),
        "keyPrefix": describe["keyPrefix"],
        "flags": "".join(letter for key, letter in OBJECT_FLAGS.items() if describe.get(key)),
        "children": children,
        "scopes": [[scope["name"], scope["label"]] for scope in describe.get("supportedScopes") or ()],
        "fields": [compact_field(field) for field in describe["fields"] if not field.get("custom")],
    }


def _plural(label: str) -> str:
    return label + ("es" if label.endswith("s") else "s")


def merge(describes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All objects, sorted by name."""
    names = frozenset(describe["name"] for describe in describes)
    merged: dict[str, dict[str, Any]] = {}
    for describe in describes:
        found = compact_object(describe, names)
        known = merged.setdefault(found["name"], found)
        have = {field["name"] for field in known["fields"]}
        known["fields"] += [field for field in found["fields"] if field["name"] not in have]
    return [merged[name] for name in sorted(merged)]


def dump(objects: Iterable[dict[str, Any]]) -> str:
    """JSON with one field a line, so that a change shows as the line it is."""
    blocks = []
    for one in objects:
        head = json.dumps({key: value for key, value in one.items() if key != "fields"}, ensure_ascii=False)
        fields = ",\n  ".join(json.dumps(field, ensure_ascii=False) for field in one["fields"])
        blocks.append(f'{head[:-1]}, "fields": [\n  {fields}\n]}}')
    return "[\n" + ",\n".join(blocks) + "\n]\n"


if __name__ == "__main__":
    sys.stdout.write(dump(merge([json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]])))
