"""Set-up that is or was somebody else's, or got another name: `existing`, `import:`, `moved:`, renames."""

from __future__ import annotations

import pytest

from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.hands import (
    NOBODY,
    applied,
    campaign,
    flat,
    lists,
    planned,
    records,
    refused,
    registry_row,
    settled,
    value,
    writes,
)
from tests.e2e.stage import CONFIG, Stage, buyers

DECLARED_CAMPAIGN = CONFIG[CONFIG.index("  spring:\n    name: Spring launch") : CONFIG.index("address_books:")]
DECLARED_BOOK = "  spring: {name: Spring book, removals: managed}\n"
KEPT = "lifecycle: {ignore_changes: [name]}"


def a_live_campaign(stage: Stage, name: str, *contacts: str) -> str:
    """A campaign that somebody made in Salesforce, with members."""
    made = str(stage.admin("insert", "Campaign", Name=name)["id"])
    members = [{"CampaignId": made, "ContactId": contact, "Status": "Sent"} for contact in contacts]
    rows.insert_many(stage.world, "CampaignMember", members)
    return made


@pytest.mark.parametrize("by", ["name", "id"])
def test_members_of_an_existing_campaign_join_an_existing_book_of_an_existing_field(stage: Stage, by: str) -> None:
    people = buyers(stage.world, 3)
    made = a_live_campaign(stage, "Webinar series", *people[:2])
    listed = stage.marketer("create_list", name="Newsletter")["id"]
    stage.marketer("create_field", field="JOB_TITLE", type="String")
    campaign_by, book_by = ("Webinar series", "Newsletter") if by == "name" else (made, str(listed))
    stage.write(
        CONFIG.replace(DECLARED_CAMPAIGN, f"  spring: {{existing: {{{by}: {campaign_by}}}}}\n")
        .replace(DECLARED_BOOK, f"  spring: {{existing: {{{by}: {book_by}}}, removals: managed}}\n")
        .replace("JOB_TITLE: {type: string}", "JOB_TITLE: existing")
    )
    plan = planned(stage)
    assert "People: 2 to add" in plan
    assert "campaign.spring will" not in plan
    assert "data_field.main.JOB_TITLE" not in plan
    stage.apply()
    assert [stage.lists_of(f"buyer{n}@example.com") for n in range(3)] == [["Newsletter"], ["Newsletter"], []]
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"
    assert setup_writes(stage) == []

    stage.write(CONFIG[: CONFIG.index("campaigns:")])
    gone = planned(stage)
    assert "campaign.spring will" not in gone
    assert "address_book.spring will be forgotten; it stays as it is live" in gone
    assert "already gone" not in gone
    applied(stage)
    assert lists(stage)["Newsletter"] == listed
    assert campaign(stage, "Webinar series")["Id"] == made


def setup_writes(stage: Stage) -> list[str]:
    """What our users changed of campaigns, members, lists and data fields themselves."""
    kinds = ("Campaign", "CampaignMemberStatus", "CampaignMember", "address_book", "data_field_definition")
    users = ("integration@acme.example", "apiuser-sandbox@apiconnector.com")
    with stage.world.lock:
        entries = stage.world.db.execute("SELECT kind, who FROM history").fetchall()
    return [entry["kind"] for entry in entries if entry["kind"] in kinds and entry["who"] in users]


def test_what_is_not_there_cannot_be_linked(stage: Stage) -> None:
    stage.write(
        CONFIG.replace(DECLARED_CAMPAIGN, "  spring: {existing: {name: Webinar series}}\n").replace(
            DECLARED_BOOK, "  spring: {existing: {id: 424242}, removals: managed}\n"
        )
    )
    why = refused(stage, "plan")
    assert 'no campaign with name "Webinar series" in Salesforce' in why
    assert "no address book with id 424242 in Dotdigital" in why


