"""What a stranger's text would do where it is shown: in a comment, in the log of a runner, in a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from tests.e2e.stage import CONFIG, Ended, Stage, buyers
from tests.unit.render.markdown_reading import marker_of, read
from tests.unit.wire.test_where_credentials_go import serving

COMMANDS = (
    "::set-output name=go::yes",
    "\n::add-mask::1",
    "\r\n  ::error::x",
    "##[add-mask]1",
    "x ##[command]y",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[x]",
    "\x1b]8;;http://evil.example\x07\x1b[2J\x9b31m",
    "\u202e\u2066\u200b\u2028::warning::x",
)
MARKUP = (
    "@team",
    "</details>",
    "--> <!-- sfdd {} -->",
    '<!-- sfdd {"v":1,"kind":"apply"} -->',
    "sfdd {marker}",
    "[x](http://evil.example) ![x](http://evil.example/a.png) <http://evil.example>",
    "<img src=x onerror=alert(1)>",
    "a|b\\|c ` `` ```",
    "\n\n# head\n> quote\n- list\n[x]: http://evil.example",
    "\u202egnp\u2066.x\u200f\u200b",
)
EVIL = " ".join((*COMMANDS, *MARKUP))
LINE = "".join(c for c in EVIL if c.isprintable())  # what a name may be
_COMMAND = re.compile(r"^\s*::|##(\w+)?\[", re.MULTILINE)


def harmless(ended: Ended) -> None:
    for text in (ended.out, ended.err):
        assert _COMMAND.findall(text) == [], text
        assert {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} == set()


def words(text: str) -> str:
    """As a key or a value of YAML."""
    return json.dumps(text)


@pytest.fixture
def hostile(stage: Stage) -> Stage:
    """Hostile names live, and another hostile name of everything in the configuration."""
    stage.overrides |= {"CI": "true"}
    buyers(stage.world, 2, FirstName=EVIL[:40], Title=EVIL[:80])
    stage.apply()
    with stage.world.transaction() as db:
        db.execute("UPDATE sf_Campaign SET Name = ?", (EVIL[:80],))
        db.execute("UPDATE dd_list SET name = ? WHERE name = 'Spring book'", (EVIL,))
        db.execute("UPDATE sf_User SET LastName = ?", (EVIL,))
    text = CONFIG.replace("name: Spring launch", f"name: {words(LINE[-70:].strip())}\n    description: {words(EVIL)}")
    stage.write(
        text.replace("name: Spring book", f"name: {words(LINE[:60].strip())}").replace(
            "Sent:", f"{words(LINE[:40].strip())}:"
        )
    )
    return stage


def test_markup_and_commands_in_names(hostile: Stage) -> None:
    """One plan and one look at drift, each in the log and in a comment."""
    for command, kind in (("plan", "plan"), ("drift", "drift")):
        ended = hostile.sfdd(command, "--markdown", "comment.md", "--verbose" if command == "plan" else "--no-color")
        assert ended.code in (0, 2), ended.text
        harmless(ended)
        assert "evil.example" in ended.out
        body = (hostile.folder / "comment.md").read_text()
        seen = read(body)
        assert (seen.links, seen.images, seen.foreign_html) == ((), 0, [])
        assert "evil.example" in "".join(seen.codes)
        for sign in ("@team", "evil", "http"):
            assert sign not in seen.texts
        assert body.count("<!-- sfdd") - "".join(seen.codes).count("<!-- sfdd") == 1
        assert marker_of(body)["kind"] == kind
        assert unsafe_in(body) == set()


def unsafe_in(body: str) -> set[str]:
    return {c for c in body if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def test_commands_in_documents(hostile: Stage) -> None:
    """A document on stdout is a part of the log, too, and says the same."""
    ended = hostile.sfdd("plan", "--json", "--events")
    harmless(ended)
    assert "##[add-mask]" in json.dumps(json.loads(ended.out))
    harmless(hostile.sfdd("explain", "buyer0@example.com"))


def test_commands_in_errors(stage: Stage, tmp_path: Path) -> None:
    for text in (
        CONFIG.replace("name: Spring launch", f"{words(EVIL)}: x"),
        CONFIG.replace("spring:\n    name", f"{words(EVIL)}:\n    name"),
        CONFIG.replace("campaign: spring", f"campaign: {words(EVIL)}"),
        CONFIG + "::set-output name=a::b: 1\n",
        CONFIG + "'##[error]': {\n",
        CONFIG + "? ##[error]x\n: [\n::error::\n",
    ):
        stage.write(text)
        for command in (("validate",), ("validate", "--json"), ("plan", "--no-color")):
            ended = stage.sfdd(*command)
            assert ended.code == 1, text
            harmless(ended)
        for form in ("sarif", "gitlab"):
            harmless(stage.sfdd("validate", "--format", form))
    for line in (("plan", "--target", EVIL), ("plan", f"--{EVIL}"), (EVIL,), ("show", EVIL), ("plan", "-C", EVIL)):
        harmless(stage.sfdd(*line))


def test_commands_in_what_a_vendor_answers(stage: Stage) -> None:
    with serving("127.0.0.1") as vendor:
        stage.overrides["LOGIN"] = vendor.url
        auth = "  auth: {method: refresh_token, client_id: app, refresh_token: x}\n  login_url: '${env:LOGIN}'\n"
        stage.write(CONFIG.replace("  auth: {method: access_token}\n", auth))
        for error in (EVIL, "invalid_grant"):
            vendor.status, vendor.body = 400, {"error": error, "error_description": EVIL}
            ended = stage.sfdd("plan")
            assert (ended.code, "SFDD-E21" in ended.err) == (1, True), ended.text
            harmless(ended)
            harmless(stage.sfdd("plan", "--json"))
        stage.write(CONFIG.replace("DD_URL", "LOGIN"))
        vendor.body = {"message": EVIL, "errorCode": EVIL, "description": EVIL}
        ended = stage.sfdd("plan")
        assert ended.code == 1
        harmless(ended)
