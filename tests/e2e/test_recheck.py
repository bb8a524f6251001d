"""Edits between plan and write: whoever was edited meanwhile is left out whole, counted and named (WIRE-6, INV-5)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from sfdd_declare.store.opening import open_state
from tests.e2e.hands import flat, settled, value
from tests.e2e.stage import Ended, Stage, buyers

WORDS = "edited meanwhile: left out, `sfdd plan` shows them"


def test_INV_5_WIRE_6_people_edited_on_either_side_are_left_out_and_the_others_go_through(stage: Stage) -> None:
    ids = buyers(stage.world, 40)
    stage.apply()
    for number in (1, 2, 3):
        stage.admin("update", "Contact", ids[number], Title=f"New {number}", FirstName=f"Other {number}")

    def edits() -> None:
        stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="By the marketer")
        stage.admin("update", "Contact", ids[2], Title="Newer 2")

    read = marks(stage)
    ended = while_applying(stage, edits)

    assert ended.code == 0, ended.text
    assert f"2 people {WORDS}" in flat(ended.out)
    assert read
    assert marks(stage) == read  # whoever was left out is read again (RUN-2)
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "By the marketer"
    assert value(stage, "buyer1@example.com", "FIRSTNAME") == "First1"  # whole: not field by field
    assert value(stage, "buyer2@example.com", "JOB_TITLE") == "Title 2"
    assert value(stage, "buyer3@example.com", "JOB_TITLE") == "New 3"
    stage.apply()
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "New 1"
    assert value(stage, "buyer2@example.com", "JOB_TITLE") == "Newer 2"
    settled(stage)


def test_an_edit_of_another_field_of_the_person_leaves_nobody_out(stage: Stage) -> None:
    ids = buyers(stage.world, 40)
    stage.apply()
    stage.admin("update", "Contact", ids[1], Title="New")
    ended = while_applying(stage, lambda: stage.admin("update", "Contact", ids[1], Phone="1234"))
    assert "left out" not in ended.out
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "New"


def test_whoever_is_edited_meanwhile_still_has_their_opt_out_carried(stage: Stage) -> None:
    ids = buyers(stage.world, 40)
    stage.apply()
    stage.admin("update", "Contact", ids[1], Title="New", HasOptedOutOfEmail=True)
    ended = while_applying(stage, lambda: stage.admin("update", "Contact", ids[1], Title="Newer"))
    assert f"1 person {WORDS}" in flat(ended.out)
    contact = stage.contact_in_dotdigital("buyer1@example.com")
    assert contact is not None
    assert contact["channelProperties"]["email"]["status"] == "suppressed"
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"


def test_only_people_of_whom_a_filled_value_is_replaced_are_read_again(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.forget_calls()
    stage.apply()
    assert look_ups(stage) == 1  # ID-2: who is in the account already; nobody is read again
    for number in range(3):
        stage.admin("update", "Contact", ids[number], Title="New")
    stage.forget_calls()
    stage.apply()
    assert look_ups(stage) == 1


def while_applying(stage: Stage, act: Callable[[], object]) -> Ended:
    """Apply in a process of its own, and act when its plan has been made and nothing was written to people yet."""
    buyers(stage.world, 1, start=90)  # somebody to be made a member, which is made slow
    slow = {"system": "salesforce", "method": "POST", "path": "composite/sobjects$", "kind": "latency", "seconds": 3}
    stage.control("POST", "faults", slow)
    process = stage.process("apply", "--auto-approve")
    _wait_until_planned(stage, process)
    act()
    out, err = process.communicate(timeout=90)
    return Ended(process.returncode, out, err)


def marks(stage: Stage) -> dict[str, str]:
    """Up to when people of either side were read, in the state."""
    with open_state(stage.folder / ".sfdd" / "state.db", create=False, environ={}) as state:
        return {name: value for name, value in state.marks().items() if "_since" in name}


def look_ups(stage: Stage) -> int:
    counted = stage.calls()["dotdigital"]["by_template"]
    return sum(number for template, number in counted.items() if "retrieve-collection" in template)


def _wait_until_planned(stage: Stage, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if any(rule["seen"] for rule in stage.control("GET", "faults")):
            return
        time.sleep(0.1)
    raise AssertionError(process.communicate())
