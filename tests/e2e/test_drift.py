"""`sfdd drift` over HTTP: what was changed by hand in either system, what is merged but not applied, what is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.hands import campaign, flat, registry_row, settled, writes
from tests.e2e.stage import Stage, buyers
from tests.e2e.test_exact import EXACT, joined, members
from tests.e2e.test_hostile import at_a_terminal

SCHEMA = Path(__file__).parents[2] / "schemas" / "drift.schema.json"
TITLE = "field_mapping.main.contacts.Title"


@pytest.fixture
def applied(stage: Stage) -> Stage:
    buyers(stage.world, 12, Title="Buyer")
    stage.apply()
    return stage


def text(stage: Stage, *flags: str, code: int) -> str:
    ended = stage.sfdd("drift", *flags)
    assert ended.code == code, ended.text
    return flat(ended.out)


def document(stage: Stage, *flags: str, code: int) -> Any:
    ended = stage.sfdd("drift", "--json", *flags)
    assert ended.code == code, ended.text
    found = json.loads(ended.out)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    assert (found["kind"], found["exit_code"]) == ("drift", code)
    return found


def edit(stage: Stage, number: int, value: str | None) -> None:
    stage.marketer("set_field", email=f"buyer{number}@example.com", field="JOB_TITLE", value=value)


def turn(stage: Stage) -> None:
    """Somebody turns a direction in Salesforce."""
    stage.admin("update", "SFDD_Field_Mapping__c", registry_row(stage, TITLE)["Id"], Direction__c="two_way")


def known(stage: Stage, text: str) -> tuple[str, str]:
    """The flags that name an ignore file; it stands apart, since the folder's own files are the configuration."""
    file = stage.folder / "drift" / "known.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return "--ignore", "drift/known.yaml"


def ignoring(stage: Stage, address: str, days: int, *, field: str = "") -> tuple[str, str]:
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    line = f"- address: {address}\n  reason: asked for in ticket 7\n  until: {until}\n"
    return known(stage, line + (f"  field: {field}\n" if field else ""))


def test_nothing_was_changed_and_nothing_is_written(applied: Stage) -> None:
    before = writes(applied)
    assert text(applied, code=0) == "No drift. Nobody changed anything by hand."
    found = document(applied, code=0)
    assert (found["complete"], found["summary"], found["things"], found["people"]) == (True, {}, [], [])
    assert found["pending"] == []
    assert writes(applied) == before


def test_a_direction_turned_in_salesforce_says_who_and_when(applied: Stage) -> None:
    turn(applied)
    shown = text(applied, code=2)
    assert shown.startswith("Drift: 1 thing changed by hand.")
    assert f"{TITLE} Direction__c" in shown
    assert '"two_way", declared "salesforce_to_dotdigital"' in shown
    assert "12 people carry this field" in shown
    row = registry_row(applied, TITLE)
    (thing,) = document(applied, code=2)["things"]
    assert (thing["changed_by"], thing["changed_at"][:10]) == (row["LastModifiedById"], row["LastModifiedDate"][:10])
    assert [(f["name"], f["old"], f["new"]) for f in thing["fields"]] == [
        ("Direction__c", "two_way", "salesforce_to_dotdigital")
    ]


def test_the_same_edit_of_three_people_in_dotdigital_is_one_group(applied: Stage) -> None:
    for number in (1, 2, 3):
        edit(applied, number, "Director")
    edit(applied, 4, None)
    applied.admin("update", "Contact", buyers(applied.world, 1, start=40, Department="Others")[0], Title="x")
    found = document(applied, code=2)
    assert [(g["address"], g["field"], g["value"], g["people"], g["system"]) for g in found["people"]] == [
        (TITLE, "JOB_TITLE", "D•••", 3, "Dotdigital"),
        (TITLE, "JOB_TITLE", None, 1, "Dotdigital"),
    ]
    assert {group["changed_by"] for group in found["people"]} == {None}
    assert (found["summary"], found["pending"]) == ({"value": 4}, [])
    shown = text(applied, code=2)
    assert "Drift: 4 values edited." in shown
    assert '3 people with an edited value: JOB_TITLE = "D•••"' in shown
    assert "last changed in Dotdigital by unknown" in shown
    assert "Director" not in applied.sfdd("drift").text


def test_MEM_2_who_was_taken_off_the_book_is_drift_once(applied: Stage) -> None:
    applied.marketer("remove_from_list", email="buyer5@example.com", list="Spring book")
    shown = text(applied, code=2)
    assert "address_book.spring 1 person taken off the address book" in shown
    settled(applied)  # a plan has nothing to do
    applied.apply()
    assert text(applied, code=0).startswith("No drift.")


def test_CON_7_whoever_was_resubscribed_is_drift(applied: Stage) -> None:
    applied.marketer("unsubscribe", email="buyer5@example.com")
    assert "Merged but not applied" in text(applied, code=0)  # their own wish, to be carried
    applied.apply()
    assert text(applied, code=0).startswith("No drift.")
    applied.marketer("resubscribe", email="buyer5@example.com")
    (group,) = document(applied, code=2)["people"]
    assert (group["kind"], group["address"], group["people"]) == ("resubscribed", "account.main", 1)
    assert "1 person resubscribed, while opted out in Salesforce" in text(applied, code=2)


