"""`sfdd watch`: people are synchronised by schedule, over real HTTP and on the sandbox's time."""

from __future__ import annotations

import pytest

from sfdd_declare.model.notice import Kind
from sfdd_declare.sandbox.salesforce import rows
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.opening import open_state
from tests.e2e.hands import records
from tests.e2e.stage import CONFIG, Stage, buyers
from tests.e2e.test_new_leads import ADA, NEW_LEADS, leads, members, sign_up
from tests.e2e.test_targets import AUTUMN, TWO
from tests.e2e.test_turns import BY_HAND, SENT, relabelled, title_there, titled
from tests.e2e.watching import Watch

#: Calls of a run that finds nothing: Dotdigital's delta, lists, fields and suppressions beside account-info; three of
#: Salesforce beside a token and a selection.
IDLE = (1 + 4, 3 + 1 + 1)


@pytest.fixture
def watched(stage: Stage) -> Watch:
    """Five people in step, and a watch past its first run."""
    buyers(stage.world, 5)
    stage.apply()
    watch = Watch.begin(stage)
    watch.goes_on_past_its_turn()
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
    watch.goes_on_past_its_turn()
    assert title_there(stage, 0) == "Captain"
    assert {c["Id"]: c["Title"] for c in records(stage, "Contact")}[second] == "Admiral"
    (lead,) = leads(stage, "ada@example.com")
    assert members(stage, lead["Id"]) == [("Spring launch", "Attended")]
    assert [line["result"] for line in watch.said("run_ended")] == ["done"]


def test_an_idle_run_costs_the_idle_budget(watched: Watch) -> None:
    watched.goes_on(minutes=15)
    watched.stage.forget_calls()
    before = len(watched.records)
    watched.goes_on(minutes=30)
    runs = len(watched.records) - before
    used = watched.stage.calls()
    assert runs == 2
    assert used["dotdigital"]["total"] <= IDLE[0] * runs, used
    assert used["salesforce"]["total"] <= IDLE[1] * runs, used
    assert all(record.details and record.details.wrote_nothing for record in watched.records[before:])


def test_a_link_by_hand_waits_for_its_name(stage: Stage) -> None:
    stage.write(BY_HAND)
    buyers(stage.world, 3)
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    watch = Watch.begin(stage)
    watch.goes_on(minutes=31)
    assert stage.contact_in_dotdigital("buyer101@example.com") is None
    (spring, autumn) = watch.watching.service.links
    assert (spring.next is None, autumn.next, autumn.last_ok, autumn.schedule) == (False, None, None, "manual")
    stage.sfdd("sync", "autumn", "--auto-approve")
    assert stage.lists_of("buyer101@example.com") == ["Autumn book"]


def test_links_follow_their_own_schedules_and_share_a_run_when_they_are_due_together(stage: Stage) -> None:
    stage.write(BY_HAND.replace("schedule: manual", "schedule: every 45 minutes"))
    buyers(stage.world, 3)
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    watch = Watch.begin(stage)
    watch.goes_on_past_its_turn()
    titled(stage, 101, "Captain")
    titled(stage, 1, "Captain")
    arrived = {}
    for quarter in range(1, 5):
        watch.goes_on(minutes=15)
        arrived |= {
            number: quarter for number in (1, 101) if number not in arrived and title_there(stage, number) == "Captain"
        }
    assert arrived[1] == 1
    assert arrived[101] <= 3
    links = [line["links"] for line in watch.said("run_began")]
    assert sorted({len(some) for some in links}) == [1, 2]
    assert {some[0] for some in links if len(some) == 1} == {"link.spring.spring"}
    assert watch.said("run_failed") == []


def test_a_changed_configuration_is_taken_and_a_wrong_one_is_not(watched: Watch) -> None:
    stage = watched.stage
    stage.write(CONFIG, replace=("address_book: spring}", "address_book: spring, schedule: every 2 hours}"))
    watched.watching.step()
    assert watched.watching.service.links[0].schedule == "every 2 hours"
    stage.write(CONFIG, replace=("address_book: spring}", "address_book: sprung}"))
    watched.goes_on(hours=2)
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
    for _ in range(2):
        watched.goes_on(minutes=15)
        other.watching.step()
    assert (len(watched.records) - before, other.records) == (2, [])
    assert other.watching.service.links[0].last is not None


