"""What Dotdigital makes of a value we wrote is nobody's edit; an edit right after our write is one (BASE-5)."""

from __future__ import annotations

from tests.e2e.hands import flat, planned, settled, value
from tests.e2e.stage import Stage, buyers

LONG = "Vice president of " + "everything " * 10
ALTERED = "person with a value altered as it was written"
KEEPS = "person with a value that keeps being changed"


def test_BASE_5_RUN_7_a_value_cut_on_its_way_in_becomes_the_base_once_and_is_never_written_again(stage: Stage) -> None:
    stage.control("PUT", "settings", {"dotdigital.cut_at": 110})
    (boss, *_) = buyers(stage.world, 1, Title=LONG) + buyers(stage.world, 30, start=1)
    stage.apply()
    assert value(stage, "buyer0@example.com", "JOB_TITLE") == LONG[:110]

    plan = stage.sfdd("plan", "--detailed-exitcode", "--verbose")
    assert plan.code == 0, plan.text
    assert ALTERED in flat(plan.out)
    stage.apply()
    plan = stage.sfdd("plan", "--detailed-exitcode", "--verbose")
    assert plan.code == 0, plan.text
    assert ALTERED not in flat(plan.out)  # listed once

    stage.admin("update", "Contact", boss, Title="President")
    stage.apply()
    assert value(stage, "buyer0@example.com", "JOB_TITLE") == "President"
    settled(stage)


def test_an_edit_right_after_our_write_is_an_edit_and_a_war_of_edits_is_held(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.apply()
    stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="Title")  # shorter, but no cut
    assert "1 to update" in planned(stage)
    stage.apply()
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"

    stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="Again")
    for _ in range(2):
        plan = stage.sfdd("plan", "--detailed-exitcode")
        assert plan.code == 0, plan.text
        assert KEEPS in flat(plan.out)
        stage.apply()
        assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Again"

    stage.admin("update", "Contact", ids[1], Title="New")
    stage.apply()
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "New"
    settled(stage)


def test_edits_with_a_quiet_apply_between_them_are_no_war(stage: Stage) -> None:
    buyers(stage.world, 30)
    for _ in range(2):
        stage.apply()
        stage.apply()
        stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="By hand")
        assert "1 to update" in planned(stage)
    stage.apply()
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"
