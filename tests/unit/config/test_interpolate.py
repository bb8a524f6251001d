"""References in values: where they come from, and what is said when they lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.config.read import load

from .builders import BASE, ENVIRON, errors_of, loaded, marked, place, the_error, write

NAMED = "campaigns:\n  a:\n    name: {}\n"

VALUES = {
    "whole": ("${env:WORD}", "spring"),
    "inside text": ("'A ${env:WORD} launch'", "A spring launch"),
    "twice": ("'${env:WORD}-${env:WORD}'", "spring-spring"),
    "default not needed": ("${env:WORD:-autumn}", "spring"),
    "default of an unset one": ("${env:UNSET:-autumn}", "autumn"),
    "default of an empty one": ("${env:EMPTY:-autumn}", "autumn"),
    "default with a colon": ("'${env:UNSET:-http://x}'", "http://x"),
    "number stays as written": ("${env:DIGITS}", "007"),
    "escaped": ("'$${env:WORD}'", "${env:WORD}"),
    "variable": ("${var:season}", "winter"),
    "variable made of the environment": ("${var:from_env}", "spring"),
    "file without its last line end": ("${file:words/name.txt}", "from a file"),
    "dollar without brace": ("'$5 off'", "$5 off"),
    "value that looks like a reference": ("${env:TRICKY}", "${env:WORD}"),
}
SURROUNDINGS = {**ENVIRON, "WORD": "spring", "EMPTY": "", "DIGITS": "007", "TRICKY": "${env:WORD}"}
VARS = "vars: {season: winter, from_env: '${env:WORD}', unused: ~}\n"


@pytest.mark.parametrize(("written", "value"), VALUES.values(), ids=VALUES)
def test_references_are_replaced(tmp_path: Path, written: str, value: str) -> None:
    write(tmp_path, {"sfdd.yaml": BASE + VARS + NAMED.format(written), "words/name.txt": "from a file\n"})
    assert load(tmp_path, environ=SURROUNDINGS).campaigns[0].name == value


def test_references_fill_switches_and_numbers(tmp_path: Path) -> None:
    text = BASE + "campaigns: {a: {name: A, active: '${env:ON}'}}\nguards: {max_new_records: '${env:COUNT}'}\n"
    desired = load(write(tmp_path, {"sfdd.yaml": text}), environ={**ENVIRON, "ON": "true", "COUNT": "7"})
    assert desired.campaigns[0].fields[-1] == ("IsActive", True)
    assert desired.guards.max_new_records == 7


def test_a_variable_given_on_the_command_line_wins(tmp_path: Path) -> None:
    text = BASE + VARS + NAMED.format("${var:season}")
    assert loaded(tmp_path, text, variables={"season": "summer"}, environ=SURROUNDINGS).campaigns[0].name == "summer"


PROBLEMS = {
    "unset": ("a: {name: x, status: '«${env:NOPE_X}'}", "SFDD-E1110", "export NOPE_X=…"),
    "unset, misspelt": ("a: {name: '«${env:DD_USR}'}", "SFDD-E1110", "did you mean `DD_USER`?"),
    "second in a text": ("a: {name: 'x ${env:DD_USER} «${env:NOPE_X} y'}", "SFDD-E1110", "export NOPE_X=…"),
    "no such file": ("a: {name: '«${file:nope.txt}'}", "SFDD-E1111", "ls "),
    "file that is a folder": ("a: {name: '«${file:.}'}", "SFDD-E1111", "ls "),
    "file that is no text": ("a: {name: '«${file:binary}'}", "SFDD-E1111", "iconv"),
    "file too large": ("a: {name: '«${file:large}'}", "SFDD-E1114", "ls -l"),
    "unknown variable": ("a: {name: '«${var:seson}'}", "SFDD-E1112", "did you mean `season`?"),
    "variable without value": ("a: {name: '«${var:needed}'}", "SFDD-E1112", "--var needed=…"),
    "unknown kind": ("a: {name: '«${enf:X}'}", "SFDD-E1113", "did you mean `env`?"),
    "no kind": ("a: {name: '«${HOME}'}", "SFDD-E1113", "${env:HOME}"),
    "empty": ("a: {name: '«${}'}", "SFDD-E1113", "${env:}"),
    "never closed": ("a: {name: 'x «${env:A'}", "SFDD-E1113", "$${"),
}


@pytest.mark.parametrize(("campaign", "id", "hint"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_reference_that_leads_nowhere_is_an_error_at_its_own_place(
    tmp_path: Path, campaign: str, id: str, hint: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large").write_bytes(b"x" * 1_000_001)
    text, where = marked(BASE + f"vars: {{season: winter, needed: ~}}\ncampaigns:\n  {campaign}\n")
    error = the_error(tmp_path, text)
    assert (error.id, place(error)) == (id, where)
    assert hint in error.hint


def test_a_variable_cannot_be_made_of_variables(tmp_path: Path) -> None:
    text, where = marked(BASE + "vars: {a: x, b: '«${var:a}'}\n")
    error = the_error(tmp_path, text)
    assert (error.id, place(error)) == ("SFDD-E1112", where)


def test_a_variable_nobody_knows_is_a_misspelling(tmp_path: Path) -> None:
    error = the_error(tmp_path, BASE + VARS, variables={"seasn": "x"}, environ=SURROUNDINGS)
    assert (error.id, error.where, error.hint) == ("SFDD-E1115", "--var seasn", "did you mean `season`?")


def test_a_wrong_value_from_outside_is_never_repeated(tmp_path: Path) -> None:
    text = BASE + "salesforce: {login_url: '${env:SECRET_URL}'}\n"
    folder = write(tmp_path, {"sfdd.yaml": text})
    (error,) = errors_of(lambda: load(folder, environ={**ENVIRON, "SECRET_URL": "hunter2"}))
    assert error.id == "SFDD-E1105"
    assert "`${env:SECRET_URL}` is not a URL" in error.summary
    assert "hunter2" not in f"{error} {error.detail} {error.hint} {error.where!r}"


def test_secrets_stay_wrapped(tmp_path: Path) -> None:
    desired = loaded(tmp_path, BASE)
    assert "s3cret" not in repr(desired)
    assert desired.accounts[0].password.get_secret_value() == "s3cret"


def test_without_credentials_only_credentials_may_be_missing(tmp_path: Path) -> None:
    text, where = marked(
        BASE
        + "salesforce: {auth: {method: jwt, client_id: '${env:ID}', username: u, private_key: '${file:no.key}'},"
        + " login_url: '«${env:URL}'}\n"
    )
    folder = write(tmp_path, {"sfdd.yaml": text})
    (error,) = errors_of(lambda: load(folder, environ={}, credentials=False))
    assert (error.id, place(error)) == ("SFDD-E1110", where)
    assert load(folder, environ={"URL": "https://x"}, credentials=False).accounts[0].key == "main"


def test_without_credentials_a_misspelt_reference_is_still_an_error(tmp_path: Path) -> None:
    text = BASE.replace("${env:DD_PASSWORD}", "${enf:DD_PASSWORD}")
    error = the_error(tmp_path, text, credentials=False)
    assert error.id == "SFDD-E1113"


def test_an_unquoted_reference_between_brackets_is_explained(tmp_path: Path) -> None:
    error = the_error(tmp_path, "version: 1\ncampaigns: {a: {name: ${env:DD_USER}}}\n")
    assert (error.id, place(error)) == ("SFDD-E1007", (2, 24))
    assert error.hint == 'between brackets a reference stands in quotes: "${env:NAME}"'


FOLLOWING = {
    "reference to a campaign": "links: [{campaign: '«${env:NOPE_X}', address_book: b}]\n",
    "word of a list": "address_books: {c: {name: C, removals: '«${env:NOPE_X}'}}\n",
    "form of a text": "salesforce: {login_url: '«${env:NOPE_X}'}\n",
    "number": "guards: {max_new_records: '«${env:NOPE_X}'}\n",
    "address": "import: [{to: '«${env:NOPE_X}', id: 1}]\n",
}


@pytest.mark.parametrize("text", FOLLOWING.values(), ids=FOLLOWING)
def test_nothing_more_is_said_about_a_value_that_is_not_known(tmp_path: Path, text: str) -> None:
    books = "" if "address_books" in text else "address_books: {b: {name: B}}\n"
    plain, where = marked(BASE + books + text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == ("SFDD-E1110", (where[0], where[1]))
