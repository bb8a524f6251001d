"""Links have turns: those that are synchronised by hand wait for their name, and what the run of one leaves to
another is not lost to it.
"""

from __future__ import annotations

import pytest

from tests.e2e.hands import records, value
from tests.e2e.stage import Stage, buyers
from tests.e2e.test_new_leads import ADA, NEW_LEADS, leads, sign_up
from tests.e2e.test_targets import TWO

PAST_THE_OVERLAPS = 700
BY_HAND = TWO.replace(
    "{campaign: autumn, address_book: autumn}", "{campaign: autumn, address_book: autumn, schedule: manual}"
)

SENT = "{campaign: autumn, address_book: autumn, member_statuses: [Sent]}"


@pytest.fixture
def two(stage: Stage) -> Stage:
    """Two links in step, each with people of its own."""
    stage.write(TWO)
    buyers(stage.world, 5)
    buyers(stage.world, 5, start=100, Department="Sellers")
    stage.apply()
    later(stage).apply()
    return later(stage)


@pytest.fixture
def by_hand(stage: Stage) -> Stage:
    """One link by hand, after an apply."""
    stage.write(BY_HAND)
    buyers(stage.world, 5)
    buyers(stage.world, 5, start=100, Department="Sellers")
    stage.apply()
    return later(stage)


def later(stage: Stage) -> Stage:
    stage.control("PUT", "clock", {"advance_seconds": PAST_THE_OVERLAPS})
    return stage


def synced(stage: Stage, *names: str, delta: bool = True) -> str:
    ended = stage.sfdd("sync", *names, "--auto-approve", *(("--delta",) if delta else ()))
    assert ended.code == 0, ended.text
    later(stage)
    return ended.out


def titled(stage: Stage, number: int, title: str) -> None:
    stage.admin("update", "Contact", ids(stage)[f"buyer{number}@example.com"], Title=title)


def ids(stage: Stage) -> dict[str, str]:
    with stage.world.lock:
        return dict(stage.world.db.execute("SELECT Email, Id FROM sf_Contact").fetchall())


def title_there(stage: Stage, number: int) -> str:
    return str(value(stage, f"buyer{number}@example.com", "JOB_TITLE"))


def test_an_apply_sets_a_link_by_hand_up_and_leaves_its_people_alone(by_hand: Stage) -> None:
    assert by_hand.lists_of("buyer1@example.com") == ["Spring book"]
    assert by_hand.contact_in_dotdigital("buyer101@example.com") is None
    plan = by_hand.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 0, plan.text
    assert "5 additions wait for somebody to synchronise their link" in plan.out


@pytest.mark.parametrize("name", ["autumn", "link.autumn.autumn", "autumn.autumn"])
def test_a_link_by_hand_is_synchronised_by_its_name(by_hand: Stage, name: str) -> None:
    synced(by_hand)
    assert by_hand.contact_in_dotdigital("buyer101@example.com") is None
    synced(by_hand, name)
    assert by_hand.lists_of("buyer101@example.com") == ["Autumn book"]
    titled(by_hand, 101, "Captain")
    titled(by_hand, 1, "Captain")
    out = synced(by_hand)
    assert "only people who changed" in out
    assert (title_there(by_hand, 1), title_there(by_hand, 101)) == ("Captain", "Title 3")
    assert "only people who changed" in synced(by_hand)  # and what waits for somebody costs no full pass
    out = synced(by_hand, name)
    assert ("only people who changed" in out, title_there(by_hand, 101)) == (True, "Captain")
    assert "No changes." in synced(by_hand, name)


def test_an_opt_out_waits_for_nobody(by_hand: Stage) -> None:
    synced(by_hand, "autumn")
    by_hand.admin("update", "Contact", ids(by_hand)["buyer101@example.com"], HasOptedOutOfEmail=True)
    synced(by_hand)
    contact = by_hand.contact_in_dotdigital("buyer101@example.com")
    assert contact is not None
    assert contact["channelProperties"]["email"]["status"] == "suppressed"


def test_whoever_is_wanted_by_another_link_as_well_does_not_wait(stage: Stage) -> None:
    stage.write(BY_HAND + "  - {campaign: autumn, address_book: spring}\n")
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    assert stage.lists_of("buyer101@example.com") == ["Spring book"]
    synced(later(stage), "link.autumn.autumn")
    assert sorted(stage.lists_of("buyer101@example.com")) == ["Autumn book", "Spring book"]


def test_a_book_that_a_link_by_hand_shares_gets_no_one_of_it(stage: Stage) -> None:
    shared = BY_HAND.replace("address_book: autumn, schedule", "address_book: spring, schedule")
    stage.write(shared)
    buyers(stage.world, 3)
    buyers(stage.world, 3, start=100, Department="Sellers")
    stage.apply()
    assert stage.lists_of("buyer1@example.com") == ["Spring book"]
    assert stage.contact_in_dotdigital("buyer101@example.com") is None
    synced(later(stage), "link.autumn.spring")
    assert stage.lists_of("buyer101@example.com") == ["Spring book"]


