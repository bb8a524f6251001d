"""Some rows of many are refused: the others are written, the refused ones are named and tried again, and only they."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.e2e.hands import flat
from tests.e2e.stage import CONFIG, Stage, buyers

DECLARED = "    JOB_TITLE: {type: string}\n"
BAD = 3
GOOD = 4_997


def state(stage: Stage, query: str) -> list[tuple[object, ...]]:
    path = stage.folder / ".sfdd" / "state.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def ledger(stage: Stage) -> list[tuple[object, ...]]:
    return state(stage, "SELECT record, code, message, attempts, parked FROM ledger ORDER BY record")


def written_contacts(stage: Stage, *, after: int) -> set[str]:
    """Contacts that anybody changed in Dotdigital since a moment of the history."""
    with stage.world.lock:
        query = "SELECT record FROM history WHERE system = 'dotdigital' AND kind = 'contact' AND seq > ?"
        return {str(row[0]) for row in stage.world.db.execute(query, (after,))}


def now(stage: Stage) -> int:
    with stage.world.lock:
        return int(stage.world.db.execute("SELECT MAX(seq) FROM history").fetchone()[0])


def imports(stage: Stage) -> int:
    return int(stage.calls()["dotdigital"]["by_template"].get("PUT /contacts/v3/import", 0))


def test_BASE_4_three_bad_rows_of_five_thousand_wait_in_the_ledger_and_go_through_later(stage: Stage) -> None:
    buyers(stage.world, GOOD)
    bad = sorted(buyers(stage.world, BAD, start=GOOD, Title="T" * 60))
    stage.world.set_setting("dotdigital.text_limit", 50)  # less than the vendor documents
    first = stage.sfdd("apply", "--auto-approve")
    assert (first.code, f"{GOOD:,} done, {BAD} failed" in flat(first.out)) == (6, True), first.text
    assert all(record in first.out for record in bad)
    assert "The value of JOB_TITLE is too long" in first.out
    message = ("InvalidContact", "The value of JOB_TITLE is too long", 1, 0)
    assert ledger(stage) == [(record, *message) for record in bad]
    assert stage.lists_of("buyer0@example.com") == ["Spring book"]
    assert stage.contact_in_dotdigital(f"buyer{GOOD}@example.com") is None

    plan = stage.sfdd("plan", "--detailed-exitcode", "--samples", "40")
    assert (plan.code, f"People: {BAD} to add, 0 to update" in plan.out) == (2, True), plan.text
    assert all(record in plan.out for record in bad)
    before = now(stage)
    again = stage.sfdd("apply", "--auto-approve")
    assert (again.code, f"{BAD} failed" in again.out) == (1, True), again.text
    assert written_contacts(stage, after=before) == set()
    assert state(stage, "SELECT attempts FROM ledger") == [(2,)] * BAD

    stage.world.set_setting("dotdigital.text_limit", None)
    before = now(stage)
    stage.apply()
    assert len(written_contacts(stage, after=before)) == BAD
    assert ledger(stage) == []
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_an_address_that_is_refused_for_good_is_remembered_by_its_hash_alone(stage: Stage) -> None:
    buyers(stage.world, 6)
    stage.world.set_setting("dotdigital.globally_suppressed", ["buyer5@example.com"])
    assert stage.sfdd("apply", "--auto-approve").code == 6
    [(account, hashed)] = state(stage, "SELECT account, email_hash FROM suppressions WHERE reason = 'refused'")
    assert (account, len(str(hashed))) == ("main", 16)
    [(_, code, message, _, parked)] = ledger(stage)
    assert (code, message, parked) == ("globallySuppressed", "The address is globally suppressed", 1)


def test_WIRE_1_an_address_that_is_refused_for_good_is_not_tried_again_until_it_changes(stage: Stage) -> None:
    buyers(stage.world, 5)
    (refused,) = buyers(stage.world, 1, start=5)
    stage.world.set_setting("dotdigital.globally_suppressed", ["buyer5@example.com"])
    assert stage.sfdd("apply", "--auto-approve").code == 6
    tried = imports(stage)
    plan = stage.sfdd("plan", "--detailed-exitcode")
    assert plan.code == 0, plan.text
    assert "refused" in plan.out
    stage.apply()
    assert imports(stage) == tried
    stage.admin("update", "Contact", refused, Email="buyer5.new@example.com")
    assert stage.sfdd("plan", "--detailed-exitcode").code == 2
    stage.apply()
    assert stage.lists_of("buyer5.new@example.com") == ["Spring book"]


def test_an_address_that_was_refused_leaves_the_ledger_when_it_changes_even_if_nothing_is_sent(stage: Stage) -> None:
    buyers(stage.world, 5)
    (refused,) = buyers(stage.world, 1, start=5)
    stage.world.set_setting("dotdigital.globally_suppressed", ["buyer5@example.com"])
    assert stage.sfdd("apply", "--auto-approve").code == 6
    stage.apply()
    [entry] = ledger(stage)
    assert entry == (refused, "globallySuppressed", "The address is globally suppressed", 1, 1)
    stage.admin("update", "Contact", refused, Email=None)
    stage.apply()
    assert ledger(stage) == []


def test_VAL_23_a_value_that_does_not_fit_stands_in_the_ledger_until_it_fits(stage: Stage) -> None:
    tier = "    Customer_Tier__c: {data_field: TIER, direction: dotdigital_to_salesforce}\n"
    config = CONFIG.replace("Title: JOB_TITLE\n  leads", f"Title: JOB_TITLE\n{tier}  leads")
    stage.write(config.replace(DECLARED, f"{DECLARED}    TIER: {{type: string}}\n"))
    (record,) = buyers(stage.world, 1)
    stage.apply()
    stage.marketer("set_field", email="buyer0@example.com", field="TIER", value="Platinum-plated")
    stage.apply()
    query = "SELECT record, field, code, attempts FROM ledger"
    assert state(stage, query) == [(record, "Customer_Tier__c", "not_in_picklist", 1)]
    stage.admin("update", "Contact", record, FirstName="Anna")
    stage.apply()
    assert state(stage, query) == [(record, "Customer_Tier__c", "not_in_picklist", 2)]
    assert "Platinum" not in str(state(stage, "SELECT * FROM ledger"))
    stage.marketer("set_field", email="buyer0@example.com", field="TIER", value="Gold")
    stage.apply("--allow", "max_overwrites")
    assert state(stage, query) == []


def test_an_import_that_is_refused_as_a_whole_stands_in_the_ledger_until_it_goes_through(stage: Stage) -> None:
    buyers(stage.world, 3)
    stage.world.set_setting("dotdigital.watchdog", True)
    refused = stage.sfdd("apply", "--auto-approve")
    closing = refused.out.splitlines()[-1]
    assert refused.code == 6, refused.text
    assert "People: 0 added, 0 updated, 0 removed. Not done: 3 not sent." in closing
    assert ("`sfdd errors`" in closing, "sfdd apply" in closing) == (True, False)
    told = stage.sfdd("errors").out
    assert ("RejectedByWatchdog" in told, "account main" in told) == (True, True), told
    assert [row[:2] for row in ledger(stage)] == [("import:main", "RejectedByWatchdog")]
    stage.world.set_setting("dotdigital.watchdog", None)
    done = stage.apply()
    assert "People: 3 added, 0 updated, 0 removed." in done.out.splitlines()[-1]
    assert ledger(stage) == []