def test_imported_things_are_managed_from_then_on(stage: Stage) -> None:
    people = buyers(stage.world, 2)
    made = a_live_campaign(stage, "Old spring", people[0])
    listed = stage.marketer("create_list", name="Spring book")["id"]
    stage.marketer("create_field", field="JOB_TITLE", type="String")
    blocks = (
        "import:\n"
        f"  - {{to: campaign.spring, id: {made}}}\n"
        f"  - {{to: address_book.spring, id: {listed}}}\n"
        "  - {to: data_field.main.JOB_TITLE, id: JOB_TITLE}\n"
    )
    stage.write()
    clash = refused(stage, "plan")
    assert "import: [{to: address_book.spring, id: " in clash
    stage.write(CONFIG + blocks)
    plan = planned(stage)
    assert 'Name = "Old spring" → "Spring launch"' in plan
    assert "taken under management" in plan
    assert "address_book.spring will be imported" in plan
    assert "data_field.main.JOB_TITLE will be imported" in plan
    stage.apply()
    assert campaign(stage, "Spring launch")["Id"] == made
    assert stage.lists_of("buyer1@example.com") == ["Spring book"]
    assert len(lists(stage)) == len(set(lists(stage).values()))

    stage.write()
    settled(stage)
    stage.marketer("rename_list", list="Spring book", name="Winter book")
    assert "address_book.spring" in planned(stage)
    applied(stage)
    assert lists(stage)["Spring book"] == listed


def test_an_import_of_what_is_not_there_is_refused(stage: Stage) -> None:
    stage.write(CONFIG + "import: [{to: address_book.spring, id: 424242}]\n")
    assert "no address book with id 424242" in refused(stage, "plan")


def test_moved_blocks_change_addresses_and_nothing_else(stage: Stage) -> None:
    people = buyers(stage.world, 4)
    stage.apply()
    stage.marketer("remove_from_list", email="buyer3@example.com", list="Spring book")
    applied(stage)
    ids = (
        campaign(stage, "Spring launch")["Id"],
        lists(stage)["Spring book"],
        registry_row(stage, "link.spring.spring")["Id"],
    )
    moved = (
        "moved:\n"
        "  - {from: campaign.spring, to: campaign.launch}\n"
        "  - {from: address_book.spring, to: address_book.buyers}\n"
        "  - {from: link.spring.spring, to: link.launch.buyers}\n"
    )
    text = (
        CONFIG.replace("  spring:\n    name: Spring launch", "  launch:\n    name: Spring launch")
        .replace("  spring: {name: Spring book", "  buyers: {name: Spring book")
        .replace("campaign: spring, address_book: spring", "campaign: launch, address_book: buyers")
    )
    stage.write(text + moved)
    plan = planned(stage)
    assert "Plan: 0 to add" in plan
    assert "0 to destroy" in plan
    assert NOBODY in plan
    assert "was campaign.spring" in plan
    assert "by hand" not in plan
    applied(stage)
    row = registry_row(stage, "link.launch.buyers")
    assert (campaign(stage, "Spring launch")["Id"], lists(stage)["Spring book"], row["Id"]) == ids
    assert len(records(stage, "SFDD_Link__c")) == len(records(stage, "SFDD_Address_Book__c")) == 1
    assert stage.lists_of("buyer3@example.com") == []
    stage.write(text)
    settled(stage)
    stage.admin("update", "Contact", people[0], Department="Others")
    stage.admin("delete", "CampaignMember", records(stage, "CampaignMember", f"ContactId = '{people[0]}'")[0]["Id"])
    applied(stage, "--allow", "max_removals")
    assert stage.lists_of("buyer0@example.com") == []  # the book still knows whom it was given by us


def test_a_rename_in_git_keeps_ids_and_people(stage: Stage) -> None:
    buyers(stage.world, 2)
    stage.apply()
    ids = campaign(stage, "Spring launch")["Id"], lists(stage)["Spring book"]
    stage.write(CONFIG.replace("Spring launch", "Summer launch").replace("Spring book", "Summer book"))
    plan = planned(stage)
    assert 'Name = "Spring launch" → "Summer launch"' in plan
    assert 'name = "Spring book" → "Summer book"' in plan
    assert NOBODY in plan
    assert "by hand" not in plan
    applied(stage)
    assert (campaign(stage, "Summer launch")["Id"], lists(stage)["Summer book"]) == ids
    assert registry_row(stage, "address_book.spring")["List_Name__c"] == "Summer book"


