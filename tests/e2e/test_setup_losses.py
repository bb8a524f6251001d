"""What is deleted by hand comes back; what may be lost is shown, named and asked for before anything is lost."""

from __future__ import annotations

import pytest

from tests.e2e.hands import NOBODY, applied, campaign, lists, planned, records, refused, settled, value, writes
from tests.e2e.stage import CONFIG, Stage, buyers

ALL_LOSSES = "max_removals,sudden_loss"
FORGETTING = CONFIG[: CONFIG.index("campaigns:")]


def test_a_campaign_deleted_by_hand_comes_back_with_its_people(stage: Stage) -> None:
    buyers(stage.world, 3)
    stage.apply()
    first = campaign(stage, "Spring launch")["Id"]
    stage.admin("delete", "Campaign", first)
    plan = planned(stage)
    assert "campaign.spring will be created" in plan
    assert "was deleted by hand: created again" in plan
    assert "3 people are added to the campaign" in plan
    applied(stage)
    again = campaign(stage, "Spring launch")["Id"]
    assert again != first
    assert len(records(stage, "CampaignMember", f"CampaignId = '{again}'")) == 3
    assert {record["Campaign__c"] for record in records(stage, "SFDD_Link__c")} == {again}
    assert stage.lists_of("buyer2@example.com") == ["Spring book"]


def test_MEM_8_nobody_leaves_a_book_because_a_campaign_without_declared_members_was_deleted_by_hand(
    stage: Stage,
) -> None:
    selection = "    members:\n      contacts: {where: \"Department = 'Buyers'\"}\n"
    stage.write(replace=(selection, ""))
    stage.apply()
    members = buyers(stage.world, 12)
    spring = campaign(stage, "Spring launch")["Id"]
    for member in members:
        stage.admin("insert", "CampaignMember", CampaignId=spring, ContactId=member)
    applied(stage)
    stage.admin("delete", "Campaign", spring)
    plan = planned(stage)
    assert "campaign.spring is not in Salesforce any more: nobody joins or leaves its address books" in plan
    assert "12 people on a book that was not read completely" in plan
    assert NOBODY in plan
    stage.apply()
    assert [stage.lists_of(f"buyer{number}@example.com") for number in range(12)] == [["Spring book"]] * 12
    later = stage.sfdd("plan")
    assert "max_removals" in later.out or "sudden_loss" in later.out, later.text


def test_CON_5_a_list_deleted_by_hand_comes_back_with_all_but_those_who_opted_out_of_it(stage: Stage) -> None:
    buyers(stage.world, 12)
    stage.apply()
    stage.marketer("remove_from_list", email="buyer1@example.com", list="Spring book")
    stage.marketer("list_unsubscribe", email="buyer2@example.com", list="Spring book")
    stage.apply()
    stage.marketer("delete_list", list="Spring book")
    plan = planned(stage)
    assert "address_book.spring will be created" in plan
    assert "People: 11 to add" in plan
    applied(stage)
    on_it = [stage.lists_of(f"buyer{number}@example.com") == ["Spring book"] for number in range(12)]
    assert [number for number, on in enumerate(on_it) if not on] == [2]


def test_a_data_field_deleted_by_hand_comes_back_with_its_values(stage: Stage) -> None:
    buyers(stage.world, 3)
    stage.apply()
    stage.marketer("delete_field", field="JOB_TITLE")
    plan = planned(stage)
    assert "data_field.main.JOB_TITLE will be created" in plan
    assert "3 to update" in plan
    applied(stage)
    assert value(stage, "buyer2@example.com", "JOB_TITLE") == "Title 2"


def test_a_member_status_and_registry_rows_deleted_by_hand_come_back(stage: Stage) -> None:
    stage.apply()
    (attended,) = records(stage, "CampaignMemberStatus", "Label = 'Attended'")
    stage.admin("delete", "CampaignMemberStatus", attended["Id"])
    stage.admin("delete", "SFDD_Link__c", records(stage, "SFDD_Link__c")[0]["Id"])
    stage.admin("delete", "SFDD_Address_Book__c", records(stage, "SFDD_Address_Book__c")[0]["Id"])
    plan = planned(stage)
    assert plan.count("was deleted by hand: created again") == 3
    applied(stage)
    assert records(stage, "CampaignMemberStatus", "Label = 'Attended'")[0]["HasResponded"]


def test_INV_9_what_is_declared_to_be_deleted_is_deleted_only_by_name(stage: Stage) -> None:
    buyers(stage.world, 2)
    doomed = (
        CONFIG.replace("    name: Spring launch\n", "    name: Spring launch\n    on_destroy: delete\n")
        .replace("name: Spring book,", "name: Spring book, on_destroy: delete,")
        .replace("{type: string}", "{type: string, on_destroy: delete}")
    )
    stage.write(doomed)
    stage.apply()
    stage.write(FORGETTING)
    plan = planned(stage)
    assert "goes with it: 2 members" in plan
    assert "2 contacts on the list" in plan
    assert "every contact's value in this data field is lost" in plan
    before = writes(stage)
    names = ["Spring launch", "Spring book", "JOB_TITLE"]
    for given in range(3):
        flags = [flag for name in names[:given] for flag in ("--confirm", name)]
        assert "its name must be typed" in refused(stage, "apply", "--auto-approve", *flags)
    assert writes(stage) == before
    applied(stage, *(flag for name in names for flag in ("--confirm", name)))
    assert not records(stage, "Campaign", "Name = 'Spring launch'")
    assert "Spring book" not in lists(stage)
    known = stage.contact_in_dotdigital("buyer0@example.com")
    assert known is not None
    assert "JOB_TITLE" not in {name.upper() for name in known["dataFields"]}


