"""Ctrl-C and kills in the middle of an apply: run again, same end state as without (INV-2)."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from tests.e2e.sampling import sampled
from tests.e2e.stage import Stage, buyers


def end_state(stage: Stage) -> dict[str, Any]:
    """What both systems hold in the end, without ids and times."""
    db = stage.world.db
    members = db.execute("SELECT COUNT(*) FROM history WHERE kind = 'CampaignMember' AND field = 'created'").fetchone()[
        0
    ]
    campaigns = db.execute("SELECT COUNT(*) FROM history WHERE kind = 'Campaign' AND field = 'created'").fetchone()[0]
    lists = db.execute("SELECT COUNT(*) FROM history WHERE kind = 'address_book' AND old IS NULL").fetchone()[0]
    people = {
        f"buyer{number}@example.com": (
            stage.lists_of(f"buyer{number}@example.com"),
            sorted(((stage.contact_in_dotdigital(f"buyer{number}@example.com") or {}).get("dataFields") or {}).items()),
        )
        for number in range(0, 25, 6)
    }
    return {"members": members, "campaigns": campaigns, "lists": lists, "people": people}


def undisturbed(stage: Stage) -> dict[str, Any]:
    """What an apply without interruption leaves, from the numbers of the world."""
    people = {
        f"buyer{n}@example.com": (
            ["Spring book"],
            [("FIRSTNAME", f"First{n}"), ("JOB_TITLE", f"Title {n % 7}"), ("LASTNAME", f"Last{n}")],
        )
        for n in range(0, 25, 6)
    }
    return {"members": 25, "campaigns": 1, "lists": 1, "people": people}


def normal(state: dict[str, Any]) -> dict[str, Any]:
    people = {
        email: (lists, sorted((name.upper(), value) for name, value in values if value is not None))
        for email, (lists, values) in state["people"].items()
    }
    return {**state, "people": people}


def test_ctrl_c_in_the_middle_and_apply_again_ends_as_without(stage: Stage) -> None:
    buyers(stage.world, 25)
    stage.control("POST", "faults", {"system": "salesforce", "method": "POST", "path": "composite/sobjects$",
                                     "kind": "latency", "seconds": 3, "times": 1})  # fmt: skip
    process = stage.process("apply", "--auto-approve")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not _has_begun(stage):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "Traceback" not in out + err
    stage.apply()
    assert normal(end_state(stage)) == undisturbed(stage)
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def _has_begun(stage: Stage) -> bool:
    with stage.world.lock:
        query = "SELECT COUNT(*) FROM history WHERE kind = 'Campaign' AND field = 'created'"
        return bool(stage.world.db.execute(query).fetchone()[0])


WRITES = (
    ("salesforce", "POST", "deployRequest$"),
    ("salesforce", "POST", "sobjects/Campaign$"),
    ("salesforce", "PATCH", "composite/sobjects"),
    ("salesforce", "POST", "composite/sobjects$"),
    ("dotdigital", "POST", "address-books$"),
    ("dotdigital", "POST", "data-fields$"),
    ("dotdigital", "PUT", "contacts/v3/import$"),
    ("dotdigital", "GET", "contacts/v3/import/"),
)


@pytest.mark.parametrize(
    ("system", "method", "path", "kind"),
    sampled(
        [(*write, kind) for write in WRITES for kind in ("reset_before", "reset_after")],
        2,
        name=lambda case: f"{case[3]} {case[1]} {case[2]}",
    ),
)
def test_a_lost_connection_at_any_write_converges(stage: Stage, system: str, method: str, path: str, kind: str) -> None:
    buyers(stage.world, 25)
    rule = {"system": system, "method": method, "path": path, "kind": kind, "times": 6}
    stage.control("POST", "faults", rule)
    stage.sfdd("apply", "--auto-approve")
    stage.control("DELETE", "faults")
    for _ in range(2):
        again = stage.sfdd("apply", "--auto-approve")
    assert again.code == 0, again.text
    assert normal(end_state(stage)) == undisturbed(stage)
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0
