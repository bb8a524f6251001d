"""Files nobody meant well: one clear error each, in bounded time and memory."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from sfdd_declare.config.read import load
from sfdd_declare.model.errors import DeclareError, Position

from .builders import BASE, ENVIRON, errors_of, loaded, marked, place, the_error, write


def error_of_bytes(folder: Path, data: bytes) -> DeclareError:
    (folder / "sfdd.yaml").write_bytes(data)
    found = errors_of(lambda: load(folder, environ=ENVIRON))
    assert len(found) == 1
    return found[0]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + former] * 10)}]\n" for former, name in zip("abcdefg", "bcdefgh", strict=True)
)

SYNTAX = {
    "python tag": ("version: «!!python/object/apply:os.system [ls]\n", "SFDD-E1010"),
    "own tag": ("version: «!secret x\n", "SFDD-E1010"),
    "standard tag": ("version: «!!int 1\n", "SFDD-E1010"),
    "duplicate key": ("version: 1\n«version: 1\n", "SFDD-E1009"),
    "duplicate inner key": (BASE + "campaigns:\n  a: {name: x, «name: y}\n", "SFDD-E1009"),
    "tab": ("version: 1\ncampaigns:\n«\ta: {name: x}\n", "SFDD-E1008"),
    "unclosed quote": ('version: 1\nstate: "x«', "SFDD-E1007"),
    "colon in text": ("version: 1\nstate: a«: b\n", "SFDD-E1007"),
    "reserved character": ("version: 1\nstate: «@x\n", "SFDD-E1007"),
    "wrong indentation": ("version: 1\n  state«: x\n", "SFDD-E1007"),
    "unknown alias": ("version: 1\nstate: «*nowhere\n", "SFDD-E1013"),
    "alias in itself": ("version: 1\nlinks: &all [«*all]\n", "SFDD-E1013"),
    "key that is a list": ("? «[a]\n: 1\n", "SFDD-E1014"),
    "empty key": ("«~: 1\n", "SFDD-E1014"),
    "merge key of text": ("version: 1\ncampaigns: {<<: «text}\n", "SFDD-E1014"),
    "a list": ("«- version\n", "SFDD-E1015"),
    "text": ("«nonsense\n", "SFDD-E1015"),
    "two documents": ("version: 1\n«---\nversion: 1\n", "SFDD-E1015"),
}


@pytest.mark.parametrize(("text", "id"), SYNTAX.values(), ids=SYNTAX)
def test_broken_yaml_is_one_error_at_its_place(tmp_path: Path, text: str, id: str) -> None:
    plain, where = marked(text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == (id, where)
    assert error.hint


def test_duplicate_key_names_both_places(tmp_path: Path) -> None:
    error = the_error(tmp_path, "version: 1\nversion: 1\n")
    assert isinstance(error.where, Position)
    assert error.where.text == "version: 1"
    assert error.detail == f"first at {tmp_path}/sfdd.yaml:1:1"


ENCODINGS = {
    "latin-1": ("version: 1\nstate: café\n".encode("latin-1"), "SFDD-E1005", (2, 11)),
    "utf-16": ("version: 1\n".encode("utf-16"), "SFDD-E1005", (1, 1)),
    "binary": (b"\x7fELF\xff\xfe", "SFDD-E1005", (1, 5)),
    "NUL": (b"version: 1\nstate: a\x00b\n", "SFDD-E1006", (2, 9)),
    "escape": (b"version: 1\nstate: \x1b[31mred\n", "SFDD-E1006", (2, 8)),
}


@pytest.mark.parametrize(("data", "id", "where"), ENCODINGS.values(), ids=ENCODINGS)
def test_other_encodings_and_control_characters_are_refused_at_their_place(
    tmp_path: Path, data: bytes, id: str, where: tuple[int, int]
) -> None:
    error = error_of_bytes(tmp_path, data)
    assert (error.id, place(error)) == (id, where)


def test_utf8_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "sfdd.yaml").write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert load(tmp_path, environ=ENVIRON).accounts[0].key == "main"


def test_windows_line_ends_are_accepted_and_do_not_move_columns(tmp_path: Path) -> None:
    text, where = marked(BASE + "campaigns:\n  a: {«nam: x}\n")
    (tmp_path / "sfdd.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    found = errors_of(lambda: load(tmp_path, environ=ENVIRON))
    assert place(found[-1]) == where


def test_next_line_and_emoji_are_ordinary_text(tmp_path: Path) -> None:
    desired = loaded(tmp_path, BASE + "campaigns: {a: {name: Spring 🌷 2026}}\n")
    assert desired.campaigns[0].name == "Spring 🌷 2026"


@pytest.mark.parametrize("size", [5_000_001, 50_000_000])
def test_a_huge_file_is_refused_unread(tmp_path: Path, size: int) -> None:
    with (tmp_path / "sfdd.yaml").open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    error = errors_of(lambda: load(tmp_path, environ=ENVIRON))[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.id == "SFDD-E1002"
    assert peak < 12_000_000


def test_many_files_share_one_size_limit(tmp_path: Path) -> None:
    comment = "#" * 79 + "\n"
    write(tmp_path, {f"{n}.yaml": "version: 1\n" + comment * 20_000 for n in range(4)})
    found = errors_of(lambda: load(tmp_path, environ=ENVIRON))
    assert [(error.id, str(error.where)) for error in found] == [("SFDD-E1002", f"{tmp_path}/3.yaml")]


def test_an_alias_bomb_is_stopped_before_it_grows(tmp_path: Path) -> None:
    tracemalloc.start()
    error = the_error(tmp_path, BOMB)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.id == "SFDD-E1012"
    assert place(error)[0] == 5
    assert peak < 10_000_000


DEEP = {
    "lists": "links: " + "[" * 100_000,
    "mappings": "campaigns: " + "{a: " * 100_000,
    "indentation": "\n".join(" " * level + "a:" for level in range(1000)),
    "dashes": "links:\n  " + "- " * 100_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_stopped_at_its_place(tmp_path: Path, text: str) -> None:
    error = the_error(tmp_path, text)
    assert error.id == "SFDD-E1011"
    assert len(str(error.where)) < len(str(tmp_path)) + 30


def test_too_many_values_are_refused(tmp_path: Path) -> None:
    error = the_error(tmp_path, "links:\n" + "- a\n" * 100_001)
    assert error.id == "SFDD-E1012"


def test_an_alias_and_a_merge_key_of_reasonable_size_work(tmp_path: Path) -> None:
    text = BASE + "address_books:\n  a: &book {name: A, removals: managed}\n  b: {<<: *book, name: B}\n"
    books = loaded(tmp_path, text).address_books
    assert [(book.name, book.removals.value) for book in books] == [("A", "managed"), ("B", "managed")]


def test_a_folder_named_like_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "sfdd.yaml").mkdir()
    assert errors_of(lambda: load(tmp_path, environ=ENVIRON))[0].id == "SFDD-E1004"


def test_a_named_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sfdd.yaml")
    assert errors_of(lambda: load(tmp_path, environ=ENVIRON))[0].id == "SFDD-E1004"


def test_every_unreadable_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "- x\n", "b.yaml": "version: !x 1\n", "c.yaml": "version: 1\n"})
    found = errors_of(lambda: load(tmp_path, environ=ENVIRON))
    assert [error.id for error in found] == ["SFDD-E1015", "SFDD-E1010"]


SECRETS = {
    "block, twice": "\n    password: hunter2\n    password: hunter2\n",
    "flow, unknown key": " {password: hunter2, usr: u}\n",
    "flow, last": " {usr: u, password: 'hunter2'}\n",
    "quoted key": '\n    {"password": "hunter2", "usr": u}\n',
    "not a text": " {user: u, password: [hunter2]}\n",
    "broken": " {user: u, password: hunter2 : x}\n",
}


@pytest.mark.parametrize("account", SECRETS.values(), ids=SECRETS)
def test_the_offending_line_never_shows_a_secret(tmp_path: Path, account: str) -> None:
    text = "version: 1\ndotdigital:\n  accounts:\n   main:" + account
    for error in errors_of(lambda: loaded(tmp_path, text)):
        assert "hunter2" not in f"{error} {error.detail} {error.hint} {error.where!r}"


def test_a_key_in_a_block_is_never_shown(tmp_path: Path) -> None:
    blob = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
    error = the_error(tmp_path, f"salesforce:\n  auth:\n    private_key: x\n{blob}\n  y: 1\n")
    assert blob not in repr(error.where)
