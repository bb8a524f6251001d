"""People who sign up in Dotdigital become leads and campaign members in Salesforce, over real HTTP (NEW)."""

from __future__ import annotations

from typing import Any

import pytest

from sfdd_declare.sandbox.salesforce import rows
from tests.crash.cast import KINDS, killed_apply
from tests.e2e.hands import flat, lists, records, value
from tests.e2e.sampling import sampled
from tests.e2e.stage import CONFIG, Stage, buyers

LEADS = """\
  leads:
    FirstName: {data_field: FIRSTNAME, direction: two_way}
    LastName: {data_field: LASTNAME, direction: two_way}
    Company: {data_field: COMPANY, direction: two_way}
    Title: {data_field: JOB_TITLE, direction: two_way}
links:
  - {campaign: spring, address_book: spring, new_leads: {member_status: Attended}}
leads:
  defaults: {LeadSource: Web, OwnerId: "queue:Web leads"}
"""
NEW_LEADS = CONFIG[: CONFIG.index("  leads:\n")].replace(
    "JOB_TITLE: {type: string}", "JOB_TITLE: {type: string}\n    COMPANY: {type: string}"
) + LEADS  # fmt: skip
ADA = {"FIRSTNAME": "Ada", "LASTNAME": "Lovelace", "COMPANY": "Engines Ltd", "JOB_TITLE": "Countess"}


@pytest.fixture
def begun(stage: Stage) -> Stage:
    """Past the first run: a baseline is recorded, with somebody on the book who was there before."""
    stage.write(NEW_LEADS)
    buyers(stage.world, 3)
    stage.apply()
    return stage


def sign_up(stage: Stage, email: str, *books: str, status: str = "subscribed", **fields: Any) -> None:
    """Somebody joins books in Dotdigital."""
    known = lists(stage)
    chosen = [known[name] for name in books or ("Spring book",)]
    stage.marketer("add_contact", email=email, lists=chosen, dataFields=fields, status=status)


def leads(stage: Stage, email: str | None = None) -> list[dict[str, Any]]:
    return [lead for lead in records(stage, "Lead") if email is None or lead["Email"] == email]


def members(stage: Stage, person: str) -> list[tuple[str, str]]:
    """(campaign, status) of one record's memberships."""
    names = {c["Id"]: c["Name"] for c in records(stage, "Campaign")}
    found = [m for m in records(stage, "CampaignMember") if person in (m["LeadId"], m["ContactId"])]
    return sorted((names[m["CampaignId"]], m["Status"]) for m in found)


def settled(stage: Stage) -> None:
    """Nothing is left to be done but what was announced as a follow-up."""
    stage.apply()
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 0, plan.text


def test_NEW_1_the_first_run_records_a_baseline_and_creates_nobody(stage: Stage) -> None:
    book = stage.marketer("create_list", name="Old book")
    stage.write(NEW_LEADS, replace=("{name: Spring book, removals: managed}", "{existing: {name: Old book}}"))
    stage.marketer("add_contact", email="early@example.com", lists=[book["id"]])
    plan = stage.sfdd("plan")
    assert "new lead" not in plan.out.splitlines()[0], plan.text
    stage.apply()
    settled(stage)
    assert leads(stage) == []
    sign_up(stage, "late@example.com", "Old book", **ADA)
    stage.apply()
    assert [lead["Email"] for lead in leads(stage)] == ["late@example.com"]


def test_NEW_3_a_sign_up_becomes_a_lead_and_a_member_with_the_declared_values(begun: Stage) -> None:
    sign_up(begun, "ada@example.com", **ADA)
    plan = begun.sfdd("plan", "--detailed-exitcode", "--samples", "10")
    assert (plan.code, "1 new lead" in plan.out) == (2, True), plan.text
    assert "Lovelace" not in plan.text
    assert "Web leads" in plan.out
    begun.apply()
    (lead,) = leads(begun)
    found = {name: lead[name] for name in ("FirstName", "LastName", "Company", "Title", "Email", "LeadSource")}
    assert found == {
        "FirstName": "Ada",
        "LastName": "Lovelace",
        "Company": "Engines Ltd",
        "Title": "Countess",
        "Email": "ada@example.com",
        "LeadSource": "Web",
    }
    (queue,) = records(begun, "Group", "Name = 'Web leads'")
    assert lead["OwnerId"] == queue["Id"]
    assert members(begun, lead["Id"]) == [("Spring launch", "Attended")]
    plan = begun.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 0, plan.text


