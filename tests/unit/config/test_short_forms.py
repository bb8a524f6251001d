"""Data fields without the key of the account they belong to."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sfdd_declare.config.read import load
from sfdd_declare.config.schema import config_schema

from .builders import BASE, ENVIRON, TWO_ACCOUNTS, errors_of, loaded, marked, place, the_error, write

SHORT = "JOB_TITLE: {type: string}, LASTSUBSCRIBED: existing"
MAPPED = "field_mappings: {contacts: {Title: JOB_TITLE}}\n"


def test_with_one_account_its_key_may_be_left_out(tmp_path: Path) -> None:
    short = loaded(tmp_path, BASE + f"data_fields: {{{SHORT}}}\n" + MAPPED)
    long = loaded(tmp_path, BASE + f"data_fields: {{main: {{{SHORT}}}}}\n" + MAPPED)
    assert [(f.account, f.name, f.existing) for f in short.data_fields] == [
        ("main", "JOB_TITLE", False),
        ("main", "LASTSUBSCRIBED", True),
    ]
    assert short.digest == long.digest


def test_both_forms_may_stand_beside_each_other(tmp_path: Path) -> None:
    desired = loaded(tmp_path, BASE + "data_fields: {A: {type: string}, main: {B: existing}}\n")
    assert [field.name for field in desired.data_fields] == ["A", "B"]


def test_both_forms_may_stand_in_two_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": BASE + "data_fields: {A: existing}\n", "b.yaml": "data_fields: {B: {type: date}}\n"})
    assert [field.name for field in load(tmp_path, environ=ENVIRON).data_fields] == ["A", "B"]


def test_one_field_in_two_files_is_an_error(tmp_path: Path) -> None:
    files = {"a.yaml": BASE + "data_fields: {A: {type: date}}\n", "b.yaml": "data_fields: {A: {default: x}}\n"}
    (error,) = errors_of(lambda: load(write(tmp_path, files), environ=ENVIRON))
    assert error.id == "SFDD-E1016"


PROBLEMS = {
    "two accounts": (TWO_ACCOUNTS + "data_fields: {«A: {type: string}}\n", "SFDD-E1227", "data_fields: {main: …}"),
    "no account": ("version: 1\ndata_fields: {«A: existing}\n", "SFDD-E1227", "dotdigital: {accounts: {main: …}}"),
    "in both forms": (
        BASE + "data_fields: {«A: {type: string}, main: {A: existing}}\n",
        "SFDD-E1212",
        "remove one of the two `A:`",
    ),
    "wrong key": (BASE + "data_fields: {A: {type: string, «defalt: x}}\n", "SFDD-E1101", "did you mean `default`?"),
    "wrong type": (BASE + "data_fields: {A: {type: «text}}\n", "SFDD-E1103", ""),
    "misspelt account": (BASE + "data_fields: {«mian: {A: existing}}\n", "SFDD-E1201", "did you mean `main`?"),
}


@pytest.mark.parametrize(("text", "id", "hint"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_is_wrong_is_one_error_at_its_place(tmp_path: Path, text: str, id: str, hint: str) -> None:
    plain, where = marked(text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == (id, where)
    assert hint in error.hint


def test_an_editor_takes_both_forms() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(config_schema()))
    for fields in ({"A": {"type": "string"}, "B": "existing"}, {"main": {"A": {"type": "string"}, "B": "existing"}}):
        validator.validate({"version": 1, "data_fields": fields})
    assert not validator.is_valid({"version": 1, "data_fields": {"A": {"type": "text"}}})
