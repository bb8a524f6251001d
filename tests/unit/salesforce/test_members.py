"""Adding and removing campaign members: 200 a call, each row with a result, safe to repeat."""

from __future__ import annotations

import pytest

from sfdd_declare.model.address import campaign
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.mapping import RecordType
from sfdd_declare.model.operation import Action, Task
from sfdd_declare.model.ports import Batch, MemberRemovalRow, MemberRow, PersonResult
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.query import rows
from sfdd_declare.salesforce.writers import writers

from .builders import LINEAGE, Org, an_operation, send

ADD = an_operation(Task.ADD_MEMBERS, campaign("a"), action=Action.PEOPLE, payload={"campaign": "a"})


def add(client: Client, ids: dict[str, str], *members: MemberRow) -> tuple[PersonResult, ...]:
    return send(client, ADD, rows=members, ids=ids).people


def member(record_id: str, key: str = "a", *, status: str | None = None, lead: bool = False) -> MemberRow:
    return MemberRow(f"p:{record_id}", key, RecordType.LEAD if lead else RecordType.CONTACT, record_id, status)


def members(client: Client) -> set[tuple[str, str | None, str | None, str]]:
    columns = {"CampaignId": "id", "ContactId": "id", "LeadId": "id", "Status": "picklist"}
    found = rows(client, "SELECT CampaignId,ContactId,LeadId,Status FROM CampaignMember", columns)
    return {(r["CampaignId"], r["ContactId"], r["LeadId"], r["Status"]) for r in found}


def test_contacts_and_leads_are_added_with_their_status(org: Org, client: Client) -> None:
    made = org.campaign()
    (contact,) = org.contacts(1)
    (lead,) = org.make("Lead", {"LastName": "B", "Company": "A"})
    results = add(client, {"@campaign.a": made}, member(contact, status="Responded"), member(lead, lead=True))
    assert results == (PersonResult(f"p:{contact}", ok=True), PersonResult(f"p:{lead}", ok=True))
    assert members(client) == {(made, contact, None, "Responded"), (made, None, lead, "Sent")}


def test_two_hundred_rows_go_in_one_call(org: Org, client: Client) -> None:
    made = org.campaign()
    people = org.contacts(450)
    _ = client.session
    done: list[int] = []
    batch = Batch((ADD,), 0, tuple(member(p) for p in people), {"@campaign.a": made})
    results = writers(client, LINEAGE)[Task.ADD_MEMBERS].send(batch, lambda job: None, done.append).people
    assert all(result.ok for result in results)
    assert org.count() == 1 + 3
    assert done == [200, 400, 450]


def test_WIRE_4_a_member_already_is_done(org: Org, client: Client) -> None:
    made = org.campaign()
    people = org.contacts(2)
    org.join(made, people[:1])
    assert all(result.ok for result in add(client, {"@campaign.a": made}, *map(member, people)))
    assert len(members(client)) == 2


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "status"])
def test_lost_answer_is_repeated_without_a_member_twice(org: Org, client: Client, kind: str) -> None:
    made = org.campaign()
    org.fault(kind, method="POST", path="composite/sobjects", status=503)
    assert all(result.ok for result in add(client, {"@campaign.a": made}, *map(member, org.contacts(3))))
    assert len(members(client)) == 3


def test_refused_row_leaves_its_neighbours_alone_and_results_keep_their_order(org: Org, client: Client) -> None:
    made = org.campaign()
    first, last = org.contacts(2)
    bad_status = org.contacts(1)[0]
    results = add(
        client,
        {"@campaign.a": made},
        member(last),
        member("0035g00000zzzzzAAA"),
        member(bad_status, status="Nonsense"),
        member(first),
    )
    assert [result.ok for result in results] == [True, False, False, True]
    assert results[1].code == "INVALID_CROSS_REFERENCE_KEY"
    assert results[2].code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_locked_rows_go_again_later_in_smaller_calls(org: Org, client: Client) -> None:
    made = org.campaign()
    people = org.contacts(60)
    _ = client.session
    org.fault("row_lock", method="POST", path="composite/sobjects")
    assert all(result.ok for result in add(client, {"@campaign.a": made}, *map(member, people)))
    assert org.count() == 1 + 1 + 2  # all locked, then fifty and ten
    assert org.waits == [1.0]


def test_rows_that_stay_locked_are_told_as_such(org: Org, client: Client) -> None:
    made = org.campaign()
    org.fault("row_lock", method="POST", path="composite/sobjects", times=0)
    (result,) = add(client, {"@campaign.a": made}, member(org.contacts(1)[0]))
    assert (result.ok, result.code) == (False, "UNABLE_TO_LOCK_ROW")


