"""Custom objects and fields from metadata XML: what each field type needs, and what it becomes in the schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce.metadata_read import Node
from sfdd_declare.sandbox.salesforce.schema import Field, ObjectType

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*__c")


class Problem(Exception):
    """Why a component cannot be deployed, in the words of the deployment."""


@dataclass(frozen=True, slots=True)
class _Kind:
    type: str
    needs: tuple[str, ...] = ()
    length: int = 0  # 0: as given


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "Text": _Kind("string", ("length",)),
        "LongTextArea": _Kind("textarea", ("length", "visibleLines")),
        "TextArea": _Kind("textarea", length=255),
        "Checkbox": _Kind("boolean", ("defaultValue",)),
        "Number": _Kind("double", ("precision", "scale")),
        "Currency": _Kind("currency", ("precision", "scale")),
        "Percent": _Kind("percent", ("precision", "scale")),
        "Date": _Kind("date"),
        "DateTime": _Kind("datetime"),
        "Email": _Kind("email", length=80),
        "Phone": _Kind("phone", length=40),
        "Url": _Kind("url", length=255),
        "Picklist": _Kind("picklist", ("valueSet",), 255),
        "MultiselectPicklist": _Kind("multipicklist", ("valueSet", "visibleLines"), 4099),
        "Lookup": _Kind("reference", ("referenceTo", "relationshipName"), 18),
    }
)


def read_field(node: Node, name: str, *, is_known: Callable[[str], bool]) -> Field:
    """A custom field of that name, which has no object in front of it. Raises Problem."""
    if not _NAME.fullmatch(name):
        raise Problem(
            f"The object name you specified, {name}, can only contain underscores and alphanumeric characters, "
            "must begin with a letter, not end with an underscore, and end with __c"
        )
    kind_name = node.text("type")
    kind = _KINDS.get(kind_name)
    if kind is None:
        raise Problem(f"'{kind_name}' is not a valid value for the enum 'FieldType'")
    if node.has("formula"):
        raise Problem("Formula fields are not supported by the sandbox")
    for need in ("label", *kind.needs):
        if not node.has(need) and node.one(need) is None:
            raise Problem(f"Must specify a '{need}' for a CustomField of type {kind_name}")
    _check_size(node, kind)
    target = node.text("referenceTo")
    if kind.type == "reference" and not is_known(target):
        raise Problem(f"referenceTo value of '{target}' does not resolve to a valid sObject type")
    return Field(
        name=name,
        label=node.text("label"),
        type=kind.type,
        flags=_flags(node, kind),
        length=kind.length or node.number("length"),
        precision=node.number("precision"),
        scale=node.number("scale"),
        reference_to=(target,) if kind.type == "reference" else (),
        relationship=f"{name.removesuffix('__c')}__r" if kind.type == "reference" else None,
        on_delete=node.text("deleteConstraint", "SetNull"),
        **_choices(node, kind),
    )


def read_object(name: str, node: Node, prefix: str) -> ObjectType:
    """A new custom object with the fields every object has. Raises Problem."""
    if not _NAME.fullmatch(name):
        raise Problem(f"Invalid fullName, must end in a custom suffix (e.g. __c): {name}")
    for need in ("label", "pluralLabel", "nameField", "sharingModel", "deploymentStatus"):
        if node.one(need) is None:
            raise Problem(f"Must specify a non-empty {need} for the CustomObject")
    fields = _system_fields(node)
    return ObjectType(
        name=name,
        label=node.text("label"),
        plural=node.text("pluralLabel"),
        prefix=prefix,
        flags="CUDQRVclsht",
        fields=MappingProxyType({field.name.lower(): field for field in fields}),
    )


def _check_size(node: Node, kind: _Kind) -> None:
    limits = {"string": (1, 255), "textarea": (256, 131_072)}
    if kind.type in limits and not kind.length:
        low, high = limits[kind.type]
        if not low <= node.number("length") <= high:
            raise Problem(f"Value for length must be between {low} and {high}")
    if "precision" in kind.needs and not 0 < node.number("precision") <= 18:
        raise Problem("Precision must be between 1 and 18")
    if "precision" in kind.needs and node.number("scale") > node.number("precision"):
        raise Problem("Scale cannot be larger than precision")


def _flags(node: Node, kind: _Kind) -> str:
    flags = "CU"
    if kind.type == "boolean":
        return flags + "DP"
    is_required = node.is_true("required")
    flags += "" if is_required else "NP"  # a required field is always visible, so no permission governs it
    flags += "Q" if node.is_true("unique") else ""
    flags += "EX" if node.is_true("externalId") else ""
    flags += "S" if node.is_true("caseSensitive") else ""
    flags += "f" if kind.type == "textarea" and not kind.length else ""
    flags += "H" if kind.type == "reference" else ""
    value_set = node.one("valueSet")
    return flags + ("R" if value_set is not None and value_set.is_true("restricted") else "")


def _choices(node: Node, kind: _Kind) -> dict[str, Any]:
    if kind.type == "boolean":
        return {"default": "true"} if node.is_true("defaultValue") else {}
    value_set = node.one("valueSet")
    definition = None if value_set is None else value_set.one("valueSetDefinition")
    if definition is None:
        return {}
    values = definition.all("value")
    default = next((value.text("fullName") for value in values if value.is_true("default")), None)
    inactive = [value for value in values if value.text("isActive").lower() == "false"]
    return {
        "values": tuple(value.text("fullName") for value in values if value not in inactive),
        "inactive": tuple(value.text("fullName") for value in inactive),
        "default": default,
    }


def _system_fields(node: Node) -> list[Field]:
    label = node.text("label")
    name = node.one("nameField")
    assert name is not None
    is_auto = name.text("type") == "AutoNumber"
    user = ("User",)
    return [
        Field("Id", "Record ID", "id", "DX", 18),
        Field("OwnerId", "Owner ID", "reference", "CUD", 18, reference_to=("Group", "User"), relationship="Owner"),
        Field("IsDeleted", "Deleted", "boolean", "D"),
        Field(
            "Name",
            name.text("label", f"{label} Name"),
            "string",
            "DXM" if is_auto else "CUNXM",
            80,
            display_format=name.text("displayFormat", "{0000}") if is_auto else None,
        ),
        Field("CreatedDate", "Created Date", "datetime", "D"),
        Field("CreatedById", "Created By ID", "reference", "D", 18, reference_to=user, relationship="CreatedBy"),
        Field("LastModifiedDate", "Last Modified Date", "datetime", "D"),
        Field(
            "LastModifiedById",
            "Last Modified By ID",
            "reference",
            "D",
            18,
            reference_to=user,
            relationship="LastModifiedBy",
        ),
        Field("SystemModstamp", "System Modstamp", "datetime", "D"),
    ]
