"""The ignore file of `sfdd drift`: what it holds, and every mistake in it at its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sfdd_declare.config.ignore import read_ignored
from sfdd_declare.model.drift import Ignored
from sfdd_declare.model.errors import ErrorList

GOOD = "address: campaign.a, reason: why, until: 2027-01-31"


def read(folder: Path, text: str) -> tuple[Ignored, ...]:
    file = folder / "known.yaml"
    file.write_text(text, encoding="utf-8")
    return read_ignored(file)


def test_a_line_is_an_address_a_reason_and_a_last_day_and_perhaps_a_field(tmp_path: Path) -> None:
    first, second = read(tmp_path, f"- {{{GOOD}}}\n- {{{GOOD}, field: Direction__c}}\n")
    assert (first.address, first.field, first.reason, first.until) == ("campaign.a", "", "why", date(2027, 1, 31))
    assert (second.field, second.where is not None and second.where.line) == ("Direction__c", 2)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]\n"])
def test_a_file_without_lines_ignores_nothing(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("text", "id", "place", "hint"),
    [
        (f"{{{GOOD}}}", "SFDD-E1019", "1:1", "- {address"),
        ("- word", "SFDD-E1104", "1:3", "- {address"),
        (f"- {{{GOOD}, feild: x}}", "SFDD-E1101", "1:57", "did you mean `field`?"),
        ("- {address: campaign.a, until: 2027-01-31}", "SFDD-E1102", "1:3", "reason: …"),
        ("- {address: campaign.a, reason: why}", "SFDD-E1102", "1:3", "until: …"),
        ("- {reason: why, until: 2027-01-31}", "SFDD-E1102", "1:3", "address: …"),
        (f"- {{{GOOD}, field: [a]}}", "SFDD-E1104", "1:64", "field: …"),
        ("- {address: campaign.a, reason: '', until: 2027-01-31}", "SFDD-E1104", "1:33", "reason: …"),
        ("- {address: campaign, reason: why, until: 2027-01-31}", "SFDD-E1119", "1:13", "address: field_mapping"),
        ("- {address: campaign.a, reason: why, until: 2027-02-30}", "SFDD-E1120", "1:45", "until: YYYY-MM-DD"),
        ("- {address: campaign.a, reason: why, until: 20270131}", "SFDD-E1120", "1:45", "until: YYYY-MM-DD"),
        ("- {address: campaign.a, reason: why, until: 2027-W01-1}", "SFDD-E1120", "1:45", "until: YYYY-MM-DD"),
        ("- [", "SFDD-E1007", "2:1", "check quotes"),
    ],
)
def test_a_mistake_is_one_error_at_its_place_with_a_hint(
    text: str, id: str, place: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(ErrorList) as found:
        read(tmp_path, text + "\n")
    (error,) = found.value.errors
    assert (error.id, str(error.where).partition("known.yaml:")[2]) == (id, place)
    assert error.hint.startswith(hint)


def test_all_mistakes_are_said_together(tmp_path: Path) -> None:
    with pytest.raises(ErrorList) as found:
        read(tmp_path, f"- {{reson: x}}\n- {{{GOOD}}}\n- 3\n")
    assert [error.id for error in found.value.errors] == [
        "SFDD-E1101", "SFDD-E1102", "SFDD-E1102", "SFDD-E1102", "SFDD-E1104",
    ]  # fmt: skip


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ErrorList) as found:
        read_ignored(tmp_path / "none.yaml")
    assert found.value.errors[0].id == "SFDD-E1004"
