"""Values in all three directions over real HTTP: fills, edits on either side, conflicts, blanks, refusals."""

from __future__ import annotations

from typing import Any

from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.hands import applied, flat, planned, records, settled, value
from tests.e2e.stage import CONFIG, Stage, buyers, known_contact

OLD = "    Title: JOB_TITLE\n  leads"
NEW = """\
    Title: {data_field: JOB_TITLE, direction: two_way%s}
    Customer_Tier__c: {data_field: TIER, direction: dotdigital_to_salesforce}
    Score__c: {data_field: SCORE, direction: two_way}
    Vip__c: {data_field: VIP, direction: two_way}
  leads"""
DECLARED = "    JOB_TITLE: {type: string}\n"
BACK = "{data_field: JOB_TITLE, direction: dotdigital_to_salesforce}"
MORE = "    TIER: {type: string}\n    SCORE: {type: numeric}\n    VIP: {type: boolean}\n"


def two_way(rule: str = "") -> str:
    """The usual configuration with Title two_way and the customer tier coming from Dotdigital."""
    assert OLD in CONFIG
    assert DECLARED in CONFIG
    return CONFIG.replace(OLD, NEW % rule).replace(DECLARED, DECLARED + MORE)


def contact(stage: Stage, sf_id: str) -> dict[str, Any]:
    (found,) = records(stage, "Contact", f"Id = '{sf_id}'")
    return found


def marketer_sets(stage: Stage, number: int, field: str, held: Any) -> None:
    stage.marketer("set_field", email=f"buyer{number}@example.com", field=field, value=held)


def synchronised(stage: Stage, rule: str = "", count: int = 12) -> list[str]:
    stage.write(two_way(rule))
    ids = buyers(stage.world, count, Vip__c=False)
    stage.apply()
    return ids


def written(stage: Stage, after: int) -> set[tuple[str, str, str]]:
    """System, record and field of every value of a person that was written since a moment of the history."""
    with stage.world.lock:
        rows = stage.world.db.execute(
            "SELECT system, record, field FROM history WHERE kind IN ('Contact', 'data_field') AND seq > ?", (after,)
        ).fetchall()
    stamps = ("LastModified", "SystemModstamp", "updated")
    return {(r["system"], r["record"], r["field"]) for r in rows if not r["field"].startswith(stamps)}


def now(stage: Stage) -> int:
    with stage.world.lock:
        return int(stage.world.db.execute("SELECT MAX(seq) FROM history").fetchone()[0])


def test_INV_4_WIRE_5_VAL_6_to_VAL_9_edits_reach_the_other_side_and_nothing_goes_against_its_direction(
    stage: Stage,
) -> None:
    ids = synchronised(stage)
    stage.admin("update", "Contact", ids[0], Title="Chief Joy Officer")
    marketer_sets(stage, 1, "JOB_TITLE", "Head of Nothing")
    stage.admin("update", "Contact", ids[2], Title="Salesforce says")
    marketer_sets(stage, 2, "JOB_TITLE", "Dotdigital says")
    stage.admin("update", "Contact", ids[3], Title="")
    marketer_sets(stage, 4, "TIER", "Gold")
    stage.admin("update", "Contact", ids[5], Customer_Tier__c="Silver")
    marketer_sets(stage, 6, "SCORE", 12.5)
    marketer_sets(stage, 7, "VIP", True)
    before = now(stage)

    plan = planned(stage, "--allow", "max_overwrites")

    assert "People: 0 to add, 6 to update, 0 to remove, 1 conflict." in plan
    assert "Title ↔ JOB_TITLE: 1 conflict, Salesforce won" in plan
    applied(stage, "--allow", "max_overwrites")
    assert value(stage, "buyer0@example.com", "JOB_TITLE") == "Chief Joy Officer"
    assert contact(stage, ids[1])["Title"] == "Head of Nothing"
    assert value(stage, "buyer2@example.com", "JOB_TITLE") == "Salesforce says"
    assert value(stage, "buyer3@example.com", "JOB_TITLE") == "Title 3"  # a two-way blank is kept
    assert contact(stage, ids[4])["Customer_Tier__c"] == "Gold"
    assert contact(stage, ids[6])["Score__c"] == 12.5
    assert contact(stage, ids[7])["Vip__c"] == 1
    assert contact(stage, ids[5])["Customer_Tier__c"] == "Silver"  # its source is blank and never held it
    # INV-4
    assert {(record, field) for system, record, field in written(stage, before) if system == "salesforce"} == {
        (ids[1], "Title"),
        (ids[4], "Customer_Tier__c"),
        (ids[6], "Score__c"),
        (ids[7], "Vip__c"),
    }
    there = {field.upper() for system, _, field in written(stage, before) if system == "dotdigital"}
    assert there == {"JOB_TITLE"}


