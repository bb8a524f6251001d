"""What every life is lived in: one sandbox world with one state, the command line, and what an apply must do in it."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sfdd_declare.app import prepare
from sfdd_declare.sandbox.server import Running
from tests.e2e.stage import Ended, Stage
from tests.property.agreement import Agreement
from tests.property.declared import EVENTS, Declared
from tests.property.hands import Hands
from tests.property.past import Past

#: An apply may leave this many more to be made: what it announced as following from it (INV-1).
FOLLOW_UPS = 2
ALLOWED = "max_overwrites,max_removals,max_new_records,sudden_loss,replace,other_lineage"


class Living:
    """A world that stands still until `hands` do something; `end` it after use."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name) / "config"
        folder.mkdir()
        self.running = Running(Path(self._folder.name) / "sandbox.db")
        self.stage = Stage(folder, self.running)
        self.hands = Hands(self.running.world)
        self.declared = self.applied = Declared()
        self.agreement, self.past, self.seen = Agreement(), Past(), 0
        world = self.running.world
        world.set_clock(at=world.now(), freeze=True)
        account = {"account_id": EVENTS, "user": "apiuser-events@apiconnector.com", "password": "x", "region": "r1"}
        world.set_setting("dotdigital.accounts", [account])
        self.stage.overrides |= {"EV_USER": str(account["user"]), "EV_PASSWORD": "x"}

    def synchronise(self) -> None:
        """Apply until nothing is left."""
        for _ in range(1 + FOLLOW_UPS):
            done = self.decided("apply", "--auto-approve", "--allow", ALLOWED)
            is_refused = done.code in {1, 6} and _is_refused(done.text)  # alone, or beside what was done
            assert done.code == 0 or is_refused, done.text
            assert _is_as_shown(done.out), done.text
            self.replay()
            left = self.decided("plan", "--detailed-exitcode")
            if left.code != 2:
                break
        assert left.code == (2 if is_refused else 0), done.text + left.text
        self._nothing_is_lost()

    def decided(self, *arguments: str) -> Ended:
        """Run one command, whose decisions are the oracle's."""
        self.stage.write(self.declared.yaml())
        with patch.object(prepare, "decide", self.agreement.decide):
            ended = self.stage.sfdd(*arguments)
        assert not self.agreement.differences, "\n".join(self.agreement.differences)
        return ended

    def redeclare(self, **changes: Any) -> None:
        self.declared = replace(self.declared, **changes)

    def end(self) -> None:
        self.running.stop()
        self._folder.cleanup()

    def replay(self) -> None:
        """Nothing in the history of both systems must never be."""
        entries = self.stage.control("GET", f"history?after={self.seen}")
        allowed = {s: self.declared.writes(s) | self.applied.writes(s) for s in ("salesforce", "dotdigital")}
        self.past.replay(entries, allowed)
        self.seen = entries[-1]["seq"] if entries else self.seen
        assert self.past.wrongs == []

    def _nothing_is_lost(self) -> None:
        """INV-5: an edit on the side that always wins is still there."""
        for (system, who, name), typed in self.hands.edits.items():
            wins = self.declared.wins(system) & self.applied.wins(system)
            present = self.hands.value(system, who, name)
            assert name not in wins or present in (typed, None) or _same(present, typed), (
                system,
                who,
                name,
                typed,
                present,
            )
        self.hands.edits.clear()
        self.redeclare(imports={})
        self.applied = self.declared


def _is_as_shown(text: str) -> bool:
    """INV-7: what the plan counted is what the apply did, or something was left out and named."""
    shown = set(re.findall(r"People: (\d+) to add, (\d+) to update, (\d+) to remove(?:, (\d+) new)?", text))
    done = set(re.findall(r"People: (\d+) added, (\d+) updated, (\d+) removed(?:, (\d+) new)?", text))
    nobody = {("0", "0", "0", "")}
    return (shown or nobody) == (done or nobody) or "Not done:" in text or "blocked by" in text


def _is_refused(text: str) -> bool:
    """A state that was lost does not know who was deleted in Dotdigital; only the vendor does."""
    return set(re.findall(r"^  (\S+) +\d+ rows?", text, re.MULTILINE)) == {"InvalidContact"} and "recycle bin" in text


def _same(one: object, other: object) -> bool:
    return re.sub(r"\s+$", "", str(one)) == re.sub(r"\s+$", "", str(other))
