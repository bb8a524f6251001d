"""`sfdd watch`: people are synchronised by schedule, over real HTTP and on the sandbox's time."""

from __future__ import annotations

import pytest

from sfdd_declare.model.notice import Kind
from tests.e2e.hands import records
from tests.e2e.stage import CONFIG, Stage, buyers
from tests.e2e.test_new_leads import ADA, NEW_LEADS, leads, members, sign_up
from tests.e2e.test_turns import BY_HAND, title_there, titled
from tests.e2e.watching import Watch

#: Calls of a run that finds nothing: Dotdigital's delta, lists, fields and suppressions beside account-info; three of
#: Salesforce beside a token and a selection.
IDLE = (1 + 4, 3 + 1 + 1)


@pytest.fixture
def watched(stage: Stage) -> Watch:
    """Five people in step, and a watch past its first runs."""
    buyers(stage.world, 5)
    stage.apply()
    watch = Watch.begin(stage)
    watch.goes_on(minutes=45)
    return watch


def test_an_edit_on_either_side_arrives_by_schedule(stage: Stage) -> None:
    stage.write(NEW_LEADS.replace("member_status: Attended}", "member_status: Attended}, schedule: every 15 minutes"))
    stage.write(
        (stage.folder / "sfdd.yaml")
        .read_text()
        .replace("Title: JOB_TITLE", "Title: {data_field: JOB_TITLE, direction: two_way}", 1)
    )
    (first, second, _) = buyers(stage.world, 3)
    stage.apply()
    watch = Watch.begin(stage)
    stage.admin("update", "Contact", first, Title="Captain")
    stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="Admiral")
    sign_up(stage, "ada@example.com", **ADA)
    watch.goes_on(minutes=17)
    assert title_there(stage, 0) == "Captain"
    assert {c["Id"]: c["Title"] for c in records(stage, "Contact")}[second] == "Admiral"
    (lead,) = leads(stage, "ada@example.com")
    assert members(stage, lead["Id"]) == [("Spring launch", "Attended")]
    assert [line["result"] for line in watch.said("run_ended")] == ["done"]


def test_an_idle_run_costs_the_idle_budget(watched: Watch) -> None:
    watched.stage.forget_calls()
    before = len(watched.records)
    watched.goes_on(minutes=45)
    runs = len(watched.records) - before
    used = watched.stage.calls()
    assert runs == 3
    assert used["dotdigital"]["total"] <= IDLE[0] * runs, used
    assert used["salesforce"]["total"] <= IDLE[1] * runs, used
    assert all(record.details and record.details.wrote_nothing for record in watched.records[before:])


def test_a_link_by_hand_waits_for_its_name(stage: Stage) -> None:
    stage.write(BY_HAND)
    buyers(stage.world, 3)
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    watch = Watch.begin(stage)
    watch.goes_on(hours=2)
    assert stage.contact_in_dotdigital("buyer101@example.com") is None
    (spring, autumn) = watch.watching.service.links
    assert (spring.next is None, autumn.next, autumn.last_ok, autumn.schedule) == (False, None, None, "manual")
    stage.sfdd("sync", "autumn", "--auto-approve")
    assert stage.lists_of("buyer101@example.com") == ["Autumn book"]


def test_links_follow_their_own_schedules_and_share_a_run_when_they_are_due_together(stage: Stage) -> None:
    stage.write(BY_HAND.replace("schedule: manual", "schedule: every 1 hour"))
    buyers(stage.world, 3)
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    watch = Watch.begin(stage)
    watch.goes_on(hours=2)
    titled(stage, 101, "Captain")
    titled(stage, 1, "Captain")
    watch.goes_on(minutes=16)
    assert title_there(stage, 1) == "Captain"
    watch.goes_on(minutes=60)
    assert title_there(stage, 101) == "Captain"
    began = [len(line["links"]) for line in watch.said("run_began")]
    assert began.count(2) in (3, 4)
    assert began.count(1) in (9, 10)
    assert len(watch.said("run_failed")) == 0


def test_a_changed_configuration_is_taken_and_a_wrong_one_is_not(watched: Watch) -> None:
    stage = watched.stage
    stage.write(CONFIG, replace=("address_book: spring}", "address_book: spring, schedule: every 2 hours}"))
    watched.watching.step()
    assert watched.watching.service.links[0].schedule == "every 2 hours"
    stage.write(CONFIG, replace=("address_book: spring}", "address_book: sprung}"))
    watched.goes_on(hours=3)
    assert "sprung" in watched.watching.service.refused
    assert "configuration" in [c.subject for c in watched.watching.service.conditions]
    assert len(watched.said("configuration_refused")) == 1
    assert watched.said("run_ended")[-1]["result"] == "done"
    stage.write(CONFIG)
    watched.watching.step()
    assert watched.watching.service.refused == ""
    assert "configuration" not in [c.subject for c in watched.watching.service.conditions]
    watched.asked.set()
    watched.watching.step()
    assert len(watched.said("configuration_read")) == 3


def test_a_run_that_fails_is_tried_again_with_growing_waits_and_what_waited_arrives(watched: Watch) -> None:
    stage = watched.stage
    stage.control("POST", "faults", {"kind": "status", "system": "dotdigital", "status": 401, "times": 0})
    titled(stage, 1, "Captain")
    watched.goes_on(hours=2)
    waits = [line["seconds"] for line in watched.said("run_failed")]
    assert waits[:5] == [30, 60, 120, 240, 480]
    assert max(waits) == 900  # never longer than the interval
    service = watched.watching.service
    assert not service.is_ready
    assert [c.kind for c in service.conditions] == [Kind.FAILURE]
    (failed, *_) = service.runs
    assert failed.details is not None
    assert (failed.result, failed.details.attempts) == ("failed", len(waits))
    stage.control("DELETE", "faults")
    watched.goes_on(minutes=16)
    assert title_there(stage, 1) == "Captain"
    assert (watched.watching.service.is_ready, watched.watching.service.conditions) == (True, ())


def test_set_up_that_differs_is_reported_and_left_alone(watched: Watch) -> None:
    stage = watched.stage
    (campaign,) = [c["Id"] for c in records(stage, "Campaign")]
    stage.admin("update", "Campaign", campaign, Name="Changed by hand")
    titled(stage, 1, "Captain")
    watched.goes_on(minutes=16)
    assert title_there(stage, 1) == "Captain"
    assert [(c.kind, c.subject) for c in watched.watching.service.conditions] == [(Kind.DRIFT, "campaign.spring")]
    assert [c["Name"] for c in records(stage, "Campaign")] == ["Changed by hand"]


def test_of_two_watches_one_runs_what_is_due(watched: Watch) -> None:
    other = Watch.begin(watched.stage)
    before = len(watched.records)
    for _ in range(4):
        watched.goes_on(minutes=15)
        other.watching.step()
    assert (len(watched.records) - before, other.records) == (4, [])
    assert other.watching.service.links[0].last is not None
