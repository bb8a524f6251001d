"""References in values: where they come from, and what is said when they lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.config.read import load
from sfdd_declare.model.declared import Desired

from .builders import BASE, ENVIRON, errors_in, errors_of, loaded, marked, place, the_error, write

SECRETS = {  # a token takes text as it comes
    "whole": ("${env:WORD}", "spring"),
    "inside text": ("'A ${env:WORD} launch'", "A spring launch"),
    "twice": ("'${env:WORD}-${env:WORD}'", "spring-spring"),
    "default not needed": ("${env:WORD:-autumn}", "spring"),
    "default of an unset one": ("${env:UNSET:-autumn}", "autumn"),
    "default of an empty one": ("${env:EMPTY:-autumn}", "autumn"),
    "default with a colon": ("'${env:UNSET:-c:/x}'", "c:/x"),
    "number stays as written": ("${env:DIGITS}", "007"),
    "escaped": ("'$${env:WORD}'", "${env:WORD}"),
    "file without its last line end": ("${file:words/name.txt}", "from a file"),
    "value that looks like a reference": ("${env:TRICKY}", "${env:WORD}"),
    "variable": ("${var:season}", "winter"),
}
NAMES = {
    "variable": ("${var:season}", "winter"),
    "inside text": ("'A ${var:season} launch'", "A winter launch"),
    "variable of the environment": ("${var:region}", "emea"),
    "environment wins over the file": ("${var:year}", "2027"),
    "escaped": ("'$${env:WORD}'", "${env:WORD}"),
    "dollar without brace": ("'$5 off'", "$5 off"),
    "value that looks like a reference": ("${var:tricky}", "${env:DD_PASSWORD}"),
}
SURROUNDINGS = {
    **ENVIRON,
    "WORD": "spring",
    "EMPTY": "",
    "DIGITS": "007",
    "TRICKY": "${env:WORD}",
    "SFDD_VAR_region": "emea",
    "SFDD_VAR_year": "2027",
    "SFDD_VAR_tricky": "${env:DD_PASSWORD}",
}
VARS = "vars: {season: winter, year: '2026', unused: ~}\n"
NAMED = "campaigns:\n  a:\n    name: {}\n"
TOKEN = "salesforce:\n  auth:\n    method: refresh_token\n    client_id: app\n    refresh_token: "


def token_of(desired: Desired) -> str:
    assert desired.salesforce.auth is not None
    assert desired.salesforce.auth.refresh_token is not None
    return desired.salesforce.auth.refresh_token.get_secret_value()


@pytest.mark.parametrize(("written", "value"), SECRETS.values(), ids=SECRETS)
def test_credentials_and_addresses_are_filled_from_outside(tmp_path: Path, written: str, value: str) -> None:
    write(tmp_path, {"sfdd.yaml": BASE + VARS + f"{TOKEN}{written}\n", "words/name.txt": "from a file\n"})
    assert token_of(load(tmp_path, environ=SURROUNDINGS)) == value


@pytest.mark.parametrize(("written", "value"), NAMES.values(), ids=NAMES)
def test_everything_else_is_filled_by_variables(tmp_path: Path, written: str, value: str) -> None:
    write(tmp_path, {"sfdd.yaml": BASE + VARS + NAMED.format(written)})
    assert load(tmp_path, environ=SURROUNDINGS).campaigns[0].name == value


def test_variables_fill_switches_and_numbers(tmp_path: Path) -> None:
    text = BASE + "campaigns: {a: {name: A, active: '${var:on}'}}\nguards: {max_new_records: '${var:count}'}\n"
    desired = loaded(tmp_path, text, variables={"on": "true"}, environ={**ENVIRON, "SFDD_VAR_count": "7"})
    assert desired.campaigns[0].fields[-1] == ("IsActive", True)
    assert desired.guards.max_new_records == 7


def test_a_variable_given_on_the_command_line_wins(tmp_path: Path) -> None:
    text = BASE + VARS + NAMED.format("${var:year}")
    assert loaded(tmp_path, text, variables={"year": "2028"}, environ=SURROUNDINGS).campaigns[0].name == "2028"


ELSEWHERE = {
    "name": "campaigns: {a: {name: '«${env:DD_PASSWORD}'}}\n",
    "inside text": "campaigns: {a: {name: 'A «${env:DD_PASSWORD}'}}\n",
    "with a default": "campaigns: {a: {name: '«${env:DD_PASSWORD:-x}'}}\n",
    "unset": "campaigns: {a: {name: '«${env:NOPE_X}'}}\n",
    "file": "campaigns: {a: {name: '«${file:secret}'}}\n",
    "switch": "campaigns: {a: {name: A, active: '«${env:DD_PASSWORD}'}}\n",
    "where": "campaigns: {a: {name: A, members: {contacts: {where: '«${env:DD_PASSWORD}'}}}}\n",
    "reference to a campaign": "links: [{campaign: '«${env:NOPE_X}', address_book: b}]\n",
    "number": "guards: {max_new_records: '«${env:NOPE_X}'}\n",
    "address": "import: [{to: '«${env:NOPE_X}', id: 1}]\n",
    "setting of the org": "salesforce: {api_version: '«${env:NOPE_X}'}\n",
    "variable": "vars: {a: '«${env:DD_PASSWORD}'}\n",
}


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_nothing_that_a_plan_shows_is_filled_from_outside(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text("s3cret")
    plain, where = marked(BASE + "address_books: {b: {name: B}}\n" + text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == ("SFDD-E1116", where)
    assert error.hint.startswith("${var:")
    assert "s3cret" not in f"{error} {error.detail} {error.hint} {error.where!r}"


def test_in_an_account_only_credentials_and_its_address_are(tmp_path: Path) -> None:
    plain, where = marked(BASE.replace("'}}}", "', enabled: '«${env:DD_USER}'}}}"))
    error = the_error(tmp_path, plain)
    assert (error.id, place(error), error.hint) == ("SFDD-E1116", where, "${var:DD_USER}")


PROBLEMS = {
    "unset": ("state: '«${env:NOPE_X}'", "SFDD-E1110", "export NOPE_X=…"),
    "empty in the environment": ("state: '«${env:EMPTY_X}'", "SFDD-E1110", "export EMPTY_X=…"),
    "unset, misspelt": ("state: '«${env:DD_USR}'", "SFDD-E1110", "did you mean `DD_USER`?"),
    "second in a text": (TOKEN + "'x ${env:DD_USER} «${env:NOPE_X} y'", "SFDD-E1110", "export NOPE_X=…"),
    "no such file": ("state: '«${file:nope.txt}'", "SFDD-E1111", "ls "),
    "file that is a folder": ("state: '«${file:.}'", "SFDD-E1111", "ls "),
    "file that is no text": ("state: '«${file:binary}'", "SFDD-E1111", "iconv"),
    "file too large": ("state: '«${file:large}'", "SFDD-E1114", "ls -l"),
    "unknown variable": ("sync: {full_every: '«${var:seson}'}", "SFDD-E1112", "did you mean `season`?"),
    "variable nobody gives": ("sync: {full_every: '«${var:often}'}", "SFDD-E1112", "--var often=…"),
    "variable without value": ("sync: {full_every: '«${var:needed}'}", "SFDD-E1112", "--var needed=…"),
    "unknown kind": ("state: '«${enf:X}'", "SFDD-E1113", "did you mean `env`?"),
    "unknown kind in a name": ("sync: {full_every: '«${enf:X}'}", "SFDD-E1113", "${var:X}"),
    "no kind": ("state: '«${HOME}'", "SFDD-E1113", "${env:HOME}"),
    "no kind in a name": ("sync: {full_every: '«${HOME}'}", "SFDD-E1113", "${var:HOME}"),
    "empty": ("state: '«${}'", "SFDD-E1113", "${env:}"),
    "never closed": ("state: 'x «${env:A'", "SFDD-E1113", "$${"),
}


@pytest.mark.parametrize(("line", "id", "hint"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_reference_that_leads_nowhere_is_an_error_at_its_own_place(
    tmp_path: Path, line: str, id: str, hint: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large").write_bytes(b"x" * 1_000_001)
    text, where = marked(BASE + f"vars: {{season: winter, needed: ~}}\n{line}\n")
    error = the_error(tmp_path, text, environ={**ENVIRON, "EMPTY_X": ""})
    assert (error.id, place(error)) == (id, where)
    assert hint in error.hint


OUTSIDE = ["../outside.txt", "link.txt", "folder/../../outside.txt", "linked/outside.txt", "/etc/hostname", "circle"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize(
    "line", [TOKEN + "'«${file:NAME}'", "campaigns: {a: {name: A, members: {leads: {file: «NAME}}}}"]
)
def test_files_outside_the_folder_are_not_read(tmp_path: Path, name: str, line: str) -> None:
    folder = tmp_path / "configuration"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text("Email\nada@example.com\n")
    (folder / "folder").mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "circle").symlink_to(folder / "circle")
    text, where = marked(BASE + line.replace("NAME", name) + "\n")
    error = the_error(folder, text)
    is_circle = name == "circle"  # leads nowhere, so not out of the folder either
    assert error.id in ("SFDD-E1111", "SFDD-E1225") if is_circle else error.id == "SFDD-E1117"
    assert place(error) == where
    assert "ada" not in f"{error} {error.detail}"
    if not is_circle and name != "/etc/hostname":
        named = {**ENVIRON, "SFDD_SECRETS_DIR": str(tmp_path)}
        load(folder, environ=named)


def test_the_folder_of_secrets_is_looked_into_after_the_configurations_own(tmp_path: Path) -> None:
    folder = write(tmp_path / "c", {"sfdd.yaml": BASE + TOKEN + "'${file:a}-${file:b}'\n", "a": "own"})
    secrets = write(tmp_path / "s", {"a": "theirs", "b": "secret"})
    assert token_of(load(folder, environ={**ENVIRON, "SFDD_SECRETS_DIR": str(secrets)})) == "own-secret"


def test_a_variable_cannot_be_made_of_variables(tmp_path: Path) -> None:
    text, where = marked(BASE + "vars: {a: x, b: '«${var:a}'}\n")
    error = the_error(tmp_path, text)
    assert (error.id, place(error), error.hint) == ("SFDD-E1112", where, "--var b=…")


def test_a_variable_nobody_knows_is_a_misspelling(tmp_path: Path) -> None:
    error = the_error(tmp_path, BASE + VARS, variables={"seasn": "x"}, environ=SURROUNDINGS)
    assert (error.id, error.where, error.hint) == ("SFDD-E1115", "--var seasn", "did you mean `season`?")


def test_a_wrong_value_from_outside_is_never_repeated(tmp_path: Path) -> None:
    text = BASE + "salesforce: {login_url: '${env:SECRET_URL}'}\n"
    folder = write(tmp_path, {"sfdd.yaml": text})
    (error,) = errors_of(lambda: load(folder, environ={**ENVIRON, "SECRET_URL": "hunter2"}))
    assert error.id == "SFDD-E1105"
    assert "`${env:SECRET_URL}` is not an address" in error.summary
    assert "hunter2" not in f"{error} {error.detail} {error.hint} {error.where!r}"


def test_secrets_stay_wrapped(tmp_path: Path) -> None:
    desired = loaded(tmp_path, BASE)
    assert "s3cret" not in repr(desired)
    assert desired.accounts[0].password.get_secret_value() == "s3cret"


def test_without_credentials_only_credentials_and_addresses_may_be_missing(tmp_path: Path) -> None:
    text, where = marked(
        BASE.replace("'}}}", "', region: '${env:URL}'}}}")
        + "salesforce: {auth: {method: jwt, client_id: '${env:ID}', username: u, private_key: '${file:no.key}'},"
        + " login_url: '${env:URL}'}\nguards: {max_new_records: '«${var:count}'}\n"
    )
    (error,) = errors_in(tmp_path, text, environ={}, credentials=False)
    assert (error.id, place(error)) == ("SFDD-E1112", where)
    desired = loaded(tmp_path, text, environ={"SFDD_VAR_count": "7"}, credentials=False)
    assert desired.accounts[0].key == "main"


def test_without_credentials_a_misspelt_reference_is_still_an_error(tmp_path: Path) -> None:
    text = BASE.replace("${env:DD_PASSWORD}", "${enf:DD_PASSWORD}")
    error = the_error(tmp_path, text, credentials=False)
    assert error.id == "SFDD-E1113"


def test_an_unquoted_reference_between_brackets_is_explained(tmp_path: Path) -> None:
    error = the_error(tmp_path, "version: 1\ncampaigns: {a: {name: ${env:DD_USER}}}\n")
    assert (error.id, place(error)) == ("SFDD-E1007", (2, 24))
    assert error.hint == 'between brackets a reference stands in quotes: "${env:NAME}"'


FOLLOWING = {
    "reference to a campaign": "links: [{campaign: '«${var:nope}', address_book: b}]\n",
    "word of a list": "address_books: {c: {name: C, removals: '«${var:nope}'}}\n",
    "form of a text": "salesforce: {login_url: '«${var:nope}'}\n",
    "host": "salesforce: {login_url: 'https://«${var:nope}.example.org'}\n",
    "number": "guards: {max_new_records: '«${var:nope}'}\n",
    "address": "import: [{to: '«${var:nope}', id: 1}]\n",
}


@pytest.mark.parametrize("text", FOLLOWING.values(), ids=FOLLOWING)
def test_nothing_more_is_said_about_a_value_that_is_not_known(tmp_path: Path, text: str) -> None:
    books = "" if "address_books" in text else "address_books: {b: {name: B}}\n"
    plain, where = marked(BASE + books + text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == ("SFDD-E1112", where)


HOSTS = {
    "login_url": "salesforce: {login_url: «https://login.example.org}\n",
    "login_url in the clear": "salesforce: {login_url: «http://login.salesforce.com}\n",
    "instance_url": "salesforce: {auth: {method: access_token, access_token: t, instance_url: «https://a.example.org}}\n",
    "instance_url of the environment": "salesforce: {auth: {method: access_token, access_token: t,"
    " instance_url: «'${env:ELSEWHERE}'}}\n",
}


@pytest.mark.parametrize("text", HOSTS.values(), ids=HOSTS)
def test_an_address_of_nobody_we_know_is_an_error_before_anything_is_sent(tmp_path: Path, text: str) -> None:
    plain, where = marked(BASE + text)
    environ = {**ENVIRON, "ELSEWHERE": "https://s3cret.example.org"}
    error = the_error(tmp_path, plain, environ=environ)
    assert (error.id, place(error)) == ("SFDD-E1243", where)
    assert "SFDD_ALLOW_HOSTS" in error.detail
    assert "s3cret" not in f"{error} {error.detail}"
    hosts = "login.example.org, a.example.org, s3cret.example.org, http://login.salesforce.com"
    loaded(tmp_path, plain, environ={**environ, "SFDD_ALLOW_HOSTS": hosts})


@pytest.mark.parametrize("region", ["https://collector.example.org", "http://r1-api.dotdigital.com"])
def test_a_region_of_nobody_we_know_is_an_error_before_anything_is_sent(tmp_path: Path, region: str) -> None:
    plain, where = marked(BASE.replace("'}}}", f"', region: '«{region}'}}}}}}"))
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)[0], error.hint) == ("SFDD-E1243", where[0], "region: auto")


PARTS = {
    "host": "salesforce: {login_url: 'https://«${env:DD_PASSWORD}.my.salesforce.com'}\n",
    "port": "salesforce: {login_url: 'https://acme.my.salesforce.com:«${env:DD_PASSWORD}'}\n",
    "state": "state: 'postgresql://db.example/«${env:DD_PASSWORD}'\n",
    "bucket": "state: 's3://«${file:secret}/state.db'\n",
    "file": "salesforce: {login_url: 'https://«${file:secret}.my.salesforce.com'}\n",
    "instance": "salesforce: {auth: {method: access_token, instance_url: 'https://«${env:DD_PASSWORD}.my.salesforce.com'}}\n",
}


@pytest.mark.parametrize("text", PARTS.values(), ids=PARTS)
def test_no_secret_becomes_part_of_an_address(tmp_path: Path, text: str) -> None:
    plain, where = marked(BASE + text)
    error = the_error(write(tmp_path, {"secret": "s3cret"}), plain)
    assert (error.id, place(error)) == ("SFDD-E1118", where)
    assert "s3cret" not in f"{error} {error.detail} {error.hint}"


@pytest.mark.parametrize("written", ["${env:DD_PASSWORD}", "${file:secret}", "${env:NOPE:-x}", "${env:ODD}"])
def test_a_secret_is_not_the_name_of_a_state(tmp_path: Path, written: str) -> None:
    """Messages say where a state is."""
    plain, where = marked(f"{BASE}state: '«{written}'\n")
    error = the_error(write(tmp_path, {"secret": "s3cret"}), plain, environ={**ENVIRON, "ODD": "s3cret://x"})
    assert (error.id, place(error)[0], written in error.summary) == ("SFDD-E1224", where[0], True)
    assert "s3cret" not in f"{error} {error.detail} {error.hint}"
    (tmp_path / "sfdd.yaml").write_text(plain)
    addresses = {**ENVIRON, "ODD": "postgresql://u:p@db/sfdd", "DD_PASSWORD": "s3://bucket/x", "NOPE": "gs://bucket/x"}
    if "file" not in written:
        assert load(tmp_path, environ=addresses).state in addresses.values()


def test_a_variable_may_be_part_of_an_address(tmp_path: Path) -> None:
    text = BASE + "salesforce: {login_url: 'https://${var:org}.my.salesforce.com'}\n"
    assert loaded(tmp_path, text, variables={"org": "acme"}).salesforce.login_url == "https://acme.my.salesforce.com"


@pytest.mark.parametrize("path", ["/services", "?x=y", "#x", "/../x"])
def test_addresses_are_a_scheme_and_a_host_and_nothing_else(tmp_path: Path, path: str) -> None:
    error = the_error(tmp_path, BASE + f"salesforce: {{login_url: 'https://login.salesforce.com{path}'}}\n")
    assert error.id == "SFDD-E1105"
    error = the_error(tmp_path, BASE.replace("'}}}", f"', region: 'https://r1-api.dotdigital.com{path}'}}}}}}"))
    assert error.id == "SFDD-E1105"