def test_NEW_4_a_missing_company_waits_and_is_created_once_it_is_there(begun: Stage) -> None:
    sign_up(begun, "ada@example.com", FIRSTNAME="Ada", LASTNAME="Lovelace")
    plan = begun.sfdd("plan", "--detailed-exitcode")
    assert (plan.code, "No changes. 1 lead pending." in plan.out) == (0, True), plan.text
    assert "no Company" in plan.out
    begun.apply()
    assert leads(begun) == []
    assert "1 lead pending" in begun.sfdd("plan").out
    begun.marketer("set_field", email="ada@example.com", field="COMPANY", value="Engines Ltd")
    begun.apply()
    (lead,) = leads(begun)
    assert lead["Company"] == "Engines Ltd"
    plan = begun.sfdd("plan", "--detailed-exitcode")
    assert (plan.code, "pending" in plan.out) == (0, False), plan.text


@pytest.mark.parametrize("sobject", ["Contact", "Lead"])
def test_NEW_2_a_sign_up_whom_the_org_knows_is_adopted_and_never_doubled(begun: Stage, sobject: str) -> None:
    values = {"FirstName": "Ada", "LastName": "Lovelace", "Email": "Ada@Example.com"}
    values |= {"Company": "Engines Ltd"} if sobject == "Lead" else {}
    (known,) = rows.insert_many(begun.world, sobject, [values])
    sign_up(begun, "ada@example.com", **ADA)
    plan = begun.sfdd("plan", "--detailed-exitcode")
    headline = plan.out.splitlines()[0]
    assert (plan.code, "new lead" in headline, "1 to adopt" in headline) == (2, False, True), plan.text
    assert "follow with the next apply" in flat(plan.out)
    begun.apply()
    assert members(begun, known) == [("Spring launch", "Attended")]
    assert len([r for r in records(begun, sobject) if r["Email"].casefold() == "ada@example.com"]) == 1
    assert sobject == "Lead" or leads(begun) == []
    settled(begun)


def test_NEW_5_who_may_not_be_mailed_is_skipped(begun: Stage) -> None:
    for number, status in enumerate(("unsubscribed", "suppressed", "pendingOptIn")):
        sign_up(begun, f"no{number}@example.com", status=status, **ADA)
    (ticked,) = rows.insert_many(
        begun.world, "Contact", [{"LastName": "Out", "Email": "out@example.com", "HasOptedOutOfEmail": True}]
    )
    sign_up(begun, "out@example.com", **ADA)
    begun.apply()
    assert leads(begun) == []
    assert members(begun, ticked) == []
    settled(begun)
    begun.marketer("resubscribe", email="no2@example.com")
    begun.apply()
    assert [lead["Email"] for lead in leads(begun)] == ["no2@example.com"]


TWO_BOOKS = (
    NEW_LEADS.replace("address_books:\n", "address_books:\n  club: {name: Club}\n")
    .replace("campaigns:\n", "campaigns:\n  club: {name: Club night}\n")
    .replace("links:\n", "links:\n  - {campaign: club, address_book: club, new_leads: true}\n")
)


def test_NEW_7_one_person_on_two_books_is_one_lead_and_two_memberships(stage: Stage) -> None:
    stage.write(TWO_BOOKS)
    stage.apply()
    sign_up(stage, "ada@example.com", "Spring book", "Club", **ADA)
    plan = stage.sfdd("plan")
    assert "1 new lead" in plan.out, plan.text
    stage.apply()
    (lead,) = leads(stage)
    assert members(stage, lead["Id"]) == [("Club night", "Sent"), ("Spring launch", "Attended")]
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(
    ("kind", "times"), sampled([(kind, times) for kind in ("reset_before", "reset_after") for times in (1, 6)], 1)
)
def test_NEW_7_a_lost_answer_makes_nobody_twice(begun: Stage, kind: str, times: int) -> None:
    for number in range(3):
        sign_up(begun, f"new{number}@example.com", **{**ADA, "LASTNAME": f"L{number}"})
    rule = {"system": "salesforce", "method": "POST", "path": "composite/sobjects$", "kind": kind, "times": times}
    begun.control("POST", "faults", rule)
    begun.sfdd("apply", "--auto-approve")
    begun.control("DELETE", "faults")
    begun.apply()
    assert sorted(lead["Email"] for lead in leads(begun)) == [f"new{number}@example.com" for number in range(3)]
    assert [members(begun, lead["Id"]) for lead in leads(begun)] == [[("Spring launch", "Attended")]] * 3
    settled(begun)