def test_a_name_changed_by_hand_is_drift_unless_changes_are_ignored(stage: Stage) -> None:
    stage.apply()
    stage.admin("update", "Campaign", campaign(stage, "Spring launch")["Id"], Name="Hacked launch")
    stage.marketer("rename_list", list="Spring book", name="Hacked book")
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 2
    assert "Drift: changed by hand" in plan.out
    assert 'Name = "Hacked launch" → "Spring launch"' in flat(plan.out)
    assert 'name = "Hacked book" → "Spring book"' in flat(plan.out)
    stage.write(
        CONFIG.replace("    name: Spring launch\n", f"    name: Spring launch\n    {KEPT}\n").replace(
            "name: Spring book,", f"name: Spring book, {KEPT},"
        )
    )
    before = writes(stage)
    settled(stage)
    applied(stage)
    assert writes(stage) == before
    stage.write()
    applied(stage)
    assert campaign(stage, "Spring launch")
    assert "Spring book" in lists(stage)


EVERY_ATTRIBUTE = (
    CONFIG[: CONFIG.index("campaigns:")]
    + """\
campaigns:
  spring:
    name: "Spring \u201claunch\u201d"
    type: Email
    status: Planned
    active: true
    description: |
      two lines,
      'quoted'
    start_date: 2026-03-01
    end_date: 2026-04-30
    budgeted_cost: 1200
    expected_revenue: 99
    expected_response: 12.5
    fields: {NumberSent: 7}
address_books:
  spring: {name: Spring book, visibility: public}
data_fields:
  main:
    CITY: {type: string, default: "nowhere", visibility: public}
    RANK: {type: numeric, default: "1.5"}
    SEEN: {type: date, visibility: private}
    BUYS: {type: boolean, default: false}
"""
)


def test_every_attribute_that_can_be_declared_is_in_step_after_one_apply(stage: Stage) -> None:
    stage.write(EVERY_ATTRIBUTE)
    stage.apply()
    made = campaign(stage, "Spring \u201claunch\u201d")
    assert (made["Type"], made["Status"], made["IsActive"], made["StartDate"]) == ("Email", "Planned", 1, "2026-03-01")
    stage.admin("update", "Campaign", made["Id"], IsActive=False, EndDate=None, BudgetedCost=1)
    plan = planned(stage)
    assert "1 to change" in plan
    assert "EndDate" in plan
    assert "BudgetedCost" in plan
    applied(stage)


def test_a_name_that_is_taken_is_one_clear_error(stage: Stage) -> None:
    a_live_campaign(stage, "Spring launch")
    stage.marketer("create_list", name="spring BOOK")
    stage.marketer("create_field", field="Job_Title", type="String")
    before = writes(stage)
    why = refused(stage, "apply", "--auto-approve")
    assert why.count("SFDD-E4001") == 3
    assert why.count("import:") == 3
    assert writes(stage) == before


def test_CON_5_a_book_under_another_key_is_asked_for_and_takes_nobody_who_unsubscribed_from_the_old_one(
    stage: Stage,
) -> None:
    buyers(stage.world, 3)
    stage.apply()
    stage.marketer("list_unsubscribe", email="buyer2@example.com", list="Spring book")
    applied(stage)
    renamed = CONFIG.replace("  spring: {name: Spring book", "  buyers: {name: Buyers book")
    stage.write(renamed.replace("campaign: spring, address_book: spring", "campaign: spring, address_book: buyers"))

    plan = planned(stage)
    assert "moved: [{from: address_book.spring, to: address_book.buyers}, " in plan
    assert "{from: link.spring.spring, to: link.spring.buyers}]" in plan
    assert "2 to add" in plan
    applied(stage)
    assert [stage.lists_of(f"buyer{number}@example.com") for number in (1, 2)] == [["Spring book", "Buyers book"], []]
    settled(stage)
