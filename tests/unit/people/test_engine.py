"""The database behind the rules: what is spelled out for it arrives as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from sfdd_declare.model.explanation import Explanation
from sfdd_declare.people.decide import decide
from sfdd_declare.people.engine import Engine, literal, one_of
from sfdd_declare.people.explain import explain
from sfdd_declare.people.question import Question
from sfdd_declare.people.spool import RunDirectory
from tests.unit.people.worlds import a_world, decided, question_of

ODD = ["it's", "a\\n", "\x1f", "\0", "a\0b\0", "'; DROP TABLE changes; --", "Zoë", "", None, True, -7]


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_a_value_that_is_spelled_out_arrives_as_it_was(value: object, tmp_path: Path) -> None:
    with Engine(RunDirectory(tmp_path), "1 GB") as engine:
        [row] = engine.rows(f"SELECT {literal(value)} AS value, {literal(value)} IN {one_of((value,))} AS is_among")
    assert row == {"value": value, "is_among": None if value is None else True}


def test_nobody_is_one_of_no_values(tmp_path: Path) -> None:
    with Engine(RunDirectory(tmp_path), "1 GB") as engine:
        assert engine.rows(f"SELECT 1 AS one WHERE 'a' IN {one_of(())}") == []


@pytest.mark.parametrize("who", ["²", "1" * 60, "o'hara@x.com", "\0"])
def test_whoever_is_asked_for_in_odd_words_is_nobody(who: str) -> None:
    world = a_world()
    world.record("0031", "ada@x.com")

    def asked(question: Question, spool: RunDirectory) -> Explanation:
        decide(question, spool)
        return explain(question, spool, who)

    [view] = question_of(world, asked).accounts
    assert (view.records, view.contacts) == ((), ())


def test_what_the_folder_of_a_run_is_called_says_nothing_about_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "account=other" / "sf_id=0039"
    folder.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    world = a_world()
    world.record("0031", "ada@x.com", "Ada")
    world.member("0031")
    assert {row["sf_id"] for row in decided(world).changes} == {"0031"}