def test_who_signs_up_to_a_book_by_hand_becomes_a_lead_when_its_turn_comes(stage: Stage) -> None:
    stage.write(NEW_LEADS.replace("member_status: Attended}", "member_status: Attended}, schedule: manual"))
    buyers(stage.world, 3)
    stage.apply()
    synced(later(stage), "spring", delta=False)
    sign_up(stage, "ada@example.com", **ADA)
    synced(stage)
    synced(stage, delta=False)
    assert leads(stage, "ada@example.com") == []
    synced(stage, "spring")
    assert len(leads(stage, "ada@example.com")) == 1


def test_what_one_links_run_leaves_to_another_is_not_lost_to_it(two: Stage) -> None:
    titled(two, 1, "Captain")
    titled(two, 101, "Captain")
    assert "only people who changed" in synced(two, "spring")
    assert (title_there(two, 1), title_there(two, 101)) == ("Captain", "Title 3")
    titled(two, 2, "Captain")
    assert "only people who changed" in synced(two, "spring")
    assert "only people who changed" in synced(two, "spring")
    assert "only people who changed" in synced(two, "autumn")
    assert title_there(two, 101) == "Captain"
    assert two.sfdd("plan", "--delta", "--detailed-exitcode").code == 0


def test_a_run_over_all_links_goes_on_from_the_one_furthest_behind(two: Stage) -> None:
    titled(two, 101, "Captain")
    synced(two, "spring")
    assert "only people who changed" in synced(two)
    assert title_there(two, 101) == "Captain"


def test_what_a_stopped_link_missed_is_not_lost_to_it(stage: Stage) -> None:
    """Stopped by a status that nobody has: members whose status is renamed are read again anyhow."""
    stage.write(TWO.replace("{campaign: autumn, address_book: autumn}", SENT.replace("Sent", "Sent, Responded")))
    buyers(stage.world, 5)
    buyers(stage.world, 5, start=100, Department="Sellers")
    stage.apply()
    later(stage).apply()
    relabelled(later(stage), "Responded", "Answered")
    titled(stage, 1, "Captain")
    titled(stage, 101, "Captain")
    assert "SFDD-E1314" in synced(later(stage))
    assert (title_there(stage, 1), title_there(stage, 101)) == ("Captain", "Title 3")
    relabelled(stage, "Answered", "Responded")
    assert "only people who changed" in synced(stage)
    assert title_there(stage, 101) == "Captain"


def relabelled(stage: Stage, label: str, new: str) -> None:
    """The status of the autumn campaign."""
    (autumn,) = (one["Id"] for one in records(stage, "Campaign") if one["Name"] == "Autumn launch")
    for status in records(stage, "CampaignMemberStatus"):
        if (status["CampaignId"], status["Label"]) == (autumn, label):
            stage.admin("update", "CampaignMemberStatus", status["Id"], Label=new)


def test_who_leaves_another_links_book_costs_this_link_no_full_pass(two: Stage) -> None:
    two.marketer("remove_from_list", email="buyer101@example.com", list="Autumn book")
    assert "only people who changed" in synced(two, "spring")
    assert "only people who changed" not in synced(two, "autumn")


def test_a_guard_on_one_book_holds_no_other_link_back(stage: Stage) -> None:
    stage.write(TWO.replace("Autumn book}", "Autumn book, removals: managed}") + "guards: {max_removals: 1%}\n")
    buyers(stage.world, 5)
    sellers = buyers(stage.world, 5, start=100, Department="Sellers")
    stage.apply()
    later(stage)
    with stage.world.lock:
        (member,) = stage.world.db.execute(
            "SELECT Id FROM sf_CampaignMember WHERE ContactId = ?", (sellers[0],)
        ).fetchone()
    stage.admin("update", "Contact", sellers[0], Department="Others")
    stage.admin("delete", "CampaignMember", member)
    blocked = stage.sfdd("sync", "--auto-approve", "--delta")
    assert blocked.code == 5, blocked.text
    later(stage)
    assert "only people who changed" in synced(stage, "spring")
    titled(stage, 1, "Captain")
    synced(stage, "spring")
    assert title_there(stage, 1) == "Captain"


def test_a_campaign_without_a_link_is_looked_after_beside_a_link_by_hand(stage: Stage) -> None:
    more = "  winter:\n    name: Winter\n    members:\n      contacts: {where: \"Department = 'Others'\"}\n"
    stage.write(BY_HAND.replace("campaigns:\n", "campaigns:\n" + more))
    (other,) = buyers(stage.world, 1, start=200, Department="Others")
    stage.apply()
    with stage.world.lock:
        found = stage.world.db.execute("SELECT 1 FROM sf_CampaignMember WHERE ContactId = ?", (other,)).fetchall()
    assert len(found) == 1
