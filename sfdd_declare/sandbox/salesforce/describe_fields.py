"""One field as a describe shows it, every property with the value that goes with the field's type."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sfdd_declare.sandbox.salesforce.compact import FLAGS, PLAIN_TEXT
from sfdd_declare.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, SHORT_TEXT, Field
from sfdd_declare.sandbox.salesforce.shape import filled

_SOAP_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "boolean": "xsd:boolean",
        "date": "xsd:date",
        "datetime": "xsd:dateTime",
        "int": "xsd:int",
        **dict.fromkeys(NUMBER_TYPES - {"int"}, "xsd:double"),
        **dict.fromkeys(ID_TYPES, "tns:ID"),
        "address": "urn:address",
    }
)
_UNGROUPED = NUMBER_TYPES - {"int"} | {"address", "datetime", "multipicklist"}
_NOT_AGGREGATED = frozenset({"address", "boolean", "multipicklist"})
_UNSORTED = frozenset({"address", "multipicklist"})


def field_body(field: Field) -> dict[str, Any]:
    """An entry of `fields`."""
    is_filterable = _is_filterable(field)
    is_link = field.type == "reference"
    return filled(
        "field",
        {
            "name": field.name,
            "label": field.label,
            "type": field.type,
            "length": field.length,
            "byteLength": field.length if field.type in ID_TYPES else field.length * 3,
            "precision": field.precision,
            "scale": field.scale,
            "digits": field.digits,
            **{key: letter in field.flags for key, letter in FLAGS.items()},
            "custom": field.is_custom,
            "filterable": is_filterable,
            "sortable": is_filterable and field.type not in _UNSORTED,
            "groupable": is_filterable and field.type not in _UNGROUPED and not field.has("calculated"),
            "aggregatable": is_filterable and field.type not in _NOT_AGGREGATED,
            "queryByDistance": field.type == "address",
            "autoNumber": field.display_format is not None,
            "calculatedFormula": field.formula,
            "cascadeDelete": is_link and field.on_delete == "Cascade",
            "restrictedDelete": is_link and field.on_delete == "Restrict",
            "compoundFieldName": field.compound,
            "defaultValue": field.default == "true" if field.type == "boolean" else field.default,
            "extraTypeInfo": field.extra or (PLAIN_TEXT if field.type == "textarea" else None),
            "namePointing": len(field.reference_to) > 1,
            "polymorphicForeignKey": len(field.reference_to) > 1,
            "picklistValues": _values(field),
            "referenceTo": list(field.reference_to),
            "relationshipName": field.relationship,
            "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        },
    )


def _is_filterable(field: Field) -> bool:
    """As described: addresses count as filterable, though only their parts and distances can be compared."""
    is_long = field.type == "textarea" and field.length > SHORT_TEXT
    return "f" not in field.flags and not is_long


def _values(field: Field) -> list[dict[str, Any]]:
    return [
        filled(
            "picklistValue",
            {"active": active, "defaultValue": value == field.default, "label": value, "value": value},
        )
        for active, values in ((True, field.values), (False, field.inactive))
        for value in values
    ]
