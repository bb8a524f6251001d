"""Who is on which book: several links, status filters, member statuses, directions that change in Git."""

from __future__ import annotations

from tests.e2e.hands import NOBODY, applied, campaign, flat, planned, records, registry_row, value
from tests.e2e.stage import CONFIG, Stage, buyers, known_contact

TITLE = "    Title: JOB_TITLE\n"
CAMPAIGNS = CONFIG.index("campaigns:")
SEVERAL = (
    CONFIG[:CAMPAIGNS]
    + """\
campaigns:
  spring: {name: Spring launch, members: {contacts: {where: "Department = 'Buyers'"}}}
  autumn: {name: Autumn launch, members: {contacts: {where: "Department = 'Sellers'"}}}
address_books:
  news: {name: News, removals: managed}
  spring: {name: Spring book}
field_mappings:
  contacts: {FirstName: FIRSTNAME, LastName: LASTNAME}
links:
  - {campaign: spring, address_book: [spring, news]}
  - {campaign: autumn, address_book: news}
"""
)


def member(stage: Stage, contact: str, name: str = "Spring launch") -> str:
    """The campaign member that a contact is."""
    where = f"ContactId = '{contact}' AND CampaignId = '{campaign(stage, name)['Id']}'"
    (found,) = records(stage, "CampaignMember", where)
    return str(found["Id"])


def test_a_person_stays_on_a_book_until_the_last_of_its_campaigns_is_left(stage: Stage) -> None:
    people = buyers(stage.world, 2)
    (seller,) = buyers(stage.world, 1, start=2, Department="Sellers")
    stage.write(SEVERAL)
    plan = planned(stage)
    assert "People: 3 to add" in plan
    stage.apply()
    assert [sorted(stage.lists_of(f"buyer{n}@example.com")) for n in range(3)] == [
        ["News", "Spring book"],
        ["News", "Spring book"],
        ["News"],
    ]
    stage.admin("insert", "CampaignMember", CampaignId=campaign(stage, "Autumn launch")["Id"], ContactId=people[0])
    for contact in people:
        stage.admin("update", "Contact", contact, Department="Others")
        stage.admin("delete", "CampaignMember", member(stage, contact))
    plan = planned(stage)
    assert "1 to remove" in plan
    applied(stage, "--allow", "sudden_loss,max_removals")
    assert [sorted(stage.lists_of(f"buyer{n}@example.com")) for n in range(3)] == [
        ["News", "Spring book"],  # a member of the other campaign; the other book keeps everybody
        ["Spring book"],
        ["News"],
    ]
    assert records(stage, "CampaignMember", f"ContactId = '{seller}'")


def test_MEM_11_a_link_takes_only_the_statuses_it_names_and_leaving_them_is_leaving(stage: Stage) -> None:
    people = buyers(stage.world, 12)
    stage.write(replace=("address_book: spring}", "address_book: spring, member_statuses: [Sent]}"))
    stage.apply()
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    stage.admin("update", "CampaignMember", member(stage, people[0]), Status="Attended")
    plan = planned(stage)
    assert "1 to remove" in plan
    assert "MEM-11" in plan
    applied(stage)
    assert stage.lists_of("buyer0@example.com") == []
    stage.write()
    assert "1 to add" in planned(stage)
    applied(stage)
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]


def test_member_statuses_are_made_and_changed_and_others_are_left_alone(stage: Stage) -> None:
    buyers(stage.world, 1)
    stage.apply()
    statuses = {record["Label"]: record for record in records(stage, "CampaignMemberStatus")}
    assert set(statuses) == {"Sent", "Responded", "Attended"}
    stage.admin("update", "CampaignMemberStatus", statuses["Responded"]["Id"], IsDefault=True)
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 2
    assert "Drift: changed by hand" in plan.out
    assert 'member status "Sent"' in flat(plan.out)
    applied(stage)
    stage.write(replace=("{Sent: {default: true}, Attended: {responded: true}}", "{Attended: {default: true}}"))
    applied(stage)
    now = {record["Label"]: record for record in records(stage, "CampaignMemberStatus")}
    assert set(now) == {"Sent", "Responded", "Attended"}
    assert [label for label, record in now.items() if record["IsDefault"]] == ["Attended"]
    (late,) = buyers(stage.world, 1, start=1)
    applied(stage)
    assert records(stage, "CampaignMember", f"ContactId = '{late}'")[0]["Status"] == "Attended"


def test_people_who_leave_stay_on_a_book_that_keeps_them(stage: Stage) -> None:
    people = buyers(stage.world, 12)
    kept = CONFIG.replace("removals: managed", "removals: keep")
    stage.write(kept)
    stage.apply()
    stage.admin("update", "Contact", people[0], Department="Others")
    stage.admin("delete", "CampaignMember", member(stage, people[0]))
    applied(stage)
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    stage.write()
    plan = planned(stage)
    assert 'Removals__c = "keep" → "managed"' in plan
    applied(stage)
    assert registry_row(stage, "address_book.spring")["Removals__c"] == "managed"


def test_MEM_6_whom_somebody_else_put_on_a_managed_book_stays(stage: Stage) -> None:
    buyers(stage.world, 12)
    known_contact(stage.world, "guest@example.com")
    stage.apply()
    stage.marketer("add_to_list", email="guest@example.com", list="Spring book")
    applied(stage)
    assert stage.lists_of("guest@example.com") == ["Spring book"]


def test_a_direction_turned_in_git_is_recorded_and_values_move_by_it(stage: Stage) -> None:
    people = buyers(stage.world, 12)
    stage.apply()
    turned = CONFIG.replace(TITLE, "    Title: {data_field: JOB_TITLE, direction: two_way}\n", 1)
    stage.write(turned)
    stage.admin("update", "Contact", people[0], Title="Director")
    stage.marketer("set_field", email="buyer1@example.com", field="JOB_TITLE", value="Boss")
    plan = planned(stage)
    assert 'Direction__c = "salesforce_to_dotdigital" → "two_way"' in plan
    assert "by hand" not in plan
    assert "2 to update" in plan
    applied(stage, "--allow", "max_overwrites")
    assert registry_row(stage, "field_mapping.main.contacts.Title")["Direction__c"] == "two_way"
    assert value(stage, "buyer0@example.com", "JOB_TITLE") == "Director"
    assert records(stage, "Contact", f"Id = '{people[1]}'")[0]["Title"] == "Boss"
    stage.write()
    applied(stage)
    assert registry_row(stage, "field_mapping.main.contacts.Title")["Direction__c"] == "salesforce_to_dotdigital"


def test_a_mapping_added_later_fills_everybody_and_one_taken_away_leaves_values(stage: Stage) -> None:
    buyers(stage.world, 3)
    stage.write(CONFIG.replace(TITLE, ""))
    stage.apply()
    assert value(stage, "buyer1@example.com", "JOB_TITLE") is None
    stage.write()
    assert "3 to update" in planned(stage)
    applied(stage)
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"
    stage.write(CONFIG.replace(TITLE, ""))
    assert NOBODY in planned(stage)
    applied(stage)
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Title 1"
