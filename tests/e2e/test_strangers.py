"""What somebody who can only propose a change of the configuration tries, on a runner that has all credentials.

Each test is one threat; what is run is what a workflow runs: `validate`, `plan` and `drift`, over HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdd_declare.config.schema import config_schema
from tests.e2e.stage import CONFIG, Stage
from tests.e2e.traps import Trap, a_trap
from tests.unit.wire.test_where_credentials_go import serving

SECRET = "Zq7-a-secret-of-the-runner"
JWT = "  auth: {method: refresh_token, client_id: app, refresh_token: '${env:DD_PASSWORD}'}\n"
COMMANDS = (("plan",), ("drift",), ("explain", "buyer0@example.com"), ("state", "show"), ("state", "list"), ("errors",))


@pytest.fixture
def runner(stage: Stage) -> Stage:
    """The stage on a runner of jobs."""
    stage.overrides |= {"CI": "true", "STRANGER": SECRET}
    return stage


@pytest.fixture
def trap() -> Iterator[Trap]:
    with a_trap("127.0.0.1", "127.0.0.2", "::1") as trap:
        yield trap


def login(text: str) -> str:
    """The configuration with this below `salesforce:`."""
    return CONFIG.replace("  auth: {method: access_token}\n", text)


# --- Change an address so that our credential goes elsewhere

ADDRESSES = (
    "http://127.0.0.2:PORT",
    "http://127.0.0.1:PORT",
    "http://localhost:PORT",
    "HTTP://LOCALHOST:PORT/",
    "http://[::1]:PORT",
    "http://[::ffff:127.0.0.2]:PORT",
    "http://2130706433:PORT",
    "http://0x7f.1:PORT",
    "http://127.1:PORT",
    "http://0:PORT",
    "http://127.0.0.1.:PORT",
    "https://login.salesforce.com.evil.example",
    "https://login.salesforce.com@127.0.0.1:PORT",
    "http://login.salesforce.com:443@127.0.0.2:PORT",
    "http://127.0.0.2:PORT#.my.salesforce.com",
    "http://127.0.0.2:PORT?.my.salesforce.com",
    "http://127.0.0.2:PORT/.my.salesforce.com",
    "http://127.0.0.2:PORT\\\\.my.salesforce.com",
    "http://127.0.0.2:PORT%2f.my.salesforce.com",
    "https://login.salesforce.com.",
    "https://r1-api.dotdigital.com./",
    "https://login.xn--salesfrce-76a.com",
    "https://login.s\u0430lesforce.com",
    "https://login\uff0esalesforce\uff0ecom",
    "https://my.salesforce.com",
    "//127.0.0.2:PORT",
    "http://${var:host}:PORT",
    "${env:NOWHERE_SET:-http://127.0.0.1:PORT}",
)
KEYS = {
    "login_url": login(JWT + '  login_url: "ADDRESS"\n'),
    "instance_url": login('  auth: {method: access_token, instance_url: "ADDRESS"}\n'),
    "region": CONFIG.replace("${env:DD_URL}", "ADDRESS"),
}


@pytest.mark.parametrize("key", KEYS)
def test_an_address_that_gets_our_credentials(runner: Stage, trap: Trap, key: str) -> None:
    """Also by a variable of the proposal, a default, or a list of hosts that looks like the environment's."""
    allowed = "vars: {host: 127.0.0.1, SFDD_ALLOW_HOSTS: 'http://127.0.0.2,evil.example'}\n"
    for address in ADDRESSES:
        runner.write(KEYS[key].replace("ADDRESS", address.replace("PORT", str(trap.port))) + allowed)
        ended = runner.sfdd("plan")
        assert (ended.code, "SFDD-E1243" in ended.err or "SFDD-E1105" in ended.err) == (1, True), (address, ended.text)
    assert trap.heard == []