def test_converted_lead_is_refused_by_code(org: Org, client: Client) -> None:
    (lead,) = org.make("Lead", {"LastName": "B", "Company": "A", "IsConverted": True})
    (result,) = add(client, {"@campaign.a": org.campaign()}, member(lead, lead=True))
    assert result.code == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_rows_are_written_campaign_by_campaign(org: Org, client: Client) -> None:
    ids = {"@campaign.a": org.campaign("A"), "@campaign.b": org.campaign("B")}
    people = org.contacts(4)
    mixed = [member(p, key) for p in people for key in ("b", "a")]
    assert all(result.ok for result in add(client, ids, *mixed))
    found = rows(client, "SELECT CampaignId FROM CampaignMember ORDER BY Id", {"CampaignId": "id"})
    order = [row["CampaignId"] for row in found]
    assert order == sorted(order)


def test_campaign_that_is_not_known_yet_is_a_bug(client: Client) -> None:
    with pytest.raises(BugError, match=r"@campaign\.a"):
        add(client, {}, member("0035g00000zzzzzAAA"))


def test_members_are_removed_and_one_who_is_gone_already_counts_as_removed(org: Org, client: Client) -> None:
    made = org.campaign()
    people = org.contacts(3)
    add(client, {"@campaign.a": made}, *(member(person) for person in people))
    found = rows(client, "SELECT Id,ContactId FROM CampaignMember", {"Id": "id", "ContactId": "id"})
    ids = {row["ContactId"]: row["Id"] for row in found}
    remove = an_operation(Task.REMOVE_MEMBERS, campaign("a"), action=Action.PEOPLE, payload={"campaign": "a"})
    those = tuple(MemberRemovalRow(person, ids[person]) for person in people[:2])
    for _ in range(2):
        results = send(client, remove, rows=those, ids={}).people
        assert results == tuple(PersonResult(person, ok=True) for person in people[:2])
    assert [person for _, person, _, _ in members(client)] == [people[2]]


HIDDEN = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"


def hidden(*records: str) -> list[dict[str, object]]:
    error = {"statusCode": HIDDEN, "message": "insufficient access rights on cross-reference id", "fields": []}
    return [{"id": record, "success": False, "errors": [error]} for record in records]


def test_a_removal_that_is_out_of_reach_is_no_success_by_itself(org: Org, client: Client) -> None:
    made = org.campaign()
    org.join(made, org.contacts(1))
    there, nowhere = str(rows(client, "SELECT Id FROM CampaignMember", {"Id": "id"})[0]["Id"]), "00v5g00000zzzzzAAA"
    org.fault("status", method="DELETE", path="composite/sobjects", status=200, body=hidden(there, nowhere))
    remove = an_operation(Task.REMOVE_MEMBERS, campaign("a"), action=Action.PEOPLE, payload={"campaign": "a"})
    those = tuple(MemberRemovalRow(record, record) for record in (there, nowhere))
    results = send(client, remove, rows=those, ids={}).people
    assert [(result.ok, result.code) for result in results] == [(False, HIDDEN)] * 2
    assert len(members(client)) == 1


def test_a_removal_that_is_not_in_doubt_asks_nothing_more(org: Org, client: Client) -> None:
    made = org.campaign()
    org.join(made, org.contacts(1))
    (row,) = rows(client, "SELECT Id FROM CampaignMember", {"Id": "id"})
    before = org.count()
    remove = an_operation(Task.REMOVE_MEMBERS, campaign("a"), action=Action.PEOPLE, payload={"campaign": "a"})
    assert send(client, remove, rows=(MemberRemovalRow("p", str(row["Id"])),), ids={}).people[0].ok
    assert org.count() == before + 1


def test_a_refusal_without_words_gets_those_of_its_code(org: Org, client: Client) -> None:
    answer = [{"success": False, "errors": [{"statusCode": "STORAGE_LIMIT_EXCEEDED"}]}]
    org.fault("status", method="POST", path="composite/sobjects", status=200, body=answer)
    (result,) = add(client, {"@campaign.a": org.campaign()}, member(org.contacts(1)[0]))
    assert (result.ok, result.message) == (False, "The org's storage is full.")


def test_a_removal_that_salesforce_refuses_is_a_result_of_its_row(org: Org, client: Client) -> None:
    del org
    remove = an_operation(Task.REMOVE_MEMBERS, campaign("a"), action=Action.PEOPLE, payload={"campaign": "a"})
    (result,) = send(client, remove, rows=(MemberRemovalRow("p", "no id"),), ids={}).people
    assert not result.ok
    assert result.code
