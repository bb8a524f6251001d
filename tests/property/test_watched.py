"""A life of the scheduled synchronisation: a watch in a process of its own, and everything that happens to it.

Every edit arrives in time unless a rule stands in its way; nobody opted out is subscribed; people of a link by hand
wait for its name; faults, kills, guards and holds stop nothing else; and it gets neither dearer nor bigger.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sfdd_declare.store.history import KEPT_IDLE
from tests.e2e.test_consent import wrongs
from tests.property.scheduled import MANUAL
from tests.property.scheduled_acts import ASKED_TO_END, FAULTS, KILLS, Town

#: The faults of the sample.
SOME_LOST = {"kind": "reset_after", "system": "dotdigital", "method": "*", "path": ".*", "nth": 3, "times": 2}
ALL_REFUSED = {"kind": "status", "status": 503, "system": "salesforce", "method": "*", "path": ".*", "times": 0}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    begun = []

    def begin(seed: int, every: int) -> Town:
        begun.append(Town(tmp_path, seed, every))
        begun[-1].begin()
        return begun[-1]

    yield begin
    for one in begun:
        one.end()


def said(*what: object) -> None:
    """For whoever runs it with `-s`."""
    sys.stdout.write(f"{' '.join(map(str, what))}\n")
    sys.stdout.flush()


def nothing_went_wrong(town: Town) -> None:
    assert wrongs(town.stage) == []
    with town.world.lock:
        doubled = town.world.db.execute(
            "SELECT COUNT(*) FROM sf_CampaignMember WHERE NOT IsDeleted"
            " GROUP BY CampaignId, ContactId, LeadId HAVING COUNT(*) > 1"
        ).fetchall()
        doubled += town.world.db.execute(
            "SELECT COUNT(*) FROM sf_Lead WHERE NOT IsDeleted GROUP BY lower(Email) HAVING COUNT(*) > 1"
        ).fetchall()
    assert doubled == []
    assert [one.what for one in town.awaited if one.link != MANUAL] == []


def test_some_hours_with_faults_a_guard_and_a_kill(town: Callable[..., Town]) -> None:
    """The quickest link half as often as in the long life: a run costs more than anything else here."""
    life = town(1, every=30)
    life.plan(3, a_hour=12, busy=lambda hour: hour < 2)
    for minutes, rule in ((20, SOME_LOST), (85, ALL_REFUSED)):
        life.after(minutes, lambda rule=rule: life.fault(rule, timedelta(minutes=14)))
    life.after(40, lambda: life.ends.append(KILLS[0]))
    life.after(64, lambda: life.removals_are_held_back(timedelta(minutes=65)))
    life.lives(timedelta(hours=4, minutes=10))
    said(life.told())
    nothing_went_wrong(life)
    assert life.figures["ended by SIGKILL"] == 1
    assert life.figures["faults that hit"] == 2
    assert life.figures["runs failed"] >= 1
    assert life.figures["guards"] == 1
    assert life.figures["idle runs"] >= 2
    assert life.figures["runs"] >= 12


@pytest.mark.slow
def test_two_hundred_hours(town: Callable[..., Town]) -> None:
    """Sixteen hours of each day are busy. In the last process are most of the runs: its memory is measured."""
    life = town(int(os.environ.get("SFDD_LIFE_SEED", "7")), every=30)
    hours = int(os.environ.get("SFDD_LIFE_HOURS", "200"))
    life.plan(hours - 5, a_hour=6, busy=lambda hour: hour % 24 < 16)
    day = 24 * 60
    for number in range(hours // 4):
        rule, lasts = FAULTS[number % len(FAULTS)], timedelta(minutes=life.random.choice((4, 20, 50, 150)))
        if number * 4 % 24 < 13:
            life.after(number * 240 + life.random.randrange(60), lambda r=rule, d=lasts: life.fault(r, d))
    for hour, end in zip((3, 9, 14, 27), (*KILLS, ASKED_TO_END), strict=True):
        life.after(hour * 60, lambda end=end: life.ends.append(end))
    for start in range(0, hours * 60 - day + 1, 2 * day):
        life.after(start + 200, lambda: life.removals_are_held_back(timedelta(minutes=130)))
        life.after(start + 420, lambda: life.newcomers_are_held_back(timedelta(minutes=100)))
        life.after(start + 600, lambda: life.wrong_configuration(timedelta(hours=1)))
        life.after(start + 700, lambda: life.campaign_is_renamed(timedelta(hours=4)))
        life.after(start + 500, lambda: life.synchronises_by_hand(MANUAL))
    life.after(min(2 * day, hours * 60 // 2), lambda: life.conflict_is_held(timedelta(hours=3)))
    sizes = {}
    for hour in range(20, hours, 20):
        life.after(hour * 60, lambda hour=hour: sizes.update({hour: (life.state_bytes(), len(life.records()))}))
    for hour in range(0, hours, 4):
        life.after(hour * 60, lambda: said(life.told(), sizes))
    life.lives(timedelta(hours=hours))
    said(life.told(), sizes)
    nothing_went_wrong(life)
    idle = [record for record in life.records() if record.details and record.details.wrote_nothing]
    assert len(idle) <= KEPT_IDLE
    assert life.state_bytes() <= 2 * next(iter(sizes.values()))[0] + 1_000 * life.figures["runs"]
    assert life.figures["ended by SIGKILL"] == 3
    assert life.figures["ended by SIGTERM"] == 1
    first, last = life.memory
    assert last <= 1.1 * first
