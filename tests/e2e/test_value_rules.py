"""The table of value rules over real HTTP: one life of a world, in which each person meets one line of the table.

Everybody is in step at first; then both sides are edited, one plan is read and applied, and a second one is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sfdd_declare.sandbox.server import Running
from tests.e2e.hands import value
from tests.e2e.stage import Stage, buyers, known_contact
from tests.e2e.test_two_way import contact, marketer_sets, two_way

_RECORD = re.compile(r"^  (003\w{15})\b")


@dataclass(frozen=True)
class Life:
    """`ids`: of the buyers by number. `first`: the plan after the edits, `second`: after the apply and one edit more,
    both as the lines of the samples by record.
    """

    stage: Stage
    ids: dict[int, str]
    first: dict[str, str]
    second: dict[str, str]

    def rules(self, number: int) -> str:
        return self.first.get(self.ids[number], "")

    def data_field(self, number: int, name: str) -> object:
        return value(self.stage, f"buyer{number}@example.com", name)

    def title(self, number: int) -> object:
        return contact(self.stage, self.ids[number])["Title"]


def _samples(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    record = ""
    for line in text.partition("Samples (masked)")[2].partition("Calls\n")[0].splitlines():
        start = _RECORD.match(line)
        record = start[1] if start else record
        if record and not start:
            found[record] = found.get(record, "") + line + "\n"
    return found


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("life")
    (folder / "config").mkdir()
    with Running(folder / "sandbox.db") as running:
        stage = Stage(folder / "config", running)
        stage.write(two_way())
        ids = dict(enumerate(buyers(stage.world, 24, Vip__c=True)))
        (ids[30],) = buyers(stage.world, 1, start=30, FirstName=None)
        stage.apply()
        _edits(stage, ids)
        first = stage.sfdd("plan", "--samples", "60").out
        stage.apply("--allow", "max_overwrites")
        stage.admin("update", "Contact", ids[1], Title="Later")
        second = stage.sfdd("plan", "--samples", "60").out
        yield Life(stage, ids, _samples(first), _samples(second))


def _edits(stage: Stage, ids: dict[int, str]) -> None:
    def admin(number: int, **values: object) -> None:
        stage.admin("update", "Contact", ids[number], **values)

    admin(1, Title="The same")
    marketer_sets(stage, 1, "JOB_TITLE", "The same")
    admin(3, FirstName="Changed")
    admin(4, FirstName=None)
    marketer_sets(stage, 30, "FIRSTNAME", "Only there")
    marketer_sets(stage, 6, "JOB_TITLE", "Edited there")
    admin(7, Title=None)
    admin(8, Title=None)
    marketer_sets(stage, 8, "JOB_TITLE", "Filled again")
    admin(9, Title="Here")
    marketer_sets(stage, 9, "JOB_TITLE", "There")
    marketer_sets(stage, 14, "VIP", None)
    (ids[11],) = buyers(stage.world, 1, start=11 + 20, Title=None)
    known_contact(stage.world, "buyer31@example.com", JOB_TITLE="Was there")
    (ids[12],) = buyers(stage.world, 1, start=12 + 20, Title="Was here")
    known_contact(stage.world, "buyer32@example.com", JOB_TITLE="Was there too")
    (ids[13],) = buyers(stage.world, 1, start=13 + 20, Customer_Tier__c="Gold")


def test_VAL_1_BASE_6_the_same_edit_on_both_sides_is_no_change_and_moves_the_base(life: Life) -> None:
    assert life.rules(1) == ""
    assert "VAL-6" in life.second[life.ids[1]]  # had the base stayed, this would be a conflict


def test_VAL_2_nothing_moved_and_nothing_is_written(life: Life) -> None:
    assert life.rules(2) == ""


def test_VAL_3_a_filled_source_replaces_its_target(life: Life) -> None:
    assert "FIRSTNAME" in life.rules(3)
    assert "overwrite, VAL-3" in life.rules(3)
    assert life.data_field(3, "FIRSTNAME") == "Changed"


def test_VAL_4_a_source_that_was_emptied_empties_its_target(life: Life) -> None:
    assert "blank, VAL-4" in life.rules(4)
    assert life.data_field(4, "FIRSTNAME") in (None, "")


def test_VAL_5_a_blank_never_destroys_what_it_did_not_itself_once_hold(life: Life) -> None:
    assert life.rules(30) == ""
    assert life.data_field(30, "FIRSTNAME") == "Only there"


def test_VAL_6_the_side_that_moved_is_carried_over(life: Life) -> None:
    assert "VAL-6" in life.rules(6)
    assert life.title(6) == "Edited there"


def test_VAL_7_VAL_10_a_two_way_blank_is_kept_on_its_side_and_nothing_plays_ping_pong(life: Life) -> None:
    assert life.rules(7) == ""
    assert life.data_field(7, "JOB_TITLE") == "Title 0"
    assert life.title(7) is None
    assert life.ids[7] not in life.second


def test_VAL_8_of_two_moves_the_blank_one_is_filled(life: Life) -> None:
    assert "VAL-8" in life.rules(8)
    assert life.title(8) == "Filled again"


def test_VAL_9_of_two_edits_salesforce_wins(life: Life) -> None:
    assert "VAL-9" in life.rules(9)
    assert life.title(9) == life.data_field(9, "JOB_TITLE") == "Here"


def test_VAL_11_somebody_new_gets_what_one_side_has(life: Life) -> None:
    assert "VAL-11" in life.rules(11)
    assert life.title(11) == "Was there"


def test_VAL_12_of_two_first_values_salesforce_wins(life: Life) -> None:
    assert "VAL-12" in life.rules(12)
    assert life.title(12) == value(life.stage, "buyer32@example.com", "JOB_TITLE") == "Was here"


def test_VAL_20_a_new_contact_takes_what_flows_there_and_nothing_flows_back(life: Life) -> None:
    lines = life.rules(13)
    assert "VAL-20" in lines
    assert "Customer_Tier__c" not in lines
    assert value(life.stage, "buyer33@example.com", "JOB_TITLE") == "Title 5"
    assert contact(life.stage, life.ids[13])["Customer_Tier__c"] == "Gold"


def test_VAL_21_no_value_in_dotdigital_is_no_false_and_a_check_box_is_never_emptied(life: Life) -> None:
    assert "Vip__c" not in life.rules(14)
    assert contact(life.stage, life.ids[14])["Vip__c"] == 1
