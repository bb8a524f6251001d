"""Lives in which plans are reviewed: between a plan and the apply of its file both systems are edited at random.

What was written is a subset of what the file showed, and opt-outs; whatever is approved is done, not due any more, or
waits and is said to; and the next plan shows whoever was left out, also by a delta.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest

from sfdd_declare.app import prepare
from sfdd_declare.people import columns
from sfdd_declare.people.decide import decide
from sfdd_declare.people.question import Answer, Question
from sfdd_declare.people.spool import RunDirectory
from tests.e2e.stage import Ended
from tests.property.declared import BACK, BOTH, FIELDS, FORTH, MAIN
from tests.property.living import ALLOWED, Living
from tests.property.oracle_approved import NEVER_ASKED, created, meaning

Row = dict[str, Any]
PLAN = "life.sfddplan"
PEOPLE, EDITS, REVIEWS = 24, 14, 2
DIRECTIONS = {"FirstName": BOTH, "LastName": FORTH, "Title": BACK, "Score__c": FORTH}


class Decided:
    """The rows of the last decision, by what they mean, less what nobody carries out."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def decide(self, question: Question, spool: RunDirectory) -> Answer:
        answer = decide(question, spool)
        key = question.hash_key.get_secret_value()
        found = [row for part in spool.parts(columns.CHANGES) for row in pq.read_table(part).to_pylist()]
        rows = [row for row in found if row["aspect"] != "problem"]
        self.rows = {meaning(row, key, created(rows)): row for row in rows}
        return answer


class Reviewed(Living):
    """A world in which plans are reviewed."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random

    def begin(self) -> None:
        self.running.world.set_switches(self.random.choice(("cautious", "lucky")))
        self.redeclare(directions=DIRECTIONS, has_new_leads=self.random.random() < 0.5)
        for number in range(PEOPLE):
            self.hands.person("Lead" if number % 4 == 3 else "Contact", number, number)
        self.stage.write(self.declared.yaml())
        begun = ("state", "init") if self.random.random() < 0.5 else ("apply", "--auto-approve", "--allow", ALLOWED)
        done = self.stage.sfdd(*begun)
        assert done.code in (0, 6), done.text
        self.edits()

    def edits(self) -> None:
        """Hands in both systems."""
        for _ in range(EDITS):
            self.random.choice(self._acts())()
            self.hands.rest(11)

    def told(self, *arguments: str) -> tuple[Ended, dict[str, Row]]:
        decided = Decided()
        with patch.object(prepare, "decide", decided.decide):
            ended = self.stage.sfdd(*arguments)
        return ended, decided.rows

    def _acts(self) -> list[Callable[[], object]]:
        hands, pick = self.hands, self.random.randrange
        name = self.random.choice(sorted(FIELDS))
        return [
            lambda: hands.person(self.random.choice(("Lead", "Contact")), pick(36), pick(21)),
            lambda: hands.type_here(pick(36), name, pick(21)),
            lambda: hands.type_here(pick(36), name, pick(21)),
            lambda: hands.address_here(pick(36), pick(36)),
            lambda: hands.swap(pick(36), pick(36)),
            lambda: hands.tick(pick(36), is_out=self.random.random() < 0.6),
            lambda: hands.choose(pick(36), is_chosen=self.random.random() < 0.5),
            lambda: hands.leave_campaign(pick(36)),
            lambda: hands.delete_here(pick(36)),
            lambda: hands.convert(pick(36), None),
            lambda: hands.sign_up(MAIN, pick(9), is_on_book=True, is_whole=True),
            lambda: hands.type_there(MAIN, pick(36), name, pick(21)),
            lambda: hands.address_there(MAIN, pick(36), pick(9)),
            lambda: hands.on_contact(MAIN, pick(36), "unsubscribe"),
            lambda: hands.on_book(MAIN, pick(36), "remove_from_list"),
        ]


@contextlib.contextmanager
def a_life(number: int) -> Iterator[Reviewed]:
    life = Reviewed(Random(number))
    try:
        life.begin()
        yield life
    finally:
        life.end()


def live(life: Reviewed) -> None:
    for _ in range(REVIEWS):
        planned, shown = life.told("plan", "--out", PLAN, "--allow", ALLOWED)
        assert planned.code == 0, planned.text
        life.edits()
        _, due = life.told("plan", "--allow", ALLOWED)
        ended, carried = life.told("apply", PLAN)
        assert ended.code in (0, 6), ended.text
        is_told = "Not done:" in ended.text or ": left out, `sfdd plan`" in ended.text or ended.code == 6

        opt_outs = {key for key, row in due.items() if row["operation"].startswith(NEVER_ASKED)}
        assert carried.keys() <= shown.keys() | opt_outs
        assert opt_outs <= carried.keys()
        assert carried.keys() <= due.keys()
        left = due.keys() - carried.keys()
        assert bool(left) == ("that the plan file does not hold" in ended.out), ended.text
        assert not left - shown.keys() or "with changes that the plan file does not hold" in ended.out
        life.replay()
        for flags in ((), ("--delta",)):
            following, after = life.told("plan", "--allow", ALLOWED, *flags)
            assert following.code == 0, following.text
            assert left <= after.keys() | moved_on(left, due, carried), (flags, [due[k] for k in left - after.keys()])
            assert is_told or not carried.keys() & after.keys(), (
                flags,
                [due[k] for k in carried.keys() & after.keys()],
            )
        life.edits()


def moved_on(left: Any, due: dict[str, Row], carried: dict[str, Row]) -> set[str]:
    """Rows of whoever was suppressed or ticked by the apply: they are planned as an opt-out's now."""
    out = {
        row[name]
        for row in carried.values()
        if row["operation"].startswith(NEVER_ASKED)
        for name in ("person", "email")
    }
    return {key for key in left if out & {due[key]["person"], due[key]["email"]}}


@pytest.mark.parametrize("number", [2, *(pytest.param(number, marks=pytest.mark.slow) for number in range(3, 40))])
def test_CON_16_what_is_written_was_in_the_file_and_what_was_left_out_is_shown_next(number: int) -> None:
    with a_life(number) as life:
        live(life)


def writes(life: Reviewed) -> int:
    us = ("integration", "apiuser-sandbox@apiconnector.com")
    return sum(entry["who"] in us for entry in life.stage.control("GET", "history"))


def figures(text: str, pattern: str) -> dict[str, int]:
    """Counts by word, of the line that begins so."""
    [line] = [found.strip() for found in text.splitlines() if re.search(pattern, found)][-1:] or [""]
    return {word: int(number.replace(",", "")) for number, word in re.findall(r"(\d[\d,]*) (?:people )?(\w+)", line)}


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 30))])
def test_CON_16_a_token_lets_through_no_more_than_its_line_names(number: int) -> None:
    """Or nothing at all."""
    with a_life(number) as life:
        outcomes = []
        for edits in (0, 1, 3):
            planned = life.stage.sfdd("plan", "--allow", ALLOWED)
            token = re.search(r"--expect (\S+)", planned.out)
            if token is None:
                continue
            most = figures(planned.out, "It lets through at most")
            for _ in range(edits):
                life.edits()
            before = writes(life)
            ended = life.stage.sfdd("apply", "--auto-approve", "--expect", token[1], "--allow", ALLOWED)
            outcomes.append(ended.code)
            if ended.code == 3:
                assert writes(life) == before
                continue
            assert ended.code in (0, 6), ended.text
            done = figures(ended.out, r"Apply (complete|incomplete|in part)")
            assert all(done.get(word, 0) <= most[word] for word in ("added", "updated", "removed")), (most, done)
        assert 0 in outcomes or 6 in outcomes
