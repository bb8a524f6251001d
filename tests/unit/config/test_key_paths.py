"""From a place in a file to what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.config.key_paths import key_paths

TEXT = """version: 1
campaigns:
  spring: {name: Spring}
links:
  - {campaign: spring, address_book: [news, more]}
  - campaign: spring
    address_book: other
guards: {protect: [campaign.spring]}
"""


def at(tmp_path: Path, text: str, line: int, col: int, *, whole: bool = False) -> tuple[str, ...]:
    file = tmp_path / "sfdd.yaml"
    file.write_text(text, encoding="utf-8")
    return key_paths(file).at(line, col, whole=whole)


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ((1, 1), ("version",)),
        ((1, 10), ("version",)),
        ((3, 3), ("campaigns", "spring")),
        ((3, 12), ("campaigns", "spring", "name")),
        ((3, 20), ("campaigns", "spring", "name")),
        ((5, 5), ("links", "-spring-news,more")),
        ((5, 39), ("links", "-spring-news,more", "address_book", "-")),
        ((7, 5), ("links", "-spring-other", "address_book")),
        ((8, 19), ("guards", "protect")),
    ],
)
def test_a_place_leads_to_the_keys_around_it(tmp_path: Path, place: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert at(tmp_path, TEXT, *place) == keys


def test_a_mapping_begins_where_its_first_key_does(tmp_path: Path) -> None:
    assert at(tmp_path, TEXT, 6, 5) == ("links", "-spring-other", "campaign")
    assert at(tmp_path, TEXT, 6, 5, whole=True) == ("links", "-spring-other")


@pytest.mark.parametrize("text", ["a: [\n", "\t", "- a\n", ""], ids=["broken", "tab", "list", "empty"])
def test_what_is_no_mapping_has_no_keys(tmp_path: Path, text: str) -> None:
    assert at(tmp_path, text, 1, 1) == ()


def test_a_file_that_is_not_there_has_no_keys(tmp_path: Path) -> None:
    assert key_paths(tmp_path / "absent.yaml").at(1, 1) == ()
