from __future__ import annotations

from datetime import timedelta

import pytest

from sfdd_declare.sandbox.salesforce import rows
from tests.unit.sandbox.salesforce_side import SalesforceSide

SOQL = "SELECT Id FROM Contact ORDER BY Id"


def some_contacts(salesforce: SalesforceSide, count: int) -> list[str]:
    return rows.insert_many(salesforce.world, "Contact", [{"LastName": str(at)} for at in range(count)])


def test_pages_shrink_to_what_the_server_wants_and_keep_the_full_count(salesforce: SalesforceSide) -> None:
    ids = some_contacts(salesforce, 25)
    salesforce.world.set_setting("salesforce.page_size", 10)
    page, pages, seen = salesforce.query(SOQL), 1, []
    while True:
        assert page["totalSize"] == 25
        seen += [record["Id"] for record in page["records"]]
        if page["done"]:
            break
        assert page["nextRecordsUrl"].startswith("/services/data/v66.0/query/01g")
        assert page["nextRecordsUrl"].endswith(f"-{len(seen)}")
        page, pages = salesforce.http.get(page["nextRecordsUrl"]).json(), pages + 1
    assert seen == ids
    assert pages == 3
    assert "nextRecordsUrl" not in page


@pytest.mark.parametrize(("hint", "size"), [("batchSize=300", 300), ("batchSize=5", 200), ("batchSize=9999", 600)])
def test_the_page_size_header_is_a_hint_within_bounds(salesforce: SalesforceSide, hint: str, size: int) -> None:
    some_contacts(salesforce, 600)
    page = salesforce.query(SOQL, headers={"Sforce-Query-Options": hint})
    assert len(page["records"]) == size


def test_two_long_texts_make_small_pages(salesforce: SalesforceSide) -> None:
    some_contacts(salesforce, 201)
    salesforce.a_lead()
    assert len(salesforce.query("SELECT Id, Notes__c FROM Contact")["records"]) == 201
    parents = "SELECT Id, Contact.Notes__c, Lead.Notes__c FROM CampaignMember"
    campaign = salesforce.a_campaign()
    members = [{"CampaignId": campaign, "ContactId": one} for one in salesforce.values("SELECT Id FROM Contact")]
    rows.insert_many(salesforce.world, "CampaignMember", members)
    assert len(salesforce.query(parents)["records"]) == 200


def test_later_pages_show_what_the_first_one_saw(salesforce: SalesforceSide) -> None:
    ids = some_contacts(salesforce, 20)
    salesforce.world.set_setting("salesforce.page_size", 10)
    first = salesforce.query("SELECT Id, LastName FROM Contact ORDER BY Id")
    salesforce.delete(f"/sobjects/Contact/{ids[3]}")
    salesforce.delete(f"/sobjects/Contact/{ids[12]}")
    salesforce.patch(f"/sobjects/Contact/{ids[15]}", {"LastName": "changed"})
    second = salesforce.http.get(first["nextRecordsUrl"]).json()
    assert [record["LastName"] for record in second["records"]] == [str(at) for at in range(10, 20)]


def test_a_locator_that_is_old_foreign_or_made_up_is_refused(salesforce: SalesforceSide) -> None:
    some_contacts(salesforce, 20)
    salesforce.world.set_setting("salesforce.page_size", 10)
    locator = salesforce.query(SOQL)["nextRecordsUrl"]
    assert salesforce.as_admin().http.get(locator).status_code == 400
    assert salesforce.http.get(locator).status_code == 200
    salesforce.control("PUT", "clock", {"advance_seconds": 49 * 3600})
    answer = salesforce.http.get(locator)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert salesforce.get("/query/01gnonsense-10").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_deleted_rows_show_in_query_all_only(salesforce: SalesforceSide) -> None:
    kept, gone = some_contacts(salesforce, 2)
    salesforce.delete(f"/sobjects/Contact/{gone}")
    assert salesforce.values(SOQL) == [kept]
    everything = salesforce.query("SELECT Id, IsDeleted FROM Contact ORDER BY Id", path="/queryAll")
    assert [(row["Id"], row["IsDeleted"]) for row in everything["records"]] == [(kept, False), (gone, True)]


@pytest.mark.parametrize(("value", "seen"), [("no", 0), ("yes", 1)])
def test_whether_deleted_members_show_is_a_switch(salesforce: SalesforceSide, value: str, seen: int) -> None:
    salesforce.control("PUT", "switches", {"deleted_member_visible": value})
    member = salesforce.a_member(salesforce.a_campaign(), ContactId=salesforce.a_contact())
    salesforce.delete(f"/sobjects/CampaignMember/{member}")
    assert salesforce.query("SELECT Id FROM CampaignMember", path="/queryAll")["totalSize"] == seen


def test_what_cannot_be_deleted_is_never_among_the_deleted(salesforce: SalesforceSide) -> None:
    now = salesforce.world.now()
    span = {"start": (now - timedelta(days=1)).isoformat(), "end": (now + timedelta(days=1)).isoformat()}
    assert len(salesforce.get("/sobjects/User/updated", params=span).json()["ids"]) == 2
    assert salesforce.get("/sobjects/User/deleted", params=span).json()["deletedRecords"] == []


def test_get_updated_and_get_deleted_give_ids_of_a_span_with_seconds_cut(salesforce: SalesforceSide) -> None:
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:00:30Z", "frozen": True})
    first, second = some_contacts(salesforce, 2)
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:05:10Z"})
    salesforce.delete(f"/sobjects/Contact/{second}")
    salesforce.control("PUT", "clock", {"at": "2026-11-23T09:10:00Z"})
    span = {"start": "2026-11-23T09:00:45Z", "end": "2026-11-23T09:09:59Z"}
    updated = salesforce.get("/sobjects/Contact/updated/", params=span).json()
    assert updated == {"ids": [first], "latestDateCovered": "2026-11-23T09:09:00.000+0000"}
    deleted = salesforce.get("/sobjects/Contact/deleted/", params=span).json()
    assert deleted["deletedRecords"] == [{"id": second, "deletedDate": "2026-11-23T09:05:10.000+0000"}]
    for wrong in ({**span, "end": span["start"]}, {**span, "start": "2026-01-01T00:00:00Z"}, {"start": "x"}):
        answer = salesforce.get("/sobjects/Contact/updated", params=wrong)
        assert answer.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"
