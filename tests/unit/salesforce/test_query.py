"""Pages, long statements, types, and a result whose rest gets lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sfdd_declare.model.errors import RemoteError
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.query import LostPlace, Shape, pages, restarting, rows

from .builders import Org

ID = {"Id": "id"}
LOST = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]


def test_pages_are_followed_to_the_end_whatever_their_size(org: Org, client: Client) -> None:
    made = org.contacts(450)
    org.world.set_setting("salesforce.page_size", 200)
    shape = Shape(ID)
    found = list(pages(client, "SELECT Id FROM Contact", shape))
    assert [len(page.records) for page in found] == [200, 200, 50]
    assert [page.is_last for page in found] == [False, False, True]
    assert {page.of for page in found} == {450}
    assert {record_id for page in found for record_id in shape.column(page.records, "Id")} == set(made)
    assert org.count() == 1 + 3


def test_long_statement_travels_in_a_composite_body_in_one_call(org: Org, client: Client) -> None:
    made = org.contacts(3)
    terms = " OR ".join(f"Email = 'nobody{i}@example.com'" for i in range(200))
    _ = client.session
    found = rows(client, f"SELECT Id FROM Contact WHERE Email = 'p1@example.com' OR {terms}", ID)
    assert [row["Id"] for row in found] == [made[1]]
    assert org.templates()[-1] == "POST composite"
    assert org.count() == 2


def test_later_pages_of_a_long_statement_are_fetched_too(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.page_size", 2)
    terms = " AND ".join(f"Email != 'nobody{i}@example.com'" for i in range(200))
    assert len(rows(client, f"SELECT Id FROM Contact WHERE {terms}", ID)) == 5


def test_error_of_a_long_statement_is_the_statements_error(org: Org, client: Client) -> None:
    terms = " OR ".join(f"Emial = 'nobody{i}@example.com'" for i in range(200))
    with pytest.raises(RemoteError) as caught:
        rows(client, f"SELECT Id FROM Contact WHERE {terms}", ID)
    assert caught.value.code == "INVALID_FIELD"


def test_transient_error_inside_a_composite_is_tried_again(org: Org, client: Client) -> None:
    org.fault(
        "status",
        path="composite",
        status=200,
        body={
            "compositeResponse": [
                {
                    "referenceId": "q",
                    "httpStatusCode": 400,
                    "httpHeaders": {},
                    "body": [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}],
                }
            ]
        },
    )
    org.contacts(1)
    terms = " AND ".join(f"Email != 'nobody{i}@example.com'" for i in range(200))
    assert len(rows(client, f"SELECT Id FROM Contact WHERE {terms}", ID)) == 1


def test_lost_locator_asks_for_a_restart(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.page_size", 2)
    org.fault("status", path=r"query/01g", status=400, body=LOST)
    seen: list[int] = []

    def read() -> int:
        count = 0
        for page in pages(client, "SELECT Id FROM Contact", Shape(ID)):
            count += len(page.records)
        seen.append(count)
        return count

    assert restarting(read) == 5
    assert seen == [5]


def test_a_lost_locator_is_asked_for_once_and_the_query_starts_over_at_once(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.page_size", 3)
    org.fault("status", path=r"query/01g", status=400, body=LOST)
    _ = client.session
    assert len(rows(client, "SELECT Id FROM Contact", ID)) == 5
    assert org.waits == []
    assert org.count() == 1 + 2 + 2


def test_place_lost_again_and_again_is_given_up(org: Org, client: Client) -> None:
    org.contacts(5)
    org.world.set_setting("salesforce.page_size", 2)
    org.fault("status", path=r"query/01g", status=400, body=LOST, times=0)
    with pytest.raises(LostPlace):
        rows(client, "SELECT Id FROM Contact", ID)


def test_deleted_records_are_read_only_on_request(org: Org, client: Client) -> None:
    made = org.contacts(2)
    client.send("DELETE", f"sobjects/Contact/{made[0]}", template="t", idempotent=True)
    columns = {"Id": "id", "IsDeleted": "boolean"}
    soql = "SELECT Id,IsDeleted FROM Contact"
    shape = Shape(columns)
    deleted = [r for page in pages(client, soql, shape, include_deleted=True) for r in page.records]
    assert len(rows(client, soql, columns)) == 1
    assert sorted(shape.column(deleted, "IsDeleted")) == [False, True]


def test_numbers_keep_their_digits_and_missing_parents_are_blank() -> None:
    columns = {"Id": "id", "Amount__c": "currency", "Contact.Account.Name": "string", "Contact.Ok__c": "boolean"}
    shape = Shape(columns)
    page = shape.decode(
        b'{"done":true,"totalSize":2,"records":['
        b'{"attributes":{},"Id":"1","Amount__c":1234567890123456.78,"Contact":null},'
        b'{"attributes":{},"Id":"2","Amount__c":1.0E7,"Contact":{"Ok__c":true,"Account":{"Name":"Acme"}}}]}'
    )
    assert shape.column(page.records, "Amount__c") == [Decimal("1234567890123456.78"), Decimal(10_000_000)]
    assert shape.column(page.records, "Contact.Account.Name") == [None, "Acme"]
    assert shape.column(page.records, "Contact.Ok__c") == [None, True]


def test_fields_may_be_called_like_words_of_the_language() -> None:
    shape = Shape({"None": "string", "class": "string", "_x": "string"})
    page = shape.decode(b'{"done":true,"records":[{"None":"a","class":"b","_x":"c"}]}')
    assert [shape.column(page.records, path) for path in ("None", "class", "_x")] == [["a"], ["b"], ["c"]]


def test_a_field_spelled_in_another_case_is_an_error_and_not_a_blank(org: Org, client: Client) -> None:
    org.contacts(1, FirstName="Ada")
    with pytest.raises(RemoteError) as caught:
        rows(client, "SELECT Id,firstname FROM Contact", {**ID, "firstname": "string"})
    assert "firstname" in caught.value.detail
    assert "Ada" not in caught.value.detail
