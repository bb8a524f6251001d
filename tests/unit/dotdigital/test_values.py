"""Values between JSON and raw text: nothing is lost, and blank is one thing."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from sfdd_declare.dotdigital.values import instant, json_value, raw_text
from sfdd_declare.model.mapping import DataFieldType as Type


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        pytest.param("Ada", Type.STRING, "Ada", id="text"),
        pytest.param(None, Type.STRING, None, id="null"),
        pytest.param("", Type.STRING, None, id="empty"),
        pytest.param("  ", Type.STRING, None, id="spaces"),
        pytest.param(Decimal("12.50"), Type.NUMERIC, "12.50", id="decimal"),
        pytest.param(Decimal("1E+7"), Type.NUMERIC, "10000000", id="exponent"),
        pytest.param("12.5", Type.NUMERIC, "12.5", id="number as text"),
        pytest.param(5, Type.NUMERIC, "5", id="integer"),
        pytest.param("many", Type.NUMERIC, "many", id="no number"),
        pytest.param(Decimal("1E+999999999"), Type.NUMERIC, "1E+999999999", id="absurd number stays short"),
        pytest.param(False, Type.BOOLEAN, "false", id="false is a value"),
        pytest.param(None, Type.BOOLEAN, None, id="null is not false"),
        pytest.param("True", Type.BOOLEAN, "true", id="truth as text"),
        pytest.param("2026-03-01T09:40:18.527Z", Type.DATE, "2026-03-01T09:40:18Z", id="fraction"),
        pytest.param("2016-08-01 10:09:22", Type.DATE, "2016-08-01T10:09:22Z", id="blank between"),
        pytest.param("2020-01-01 09:40:18.527000+00:00", Type.DATE, "2020-01-01T09:40:18Z", id="offset"),
        pytest.param("2026-03-01", Type.DATE, "2026-03-01T00:00:00Z", id="date only"),
        pytest.param("soon", Type.DATE, "soon", id="no date"),
    ],
)
def test_values_are_read_as_raw_text(value: object, kind: Type, text: str | None) -> None:
    assert raw_text(value, kind) == text


@pytest.mark.parametrize(
    ("text", "kind", "json"),
    [
        pytest.param("Ada", Type.STRING, b'"Ada"', id="text"),
        pytest.param(None, Type.STRING, b"null", id="blank clears"),
        pytest.param("", Type.NUMERIC, b"null", id="empty clears"),
        pytest.param("123456789012345678.123456789", Type.NUMERIC, b"123456789012345678.123456789", id="all digits"),
        pytest.param("1E+3", Type.NUMERIC, b"1000", id="exponent"),
        pytest.param("0.10", Type.NUMERIC, b"0.10", id="no float"),
        pytest.param("2026-03-01", Type.DATE, b'"2026-03-01T00:00:00Z"', id="date is its midnight"),
        pytest.param("2026-03-01T11:30:00.000+0200", Type.DATE, b'"2026-03-01T09:30:00Z"', id="offset to UTC"),
        pytest.param("true", Type.BOOLEAN, b"true", id="true"),
        pytest.param("FALSE", Type.BOOLEAN, b"false", id="false"),
    ],
)
def test_values_are_written_in_the_type_of_their_field(text: str | None, kind: Type, json: bytes) -> None:
    encoder = msgspec.json.Encoder(decimal_format="number")
    assert encoder.encode(json_value(text, kind)) == json


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("many", Type.NUMERIC),
        ("NaN", Type.NUMERIC),
        ("1E999", Type.NUMERIC),
        ("soon", Type.DATE),
        ("2026-02-30", Type.DATE),
        ("0001-01-01T00:00:00+14:00", Type.DATE),
        ("perhaps", Type.BOOLEAN),
    ],
)
def test_a_text_that_is_no_such_value_is_refused_without_being_repeated(text: str, kind: Type) -> None:
    with pytest.raises(ValueError, match=r"^n\w+ ") as caught:
        json_value(text, kind)
    assert text not in str(caught.value)


def test_what_is_read_can_be_written_back() -> None:
    text = raw_text("2026-03-01T09:40:18.527Z", Type.DATE)
    assert json_value(text, Type.DATE) == instant(text or "")
