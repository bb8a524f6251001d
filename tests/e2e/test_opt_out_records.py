"""Unsubscribes in Dotdigital tick Email Opt Out in Salesforce (CON-4, CON-8 to CON-10); nothing is ever un-ticked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from sfdd_declare.sandbox.dotdigital import contacts as dotdigital_contacts
from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.hands import flat, planned, settled
from tests.e2e.sampling import sampled
from tests.e2e.stage import CONFIG, Stage, buyers

API_USER = "apiuser-sandbox@apiconnector.com"
ADA = "buyer0@example.com"
LEADS_OFF = "consent: {unsubscribe_to_salesforce: {leads: false}}\n"


def a_lead(stage: Stage, email: str = ADA, **more: Any) -> str:
    """A lead who is in no campaign."""
    (lead,) = rows.insert_many(stage.world, "Lead", [{"LastName": "L", "Company": "C", "Email": email, **more}])
    return lead


def a_contact(stage: Stage, email: str = ADA, **more: Any) -> str:
    """A contact who is in no campaign."""
    (contact,) = rows.insert_many(stage.world, "Contact", [{"LastName": "N", "Email": email, **more}])
    return contact


def is_ticked(stage: Stage, *ids: str) -> list[bool]:
    found = []
    for record in ids:
        table = "sf_Lead" if record.startswith("00Q") else "sf_Contact"
        with stage.world.lock:
            query = f"SELECT HasOptedOutOfEmail AS ticked FROM {table} WHERE Id = ?"
            found.append(bool(stage.world.db.execute(query, (record,)).fetchone()["ticked"]))
    return found


def untick(stage: Stage, *ids: str) -> None:
    for record in ids:
        stage.admin("update", "Lead" if record.startswith("00Q") else "Contact", record, HasOptedOutOfEmail=False)


def our_writes(stage: Stage) -> list[dict[str, Any]]:
    """What we ever wrote to Email Opt Out, and to the status of a contact."""
    history: list[dict[str, Any]] = stage.control("GET", "history")
    consent = [entry for entry in history if entry["field"] in ("HasOptedOutOfEmail", "status")]
    return [entry for entry in consent if entry["who"] in (API_USER, "integration@sandbox.example")]


def channel(stage: Stage, email: str = ADA) -> str:
    contact = stage.contact_in_dotdigital(email)
    assert contact is not None
    status: str = contact["channelProperties"]["email"]["status"]
    return status


def synchronised(stage: Stage, count: int = 3) -> list[str]:
    ids = buyers(stage.world, count)
    stage.apply()
    return ids


@pytest.mark.parametrize("mode", sampled(["cautious", "lucky"], 0, always=1))
def test_CON_8_CON_4_an_unsubscribe_ticks_every_record_with_that_address_members_or_not(
    stage: Stage, mode: str
) -> None:
    stage.control("PUT", "switches", {"mode": mode})
    ada, *others = synchronised(stage)
    lead, namesake = a_lead(stage), a_contact(stage, ADA.upper())
    stage.marketer("unsubscribe", email=ADA)

    plan = planned(stage)
    assert "3 records are opted out in Salesforce: they unsubscribed in Dotdigital" in plan
    assert "3 to opt out in Salesforce" in plan
    assert "Email Opt Out = false → true # tick, CON-8" in plan
    stage.apply()
    assert is_ticked(stage, ada, lead, namesake, *others) == [True, True, True, False, False]
    assert channel(stage) == "unsubscribed"
    settled(stage)
    stage.apply()
    settled(stage)


def test_CON_4_a_bounce_is_no_consent(stage: Stage) -> None:
    ada, *_ = synchronised(stage)
    stage.marketer("set_status", email=ADA, status="hardBounced")
    stage.apply()
    assert is_ticked(stage, ada) == [False]


def test_CON_4_reasons_replace_the_set(stage: Stage) -> None:
    stage.write(CONFIG + "consent: {reasons: [hardBounced]}\n")
    ada, bob, *_ = synchronised(stage)
    stage.marketer("set_status", email=ADA, status="hardBounced")
    stage.marketer("unsubscribe", email="buyer1@example.com")
    stage.apply()
    assert is_ticked(stage, ada, bob) == [True, False]


def test_CON_4_a_bystander_of_the_book_counts_and_a_stranger_of_the_account_does_not(stage: Stage) -> None:
    synchronised(stage)
    on_book, elsewhere = a_lead(stage, "bystander@example.com"), a_lead(stage, "stranger@example.com")
    dotdigital_contacts.insert_many(
        stage.world, [{"email": "bystander@example.com"}, {"email": "stranger@example.com", "status": "unsubscribed"}]
    )
    stage.marketer("add_to_list", email="bystander@example.com", list="Spring book")
    stage.apply()
    stage.marketer("unsubscribe", email="bystander@example.com")
    stage.apply()
    assert is_ticked(stage, on_book, elsewhere) == [True, False]
    settled(stage)
    untick(stage, on_book)
    stage.apply()
    assert is_ticked(stage, on_book) == [False]


def test_CON_4_who_left_the_campaign_is_still_in_the_base(stage: Stage) -> None:
    stage.write(replace=("Department = 'Buyers'", "Department = 'Nobody'"))
    ada, *_ = buyers(stage.world, 2)
    stage.apply()
    campaign = stage.world.db.execute("SELECT Id FROM sf_Campaign").fetchone()["Id"]
    member = stage.admin("insert", "CampaignMember", CampaignId=campaign, ContactId=ada)["id"]
    stage.apply()
    stage.admin("delete", "CampaignMember", member)
    stage.apply("--allow", "max_removals")
    stage.marketer("unsubscribe", email=ADA)
    stage.apply()
    assert is_ticked(stage, ada) == [True]
    settled(stage)


def test_CON_14_a_switch_of_a_record_type_that_is_off_leaves_its_records_alone_until_it_is_on(stage: Stage) -> None:
    stage.write(CONFIG + LEADS_OFF)
    ada, *_ = synchronised(stage)
    lead, lone = a_lead(stage), a_lead(stage, "lone@example.com")
    dotdigital_contacts.insert_many(stage.world, [{"email": "lone@example.com"}])
    stage.marketer("add_to_list", email="lone@example.com", list="Spring book")
    stage.apply()
    for email in (ADA, "lone@example.com"):
        stage.marketer("unsubscribe", email=email)
    stage.apply()
    assert is_ticked(stage, ada, lead, lone) == [True, False, False]
    settled(stage)
    stage.control("PUT", "switches", {"mode": "lucky"})  # a bystander who unsubscribed stays in sight
    stage.write(CONFIG)
    stage.apply()
    assert is_ticked(stage, lone) == [True]
    settled(stage)


def test_CON_9_a_re_consent_is_listed_and_nothing_is_written_on_either_side(stage: Stage) -> None:
    ada, *_ = synchronised(stage)
    lead = a_lead(stage)
    stage.marketer("unsubscribe", email=ADA)
    stage.apply()
    untick(stage, ada, lead)
    before = our_writes(stage)
    for _ in range(3):
        plan = stage.sfdd("plan", "--detailed-exitcode")
        assert plan.code == 0, plan.text
        assert "1 person re-consented in Salesforce" in flat(plan.out)
        assert "resubscribe in Dotdigital" in flat(plan.out)
        stage.apply()
    assert our_writes(stage) == before
    assert (is_ticked(stage, ada, lead), channel(stage)) == ([False, False], "unsubscribed")

    stage.marketer("resubscribe", email=ADA)
    stage.apply()
    assert "re-consented" not in stage.sfdd("plan").out
    stage.marketer("unsubscribe", email=ADA)
    stage.apply()
    assert is_ticked(stage, ada, lead) == [True, True]


def test_CON_9_our_own_suppression_is_nobodys_unsubscribe(stage: Stage) -> None:
    ada, *_ = synchronised(stage)
    stranger = a_lead(stage, "stranger@example.com")
    dotdigital_contacts.insert_many(stage.world, [{"email": "stranger@example.com"}])
    stage.marketer("add_to_list", email="stranger@example.com", list="Spring book")
    stage.admin("update", "Contact", ada, HasOptedOutOfEmail=True)
    stage.admin("update", "Lead", stranger, HasOptedOutOfEmail=True)
    stage.apply()
    assert (channel(stage), channel(stage, "stranger@example.com")) == ("suppressed", "suppressed")
    settled(stage)
    untick(stage, ada, stranger)
    stage.control("PUT", "switches", {"mode": "lucky"})
    for _ in range(3):
        stage.apply()
    assert is_ticked(stage, ada, stranger) == [False, False]
    assert "2 people re-consented in Salesforce" in flat(stage.sfdd("plan").out)


def test_CON_10_an_opt_out_on_both_sides_at_once_writes_nothing(stage: Stage) -> None:
    ada, *_ = synchronised(stage)
    before = our_writes(stage)
    stage.admin("update", "Contact", ada, HasOptedOutOfEmail=True)
    stage.marketer("unsubscribe", email=ADA)
    settled(stage)
    stage.apply()
    assert our_writes(stage) == before
    untick(stage, ada)
    stage.apply()
    assert is_ticked(stage, ada) == [False]
    assert "1 person re-consented in Salesforce" in flat(stage.sfdd("plan").out)


def test_a_record_that_salesforce_refuses_waits_in_the_ledger_and_blocks_nothing(stage: Stage) -> None:
    ada, bob, *_ = synchronised(stage)
    lead = a_lead(stage)
    stage.world.set_setting("salesforce.invalid_records", [lead])
    stage.admin("update", "Contact", bob, Title="Newer")
    stage.marketer("unsubscribe", email=ADA)
    first = stage.sfdd("apply", "--auto-approve")
    assert (first.code, lead in first.out) == (6, True), first.text
    assert is_ticked(stage, ada, lead) == [True, False]
    with closing(sqlite3.connect(stage.folder / ".sfdd" / "state.db")) as state:
        kept = state.execute("SELECT record, code, attempts FROM ledger").fetchall()
    assert kept == [(lead, "FIELD_CUSTOM_VALIDATION_EXCEPTION", 1)]
    assert "1 record is opted out in Salesforce" in planned(stage)

    stage.world.set_setting("salesforce.invalid_records", [])
    stage.apply()
    assert is_ticked(stage, lead) == [True]
    settled(stage)


def test_a_converted_lead_is_left_out_and_its_contact_is_ticked(stage: Stage) -> None:
    synchronised(stage)
    lead = a_lead(stage)
    stage.admin("convert_lead", "Lead", lead)
    with stage.world.lock:
        found = stage.world.db.execute("SELECT Id FROM sf_Contact WHERE Email = ?", (ADA,)).fetchall()
    assert len(found) == 2
    stage.marketer("unsubscribe", email=ADA)
    stage.apply()
    assert is_ticked(stage, *(row["Id"] for row in found), lead) == [True, True, False]
    settled(stage)


def test_a_target_never_leaves_an_opt_out_out(stage: Stage) -> None:
    ada, *_ = synchronised(stage)
    stage.marketer("unsubscribe", email=ADA)
    stage.apply("--target", "data_field.main.JOB_TITLE")
    assert is_ticked(stage, ada) == [True]


def test_INV_3_we_only_ever_tick(stage: Stage) -> None:
    ada, bob, cid = synchronised(stage)
    stage.marketer("unsubscribe", email=ADA)
    stage.admin("update", "Contact", bob, HasOptedOutOfEmail=True)
    stage.apply()
    untick(stage, ada, bob)
    stage.marketer("resubscribe", email="buyer1@example.com")
    stage.apply()
    stage.marketer("resubscribe", email=ADA)
    stage.admin("update", "Contact", cid, HasOptedOutOfEmail=True)
    stage.apply()
    for entry in our_writes(stage):
        assert entry["new"] in (True, 1, "suppressed", "unsubscribed") or entry["old"] is None, entry
    settled(stage)


def test_settled_opt_outs_cost_no_call(stage: Stage) -> None:
    synchronised(stage)
    a_lead(stage)
    stage.forget_calls()
    settled(stage)
    before = stage.calls()["salesforce"]["total"]
    stage.marketer("unsubscribe", email=ADA)
    stage.apply()
    stage.apply()
    stage.forget_calls()
    settled(stage)
    assert stage.calls()["salesforce"]["total"] == before