def test_what_left_the_configuration_stays_and_can_be_declared_again(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    ids = campaign(stage, "Spring launch")["Id"], lists(stage)["Spring book"]
    stage.write(FORGETTING)
    assert "will be forgotten; it stays as it is live" in planned(stage)
    applied(stage)
    assert (campaign(stage, "Spring launch")["Id"], lists(stage)["Spring book"]) == ids
    assert records(stage, "SFDD_Link__c") == []
    stage.write()
    assert "is not managed here" in refused(stage, "plan")


def test_prevent_destroy_stands_in_the_way_of_removal_and_of_replacement(stage: Stage) -> None:
    kept = "lifecycle: {prevent_destroy: true}"
    text = (
        CONFIG.replace("    name: Spring launch\n", f"    name: Spring launch\n    {kept}\n")
        .replace("{type: string}", f"{{type: string, {kept}}}")
        .replace("address_book: spring}", f"address_book: spring, {kept}}}")
    )
    stage.write(text)
    stage.apply()
    before = writes(stage)
    stage.write(FORGETTING)
    why = refused(stage, "plan")
    for address in ("campaign.spring", "data_field.main.JOB_TITLE", "link.spring.spring"):
        assert f"{address} is no longer declared, but was declared with `prevent_destroy: true`" in why
    assert "address_book.spring is" not in why
    stage.write(text.replace("type: string", "type: numeric").replace("    Title: JOB_TITLE\n", ""))
    assert "data_field.main.JOB_TITLE would have to be replaced" in refused(stage, "plan", "--allow", "replace")
    assert writes(stage) == before
    stage.write()
    applied(stage)
    stage.write(FORGETTING)
    applied(stage)


def test_what_is_protected_is_neither_deleted_nor_replaced_nor_emptied(stage: Stage) -> None:
    people = buyers(stage.world, 2)
    guards = "guards: {protect: [address_book.spring, data_field.main.JOB_TITLE]}\n"
    stage.write(CONFIG + guards)
    stage.apply()
    stage.admin("update", "Contact", people[0], Department="Others")
    stage.admin("delete", "CampaignMember", records(stage, "CampaignMember", f"ContactId = '{people[0]}'")[0]["Id"])
    stage.write(CONFIG.replace("type: string", "type: string, default: none") + guards)
    assert "protect" in planned(stage, "--allow", "replace")
    assert stage.sfdd("apply", "--auto-approve", "--allow", "replace").code == 5
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"
    applied(stage, "--allow", "replace,protect")
    assert stage.lists_of("buyer0@example.com") == []
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"


def test_a_data_field_of_another_type_is_replaced_on_permission_and_filled_again(stage: Stage) -> None:
    people = buyers(stage.world, 3)
    for number, contact in enumerate(people):
        stage.admin("update", "Contact", contact, Score__c=number + 0.5)
    text = CONFIG.replace("    Title: JOB_TITLE\n", "    Score__c: SCORE\n", 1).replace(
        "    JOB_TITLE: {type: string}", "    JOB_TITLE: {type: string}\n    SCORE: {type: string}"
    )
    stage.write(text)
    stage.apply()
    assert value(stage, "buyer1@example.com", "SCORE") == "1.5"
    stage.write(text.replace("SCORE: {type: string}", "SCORE: {type: numeric}"))
    plan = planned(stage)
    assert "data_field.main.SCORE must be replaced" in plan
    assert "3 to update" in plan
    assert stage.sfdd("apply", "--auto-approve").code == 5
    assert value(stage, "buyer1@example.com", "SCORE") == "1.5"
    applied(stage, "--allow", "replace")
    assert [value(stage, f"buyer{number}@example.com", "SCORE") for number in range(3)] == [0.5, 1.5, 2.5]


@pytest.mark.parametrize("removals", ["keep", "managed"])
def test_a_removed_link_leaves_its_people_by_the_rule_of_the_book(stage: Stage, removals: str) -> None:
    people = buyers(stage.world, 12)
    linked = CONFIG.replace("removals: managed", f"removals: {removals}")
    stage.write(linked)
    stage.marketer("create_list", name="Other")
    stage.apply()
    stage.write(linked[: linked.index("links:")])
    plan = planned(stage)
    assert ("People: 0 to add, 0 to update, 12 to remove" in plan) == (removals == "managed")
    applied(stage, "--allow", ALL_LOSSES)
    assert stage.lists_of("buyer0@example.com") == ([] if removals == "managed" else ["Spring book"])
    assert len(people) == len(records(stage, "CampaignMember"))
    settled(stage)