def test_an_answer_that_leads_our_credentials_elsewhere(runner: Stage, trap: Trap) -> None:
    """The vendor's host would have to be had for that; it is not followed all the same."""
    elsewhere = f"http://127.0.0.2:{trap.port}"
    with serving("127.0.0.1") as vendor:
        runner.overrides["LOGIN"] = vendor.url
        runner.write(login(JWT + "  login_url: '${env:LOGIN}'\n"))
        vendor.body = {
            "access_token": "t",
            "instance_url": elsewhere,
            "id": "https://x/id/00D000000000001/005000000000001",
        }
        ended = runner.sfdd("plan")
        assert (ended.code, "SFDD-E2112" in ended.err) == (1, True), ended.text
        vendor.status, vendor.headers = 307, {"location": f"{elsewhere}/services/oauth2/token"}
        ended = runner.sfdd("plan")
        assert (ended.code, "SFDD-E2009" in ended.err) == (1, True), ended.text
        runner.write(CONFIG.replace("DD_URL", "LOGIN"))
        for status, body in ((307, None), (200, {"properties": [{"name": "ApiEndpoint", "value": elsewhere}]})):
            vendor.status, vendor.body = status, body
            ended = runner.sfdd("plan")
            assert ended.code == 1, ended.text
        assert len(vendor.requests) == 4
    assert trap.heard == []


# --- Change where the state is

STATES = ("postgresql://u:p@127.0.0.2:PORT/x", "postgres://127.0.0.1:PORT/x", "s3://stranger/x.db", "gs://stranger/x")


def runners_store(runner: Stage, trap: Trap) -> None:
    """Credentials for a store and a server, which the runner has for its own state."""
    store = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{trap.port}", "AWS_ACCESS_KEY_ID": "a", "AWS_REGION": "eu-west-1"}
    runner.overrides |= store | {"AWS_SECRET_ACCESS_KEY": SECRET, "PGPASSWORD": SECRET}


def test_a_state_of_the_strangers_where_the_environment_names_one(runner: Stage, trap: Trap) -> None:
    runners_store(runner, trap)
    runner.overrides["SFDD_STATE"] = str(runner.folder / "own.db")
    for state in (*STATES, "../../other.db", "/etc/passwd"):
        runner.write(f"{CONFIG}state: '{state.replace('PORT', str(trap.port))}'\n")
        assert runner.sfdd("state", "list").code == 0, state
    assert trap.heard == []


def test_a_state_of_the_strangers_where_nothing_names_one(runner: Stage, trap: Trap, tmp_path: Path) -> None:
    runners_store(runner, trap)
    outside = tmp_path / "outside"
    outside.mkdir()
    (runner.folder / "link.db").symlink_to(outside / "state.db")
    files = (
        "../../other.db",
        str(outside / "state.db"),
        "link.db",
        "${env:NOWHERE_SET:-postgresql://127.0.0.2:PORT/x}",
    )
    for state in (*STATES, *files):
        runner.write(f"{CONFIG}state: '{state.replace('PORT', str(trap.port))}'\n")
        for command in COMMANDS:
            ended = runner.sfdd(*command)
            assert (ended.code, "SFDD-E3031" in ended.err) == (1, True), (state, command, ended.text)
            assert "export SFDD_STATE=" in ended.err
    assert trap.heard == []
    assert list(outside.iterdir()) == []
    runner.write()
    (runner.folder / ".sfdd").symlink_to(outside)
    assert "SFDD-E3031" in runner.sfdd("state", "list").err


def test_a_state_that_the_base_names_is_nobodys_proposal(runner: Stage, trap: Trap, tmp_path: Path) -> None:
    """And the trap hears who comes."""
    same = f"{CONFIG}state: postgresql://127.0.0.2:{trap.port}/x\n"
    runner.write(same)
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "sfdd.yaml").write_text(same)
    ended = runner.sfdd("plan", "--base", "../main")
    assert (ended.code, "SFDD-E3031" in ended.err, len(trap.heard)) == (1, False, 1), ended.text
    runner.write(same.replace("/x\n", "/y\n"))
    assert "SFDD-E3031" in runner.sfdd("plan", "--base", "../main").err
    runner.write(f"{CONFIG}state: '${{env:OWN}}'\n")
    runner.overrides["OWN"] = f"postgresql://127.0.0.2:{trap.port}/x"
    assert "SFDD-E3031" not in runner.sfdd("state", "list").err
    assert len(trap.heard) == 2


