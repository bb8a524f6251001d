"""What goes wrong at a customer's: each one clear message with an id, a place and a hint; exit 1; nothing written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.e2e.stage import CONFIG, Stage, buyers


@dataclass(frozen=True)
class Situation:
    """What is wrong, and what the message must hold."""

    name: str
    arrange: Callable[[Stage], None]
    says: tuple[str, ...]
    arguments: tuple[str, ...] = ("apply", "--auto-approve")


def _environ(name: str, value: str) -> Callable[[Stage], None]:
    return lambda stage: stage.overrides.update({name: value})


def _config(old: str, new: str) -> Callable[[Stage], None]:
    return lambda stage: stage.write(CONFIG, replace=(old, new))


def _setting(name: str, value: object) -> Callable[[Stage], None]:
    return lambda stage: stage.control("PUT", "settings", {name: value})


def _elsewhere(stage: Stage) -> None:
    """The address that is asked belongs to another region than the account."""
    stage.control("PUT", "settings", {"dotdigital.base_urls": {"r2": stage.running.dotdigital_url}})


def _live_campaign(stage: Stage) -> None:
    stage.admin("insert", "Campaign", Name="Spring launch")


SITUATIONS = (
    Situation("wrong password", _environ("DD_PASSWORD", "nope"), ("SFDD-E22", "dotdigital.accounts.main")),
    Situation("wrong region", _elsewhere, ("SFDD-E2202", "dotdigital.accounts.main.region")),
    Situation("revoked token", _environ("SF_ACCESS_TOKEN", "00Dsandbox!revoked"), ("SFDD-E21", "token")),
    Situation(
        "unreachable host",
        _environ("SF_ORG_INSTANCE_URL", "http://127.0.0.1:9"),
        ("SFDD-E20", "127.0.0.1:9"),
    ),
    Situation(
        "CON-6 hidden field",
        _setting("salesforce.hidden_fields", {"integration@acme.example": ["Contact.HasOptedOutOfEmail"]}),
        ("SFDD-E13", "HasOptedOutOfEmail"),
    ),
    Situation(
        "misspelt field",
        _config("Title: JOB_TITLE\n  leads", "Titel: JOB_TITLE\n  leads"),
        ("SFDD-E13", "Title", "sfdd.yaml:"),
    ),
    Situation(
        "CON-6 read-only target",
        _setting("salesforce.readonly_fields", {"integration@acme.example": ["Contact.HasOptedOutOfEmail"]}),
        ("SFDD-E13", "HasOptedOutOfEmail"),
    ),
    Situation(
        "21-character data field",
        _config("JOB_TITLE: {type: string}", "A23456789012345678901: {type: string}"),
        ("SFDD-E12", "A23456789012345678901", "20", "sfdd.yaml:"),
    ),
    Situation("a live campaign of the same name", _live_campaign, ("SFDD-E4001", "existing:", "import:", "sfdd.yaml:")),
    Situation(
        "SOQL syntax error in where",
        _config("Department = 'Buyers'", "Department == 'Buyers'"),
        ("SFDD-E21", "where", "sfdd.yaml:"),
    ),
    Situation(
        "unbalanced quote in where", _config("Department = 'Buyers'", "Department = 'Buyers"), ("SFDD-E21", "where")
    ),
    Situation("mistyped flag", lambda stage: None, ("SFDD-E90", "--auto-approve"), ("apply", "--auto-aprove")),
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=[situation.name for situation in SITUATIONS])
def test_each_gets_one_clear_message_and_nothing_is_written(stage: Stage, situation: Situation) -> None:
    buyers(stage.world, 3)
    situation.arrange(stage)
    before = _writes(stage)
    ended = stage.sfdd(*situation.arguments)
    assert ended.code == 1, ended.text
    for text in situation.says:
        assert text in ended.err, ended.text
    assert "Traceback" not in ended.text
    assert "Hint:" in ended.err
    assert _writes(stage) == before
    assert not any(secret in ended.text for secret in ("nope", "00Dsandbox!revoked", "@example.com"))


def _writes(stage: Stage) -> int:
    return int(stage.world.db.execute("SELECT COUNT(*) FROM history WHERE who NOT LIKE 'admin%'").fetchone()[0])
