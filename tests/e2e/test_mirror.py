"""`removals: mirror`, books of several campaigns, lists made again by hand, over real HTTP (MEM-2, MEM-4 to MEM-7)."""

from __future__ import annotations

from tests.e2e.hands import applied, campaign, flat, planned, records
from tests.e2e.stage import CONFIG, Stage, buyers, known_contact

MIRROR = CONFIG.replace("removals: managed", "removals: mirror")
EXISTING = CONFIG.replace("{name: Spring book, ", "{existing: {name: Spring book}, ")
SECOND = """\
  autumn:
    name: Autumn
    member_statuses: {Sent: {default: true}, Attended: {responded: true}}
    members:
      contacts: {where: "Title = 'Autumn'"}
address_books:
"""
TWO_CAMPAIGNS = CONFIG.replace("address_books:\n", SECOND).replace(
    "  - {campaign: spring, address_book: spring}\n",
    "  - {campaign: spring, address_book: spring, member_statuses: [Sent]}\n"
    "  - {campaign: autumn, address_book: spring}\n",
)


def member(stage: Stage, contact: str, name: str = "Spring launch") -> str:
    where = f"ContactId = '{contact}' AND CampaignId = '{campaign(stage, name)['Id']}'"
    (found,) = records(stage, "CampaignMember", where)
    return str(found["Id"])


def test_MEM_7_a_mirrored_book_holds_nobody_but_members_from_the_second_run_on(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.write(MIRROR)
    made = known_contact(stage.world, "bystander@example.com")
    assert made
    stage.marketer("create_list", name="Spring book")
    stage.marketer("add_to_list", email="bystander@example.com", list="Spring book")
    stage.write(MIRROR.replace("{name: Spring book, ", "{existing: {name: Spring book}, "))
    stage.apply()
    assert stage.lists_of("bystander@example.com") == ["Spring book"]
    plan = planned(stage)
    assert "1 to remove" in plan
    stage.apply()
    assert stage.lists_of("bystander@example.com") == []
    stage.marketer("add_contact", email="newcomer@example.com", lists=[])
    stage.marketer("add_to_list", email="newcomer@example.com", list="Spring book")
    stage.admin("delete", "CampaignMember", member(stage, ids[2]))
    stage.admin("update", "Contact", ids[2], Department="Sellers")
    assert "2 to remove" in planned(stage)
    applied(stage)
    assert stage.lists_of("newcomer@example.com") == stage.lists_of("buyer2@example.com") == []
    assert stage.contact_in_dotdigital("newcomer@example.com") is not None


def test_a_mirror_guard_blocks_and_protect_keeps_the_people(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.write(MIRROR)
    applied(stage)
    for number in range(5):
        stage.marketer("add_contact", email=f"new{number}@example.com", lists=[])
        stage.marketer("add_to_list", email=f"new{number}@example.com", list="Spring book")
    assert stage.sfdd("apply", "--auto-approve").code == 5
    stage.write(MIRROR + "guards: {protect: [address_book.spring]}\n")
    assert stage.sfdd("apply", "--auto-approve", "--allow", "max_removals").code == 5
    assert stage.lists_of("new1@example.com") == ["Spring book"]


def test_a_person_leaves_a_shared_book_with_the_last_campaign_and_filter_that_wants_them(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.admin("update", "Contact", ids[4], Title="Autumn")
    stage.write(TWO_CAMPAIGNS)
    stage.apply()
    stage.admin("update", "CampaignMember", member(stage, ids[4]), Status="Attended")
    applied(stage)
    assert stage.lists_of("buyer4@example.com") == ["Spring book"]
    stage.admin("update", "CampaignMember", member(stage, ids[5]), Status="Attended")
    assert "1 to remove" in planned(stage)
    applied(stage)
    assert stage.lists_of("buyer5@example.com") == []


def test_who_left_by_hand_comes_back_as_a_new_member_by_restore_or_with_a_new_list(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    stage.apply()
    for number in (1, 2):
        stage.marketer("remove_from_list", email=f"buyer{number}@example.com", list="Spring book")
    applied(stage)
    stage.admin("delete", "CampaignMember", member(stage, ids[1]))
    applied(stage)  # selected, so a member again, with another id
    assert stage.lists_of("buyer1@example.com") == ["Spring book"]
    assert stage.lists_of("buyer2@example.com") == []
    stage.marketer("delete_list", list="Spring book")
    stage.marketer("create_list", name="Spring book")
    stage.write(EXISTING)
    applied(stage)
    assert stage.lists_of("buyer2@example.com") == ["Spring book"]
    stage.marketer("remove_from_list", email="buyer3@example.com", list="Spring book")
    applied(stage)
    assert stage.lists_of("buyer3@example.com") == []
    stage.write(EXISTING.replace("removals: managed", "removals: managed, left: restore"))
    applied(stage)
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    assert "left" not in flat(stage.sfdd("plan").out)