def test_a_secret_in_the_address_of_a_state(stage: Stage, trap: Trap) -> None:
    """Not on a runner only: whoever looks at a proposal has credentials, too."""
    stage.overrides["STRANGER"] = SECRET
    (stage.folder / "key").write_text(SECRET)
    for state in (
        f"postgresql://u:${{env:STRANGER}}@127.0.0.2:{trap.port}/x",
        f"postgresql://127.0.0.2:{trap.port}/${{file:key}}",
        "s3://${env:STRANGER}/x.db",
        "s3://stranger/${env:STRANGER}",
        "${env:STRANGER}",
        "${file:key}",
        ".sfdd/${env:STRANGER}.db",
    ):
        stage.write(f"{CONFIG}state: '{state}'\n")
        for command in (("plan",), ("state", "show"), ("state", "init"), ("validate",)):
            ended = stage.sfdd(*command)
            assert (ended.code, SECRET in ended.text) == (1, False), (state, command, ended.text)
    assert trap.heard == []


# --- Print a secret

#: Where text may come from the environment or a file: nothing of it is shown.
CREDENTIALS = {
    ("salesforce", "auth", "access_token"),
    ("salesforce", "auth", "client_id"),
    ("salesforce", "auth", "client_secret"),
    ("salesforce", "auth", "instance_url"),
    ("salesforce", "auth", "method"),
    ("salesforce", "auth", "private_key"),
    ("salesforce", "auth", "refresh_token"),
    ("salesforce", "auth", "username"),
    ("salesforce", "login_url"),
    ("dotdigital", "accounts", "main", "password"),
    ("dotdigital", "accounts", "main", "region"),
    ("dotdigital", "accounts", "main", "user"),
    ("notifications", "main", "secret"),
    ("notifications", "main", "smtp"),
    ("notifications", "main", "webhook"),
    ("state",),
}
Steps = tuple[str | int, ...]