def test_VAL_7_VAL_9_blanks_travel_and_dotdigital_wins_where_it_is_declared(stage: Stage) -> None:
    ids = synchronised(stage, ", conflict: dotdigital, on_blank: propagate")
    stage.admin("update", "Contact", ids[0], Title="")
    marketer_sets(stage, 1, "JOB_TITLE", None)
    stage.admin("update", "Contact", ids[2], Title="Salesforce says")
    marketer_sets(stage, 2, "JOB_TITLE", "Dotdigital says")
    applied(stage, "--allow", "max_overwrites")
    assert value(stage, "buyer0@example.com", "JOB_TITLE") in (None, "")
    assert contact(stage, ids[1])["Title"] is None
    assert contact(stage, ids[2])["Title"] == "Dotdigital says"


def test_RUN_4_VAL_9_a_skipped_conflict_is_held_until_both_sides_agree(stage: Stage) -> None:
    ids = synchronised(stage, ", conflict: skip")
    stage.admin("update", "Contact", ids[2], Title="Salesforce says")
    marketer_sets(stage, 2, "JOB_TITLE", "Dotdigital says")
    for _ in range(2):
        plan = stage.sfdd("plan", "--detailed-exitcode")
        assert (plan.code, plan.out.startswith("No changes. 1 conflict held.")) == (0, True), plan.text
        stage.apply()
    assert contact(stage, ids[2])["Title"] == "Salesforce says"
    marketer_sets(stage, 2, "JOB_TITLE", "Salesforce says")
    settled(stage)
    assert "held" not in stage.sfdd("plan").out


BOTH_NAMES = CONFIG.replace(
    "    FirstName: FIRSTNAME\n    LastName",
    "    FirstName: {data_field: FIRSTNAME, direction: two_way}\n    LastName",
    1,
)


def test_RUN_1_what_differs_on_the_first_run_is_held_until_it_is_accepted(stage: Stage) -> None:
    stage.write(BOTH_NAMES)
    ids = buyers(stage.world, 12)
    stage.admin("update", "Contact", ids[2], FirstName="")
    for number, first in ((1, "Olga"), (2, "Ines"), (3, "First3")):
        known_contact(stage.world, f"buyer{number}@example.com", FIRSTNAME=first, LASTNAME=f"Last{number}")
    stage.apply()
    assert contact(stage, ids[2])["FirstName"] == "Ines"  # VAL-11 fills a blank at once
    for _ in range(2):
        plan = stage.sfdd("plan", "--detailed-exitcode")
        assert (plan.code, "No changes. 1 conflict held" in plan.out) == (0, True), plan.text
        assert "--accept-first-sync" in plan.out
        stage.apply()
    assert (contact(stage, ids[1])["FirstName"], value(stage, "buyer1@example.com", "FIRSTNAME")) == ("First1", "Olga")
    newcomer = buyers(stage.world, 1, start=20)[0]
    known_contact(stage.world, "buyer20@example.com", FIRSTNAME="Later")
    applied(stage)  # who comes later is an ordinary conflict
    assert value(stage, "buyer20@example.com", "FIRSTNAME") == contact(stage, newcomer)["FirstName"] == "First20"
    assert "1 to update" in flat(stage.sfdd("plan", "--accept-first-sync").out)
    stage.apply("--accept-first-sync")
    assert value(stage, "buyer1@example.com", "FIRSTNAME") == "First1"
    assert stage.sfdd("plan").out.startswith("No changes. Salesforce")


