"""Members selected by addresses and by a file, over real HTTP."""

from __future__ import annotations

import pytest

from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.hands import applied, flat, records, refused, settled
from tests.e2e.stage import CONFIG, Stage, buyers

WHERE = "contacts: {where: \"Department = 'Buyers'\"}"


def declare(stage: Stage, members: str) -> None:
    stage.write(CONFIG, replace=(WHERE, members))


def members(stage: Stage) -> set[str]:
    return {row["ContactId"] or row["LeadId"] for row in records(stage, "CampaignMember")}


def test_people_named_by_their_addresses_become_members_and_go_on_the_book(stage: Stage) -> None:
    ids = buyers(stage.world, 12)
    declare(stage, "contacts: {emails: [Buyer3@Example.com, buyer5@example.com]}")
    applied(stage)
    assert members(stage) == {ids[3], ids[5]}
    assert stage.lists_of("buyer3@example.com") == ["Spring book"]
    assert stage.lists_of("buyer4@example.com") == []


def test_addresses_that_are_nobodys_are_counted_masked_and_no_change(stage: Stage) -> None:
    buyers(stage.world, 2)
    declare(stage, "contacts: {emails: [buyer0@example.com, nobody@example.com, void@example.org]}")
    plan = flat(stage.sfdd("plan").text)
    assert "2 of 3 addresses match no contact: n•••@example.com, v•••@example.org" in plan
    assert "nobody@" not in plan
    applied(stage)
    assert "2 of 3 addresses match no contact" in flat(stage.sfdd("plan").text)


def test_of_several_records_with_one_address_the_most_recently_modified_becomes_the_member_and_stays_it(
    stage: Stage,
) -> None:
    old, new = buyers(stage.world, 1) + buyers(stage.world, 1)
    stage.control("PUT", "clock", {"advance_seconds": 60})
    stage.admin("update", "Contact", new, Title="Newer")
    declare(stage, "contacts: {emails: [buyer0@example.com]}")
    stage.apply()
    assert members(stage) == {new}
    stage.control("PUT", "clock", {"advance_seconds": 60})
    stage.admin("update", "Contact", old, Title="Newest")
    applied(stage)
    assert members(stage) == {new}


@pytest.mark.parametrize(
    "head", ["Id\n", "\ufeffName;Contact ID\n", "Email,ContactId\n", ""], ids=["id", "report", "both", "bare"]
)
def test_a_file_of_ids_selects_whom_it_names(stage: Stage, head: str) -> None:
    ids = buyers(stage.world, 6)
    before = {"\ufeffName;Contact ID\n": "Somebody;", "Email,ContactId\n": "wrong@example.com,"}.get(head, "")
    text = head + "".join(f"{before}{one}\r\n" for one in (ids[1], ids[2][:15], ids[1]))
    (stage.folder / "some.csv").write_text(text, newline="")
    declare(stage, "contacts: {file: some.csv}")
    applied(stage)
    assert members(stage) == {ids[1], ids[2]}


def test_a_file_of_addresses_is_warned_about_and_names_lines_that_match_nobody(stage: Stage) -> None:
    leads = [{"LastName": f"L{n}", "Company": "C", "Email": f"lead{n}@example.com"} for n in range(4)]
    ids = rows.insert_many(stage.world, "Lead", leads)
    (stage.folder / "leads.csv").write_text("Email\nlead0@example.com\n\ngone@example.com\nLEAD2@example.com\n")
    declare(stage, "leads: {file: leads.csv, status: Attended}")
    plan = flat(stage.sfdd("plan").text)
    assert "`leads.csv` holds email addresses" in plan
    assert "1 of 3 addresses match no lead: leads.csv line 4" in plan
    assert "gone@" not in plan
    applied(stage)
    assert members(stage) == {ids[0], ids[2]}
    assert {row["Status"] for row in records(stage, "CampaignMember")} == {"Attended"}


def test_an_id_of_a_merged_record_selects_the_survivor(stage: Stage) -> None:
    loser, winner, other = buyers(stage.world, 3)
    merge = {"action": "merge", "object": "Contact", "id": winner, "losers": [loser]}
    stage.control("POST", "salesforce/act", merge)
    declare(stage, f"contacts: {{ids: [{loser}, {other}, 003000000000001]}}")
    plan = flat(stage.sfdd("plan").text)
    assert "1 of 3 ids match no contact: 003000000000001" in plan
    applied(stage)
    assert members(stage) == {winner, other}


def test_a_changed_file_is_another_configuration(stage: Stage) -> None:
    ids = buyers(stage.world, 30)
    file = stage.folder / "some.csv"
    file.write_text("\n".join(ids[:20]))
    declare(stage, "contacts: {file: some.csv}")
    token = next(line for line in stage.sfdd("plan").out.splitlines() if "--expect" in line).split("--expect ")[1]
    file.write_text("\n".join(ids[10:]))
    refused(stage, "apply", "--auto-approve", "--expect", token.strip(), code=3)
    assert members(stage) == set()


def test_more_people_than_fit_into_one_question_are_asked_for_in_several(stage: Stage) -> None:
    long = [f"{'x' * 50}{number}@example.com" for number in range(2000)]
    people = [{"LastName": "B", "Email": email} for email in long[::100]]
    ids = rows.insert_many(stage.world, "Contact", people)
    (stage.folder / "many.csv").write_text("Email\n" + "\n".join(long))
    declare(stage, "contacts: {file: many.csv}")
    stage.apply()
    assert members(stage) == set(ids)
    settled(stage)
