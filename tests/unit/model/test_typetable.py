"""The type table."""

from __future__ import annotations

import pytest

from sfdd_declare.model import typetable as types
from sfdd_declare.model.live import FieldInfo
from sfdd_declare.model.mapping import DataFieldType, Form, FormKind

S, N, D, B = DataFieldType.STRING, DataFieldType.NUMERIC, DataFieldType.DATE, DataFieldType.BOOLEAN

#: Salesforce type: what it goes with, `!` = both ways.
EXPECTED = {
    "string": "S!",
    "textarea": "S!",
    "email": "S!",
    "phone": "S!",
    "url": "S!",
    "picklist": "S!",
    "multipicklist": "S!",
    "boolean": "S B!",
    "int": "S N!",
    "double": "S N!",
    "currency": "S N!",
    "percent": "S N!",
    "date": "S D!",
    "datetime": "S D!",
    "time": "S",
    "id": "S",
    "reference": "S",
    "address": "",
    "location": "",
    "encryptedstring": "",
    "base64": "",
    "anyType": "",
}


@pytest.mark.parametrize(("salesforce", "expected"), EXPECTED.items())
def test_each_salesforce_type_goes_with_its_data_field_types(salesforce: str, expected: str) -> None:
    found = []
    for letter, kind in (("S", S), ("N", N), ("D", D), ("B", B)):
        row = types.pair(salesforce, kind)
        if row is not None:
            found.append(letter + ("!" if row.converts_back else ""))
    assert " ".join(found) == expected


FORMS = {
    "short text": (FieldInfo("A", "string", length=40), S, Form(FormKind.TEXT, 40)),
    "long text": (FieldInfo("A", "textarea", length=32000), S, Form(FormKind.TEXT, 1000)),
    "text without length": (FieldInfo("A", "time"), S, Form(FormKind.TEXT, 1000)),
    "set": (FieldInfo("A", "multipicklist", length=4099), S, Form(FormKind.SET)),
    "money": (FieldInfo("A", "currency", scale=2), N, Form(FormKind.DECIMAL, 2)),
    "many decimals": (FieldInfo("A", "double", scale=18), N, Form(FormKind.DECIMAL, 9)),
    "whole number": (FieldInfo("A", "int", digits=9), N, Form(FormKind.DECIMAL, 0)),
    "number as text": (FieldInfo("A", "double", scale=2), S, Form(FormKind.DECIMAL, 2)),
    "day": (FieldInfo("A", "date"), D, Form(FormKind.DATE)),
    "moment": (FieldInfo("A", "datetime"), D, Form(FormKind.DATETIME)),
    "moment as text": (FieldInfo("A", "datetime"), S, Form(FormKind.DATETIME)),
    "switch": (FieldInfo("A", "boolean"), B, Form(FormKind.BOOL)),
    "switch as text": (FieldInfo("A", "boolean"), S, Form(FormKind.BOOL)),
}


@pytest.mark.parametrize(("field", "kind", "expected"), FORMS.values(), ids=FORMS)
def test_the_comparison_form_is_the_coarser_of_the_two_types(
    field: FieldInfo, kind: DataFieldType, expected: Form
) -> None:
    row = types.pair(field.type, kind)
    assert row is not None
    assert types.form(field, row.form) == expected


def test_what_converts_back_says_what_salesforce_refuses() -> None:
    assert all(row.refused for row in types.TABLE if row.converts_back)
    assert not any(row.refused for row in types.TABLE if not row.converts_back)


@pytest.mark.parametrize(
    ("field", "digits"),
    [
        (FieldInfo("A", "double", precision=18, scale=2), 16),
        (FieldInfo("A", "int", digits=8), 8),
        (FieldInfo("A", "int"), 10),
        (FieldInfo("A", "percent", precision=3, scale=3), 1),
        (FieldInfo("A", "double"), 0),
    ],
)
def test_digits_before_the_point(field: FieldInfo, digits: int) -> None:
    assert types.whole_digits(field) == digits