def test_BASE_7_a_change_of_direction_carries_first_what_the_old_one_owed(stage: Stage) -> None:
    ids = buyers(stage.world, 12)
    stage.apply()
    stage.admin("update", "Contact", ids[1], Title="Owed to Dotdigital")
    marketer_sets(stage, 2, "JOB_TITLE", "News from Dotdigital")
    stage.write(replace=("    Title: JOB_TITLE\n  leads", f"    Title: {BACK}\n  leads"))
    plan = planned(stage)
    assert "Title ← JOB_TITLE: 1 value settled before the flip" in plan
    applied(stage, "--allow", "max_overwrites")
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == contact(stage, ids[1])["Title"] == "Owed to Dotdigital"
    assert contact(stage, ids[2])["Title"] == "News from Dotdigital"
    stage.admin("update", "Contact", ids[1], Title="Too late")
    applied(stage)
    assert contact(stage, ids[1])["Title"] == "Owed to Dotdigital"


def test_RUN_5_a_mapping_that_is_added_is_back_filled_and_says_so(stage: Stage) -> None:
    buyers(stage.world, 12)
    without = CONFIG.replace("    Title: JOB_TITLE\n  leads", "  leads")
    stage.write(without)
    stage.apply()
    stage.write()
    assert "Title → JOB_TITLE: mapped since the last apply, 12 values back-filled" in planned(stage)
    applied(stage)
    assert value(stage, "buyer5@example.com", "JOB_TITLE") == "Title 5"


def test_a_value_of_a_related_record_travels_to_dotdigital_and_is_blanked_with_it(stage: Stage) -> None:
    (acme,) = rows.insert_many(stage.world, "Account", [{"Name": "Acme"}])
    ids = buyers(stage.world, 12, AccountId=acme)
    stage.write(replace=("    Title: JOB_TITLE\n  leads", "    Account.Name: JOB_TITLE\n  leads"))
    stage.apply()
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Acme"
    stage.admin("update", "Account", acme, Name="Acme Ltd")
    stage.admin("update", "Contact", ids[2], AccountId="")
    applied(stage, "--allow", "max_overwrites")
    assert value(stage, "buyer1@example.com", "JOB_TITLE") == "Acme Ltd"
    assert value(stage, "buyer2@example.com", "JOB_TITLE") in (None, "")


def test_BASE_1_a_new_writer_inherits_the_base_so_that_its_blank_is_carried(stage: Stage) -> None:
    (lead,) = rows.insert_many(
        stage.world,
        "Lead",
        [{"FirstName": "Ada", "LastName": "Lovelace", "Company": "Byron", "Email": "ada@x.com", "Title": "Countess"}],
    )
    stage.write(replace=("contacts: {where: \"Department = 'Buyers'\"}", "leads: {where: \"LastName = 'Lovelace'\"}"))
    stage.apply()
    assert value(stage, "ada@x.com", "JOB_TITLE") == "Countess"
    both = "contacts: {where: \"LastName = 'Lovelace'\"}\n      leads: {where: \"LastName = 'Lovelace'\"}"
    stage.write(replace=("contacts: {where: \"Department = 'Buyers'\"}", both))
    rows.insert_many(stage.world, "Contact", [{"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@x.com"}])
    applied(stage)
    assert lead
    assert value(stage, "ada@x.com", "JOB_TITLE") in (None, "")


def test_VAL_23_a_value_that_salesforce_cannot_hold_is_named_and_its_neighbours_go_through(stage: Stage) -> None:
    ids = synchronised(stage)
    marketer_sets(stage, 1, "TIER", "Platinum-plated")
    marketer_sets(stage, 1, "JOB_TITLE", "Head of Nothing")
    marketer_sets(stage, 2, "SCORE", 123456789012345)
    marketer_sets(stage, 3, "TIER", "Gold")
    plan = planned(stage, "--samples", "20")
    assert "not_in_picklist" in plan
    assert "too_many_digits" in plan
    stage.apply("--allow", "max_overwrites")
    assert contact(stage, ids[1])["Title"] == "Head of Nothing"
    assert contact(stage, ids[1])["Customer_Tier__c"] is None
    assert contact(stage, ids[2])["Score__c"] is None
    assert contact(stage, ids[3])["Customer_Tier__c"] == "Gold"
    after = stage.sfdd("plan", "--detailed-exitcode")
    assert (after.code, "2 people with a value its target cannot hold" in flat(after.out)) == (0, True), after.text
