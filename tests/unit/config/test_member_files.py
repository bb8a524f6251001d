"""Files of members: what they may look like, and hostile ones, each of them one error with its line."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from sfdd_declare.config import member_files
from sfdd_declare.config.member_files import lines_of, read
from sfdd_declare.model.errors import ConfigError, ErrorList, Position
from sfdd_declare.model.mapping import RecordType

from .builders import BASE, loaded, write

CONTACT, LEAD, PERSON = RecordType.CONTACT, RecordType.LEAD, RecordType.PERSON_ACCOUNT
ONE, TWO = "003000000000001", "003000000000002AAA"


def a_file(folder: Path, data: str | bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


GOOD = {
    "bare ids": (f"{ONE}\n{TWO}", (ONE, TWO), ()),
    "header": (f"Id\n{ONE}\n", (ONE,), ()),
    "header in other words": (f"Contact ID\r\n{ONE}\r\n", (ONE,), ()),
    "with a mark": (f"\ufeffContactId\n{ONE}\n", (ONE,), ()),
    "quoted": (f'"Name","Id"\n"Doe, Jane","{ONE}"\n', (ONE,), ()),
    "semicolons": (f"Name;Id\nJane;{ONE}\n", (ONE,), ()),
    "both": (f"Email,Id\na@b.c,{ONE}\n", (ONE,), ()),
    "addresses": ("Email Address\n A@b.c \na@B.c\nd@e.f\n", (), ("A@b.c", "d@e.f")),
    "bare addresses": ("a@b.c\n\n\nd@e.f", (), ("a@b.c", "d@e.f")),
    "short and long form of one id": (f"{TWO}\n{TWO[:15]}\n", (TWO,), ()),
    "rows without one": (f"Id,Email\n{ONE},\n,a@b.c\n", (ONE,), ()),
    "several lines in a cell": (f'Note,Id\n"one\ntwo",{ONE}\n', (ONE,), ()),
}


@pytest.mark.parametrize(("data", "ids", "emails"), GOOD.values(), ids=GOOD)
def test_a_column_of_ids_or_of_addresses_is_read(
    tmp_path: Path, data: str, ids: tuple[str, ...], emails: tuple[str, ...]
) -> None:
    found = read(a_file(tmp_path, data), CONTACT)
    assert (found.ids, found.emails) == (ids, emails)


BAD: dict[str, tuple[str | bytes, int, str]] = {
    "empty": ("", 1, "names nobody"),
    "header alone": ("Id\n", 1, "names nobody"),
    "no known column": ("Name,Title\nJane,Dr\n", 1, "No column is headed Id or Email"),
    "a word": (f"people\n{ONE}\n", 1, "No column is headed Id or Email"),
    "id of a lead": (f"{ONE}\n00Q000000000001\n", 2, "not the id of a contact"),
    "cut id": (f"Id\n{ONE}\n003\n", 3, "not the id of a contact"),
    "no address": ("Email\na@b.c\njane doe\n", 3, "not an email address"),
    "endless address": (f"Email\n{'a' * 300}@b.c\n", 2, "not an email address"),
    "UTF-16": ("Id\n".encode("utf-16"), 1, "UTF-16"),
    "Latin-1": (f"Name,Id\nJosé,{ONE}\n".encode("latin-1"), 2, "not UTF-8"),
    "binary": (b"Id\n\x00\x01\x02\n", 2, "control character"),
    "open quote": ('Id\n"' + f"{ONE}\n" * 20_000, 3, "not CSV"),
    "endless line": ("Id\n" + "x" * 20_000, 2, "longer than 16,000 bytes"),
    "old line ends": (f"Id\r{ONE}\r", 1, "not CSV"),
}


@pytest.mark.parametrize(("data", "line", "words"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_one_error_at_its_line_that_quotes_nobody(
    tmp_path: Path, data: str | bytes, line: int, words: str
) -> None:
    path = a_file(tmp_path, data)
    with pytest.raises(ConfigError) as caught:
        read(path, CONTACT)
    assert isinstance(caught.value.where, Position)
    assert caught.value.where.file == str(path)
    assert line <= caught.value.where.line <= (line if "open quote" not in words and words != "not CSV" else 20_010)
    assert words in caught.value.summary
    assert caught.value.hint
    assert not any(secret in f"{caught.value} {caught.value.detail}" for secret in ("Jane", "José", "jane", "aaaa"))


def test_a_file_beyond_the_limits_is_refused_without_reading_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_files, "MAX_ROWS", 1000)
    path = a_file(tmp_path, "".join(f"p{number}@example.com\n" for number in range(200_000)))
    tracemalloc.start()
    with pytest.raises(ConfigError, match="more than 1,000 people"):
        read(path, CONTACT)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    monkeypatch.setattr(member_files, "MAX_BYTES", 1000)
    with pytest.raises(ConfigError, match="larger than"):
        read(path, CONTACT)


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # sparse
    tracemalloc.start()
    with pytest.raises(ConfigError, match="longer than"):
        read(path, CONTACT)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_the_lines_of_some_ids_can_be_found_again(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"Id\n{ONE}\n\n{TWO[:15]}\n")
    assert lines_of(path, CONTACT, (TWO,), 5) == (4,)


def test_errors_of_a_file_stand_beside_those_of_the_configuration(tmp_path: Path) -> None:
    write(tmp_path, {"people.csv": "Id\n003\n"})
    text = BASE + "campaigns: {a: {name: A, members: {contacts: {file: people.csv}, leads: {file: none.csv}}}}\n"
    with pytest.raises(ErrorList) as caught:
        loaded(tmp_path, text)
    assert {error.id for error in caught.value.errors} == {"SFDD-E1241", "SFDD-E1225"}


def test_a_device_elsewhere_and_a_folder_are_no_files(tmp_path: Path) -> None:
    text = BASE + "campaigns: {a: {name: A, members: {contacts: {file: /dev/zero}, leads: {file: .}}}}\n"
    with pytest.raises(ErrorList) as caught:
        loaded(tmp_path, text)
    assert [error.id for error in caught.value.errors] == ["SFDD-E1117", "SFDD-E1225"]


def test_what_a_file_names_stands_in_the_selection_and_in_the_digest(tmp_path: Path) -> None:
    text = BASE + "campaigns: {a: {name: A, members: {contacts: {file: people.csv}}}}\n"
    write(tmp_path, {"people.csv": f"{ONE}\n"})
    first = loaded(tmp_path, text)
    assert first.campaigns[0].selections[0].ids == (ONE,)
    write(tmp_path, {"people.csv": f"{TWO}\n"})
    assert loaded(tmp_path, text).digest != first.digest
