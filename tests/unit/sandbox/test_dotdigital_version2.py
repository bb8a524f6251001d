"""The deprecated v2 calls for contacts: one contact, lists of them, and what no call says of opt-outs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide

START = "2026-03-01T12:00:00Z"


def code(response: Any) -> str:
    assert response.status_code in (400, 404), response.text
    return str(response.json()["message"]).rpartition(" ")[2]


def emails(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [each["email"] for each in response.json()]


@pytest.mark.parametrize("path", ["/v2/address-books/", "/v2/contacts/", "/contacts/v3/", "/v2/server-time/"])
def test_slash_at_the_end_changes_nothing(dotdigital: DotdigitalSide, path: str) -> None:
    assert dotdigital.http.get(path).status_code == 200


def test_slash_before_a_query_and_after_a_variable_part_is_taken(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    dotdigital.a_contact(lists=[number])
    page = dotdigital.http.get(f"/contacts/v3/?~listId={number}&limit=1").json()
    assert [item["identifiers"]["email"] for item in page["_items"]] == ["ada@example.org"]
    assert dotdigital.http.get("/contacts/v3/email/ada@example.org/").status_code == 200
    assert dotdigital.http.get("/contacts/v3/email/ada@example.org%2F").status_code == 404


def test_contact_is_created_then_changed_by_address_with_keys_in_any_case(dotdigital: DotdigitalSide) -> None:
    body: dict[str, Any] = {"Email": "Ada@example.org", "OptInType": "double", "EmailType": "PlainText"}
    fields = [{"Key": "firstname", "Value": "Ada"}, {"key": "Preference:News>Weekly", "value": "True"}]
    made = dotdigital.http.post("/v2/contacts", json={**body, "DataFields": fields})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["optInType"], shown["emailType"], shown["status"]) == ("Double", "PlainText", "Subscribed")
    assert {"key": "FIRSTNAME", "value": "Ada"} in shown["dataFields"]
    again = dotdigital.http.post(
        "/v2/contacts", json={"email": "ada@EXAMPLE.org", "dataFields": [{"key": "LASTNAME", "value": "Byron"}]}
    ).json()
    assert again["id"] == shown["id"]
    held = {pair["key"]: pair["value"] for pair in again["dataFields"]}
    assert (held["FIRSTNAME"], held["LASTNAME"]) == ("Ada", "Byron")


def test_contact_is_renamed_by_id_unless_the_address_is_taken(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact()
    dotdigital.a_contact("bo@example.org")
    renamed = dotdigital.http.put(f"/v2/contacts/{number}", json={"email": "new@example.org"})
    assert (renamed.status_code, renamed.json()["id"]) == (200, number)
    assert dotdigital.contact("new@example.org")["contactId"] == number
    assert code(dotdigital.http.put(f"/v2/contacts/{number}", json={"email": "bo@example.org"})) == (
        "ERROR_NON_UNIQUE_EMAIL"
    )
    assert code(dotdigital.http.put("/v2/contacts/999999", json={"email": "x@example.org"})) == (
        "ERROR_CONTACT_NOT_FOUND"
    )
    assert code(dotdigital.http.put(f"/v2/contacts/{number}", json={})) == "ERROR_INVALID_EMAIL"


def test_deleted_contact_is_gone_from_every_list_of_contacts(dotdigital: DotdigitalSide) -> None:
    number, book = dotdigital.a_contact(), dotdigital.a_list()
    dotdigital.act("add_to_list", email="ada@example.org", list=book)
    assert dotdigital.http.delete(f"/v2/contacts/{number}").status_code == 204
    assert emails(dotdigital.http.get("/v2/contacts")) == []
    assert emails(dotdigital.http.get(f"/v2/address-books/{book}/contacts")) == []
    assert dotdigital.http.get("/v2/contacts/count").text == "0"
    assert code(dotdigital.http.delete(f"/v2/contacts/{number}")) == "ERROR_CONTACT_NOT_FOUND"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([{"key": "NOFIELD", "value": 1}], "ERROR_DATAFIELD_NOTFOUND"),
        ([{"key": "FIRSTNAME", "value": "x" * 1001}], "ERROR_DATAFIELD_VALUE_OVERFLOW"),
        ([{"key": "LASTSUBSCRIBED", "value": "soon"}], "ERROR_DATAFIELD_INVALID"),
        ({"FIRSTNAME": "Ada"}, "ERROR_CONTACT_INVALID"),
        ([{"value": "Ada"}], "ERROR_CONTACT_INVALID"),
        ([3], "ERROR_CONTACT_INVALID"),
    ],
)
def test_unfit_data_fields_refuse_the_contact(dotdigital: DotdigitalSide, fields: Any, expected: str) -> None:
    body = {"email": "ada@example.org", "dataFields": fields}
    assert code(dotdigital.http.post("/v2/contacts", json=body)) == expected
    assert dotdigital.http.get("/v2/contacts/count").text == "0"


def test_who_is_out_stays_out_behind_every_v2_door(dotdigital: DotdigitalSide) -> None:
    book = dotdigital.a_list()
    number = dotdigital.a_contact(status="unsubscribed")
    body = {"email": "ada@example.org"}
    for method, path in (
        ("POST", "/v2/contacts"),
        ("PUT", f"/v2/contacts/{number}"),
        ("POST", f"/v2/address-books/{book}/contacts"),
    ):
        assert code(dotdigital.http.request(method, path, json=body)) == "ERROR_CONTACT_SUPPRESSED"
    assert dotdigital.status() == "unsubscribed"
    assert dotdigital.contact()["lists"] == []


def test_opt_out_of_a_list_outlives_leaving_it_and_is_not_undone_by_adding(dotdigital: DotdigitalSide) -> None:
    book, other = dotdigital.a_list(), dotdigital.a_list("Autumn")
    number = dotdigital.a_contact(lists=[book])
    dotdigital.http.post(f"/v2/address-books/{book}/contacts/unsubscribe", json={"email": "ada@example.org"})
    assert dotdigital.http.delete(f"/v2/address-books/{book}/contacts/{number}").status_code == 204
    refused = dotdigital.http.post(f"/v2/address-books/{book}/contacts", json={"email": "ada@example.org"})
    assert code(refused) == "ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK"
    added = dotdigital.http.post(f"/v2/address-books/{other}/contacts", json={"email": "ada@example.org"})
    assert added.status_code == 201
    assert [each["id"] for each in dotdigital.http.get(f"/v2/contacts/{number}/address-books").json()] == [other]


def test_contacts_are_listed_by_date_and_by_page(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": START, "frozen": True})
    book = dotdigital.a_list()
    for name in "abc":
        dotdigital.a_contact(f"{name}@example.org", lists=[book])
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    dotdigital.http.post("/v2/contacts", json={"email": "b@example.org", "dataFields": [{"key": "FIRSTNAME"}]})
    dotdigital.a_contact("d@example.org")
    later = "2026-03-01T12:00:30Z"
    assert emails(dotdigital.http.get(f"/v2/contacts/modified-since/{later}")) == ["b@example.org", "d@example.org"]
    assert emails(dotdigital.http.get(f"/v2/contacts/created-since/{later}")) == ["d@example.org"]
    path = f"/v2/address-books/{book}/contacts"
    assert emails(dotdigital.http.get(f"{path}/modified-since/{later}")) == ["b@example.org"]
    assert emails(dotdigital.http.get(f"{path}?Select=2&Skip=1")) == ["b@example.org", "c@example.org"]
    assert dotdigital.http.get("/v2/contacts/count").text == "4"
    assert dotdigital.http.get(path).json()[0]["dataFields"] is None
    assert dotdigital.http.get(f"{path}?withFullData=true").json()[0]["dataFields"]
    for query in ("select=0", "select=1001", "skip=-1", "select=x"):
        assert code(dotdigital.http.get(f"{path}?{query}")) == "ERROR_PARAMETER_INVALID"
    assert code(dotdigital.http.get("/v2/contacts/modified-since/soon")) == "ERROR_PARAMETER_INVALID"


def test_list_is_emptied_at_once_or_some_time_later(dotdigital: DotdigitalSide) -> None:
    book = dotdigital.a_list()
    path = f"/v2/address-books/{book}/contacts"
    for name in "ab":
        dotdigital.a_contact(f"{name}@example.org", lists=[book])
    assert dotdigital.http.delete(path).status_code == 204
    assert emails(dotdigital.http.get(path)) == []
    dotdigital.act("add_to_list", email="a@example.org", list=book)
    started = dotdigital.http.post(f"{path}/delete-all")
    assert (started.status_code, started.json()["status"]) == (202, "Started")
    assert emails(dotdigital.http.get(path)) == ["a@example.org"]
    assert emails(dotdigital.http.get(path)) == []
    assert dotdigital.http.get("/v2/contacts/count").text == "2"


@pytest.mark.parametrize("kind", ["segments", "programs", "campaigns"])
def test_what_the_account_has_none_of_is_an_empty_list(dotdigital: DotdigitalSide, kind: str) -> None:
    assert dotdigital.http.get(f"/v2/{kind}").json() == []
    assert code(dotdigital.http.get(f"/v2/{kind}?select=1001")) == "ERROR_PARAMETER_INVALID"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"3", b"null", b'"x"', b"[[]]", b"[null]", b"{}", b"[" * 99_999]
)
def test_malformed_bodies_are_refused(dotdigital: DotdigitalSide, content: bytes) -> None:
    book, number = dotdigital.a_list(), dotdigital.a_contact()
    for method, path in (
        ("POST", "/v2/contacts"),
        ("PUT", f"/v2/contacts/{number}"),
        ("POST", "/v2/contacts/resubscribe"),
        ("POST", f"/v2/address-books/{book}/contacts"),
        ("POST", f"/v2/address-books/{book}/contacts/resubscribe-with-no-challenge"),
    ):
        response = dotdigital.http.request(method, path, content=content)
        assert response.status_code == 400, (path, response.text)
        assert "message" in response.json()


@pytest.mark.parametrize("path", ["/v2/campaigns/7", "/v2/campaigns/7/address-books"])
def test_there_is_no_mailing(dotdigital: DotdigitalSide, path: str) -> None:
    answer = dotdigital.http.get(path)
    assert (answer.status_code, answer.json()["message"].split()[-1]) == (404, "ERROR_CAMPAIGN_NOT_FOUND")
