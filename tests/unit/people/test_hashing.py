"""The state's hash must come out the same in the rules and in Python."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr

from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.question import Question
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.people.walk import prepare
from tests.unit.people.worlds import a_world, question_of


def test_the_rules_give_the_hash_of_the_state() -> None:
    texts = ["a", "Zoë", "İstanbul", "李小龍", "x'y\"z", "line\nbreak", "\x1f", "1.5", "a" * 1000]
    key = "k'ey%"
    world = a_world()
    for number, text in enumerate(texts):
        world.record(f"003{number}", text)
        world.rows["records.main.contact"][-1]["email_key"] = text

    def hashes(question: Question, spool: RunDirectory) -> tuple[dict[str, str], str]:
        with Engine(spool, "1 GB") as engine:
            prepare(engine, replace(question, hash_key=SecretStr(key)))
            [settings] = engine.rows("SELECT blank_hash FROM settings")
            rows = engine.rows("SELECT email_key, email_hash FROM records_read")
            return {row["email_key"]: row["email_hash"] for row in rows}, settings["blank_hash"]

    assert question_of(world, hashes) == ({text: keyed_hash(key, text) for text in texts}, keyed_hash(key, ""))
