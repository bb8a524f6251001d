"""The two acts that are played with and without kills, and how an apply is killed at a request.

First act: nothing is there yet but people; everything is set up, people are added, updated, created opted out and
suppressed. Second act: somebody leaves the campaign (a managed removal), is edited, is new, was taken off by hand, and
the configuration changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sfdd_declare.sandbox.faults import HANGING
from sfdd_declare.sandbox.server import Running
from tests.e2e.stage import CONFIG, Ended, Stage, buyers, known_contact

KINDS = ("hang_before", "hang_after")
_SECONDS = 60.0
APPLY = ("apply", "--auto-approve", "--allow", "max_removals,max_overwrites")


@contextmanager
def opened(folder: Path) -> Iterator[Stage]:
    """A sandbox and a configuration in a folder, as they are before the first act."""
    config = folder / "config"
    config.mkdir(parents=True)
    with Running(folder / "sandbox.db") as running:
        stage = Stage(config, running)
        stage.write()
        buyers(stage.world, 9)
        buyers(stage.world, 3, start=9, HasOptedOutOfEmail=True)
        known_contact(stage.world, "buyer8@example.com", FIRSTNAME="First8", LASTNAME="Another")
        known_contact(stage.world, "buyer9@example.com")
        yield stage


def second_act(stage: Stage) -> None:
    """What people and the configuration do between the two applies."""
    stage.admin("delete", "CampaignMember", member_of(stage, 0))
    stage.admin("update", "Contact", record_of(stage, 0), Department="Others")
    stage.admin("update", "Contact", record_of(stage, 1), Title="Chief Joy Officer")
    stage.marketer("remove_from_list", email="buyer2@example.com", list="Spring book")
    stage.admin("update", "Contact", record_of(stage, 3), HasOptedOutOfEmail=True)
    buyers(stage.world, 2, start=20)
    stage.write(CONFIG.replace("name: Spring launch\n", "name: Spring launch\n    status: In Progress\n"))


def record_of(stage: Stage, number: int) -> str:
    """The Salesforce Id of a buyer."""
    return _one(stage, "SELECT Id FROM sf_Contact WHERE Email = ?", f"buyer{number}@example.com")


def member_of(stage: Stage, number: int) -> str:
    """The Id of a buyer's campaign membership."""
    query = "SELECT Id FROM sf_CampaignMember WHERE ContactId = ? AND NOT IsDeleted"
    return _one(stage, query, record_of(stage, number))


def _one(stage: Stage, query: str, value: str) -> str:
    with stage.world.lock:
        return str(stage.world.db.execute(query, (value,)).fetchone()[0])


def apply(stage: Stage) -> Ended:
    """An apply that must go through."""
    return stage.apply("--allow", "max_removals,max_overwrites")


def killed_apply(
    stage: Stage,
    kind: str,
    *,
    system: str = "any",
    method: str = "*",
    path: str = ".*",
    nth: int = 1,
    command: tuple[str, ...] = APPLY,
) -> bool:
    """Start an apply and kill it at the nth request that matches, before or after that took effect.

    False when it ended by itself: there is no such request.
    """
    rule = {"system": system, "method": method, "path": path, "nth": nth, "kind": kind, "seconds": _SECONDS}
    stage.control("POST", "faults", rule)
    was_hanging = killed_while(stage, lambda: stage.world.setting(HANGING) is not None, command)
    stage.control("DELETE", "faults")
    return was_hanging


def killed_while(stage: Stage, hangs: Callable[[], bool], command: tuple[str, ...] = APPLY) -> bool:
    """Start a command and kill it once something hangs; False when it ended by itself, well."""
    process = stage.process(*command)
    deadline = time.monotonic() + _SECONDS
    while not hangs() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    was_hanging = hangs()
    process.kill()
    out, err = process.communicate()
    assert was_hanging or process.returncode == 0, out + err
    return was_hanging