THEIRS = """\
  autumn:
    existing: {name: Theirs}
"""


@pytest.mark.parametrize("shares_its_book", [False, True])
def test_an_error_about_one_link_stops_no_other(stage: Stage, shares_its_book: bool) -> None:
    text = TWO.replace(AUTUMN.partition("address_books")[0], THEIRS)
    text = text.replace("Spring book, removals: managed", "Spring book, removals: mirror")
    if shares_its_book:
        text = text.replace("{campaign: autumn, address_book: autumn}", "{campaign: autumn, address_book: spring}")
    stage.write(text)
    buyers(stage.world, 3)
    (seller, *_) = buyers(stage.world, 3, start=100, Department="Sellers")
    (campaign,) = rows.insert_many(stage.world, "Campaign", [{"Name": "Theirs"}])
    rows.insert_many(stage.world, "CampaignMember", [{"CampaignId": campaign, "ContactId": seller, "Status": "Sent"}])
    stage.apply()
    stage.apply()
    book = "Spring book" if shares_its_book else "Autumn book"
    assert stage.lists_of("buyer100@example.com") == [book]
    stage.admin("update", "Campaign", campaign, Name="Another name")
    titled(stage, 1, "Captain")
    titled(stage, 100, "Captain")
    watch = Watch.begin(stage)
    watch.goes_on(minutes=16)
    assert (title_there(stage, 1), title_there(stage, 100)) == ("Captain", "Title 2")
    assert stage.lists_of("buyer100@example.com") == [book]
    (condition,) = [c for c in watch.watching.service.conditions if c.kind is Kind.FAILURE]
    link = f"link.autumn.{'spring' if shares_its_book else 'autumn'}"
    assert (condition.kind, condition.subject, "SFDD-E4004" in condition.text) == (Kind.FAILURE, link, True)
    stage.admin("update", "Campaign", campaign, Name="Theirs")
    watch.goes_on(minutes=16)
    assert watch.watching.service.conditions == ()
    assert title_there(stage, 100) == "Captain"


def test_a_status_that_is_gone_stops_the_link_that_names_it_and_takes_nobody_off(stage: Stage) -> None:
    text = TWO.replace("{campaign: autumn, address_book: autumn}", SENT)
    stage.write(text.replace("{name: Autumn book}", "{name: Autumn book, removals: mirror}"))
    buyers(stage.world, 3)
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    stage.apply()
    relabelled(stage, "Sent", "Mailed")
    before = title_there(stage, 100)
    titled(stage, 100, "Captain")
    titled(stage, 1, "Captain")
    watch = Watch.begin(stage)
    watch.goes_on(minutes=16)
    assert (title_there(stage, 1), title_there(stage, 100)) == ("Captain", before)
    assert stage.lists_of("buyer100@example.com") == ["Autumn book"]
    assert "link.autumn.autumn" in [c.subject for c in watch.watching.service.conditions]
    refused = stage.sfdd("apply", "--auto-approve")  # which does look after the set-up
    assert (refused.code, "SFDD-E1314" in refused.err) == (1, True), refused.text


def test_whoever_else_runs_is_waited_for_and_named(watched: Watch) -> None:
    stage = watched.stage
    titled(stage, 1, "Captain")
    until = watched.watching.until()
    assert until is not None
    watched.goes_on(seconds=(until - watched.clock.now()).total_seconds() - 60)
    with (
        open_state(stage.folder / ".sfdd" / "state.db", create=False, environ={}, clock=watched.clock.now) as state,
        state.lock(Holder("ada", "elsewhere", 1, "apply")),
    ):
        watched.goes_on(minutes=3)
        (locked,) = watched.said("locked")  # however often it looked
        assert "ada on elsewhere (process 1), running `sfdd apply`" in locked["message"]
        assert "SFDD-E3004" in watched.watching.service.trouble
        assert watched.said("run_failed") == []
    watched.goes_on(minutes=2)
    assert title_there(stage, 1) == "Captain"
    assert watched.watching.service.trouble == ""
