"""Components as their metadata says them: the inverse of `metadata_fields` and `metadata_apply`.

What the schema does not keep is said as most orgs have it. Names come first, the rest in the order of the alphabet.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce import metadata_parts, sql
from sfdd_declare.sandbox.salesforce.schema import NUMBER_TYPES, SHORT_TEXT, Field, ObjectType
from sfdd_declare.sandbox.world import World

_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "string": "Text",
        "boolean": "Checkbox",
        "double": "Number",
        "int": "Number",
        "currency": "Currency",
        "percent": "Percent",
        "date": "Date",
        "datetime": "DateTime",
        "email": "Email",
        "phone": "Phone",
        "url": "Url",
        "picklist": "Picklist",
        "multipicklist": "MultiselectPicklist",
        "reference": "Lookup",
    }
)
_LINES = {"LongTextArea": 3, "MultiselectPicklist": 4}
_OBJECT_RIGHTS = {
    "allowCreate": "PermissionsCreate",
    "allowDelete": "PermissionsDelete",
    "allowEdit": "PermissionsEdit",
    "allowRead": "PermissionsRead",
}


def component(world: World, kind: str, name: str) -> dict[str, Any] | None:
    """A component of that kind; None if there is none of that name."""
    if kind == "CustomField":
        found = metadata_parts.find_field(world, name)
        return None if found is None else _field(*found, f"{found[0].name}.{found[1].name}")
    if kind == "CustomObject":
        one = metadata_parts.find_object(world, name)
        return None if one is None else _object(one)
    row = metadata_parts.find_permission_set(world, name)
    return None if row is None else _permission_set(world, row)


def _object(one: ObjectType) -> dict[str, Any]:
    fields = [_field(one, field, field.name) for field in one.fields.values() if field.is_custom]
    if not one.is_custom:
        return {"fullName": one.name, "fields": fields}
    name = one.field("Name")
    assert name is not None
    kind = "AutoNumber" if name.display_format is not None else "Text"
    return {
        "fullName": one.name,
        "deploymentStatus": "Deployed",
        "fields": fields,
        "label": one.label,
        "nameField": {"displayFormat": name.display_format, "label": name.label, "type": kind},
        "pluralLabel": one.plural,
        "sharingModel": "ReadWrite",
    }


def _field(one: ObjectType, field: Field, name: str) -> dict[str, Any]:
    is_long = field.type == "textarea" and field.length > SHORT_TEXT
    kind = _TYPES.get(field.type, "LongTextArea" if is_long else "TextArea")
    is_link, is_formula = field.type == "reference", field.formula is not None
    may_be_key = kind in ("Text", "Email", "Number") and not is_formula
    own = {
        "caseSensitive": True if field.has("caseSensitive") else None,
        "defaultValue": str(field.default == "true").lower() if field.type == "boolean" else None,
        "deleteConstraint": field.on_delete if is_link else None,
        "externalId": field.has("externalId"),
        "formula": field.formula,
        "label": field.label,
        "length": field.length if kind in ("Text", "LongTextArea") and not is_formula else None,
        "precision": field.precision if field.type in NUMBER_TYPES else None,
        "referenceTo": field.reference_to[0] if is_link else None,
        "relationshipName": f"{one.name.removesuffix('__c')}s" if is_link else None,
        "required": None if field.type == "boolean" else field.is_required,
        "scale": field.scale if field.type in NUMBER_TYPES else None,
        "type": kind,
        "unique": field.has("unique") if may_be_key else None,
        "valueSet": _value_set(field) if field.type in ("picklist", "multipicklist") else None,
        "visibleLines": _LINES.get(kind),
    }
    return {"fullName": name, **own}


def _value_set(field: Field) -> dict[str, Any]:
    active = [{"fullName": value, "default": value == field.default, "label": value} for value in field.values]
    inactive = [{"fullName": value, "default": False, "isActive": False, "label": value} for value in field.inactive]
    definition = {"sorted": False, "value": [*active, *inactive]}
    return {"restricted": field.has("restrictedPicklist"), "valueSetDefinition": definition}


def _permission_set(world: World, row: Mapping[str, Any]) -> dict[str, Any]:
    with world.lock:
        fields = sql.select(world.db, "sf_FieldPermissions", "ParentId = ? ORDER BY Field", (row["Id"],))
        objects = sql.select(world.db, "sf_ObjectPermissions", "ParentId = ? ORDER BY SobjectType", (row["Id"],))
    return {
        "fullName": row["Name"],
        "description": row["Description"],
        "fieldPermissions": [
            {
                "editable": bool(one["PermissionsEdit"]),
                "field": one["Field"],
                "readable": bool(one["PermissionsRead"]),
            }
            for one in fields
        ],
        "hasActivationRequired": False,
        "label": row["Label"],
        "objectPermissions": [
            {
                **{name: bool(one[column]) for name, column in _OBJECT_RIGHTS.items()},
                "modifyAllRecords": False,
                "object": one["SobjectType"],
                "viewAllRecords": False,
            }
            for one in objects
        ],
    }
