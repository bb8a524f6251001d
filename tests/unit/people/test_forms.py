"""Comparison forms: what counts as the same value on both sides (BASE-3, VAL-21)."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdd_declare.model.mapping import Form, FormKind
from sfdd_declare.people.forms import comparison, email_key


def form_of(value: str | None, kind: FormKind, size: int = 0) -> str | None:
    # neighbours of another spelling make sure that the quick and the parsing path are joined row by row
    array = pa.array(["2020-01-01", value, "x; y", "1.50"], pa.string())
    form: str | None = comparison(array, Form(kind, size))[1].as_py()
    return form


@pytest.mark.parametrize("kind", list(FormKind))
@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\u00a0"])
def test_blank_texts_are_null_in_every_form(kind: FormKind, blank: str | None) -> None:
    assert form_of(blank, kind) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Zoe\u0308", "Zo\u00eb"),
        ("a  ", "a"),
        (" a", "a"),
        ("\u00a0\u2003a b\u3000", "a b"),
        ("A", "A"),
        ("x" * 1500, "x" * 1500),
    ],
)
def test_text_is_composed_and_trimmed_at_both_ends_and_compared_in_full(value: str, expected: str) -> None:
    assert form_of(value, FormKind.TEXT, 1000) == expected


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [
        ("1.50", 2, "1.5"),
        ("1.5", 2, "1.5"),
        ("1", 2, "1"),
        ("1.", 2, "1"),
        (".5", 2, "0.5"),
        ("+3", 2, "3"),
        ("007", 0, "7"),
        ("-0.00", 2, "0"),
        ("-0.001", 2, "0"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("1.005", 2, "1.01"),
        ("1e3", 2, "1000"),
        ("1.0E7", 0, "10000000"),
        ("123456789012345678.123456789", 9, "123456789012345678.123456789"),
        ("100", 0, "100"),
        ("100.10", 1, "100.1"),
        (" 2", 2, "2"),
    ],
)
def test_decimals_are_plain_and_rounded_to_the_scale_without_floats(value: str, scale: int, expected: str) -> None:
    assert form_of(value, FormKind.DECIMAL, scale) == expected


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1_000", "1,5", "abc", "1e999", "--1", "٣"])
def test_what_is_no_number_keeps_its_text(value: str) -> None:
    assert form_of(value, FormKind.DECIMAL, 2) == value


@pytest.mark.parametrize(
    ("value", "day", "second"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-01T00:00:00Z"),
        ("2026-03-01T09:15:12.000+0000", "2026-03-01", "2026-03-01T09:15:12Z"),
        ("2020-01-01T09:40:18.999Z", "2020-01-01", "2020-01-01T09:40:18Z"),
        ("2016-08-01 10:09:22", "2016-08-01", "2016-08-01T10:09:22Z"),
        ("2020-01-01 09:40:18.527000+00:00", "2020-01-01", "2020-01-01T09:40:18Z"),
        ("2020-01-01T01:00:00+02:00", "2019-12-31", "2019-12-31T23:00:00Z"),
        ("2020-01-01T01:00:00.000-0130", "2020-01-01", "2020-01-01T02:30:00Z"),
        ("2024-02-29T23:59Z", "2024-02-29", "2024-02-29T23:59:00Z"),
    ],
)
def test_both_vendors_spellings_of_a_time_are_one_time_in_utc(value: str, day: str, second: str) -> None:
    assert form_of(value, FormKind.DATE) == day
    assert form_of(value, FormKind.DATETIME) == second


@pytest.mark.parametrize("value", ["2023-02-29", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "soon", "01/02/2026"])
def test_what_is_no_date_keeps_its_text(value: str) -> None:
    assert form_of(value, FormKind.DATE) == value
    assert form_of(value, FormKind.DATETIME) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [("b;a", "a;b"), (" b ; a;b;", "a;b"), ("x", "x"), (" x", "x"), (";", None), ("b;A", "A;b")],
)
def test_multi_picklists_are_sets(value: str, expected: str | None) -> None:
    assert form_of(value, FormKind.SET) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", "true"), ("TRUE", "true"), ("1", "true"), ("Yes", "true"), ("0", "false"), ("y", "y")],
)
def test_flags(value: str, expected: str) -> None:
    assert form_of(value, FormKind.BOOL) == expected


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=6), st.sampled_from(FormKind), st.integers(0, 3))
def test_a_form_is_its_own_form(values: list[str | None], kind: FormKind, size: int) -> None:
    once = comparison(pa.array(values, pa.string()), Form(kind, size))
    assert comparison(once, Form(kind, size)).to_pylist() == once.to_pylist()


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**15), max_value=10**15))
def test_equal_numbers_have_one_form_however_they_are_spelt(number: object) -> None:
    spellings = [f"{number:f}", f"{number:E}", f"{number:f}000"]
    assert len({form_of(text, FormKind.DECIMAL, 3) for text in spellings}) == 1


def test_chunks_are_joined() -> None:
    chunks = pa.chunked_array([["1.50"], [], ["b"]], pa.string())
    assert comparison(chunks, Form(FormKind.DECIMAL, 2)).to_pylist() == ["1.5", "b"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("É@x.de", "é@x.de"),
        ("STRASSE@x.de", "strasse@x.de"),
        ("Straße@x.de", "straße@x.de"),
        ("ada", None),
        ("@x.de", None),
        ("ada@", None),
        ("a da@x.de", None),
        ("", None),
        (None, None),
        ("a" * 252 + "@b.c", "a" * 252 + "@b.c"),
        ("a" * 253 + "@b.c", None),
    ],
)
def test_email_keys_are_trimmed_and_folded_and_null_when_unusable(raw: str | None, expected: str | None) -> None:
    assert email_key(pa.array(["other@example.com", raw], pa.string()))[1].as_py() == expected


@pytest.mark.parametrize(
    ("zone", "raw", "day"),
    [
        ("Europe/London", "2001-06-02T23:00:00Z", "2001-06-03"),
        ("Europe/London", "2001-02-03T00:00:00Z", "2001-02-03"),
        ("Europe/London", "2001-06-03T00:00:00Z", "2001-06-03"),
        ("America/New_York", "2001-02-03T05:00:00Z", "2001-02-03"),
        ("America/New_York", "2001-06-03T04:00:00Z", "2001-06-03"),
        ("America/New_York", "2001-02-03T00:00:00Z", "2001-02-03"),
        ("Asia/Tokyo", "2001-02-02T15:00:00Z", "2001-02-03"),
        ("Asia/Tokyo", "2001-02-02T16:00:00Z", "2001-02-02"),
        ("America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04"),
        ("UTC", "2001-06-02T23:00:00Z", "2001-06-02"),
        ("Europe/London", "2001-02-03", "2001-02-03"),
        ("Europe/London", "soon", "soon"),
        ("Asia/Tokyo", "9999-12-31T23:00:00Z", "9999-12-31"),
    ],
    ids=lambda text: text.replace("/", "-"),
)
def test_VAL_25_the_first_moment_of_a_local_day_is_that_day(zone: str, raw: str, day: str) -> None:
    (found,) = comparison(pa.array([raw]), Form(FormKind.DATE), zone).to_pylist()
    assert found == day
