"""Days of one system in the other (VAL-25): what is typed in an account's own time zone is that day in Salesforce."""

from __future__ import annotations

import pytest

from tests.e2e.hands import applied, records, settled, value
from tests.e2e.stage import CONFIG, Stage, buyers

DATED = CONFIG.replace("    JOB_TITLE: {type: string}\n", "    JOB_TITLE: {type: string}\n    BORN: {type: date}\n")
DATED = DATED.replace("\n  leads:", "\n    Birthdate: {data_field: BORN, direction: two_way}\n  leads:")


@pytest.mark.parametrize(
    ("zone", "kept"), [("Europe/London", "2001-06-02T23:00:00Z"), ("America/New_York", "2001-06-03T04:00:00Z")]
)
def test_VAL_25_a_day_that_is_typed_in_dotdigital_is_that_day_in_salesforce(stage: Stage, zone: str, kept: str) -> None:
    stage.world.set_switch("account_time_zone", zone)
    stage.write(DATED)
    buyers(stage.world, 2)
    stage.apply()
    stage.marketer("set_field", email="buyer0@example.com", field="BORN", value="2001-06-03")
    assert value(stage, "buyer0@example.com", "BORN") == kept

    applied(stage)

    (record,) = records(stage, "Contact", "Email = 'buyer0@example.com'")
    assert record["Birthdate"] == "2001-06-03"
    stage.admin("update", "Contact", record["Id"], Birthdate="2001-07-04")
    applied(stage)
    assert value(stage, "buyer0@example.com", "BORN") == "2001-07-04T00:00:00Z"


def test_VAL_25_another_time_zone_of_the_account_is_no_edit_of_everybody(stage: Stage) -> None:
    stage.world.set_switch("account_time_zone", "Europe/London")
    stage.write(DATED)
    buyers(stage.world, 3)
    stage.apply()
    for number in range(3):
        stage.marketer("set_field", email=f"buyer{number}@example.com", field="BORN", value="2001-06-03")
    applied(stage)

    stage.world.set_switch("account_time_zone", "America/New_York")
    settled(stage)

    assert {record["Birthdate"] for record in records(stage, "Contact")} == {"2001-06-03"}