@pytest.mark.parametrize(("kind", "nth"), sampled([(kind, nth) for kind in KINDS for nth in (1, 2)], 1))
def test_NEW_7_a_kill_at_either_write_makes_nobody_twice(begun: Stage, kind: str, nth: int) -> None:
    sign_up(begun, "ada@example.com", **ADA)
    killed_apply(begun, kind, system="salesforce", method="POST", path="composite/sobjects$", nth=nth)
    begun.apply()
    (lead,) = leads(begun)
    assert members(begun, lead["Id"]) == [("Spring launch", "Attended")]
    settled(begun)


def test_NEW_6_a_duplicate_rule_names_whom_it_refuses_and_the_others_go_through(begun: Stage) -> None:
    begun.world.set_setting("salesforce.duplicate_rule", "alert")
    begun.world.set_setting("salesforce.duplicate_rule_fields", ["LastName"])
    rows.insert_many(begun.world, "Lead", [{"LastName": "Lovelace", "Company": "X", "Email": "other@example.com"}])
    sign_up(begun, "ada@example.com", **ADA)
    sign_up(begun, "mary@example.com", **{**ADA, "LASTNAME": "Somerville"})
    ended = begun.sfdd("apply", "--auto-approve")
    assert (ended.code, "DUPLICATES_DETECTED" in ended.out) == (6, True), ended.text
    assert (len(leads(begun, "ada@example.com")), len(leads(begun, "mary@example.com"))) == (0, 1)
    assert "1 new lead" in begun.sfdd("plan").out
    begun.write(NEW_LEADS + "  duplicate_rules: allow_save\n")
    begun.apply()
    assert len(leads(begun, "ada@example.com")) == 1
    settled(begun)


@pytest.mark.parametrize("asked", [False, True])
def test_NEW_6_assignment_rules_run_only_when_they_are_asked_for(begun: Stage, asked: bool) -> None:
    admin = next(user["Id"] for user in records(begun, "User") if user["FirstName"] == "Ada")
    begun.world.set_setting("salesforce.assignment_rule_owner", admin)
    begun.write(NEW_LEADS + f"  assignment_rules: {str(asked).lower()}\n")
    sign_up(begun, "ada@example.com", **ADA)
    begun.apply()
    (lead,) = leads(begun)
    assert (lead["OwnerId"] == admin) is asked
    settled(begun)


def test_NEW_9_what_the_org_sets_on_a_new_lead_is_an_announced_follow_up(stage: Stage) -> None:
    text = NEW_LEADS.replace("    JOB_TITLE: {", "    STAGE: {type: string}\n    JOB_TITLE: {")
    stage.write(
        text.replace("    Title: {data_field: JOB_TITLE, d", "    Status: STAGE\n    Title: {data_field: JOB_TITLE, d")
    )
    stage.apply()
    sign_up(stage, "ada@example.com", **ADA)
    plan = stage.sfdd("plan")
    assert "follows with the next apply" in flat(plan.out), plan.text
    stage.apply()
    follow_up = stage.sfdd("plan", "--detailed-exitcode")
    assert (follow_up.code, "1 to update" in follow_up.out) == (2, True), follow_up.text
    settled(stage)
    assert value(stage, "ada@example.com", "STAGE") == "Open - Not Contacted"


def test_a_guard_holds_too_many_new_records_back(begun: Stage) -> None:
    begun.write(NEW_LEADS + "guards: {max_new_records: 1}\n")
    for number in range(2):
        sign_up(begun, f"new{number}@example.com", **ADA)
    blocked = begun.sfdd("apply", "--auto-approve")
    assert (blocked.code, "max_new_records" in blocked.out) == (5, True), blocked.text
    assert leads(begun) == []
    begun.apply("--allow", "max_new_records")
    assert len(leads(begun)) == 2


def test_whoever_once_was_a_lead_is_never_made_one_again(begun: Stage) -> None:
    sign_up(begun, "ada@example.com", **ADA)
    begun.apply()
    (lead,) = leads(begun)
    begun.admin("delete", "Lead", lead["Id"])
    begun.sfdd("apply", "--auto-approve", "--allow", "max_removals,sudden_loss")
    assert leads(begun) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("queue:Web leads", "queue:Nobody"), "queue is called"),
        (("LeadSource: Web", "LeadSource: Webb"), "LeadSource"),
        (("removals: managed", "removals: mirror"), "SFDD-E1218"),
        (("{member_status: Attended}", "{member_status: Atended}"), "Attended"),
        (("Company: {data_field: COMPANY, direction: two_way}", "Company: COMPANY"), "Company"),
    ],
)
def test_a_configuration_that_cannot_make_leads_is_refused(stage: Stage, change: tuple[str, str], said: str) -> None:
    stage.write(NEW_LEADS, replace=change)
    ended = stage.sfdd("plan")
    assert (ended.code, said in ended.err) == (1, True), ended.text
