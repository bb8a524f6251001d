"""Values of a page as columns, whatever the page makes of names and types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sfdd_declare.dotdigital.pages import raw_columns
from sfdd_declare.model.mapping import DataFieldType


def column(kind: DataFieldType, *held: dict[str, Any]) -> list[str | None]:
    found: list[str | None] = raw_columns(held, {"Tier": kind})["Tier"].to_pylist()
    return found


def test_texts_come_as_they_are_and_blanks_as_null() -> None:
    held = ({"Tier": "gold "}, {"Tier": ""}, {"Tier": " \t"}, {"Tier": None}, {}, {"Tier": "مرحبا"})
    assert column(DataFieldType.STRING, *held) == ["gold ", None, None, None, None, "مرحبا"]


def test_one_page_may_spell_a_name_in_several_ways() -> None:
    held = ({"TIER": "a"}, {"tier": "b"}, {"tier": None, "TIER": "c"}, {"OTHER": "d"})
    assert column(DataFieldType.STRING, *held) == ["a", "b", "c", None]


def test_a_text_field_that_holds_something_else_is_still_read() -> None:
    held = ({"Tier": "gold"}, {"Tier": Decimal("1.50")}, {"Tier": True}, {"Tier": None})
    assert column(DataFieldType.STRING, *held) == ["gold", "1.50", "true", None]


@pytest.mark.parametrize("kind", list(DataFieldType))
def test_an_empty_page_has_every_column(kind: DataFieldType) -> None:
    assert column(kind) == []


def test_booleans_and_numbers_are_not_mixed_up() -> None:
    assert column(DataFieldType.BOOLEAN, {"Tier": True}, {"Tier": False}, {}) == ["true", "false", None]
    assert column(DataFieldType.NUMERIC, {"Tier": 1}, {"Tier": 0}, {}) == ["1", "0", None]