def test_what_is_merged_but_not_applied_is_no_drift(applied: Stage) -> None:
    applied.write(replace=("removals: managed", "removals: keep"))
    buyers(applied.world, 1, start=20)
    shown = text(applied, code=0)
    assert shown.startswith("No drift. Nobody changed anything by hand. 3 changes are merged but not applied.")
    assert "Merged but not applied" in shown
    assert "Drift:" not in shown
    found = document(applied, code=0)
    assert (found["things"], found["people"], found["summary"]) == ([], [], {})
    people = {op["task"]: op["rows"]["people"] for op in found["pending"] if op["rows"]}
    assert people == {"add_members": 1, "import_contacts": 1}
    assert [op["address"] for op in found["pending"] if not op["rows"]] == ["address_book.spring"]


def test_drift_and_what_is_pending_stand_apart(applied: Stage) -> None:
    turn(applied)
    edit(applied, 1, "Director")
    applied.write(replace=("removals: managed", "removals: keep"))
    shown = text(applied, code=2)
    marks = ("Drift: set-up", "Drift: people", "Merged but not applied", "What apply puts back: sfdd plan")
    assert [shown.index(mark) for mark in marks] == sorted(shown.index(mark) for mark in marks)
    assert text(applied, "--only", "value", code=2).count(TITLE) == 1
    assert text(applied, "--only", "address_book", code=0).count("Removals__c") == 1


def test_members_of_an_exact_campaign_that_somebody_added_and_took_off(stage: Stage) -> None:
    buyers(stage.world, 30)
    (stranger,) = buyers(stage.world, 1, start=30, Department="Others")
    stage.write(EXACT)
    stage.apply()
    joined(stage, stranger)
    stage.admin("delete", "CampaignMember", next(iter(members(stage).values())))
    found = document(stage, code=2)
    assert {(group["kind"], group["address"], group["people"]) for group in found["people"]} == {
        ("member_added", "campaign.spring", 1),
        ("member_removed", "campaign.spring", 1),
    }


@pytest.mark.parametrize("field", ["", "Direction__c"])
def test_what_is_ignored_is_listed_and_does_not_count_until_its_day_is_over(applied: Stage, field: str) -> None:
    turn(applied)
    shown = text(applied, *ignoring(applied, TITLE, 1, field=field), code=0)
    assert shown.startswith("No drift. Nobody changed anything by hand. 1 ignored.")
    assert "asked for in ticket 7 (until " in shown
    (thing,) = document(applied, *ignoring(applied, TITLE, 0, field=field), code=0)["things"]
    assert thing["ignored"]["reason"] == "asked for in ticket 7"
    over = document(applied, *ignoring(applied, TITLE, -1, field=field), code=2)
    assert (over["summary"], len(over["expired"])) == ({"setup": 1}, 1)
    assert "was ignored until" in text(applied, *ignoring(applied, TITLE, -1, field=field), code=2)
    other = ignoring(applied, TITLE, 1, field="Data_Field__c")
    assert document(applied, *other, code=2)["things"][0]["ignored"] is None


def test_what_was_not_read_completely_is_no_answer(applied: Stage) -> None:
    """A campaign that is not visible any more: who is a member of it nobody can say."""
    applied.admin("delete", "Campaign", campaign(applied, "Spring launch")["Id"])
    shown = text(applied, code=1)
    assert shown.startswith("Not everybody was read.")
    found = document(applied, code=1)
    assert (found["complete"], found["unread"]) == (False, ["main"])


def test_a_wrong_ignore_file_is_an_error_at_its_place(stage: Stage) -> None:
    ended = stage.sfdd("drift", *known(stage, "- {address: nowhere, reson: x, until: 2027-13-01}\n"))
    assert ended.code == 1
    for said in (
        "drift/known.yaml:1:13",
        "SFDD-E1119",
        "SFDD-E1101",
        "did you mean `reason`?",
        "SFDD-E1102",
        "SFDD-E1120",
    ):
        assert said in ended.err


def test_users_are_named_at_a_terminal_that_asks_and_nowhere_else(applied: Stage) -> None:
    turn(applied)
    assert "(Ada Admin)" in flat(at_a_terminal(applied, "drift", "--show-people"))
    assert "Ada Admin" not in text(applied, code=2)
    for flags in ((), ("--json",), ("--markdown", "drift.md")):
        refused = applied.sfdd("drift", "--show-people", *flags)
        assert refused.code == 1
        assert "Ada Admin" not in refused.text


def test_an_issue_is_written_beside_the_text(applied: Stage) -> None:
    turn(applied)
    edit(applied, 3, "Director")
    text(applied, "--markdown", "drift.md", code=2)
    written = (applied.folder / "drift.md").read_text()
    assert '"kind":"drift"' in written
    assert "1 thing changed by hand" in written
    assert 'JOB_TITLE = "D•••"' in written
    assert "Director" not in written