def places_of_text(schema: dict, at: dict | bool, path: Steps = (), seen: tuple[str, ...] = ()) -> Iterator[Steps]:
    """Every place of a configuration where text may stand, by its schema."""
    if at is False:
        return
    if "$ref" in at:
        name = at["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from places_of_text(schema, schema["$defs"][name], path, (*seen, name))
        return
    for option in (*at.get("anyOf", ()), *at.get("oneOf", ())):
        yield from places_of_text(schema, option, path, seen)
    for key, value in at.get("properties", {}).items():
        yield from places_of_text(schema, value, (*path, key), seen)
    for value in (*at.get("patternProperties", {}).values(), at.get("additionalProperties")):
        if isinstance(value, dict):
            yield from places_of_text(schema, value, (*path, "main"), seen)
    if isinstance(at.get("items"), dict):
        yield from places_of_text(schema, at["items"], (*path, 0), seen)
    kinds = at.get("type", ())
    if "string" in ([kinds] if isinstance(kinds, str) else kinds) or "const" in at or "enum" in at:
        yield path


def written(path: Steps, value: str) -> str:
    """A configuration with the value at this place."""
    node: object = value
    for step in reversed(path):
        node = [node] if step == 0 else {step: node}
    assert isinstance(node, dict)
    return json.dumps({"version": 1, **node})


def test_a_secret_in_any_key_that_takes_text(runner: Stage) -> None:
    schema = json.loads(config_schema())
    places = set(places_of_text(schema, schema)) - {("version",)}
    assert len(places) > 90
    assert places > CREDENTIALS
    (runner.folder / "key").write_text(SECRET)
    taken = set()
    for place in sorted(places, key=str):
        runner.write(written(place, "a ${env:STRANGER} ${env:STRANGER:-x} ${file:key}"))
        ended = runner.sfdd("validate")
        assert SECRET not in ended.text, (place, ended.text)
        if "SFDD-E1116" not in ended.err:
            taken.add(place)
    assert taken == CREDENTIALS


def test_a_secret_in_every_form_of_the_answer(runner: Stage) -> None:
    runner.write(replace=("name: Spring launch", "name: '${env:STRANGER}'"))
    asked = [("validate", "--format", form) for form in ("github", "sarif", "gitlab")]
    asked += [(command, *form) for command in ("validate", "plan", "drift") for form in ((), ("--json",))]
    asked += [(command, "--markdown", "comment.md") for command in ("plan", "drift")]
    for command in asked:
        ended = runner.sfdd(*command)
        assert (ended.code, "STRANGER" in ended.text, SECRET in ended.text) == (1, True, False), (command, ended.text)
        comment = runner.folder / "comment.md"
        assert not comment.exists() or SECRET not in comment.read_text()


def test_a_secret_where_a_credential_is_expected(runner: Stage) -> None:
    """It is sent to the vendor, who does not know it, and nobody reads it."""
    texts = [CONFIG.replace(f"${{env:{name}}}", "${env:STRANGER}") for name in ("DD_USER", "DD_PASSWORD", "DD_URL")]
    own = "  login_url: '${env:SF_ORG_INSTANCE_URL}'\n"
    for auth in (
        "{method: access_token, access_token: '${env:STRANGER}'}",
        "{method: access_token, instance_url: '${env:STRANGER}'}",
        "{method: refresh_token, client_id: '${env:STRANGER}', refresh_token: '${env:STRANGER}'}",
        "{method: client_credentials, client_id: '${env:STRANGER}', client_secret: '${env:STRANGER}'}",
        "{method: jwt, client_id: '${env:STRANGER}', username: '${env:STRANGER}', private_key: '${env:STRANGER}'}",
    ):
        texts.append(login(f"  auth: {auth}\n{own}"))
    texts.append(login(f"{JWT}  login_url: '${{env:STRANGER}}'\n"))
    for text in texts:
        runner.write(text)
        for form in ((), ("--json",), ("--markdown", "comment.md")):
            ended = runner.sfdd("plan", *form)
            assert (ended.code, SECRET in ended.text) == (1, False), (text, ended.text)
        assert SECRET not in (runner.folder / "comment.md").read_text()


def test_a_file_of_the_runner_that_a_proposal_names(runner: Stage, tmp_path: Path) -> None:
    """By `${file:}`, as a list of members, and as a link in the place of a file of the configuration."""
    (tmp_path / "outside.yaml").write_text(f"token: {SECRET}\n")
    (tmp_path / "outside").write_text(f"{SECRET}: [\n")
    git = runner.folder / ".git"
    git.mkdir()
    (git / "config").write_text(f"[x]\n\theader = {SECRET}\n")
    (runner.folder / "env").mkdir()
    links = ("/proc/self/environ", "../outside.yaml", "../outside", ".git/config")
    for target in links:
        for name in ("zz.yaml", "env/prod.yaml", "known.yaml", "members.csv"):
            here = runner.folder / name
            here.unlink(missing_ok=True)
            here.symlink_to(target if target.startswith("/") else runner.folder / target)
        quoted = target if target.startswith("/") else f"../{target.removeprefix('../')}"
        named = "\n".join(
            f"    x{n}: {{user: x, password: '${{file:{f}}}'}}" for n, f in enumerate((quoted, "members.csv"))
        )
        for extra in ("", f"dotdigital:\n  accounts:\n{named}\n"):
            (runner.folder / "aa.yaml").write_text(f"version: 1\n{extra}")
            for command in (("validate",), ("validate", "--format", "github"), ("plan", "--env", "prod")):
                ended = runner.sfdd(*command)
                assert (ended.code, "SFDD-E1117" in ended.text, SECRET in ended.text) == (1, True, False), ended.text
        (runner.folder / "zz.yaml").unlink()
        (runner.folder / "aa.yaml").unlink()
        for command in (("plan", "--env", "prod"), ("drift", "--ignore", "known.yaml")):
            ended = runner.sfdd(*command)
            assert (ended.code, "SFDD-E1117" in ended.text, SECRET in ended.text) == (1, True, False), ended.text
        runner.write(replace=("where: \"Department = 'Buyers'\"", "file: members.csv"))
        ended = runner.sfdd("plan")
        assert (ended.code, SECRET in ended.text) == (1, False), ended.text
        runner.write()
