"""Address books, data fields, and opt-outs (v2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row

EPOCH = "1970-01-01T00:00:00Z"


def code(response: httpx.Response) -> str:
    return str(response.json()["message"]).rpartition(" ")[2]


def test_list_is_made_renamed_and_deleted(dotdigital: DotdigitalSide) -> None:
    made = dotdigital.http.post("/v2/address-books", json={"Name": "Spring gala", "Visibility": "Public"})
    number = made.json()["id"]
    assert made.json() == {"id": number, "name": "Spring gala", "visibility": "Public", "contacts": 0}
    renamed = dotdigital.http.put(f"/v2/address-books/{number}", json={"name": "Gala", "visibility": "Private"})
    assert renamed.json()["name"] == "Gala"
    assert dotdigital.http.get(f"/v2/address-books/{number}").json() == renamed.json()
    assert dotdigital.http.delete(f"/v2/address-books/{number}").status_code == 204
    assert dotdigital.http.get(f"/v2/address-books/{number}").status_code == 404


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SPRING gala", "ERROR_ADDRESSBOOK_DUPLICATE"),
        ("test", "ERROR_ADDRESSBOOK_DUPLICATE"),
        ("All Contacts", "ERROR_ADDRESSBOOK_DUPLICATE"),
        ("x" * 129, "ERROR_ADDRESSBOOK_INVALID"),
        ("", "ERROR_ADDRESSBOOK_INVALID"),
        (None, "ERROR_ADDRESSBOOK_INVALID"),
    ],
)
def test_list_name_rules(dotdigital: DotdigitalSide, name: str | None, expected: str) -> None:
    dotdigital.a_list("Spring gala")
    refused = dotdigital.http.post("/v2/address-books", json={"name": name})
    assert (refused.status_code, code(refused)) == (400, expected)


def test_longest_name_and_own_name_in_another_case_are_fine(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list("x" * 128)
    assert dotdigital.http.put(f"/v2/address-books/{number}", json={"name": "X" * 128}).is_success


def test_system_list_cannot_be_changed(dotdigital: DotdigitalSide) -> None:
    (test,) = dotdigital.http.get("/v2/address-books").json()
    refused = dotdigital.http.delete(f"/v2/address-books/{test['id']}")
    assert (refused.status_code, code(refused)) == (400, "ERROR_ADDRESSBOOK_NOTWRITABLE")


def test_list_limit_of_the_account(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.list_limit": 2})
    dotdigital.a_list()
    refused = dotdigital.http.post("/v2/address-books", json={"name": "One too many"})
    assert code(refused) == "ERROR_ADDRESSBOOK_LIMITEXCEEDED"


def test_lists_are_paged_and_halved_by_visibility(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_list("A")
    dotdigital.http.post("/v2/address-books", json={"name": "B", "visibility": "Public"})
    page = dotdigital.http.get("/v2/address-books", params={"Select": 1, "Skip": 1}).json()
    assert [book["name"] for book in page] == ["A"]
    assert [book["name"] for book in dotdigital.http.get("/v2/address-books/public").json()] == ["B"]
    private = dotdigital.http.get("/v2/address-books/private").json()
    assert [book["name"] for book in private] == ["Test", "A"]


def test_deleting_a_list_keeps_its_contacts(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    dotdigital.a_contact(lists=[number])
    dotdigital.http.delete(f"/v2/address-books/{number}")
    assert dotdigital.contact()["lists"] == []
    assert dotdigital.history(kind="list_member")[-1]["old"] == "subscribed"


def test_removal_of_one_is_at_once_and_repeatable(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    contact = dotdigital.a_contact(lists=[number])
    for _ in range(2):
        assert dotdigital.http.delete(f"/v2/address-books/{number}/contacts/{contact}").status_code == 204
    assert dotdigital.on_list(number) == []
    assert dotdigital.status() == "subscribed"


def test_removal_of_many_happens_later_and_is_polled(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    ids = [dotdigital.a_contact(f"p{n}@example.com", lists=[number]) for n in range(3)]
    path = f"/v2/address-books/{number}/contacts/delete"
    started = dotdigital.http.post(path, json=[*ids[:2], 999_999])
    assert (started.status_code, started.json()["status"]) == (202, "Started")
    assert len(dotdigital.on_list(number)) == 3
    polls = [dotdigital.http.get(f"/v2/contacts/deletion/{started.json()['id']}").json()["Status"] for _ in range(2)]
    assert polls == ["Started", "Completed"]
    assert dotdigital.on_list(number) == ["p2@example.com"]


def test_removal_runs_even_if_nobody_polls(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    contact = dotdigital.a_contact(lists=[number])
    dotdigital.http.post(f"/v2/address-books/{number}/contacts/delete", json=[contact])
    dotdigital.http.get("/v2/account-info")
    assert dotdigital.on_list(number) == []


def test_data_field_is_made_listed_and_deleted_with_its_values(dotdigital: DotdigitalSide) -> None:
    body = {"Name": "TIER", "Type": "String", "Visibility": "Private", "DefaultValue": "none"}
    made = dotdigital.http.post("/v2/data-fields", json=body)
    assert (made.status_code, made.content) == (201, b"")
    dotdigital.a_contact(dataFields={"TIER": "Gold", "FIRSTNAME": "Ada"})
    shown = dotdigital.http.get("/v2/data-fields").json()[-1]
    assert shown == {"name": "TIER", "type": "String", "visibility": "Private", "defaultValue": "none"}
    gone = dotdigital.http.delete("/v2/data-fields/tier")
    assert (gone.status_code, gone.json()) == (200, {"dependencies": None, "result": True})
    dotdigital.a_field("TIER")
    assert dotdigital.contact()["dataFields"]["tier"] is None
    assert dotdigital.contact()["dataFields"]["firstname"] == "Ada"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "firstname", "type": "String"}, "ERROR_NON_UNIQUE_DATAFIELD"),
        ({"name": "x" * 21, "type": "String"}, "ERROR_DATAFIELD_INVALID"),
        ({"name": "a b", "type": "String"}, "ERROR_DATAFIELD_INVALID"),
        ({"name": "CampaignID", "type": "String"}, "ERROR_DATAFIELD_INVALID"),
        ({"name": "A", "type": "Text"}, "ERROR_DATAFIELD_INVALID"),
        ({"name": "A", "type": "Numeric", "defaultValue": "one"}, "ERROR_DATAFIELD_INVALID"),
        ({"name": "A", "type": "Boolean", "defaultValue": "yes"}, "ERROR_DATAFIELD_INVALID"),
        ({"name": "A", "type": "Date", "defaultValue": "soon"}, "ERROR_DATAFIELD_INVALID"),
    ],
)
def test_data_field_rules(dotdigital: DotdigitalSide, body: dict[str, Any], expected: str) -> None:
    refused = dotdigital.http.post("/v2/data-fields", json=body)
    assert (refused.status_code, code(refused)) == (400, expected)


@pytest.mark.parametrize(
    ("kind", "default"),
    [("Numeric", 1.5), ("Boolean", False), ("Date", "2026-01-01T00:00:00Z"), ("String", "x")],
)
def test_typed_defaults_are_kept(dotdigital: DotdigitalSide, kind: str, default: object) -> None:
    dotdigital.http.post("/v2/data-fields", json={"name": "A-1_b", "type": kind, "defaultValue": default})
    assert dotdigital.http.get("/v2/data-fields").json()[-1]["defaultValue"] == default


def test_data_field_in_use_or_built_in_is_not_deleted(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_field("TIER")
    dotdigital.control("PUT", "settings", {"dotdigital.field_dependencies": {"TIER": ["Segment: Gold"]}})
    kept = dotdigital.http.delete("/v2/data-fields/TIER").json()
    assert kept == {"dependencies": ["Segment: Gold"], "result": False}
    assert code(dotdigital.http.delete("/v2/data-fields/FIRSTNAME")) == "ERROR_DATAFIELD_INVALID"
    assert dotdigital.http.delete("/v2/data-fields/NONE").status_code == 404
    assert "TIER" in [field["name"] for field in dotdigital.http.get("/v2/data-fields").json()]


@pytest.mark.parametrize(("value", "v2", "v3"), [("changed", "TIER", "tier"), ("kept", "Tier", "Tier")])
def test_field_names_are_read_back_by_the_switch(dotdigital: DotdigitalSide, value: str, v2: str, v3: str) -> None:
    dotdigital.control("PUT", "switches", {"field_name_case": value})
    dotdigital.a_field("Tier")
    dotdigital.a_contact(dataFields={"tier": "Gold"})
    assert dotdigital.http.get("/v2/data-fields").json()[-1]["name"] == v2
    assert dotdigital.contact()["dataFields"][v3] == "Gold"


def test_suppressing_many_reports_the_unknown_and_replaces_no_other_reason(
    dotdigital: DotdigitalSide,
) -> None:
    first = dotdigital.a_contact("a@example.com")
    dotdigital.a_contact("b@example.com")
    dotdigital.a_contact("c@example.com", status="directComplaint")
    body = [{"id": first}, {"Email": "B@example.com"}, {"email": "c@example.com"}, {"email": "no@example.com"}]
    answer = dotdigital.http.put("/v2/contacts/suppress-contacts", json=body).json()
    assert answer == {
        "suppressed": [
            {"id": first, "email": None},
            {"id": 0, "email": "B@example.com"},
            {"id": 0, "email": "c@example.com"},
        ],
        "notFound": [{"id": 0, "email": "no@example.com"}],
    }
    assert dotdigital.status("b@example.com") == "suppressed"
    assert dotdigital.status("c@example.com") == "directComplaint"
    assert len(dotdigital.history(kind="contact", who="apiuser-sandbox@apiconnector.com")) == 2


def test_suppressed_since_tells_all_reasons_from_the_date_on(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": "2026-03-01T12:00:00Z", "frozen": True})
    for name, status in (("a", "unsubscribed"), ("b", "hardBounced"), ("c", "subscribed"), ("d", "softBounced")):
        dotdigital.a_contact(f"{name}@example.com", status=status)
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    dotdigital.act("unsubscribe", email="c@example.com")

    def told(kind: str, since: str) -> list[tuple[str, str]]:
        rows = dotdigital.http.get(f"/v2/contacts/{kind}-since/{since}").json()
        return [(row["suppressedContact"]["email"], row["reason"]) for row in rows]

    early = [("a@example.com", "Unsubscribed"), ("b@example.com", "HardBounced"), ("c@example.com", "Unsubscribed")]
    assert told("suppressed", EPOCH) == early
    assert told("suppressed", "2026-03-01T12:00:30Z") == [("c@example.com", "Unsubscribed")]
    assert told("unsubscribed", "2026-03-01") == [early[0], early[2]]


def test_opt_outs_are_paged(dotdigital: DotdigitalSide) -> None:
    for n in range(5):
        dotdigital.a_contact(f"p{n}@example.com", status="unsubscribed")
    path = f"/v2/contacts/suppressed-since/{EPOCH}"
    pages = [dotdigital.http.get(path, params={"select": 2, "skip": skip}).json() for skip in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]


def test_list_opt_out_leaves_the_account_subscription_alone(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    dotdigital.a_contact(lists=[number])
    path = f"/v2/address-books/{number}/contacts"
    record = dotdigital.http.post(f"{path}/unsubscribe", json={"Email": "ADA@example.org"}).json()
    assert record["reason"] == "Unsubscribed"
    told = dotdigital.http.get(f"{path}/unsubscribed-since/{EPOCH}").json()
    assert [row["suppressedContact"]["email"] for row in told] == ["ada@example.org"]
    assert dotdigital.contact()["lists"] == [{"id": number, "name": "Spring gala", "status": "suppressed"}]
    assert dotdigital.status() == "subscribed"
    assert dotdigital.http.get(f"/v2/contacts/suppressed-since/{EPOCH}").json() == []


def test_list_opt_outs_are_told_from_the_date_on(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": "2026-03-01T12:00:00Z", "frozen": True})
    number = dotdigital.a_list()
    dotdigital.a_contact(optouts=[number])
    path = f"/v2/address-books/{number}/contacts/unsubscribed-since"
    assert len(dotdigital.http.get(f"{path}/2026-03-01T12:00:00Z").json()) == 1
    assert dotdigital.http.get(f"{path}/2026-03-01T12:00:01Z").json() == []


def test_unsubscribing_one_by_address(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    record = dotdigital.http.post("/v2/contacts/unsubscribe", json={"email": "ada@example.org"}).json()
    assert record["suppressedContact"]["status"] == "Unsubscribed"
    unknown = dotdigital.http.post("/v2/contacts/unsubscribe", json={"email": "x@example.org"})
    assert (unknown.status_code, code(unknown)) == (404, "ERROR_CONTACT_NOT_FOUND")


def test_collection_is_retrieved_by_a_get_with_a_body(dotdigital: DotdigitalSide) -> None:
    first = dotdigital.a_contact("a@example.com", dataFields={"FIRSTNAME": "Ada"})
    dotdigital.a_contact("b@example.com")
    body = {
        "contacts": [{"id": first}, {"email": "B@EXAMPLE.COM"}, {"id": 1}, {"email": "no@example.com"}],
        "withFullData": True,
    }
    answer = dotdigital.http.request("GET", "/v2/contacts/retrieve-collection", json=body).json()
    assert [row["email"] for row in answer["contacts"]] == ["a@example.com", "b@example.com"]
    assert {"key": "FIRSTNAME", "value": "Ada"} in answer["contacts"][0]["dataFields"]
    assert "created" in answer["contacts"][0]
    assert answer["notFound"] == [{"id": 1, "email": None}, {"id": 0, "email": "no@example.com"}]
    bare = dotdigital.http.request("GET", "/v2/contacts/retrieve-collection", json={"contacts": [{"id": first}]}).json()
    assert bare["contacts"][0]["dataFields"] is None


def test_one_contact_by_id_or_address_in_v2_words(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact(status="pendingOptIn")
    by_id = dotdigital.http.get(f"/v2/contacts/{number}").json()
    assert by_id == dotdigital.http.get("/v2/contacts/ADA@example.org").json()
    assert (by_id["status"], by_id["optInType"], by_id["emailType"]) == ("PendingOptIn", "Single", "Html")
    assert dotdigital.http.get("/v2/contacts/none@example.org").status_code == 404


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_is_in_no_year_of_utc_is_no_date(dotdigital: DotdigitalSide, moment: str) -> None:
    made = dotdigital.http.post("/v2/data-fields", json={"name": "BORN", "type": "Date", "defaultValue": moment})
    assert (made.status_code, set(made.json())) == (400, {"message"})
    dotdigital.a_field("SEEN", "Date")
    result = dotdigital.imported({**a_row(), "dataFields": {"SEEN": moment}})
    assert result["status"] == "Finished"
    assert len(result["failures"]) == 1
