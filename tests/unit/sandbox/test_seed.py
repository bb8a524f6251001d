"""The seeded world: repeatable, dated back, and with the hard cases in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.sandbox.seed import seed
from sfdd_declare.sandbox.world import World, stamp

DATED = ("CreatedDate", "LastModifiedDate", "SystemModstamp", "ConvertedDate", "created", "updated", "status_at")


def rows(world: World, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in world.db.execute(query)]


def number(world: World, query: str) -> int:
    return int(world.db.execute(query).fetchone()[0])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("seed") / "world.db")
    seed(made, people=2000)
    yield made
    made.close()


OF_THE_WORLD = ("OwnerId", "CreatedById", "LastModifiedById", "account")  # ids of users and of the account


def test_same_seed_makes_the_same_people_and_another_seed_others(tmp_path: Path) -> None:
    people = []
    for at, dice in enumerate((1, 1, 2)):
        made = World(tmp_path / f"{at}.db")
        made.set_clock(at=datetime(2026, 3, 1, tzinfo=UTC), freeze=True)
        seed(made, people=60, seed=dice)
        found = [
            row for table in ("sf_Contact", "sf_Lead", "dd_contact") for row in rows(made, f"SELECT * FROM {table}")
        ]
        people.append([{name: row[name] for name in row if name not in OF_THE_WORLD} for row in found])
        made.close()
    assert people[0] == people[1]
    assert people[0] != people[2]


def test_asked_number_of_people_is_made(world: World) -> None:
    total = number(world, "SELECT (SELECT COUNT(*) FROM sf_Contact) + (SELECT COUNT(*) FROM sf_Lead)")
    assert total == 2000


def test_everything_is_dated_back(world: World) -> None:
    latest = stamp(world.now() - timedelta(days=29))
    for table in ("sf_Account", "sf_Contact", "sf_Lead", "sf_Campaign", "sf_CampaignMember", "dd_contact"):
        columns = {row["name"] for row in rows(world, f"PRAGMA table_info({table})")} & set(DATED)
        assert columns
        for column in columns:
            assert number(world, f"SELECT COUNT(*) FROM {table} WHERE {column} > '{latest}'") == 0
    people = "kind IN ('Contact', 'Lead', 'CampaignMember', 'contact', 'list_member')"
    assert number(world, f"SELECT COUNT(*) FROM history WHERE {people}") > 2000
    assert number(world, f"SELECT COUNT(*) FROM history WHERE {people} AND at > '{latest}'") == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM sf_Contact WHERE Email IS NULL",
        "SELECT COUNT(*) FROM sf_Lead WHERE Email IS NULL",
        "SELECT COUNT(*) FROM sf_Contact WHERE HasOptedOutOfEmail = 1",
        "SELECT COUNT(*) FROM sf_Lead WHERE HasOptedOutOfEmail = 1",
        "SELECT COUNT(*) FROM sf_Contact WHERE MailingCountry = 'United Kingdom'",
        "SELECT COUNT(*) FROM sf_Lead AS l JOIN sf_Contact AS c ON c.Id = l.ConvertedContactId"
        " WHERE l.IsConverted = 1 AND l.Status = 'Closed - Converted' AND c.AccountId = l.ConvertedAccountId",
        "SELECT COUNT(*) FROM sf_Lead AS l JOIN sf_Contact AS c ON lower(c.Email) = lower(l.Email)"
        " WHERE l.IsConverted = 0",
        "SELECT COUNT(*) FROM sf_Contact AS a JOIN sf_Contact AS b ON lower(a.Email) = lower(b.Email) AND a.Id < b.Id",
        "SELECT COUNT(*) FROM sf_CampaignMember AS m JOIN sf_Campaign AS c ON c.Id = m.CampaignId"
        " WHERE c.Name = 'Webinar series' AND m.Status = 'Attended' AND m.HasResponded = 1",
        "SELECT COUNT(*) FROM dd_contact AS d JOIN sf_Contact AS c ON lower(c.Email) = d.email_key"
        " WHERE json_extract(d.data, '$.FIRSTNAME') <> c.FirstName",
        "SELECT COUNT(*) FROM dd_contact WHERE status = 'unsubscribed'",
        "SELECT COUNT(*) FROM dd_contact WHERE status = 'suppressed'",
        "SELECT COUNT(*) FROM dd_optout",
        "SELECT COUNT(*) FROM dd_member JOIN dd_list ON dd_list.id = list_id JOIN dd_contact AS d"
        " ON d.id = contact_id WHERE dd_list.name = 'Newsletter' AND d.email_key NOT IN"
        " (SELECT lower(Email) FROM sf_Contact WHERE Email IS NOT NULL"
        "  UNION SELECT lower(Email) FROM sf_Lead WHERE Email IS NOT NULL)",
        "SELECT COUNT(*) FROM sf_Contact WHERE FirstName = '伟'",
    ],
)
def test_hard_cases_are_there(world: World, query: str) -> None:
    assert number(world, query) > 0


def test_nobody_has_a_deliverable_address(world: World) -> None:
    found = rows(
        world, "SELECT Email FROM sf_Contact UNION SELECT Email FROM sf_Lead UNION SELECT email FROM dd_contact"
    )
    domains = {row["Email"].lower().rpartition("@")[2] for row in found if row["Email"]}
    assert domains == {"example.com", "example.org", "example.net"}


def test_second_seeding_is_refused_until_reset(tmp_path: Path) -> None:
    made = World(tmp_path / "world.db")
    counts = seed(made, people=30)
    with pytest.raises(ValueError, match="seeded"):
        seed(made, people=30)
    made.reset()
    assert seed(made, people=30) == counts
    made.close()


@pytest.mark.parametrize("people", [0, 1, 5])
def test_tiny_worlds_work(tmp_path: Path, people: int) -> None:
    made = World(tmp_path / "world.db")
    counts = seed(made, people=people)
    assert counts["contacts"] + counts["leads"] == people
    made.close()


def test_ten_thousand_people_take_less_than_five_seconds(tmp_path: Path) -> None:
    made = World(tmp_path / "world.db")
    begun = time.process_time()
    seed(made, people=10_000)
    assert time.process_time() - begun < 5
    made.close()
