"""The v3 calls for contacts: listing by page, single calls, and what a person does by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import USER, DotdigitalSide, a_row

ADA = "/contacts/v3/email/ada@example.org"


def ids(page: dict[str, Any]) -> list[int]:
    return [item["contactId"] for item in page["_items"]]


def all_pages(dotdigital: DotdigitalSide, **query: Any) -> list[list[int]]:
    pages, marker = [], ""
    while True:
        page = dotdigital.page(**query, marker=marker)
        pages.append(ids(page))
        if "next" not in page["_links"]:
            return pages
        marker = page["_links"]["next"]["marker"]


def some_people(dotdigital: DotdigitalSide, count: int, **more: Any) -> list[int]:
    return [dotdigital.a_contact(f"p{n}@example.com", **more) for n in range(count)]


def test_bare_item_has_neither_fields_nor_sections(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    (item,) = dotdigital.page()["_items"]
    assert set(item) == {"contactId", "identifiers", "status", "created", "updated"}


def test_wanted_fields_and_sections_come_and_unset_values_are_null(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "switches", {"field_name_case": "kept"})
    number = dotdigital.a_list()
    dotdigital.a_contact(dataFields={"FIRSTNAME": "Ádám"}, lists=[number])
    query = {"data-fields": "firstname|LASTNAME|NONE", "include": "lists|channelProperties"}
    (item,) = dotdigital.page(**query)["_items"]
    assert item["dataFields"] == {"FIRSTNAME": "Ádám", "LASTNAME": None}
    assert item["lists"] == [{"id": number, "name": "Spring gala", "status": "subscribed"}]
    email = {"status": "subscribed", "emailType": "Html", "optInType": "Single"}
    assert item["channelProperties"]["email"] == email
    (full,) = dotdigital.page(**{"data-fields": "[[ALL]]"})["_items"]
    assert len(full["dataFields"]) == 7


@pytest.mark.parametrize(
    ("switch", "count", "sizes"),
    [("present", 4, [2, 2, 0]), ("absent", 4, [2, 2]), ("present", 3, [2, 1]), ("absent", 3, [2, 1])],
)
def test_paging_by_marker_ends_as_the_switch_says(
    dotdigital: DotdigitalSide, switch: str, count: int, sizes: list[int]
) -> None:
    dotdigital.control("PUT", "switches", {"last_page_next": switch})
    people = some_people(dotdigital, count)
    pages = all_pages(dotdigital, limit=2)
    assert [len(page) for page in pages] == sizes
    assert [number for page in pages for number in page] == people


def test_page_size_setting_shrinks_pages_below_the_limit(dotdigital: DotdigitalSide) -> None:
    some_people(dotdigital, 5)
    dotdigital.control("PUT", "settings", {"dotdigital.page_size": 3})
    assert [len(page) for page in all_pages(dotdigital, limit=5000)] == [3, 2]


def test_next_link_repeats_the_filters(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    some_people(dotdigital, 3, lists=[number])
    some_people_elsewhere = dotdigital.a_contact("elsewhere@example.com")
    page = dotdigital.page(**{"~listId": number, "limit": 2, "data-fields": "LASTNAME"})
    following = dotdigital.http.get(page["_links"]["next"]["link"]).json()
    assert len(following["_items"]) == 1
    assert "dataFields" in following["_items"][0]
    assert some_people_elsewhere not in ids(following)


def test_empty_account_has_one_empty_page(dotdigital: DotdigitalSide) -> None:
    page = dotdigital.page()
    assert page["_items"] == []
    assert set(page["_links"]) == {"self", "first"}


@pytest.mark.parametrize(("switch", "seen"), [("no", ["p0"]), ("yes", ["p0", "p1", "p2", "p3"])])
def test_list_filter_and_count_show_suppressed_members_by_the_switch(
    dotdigital: DotdigitalSide, switch: str, seen: list[str]
) -> None:
    dotdigital.control("PUT", "switches", {"listid_returns_suppressed": switch})
    number = dotdigital.a_list()
    for name, more in (
        ("p0", {}),
        ("p1", {"status": "unsubscribed"}),
        ("p2", {"status": "pendingOptIn"}),
        ("p3", {"optouts": [number]}),
    ):
        dotdigital.a_contact(f"{name}@example.com", lists=[number], **more)
    assert [email.partition("@")[0] for email in dotdigital.on_list(number)] == seen
    assert dotdigital.http.get(f"/v2/address-books/{number}").json()["contacts"] == len(seen)
    statuses = [item["lists"][0]["status"] for item in dotdigital.page(include="lists")["_items"]]
    assert statuses == ["subscribed", "suppressed", "pending", "suppressed"]


def test_date_filters_include_their_moment(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": "2026-03-01T12:00:00Z", "frozen": True})
    first = dotdigital.a_contact("a@example.com")
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    second = dotdigital.a_contact("b@example.com")
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    dotdigital.act("set_field", email="a@example.com", field="FIRSTNAME", value="Ada")
    assert ids(dotdigital.page(**{"~created": "gte::2026-03-01T12:01:00Z"})) == [second]
    assert ids(dotdigital.page(**{"~modified": "gte::2026-03-01T12:01:00.000Z"})) == [first, second]
    assert ids(dotdigital.page(**{"~modified": "gte::2026-03-01T12:01:00.001Z"})) == [first]


@pytest.mark.parametrize(("switch", "moves"), [("no", False), ("yes", True)])
@pytest.mark.parametrize("action", ["unsubscribe", "add_to_list", "remove_from_list"])
def test_joins_leaves_and_statuses_move_updated_by_the_switch(
    dotdigital: DotdigitalSide, switch: str, moves: bool, action: str
) -> None:
    dotdigital.control("PUT", "switches", {"list_join_bumps_updated": switch})
    number = dotdigital.a_list()
    dotdigital.a_contact(lists=[number] if action == "remove_from_list" else [])
    before = dotdigital.contact()["updated"]
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    dotdigital.act(action, email="ada@example.org", list=number)
    assert (dotdigital.contact()["updated"] > before) is moves


def test_single_contact_is_created_once(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    body = {
        "identifiers": {"email": "ada@example.org"},
        "dataFields": {"FIRSTNAME": "Ada"},
        "lists": [number],
        "channelProperties": {"email": {"emailType": "plainText", "optInType": "double"}},
    }
    made = dotdigital.http.post("/contacts/v3", json=body)
    assert made.status_code == 201
    shown = made.json()["channelProperties"]["email"]
    assert shown == {"status": "subscribed", "emailType": "PlainText", "optInType": "Double"}
    body["identifiers"] = {"email": "ADA@example.org"}
    again = dotdigital.http.post("/contacts/v3", json=body)
    assert (again.status_code, again.json()["errorCode"]) == (409, "contacts:idAlreadyExists")


def test_patch_creates_then_updates_then_renames(dotdigital: DotdigitalSide) -> None:
    created = dotdigital.http.patch(ADA, json={"dataFields": {"FIRSTNAME": "Ada", "LASTNAME": "L"}})
    assert created.status_code == 201
    updated = dotdigital.http.patch(ADA, json={"dataFields": {"FIRSTNAME": None}})
    assert updated.status_code == 200
    assert updated.json()["dataFields"] | {"firstname": None, "lastname": "L"} == updated.json()["dataFields"]
    number = created.json()["contactId"]
    renamed = dotdigital.http.patch(ADA, json={"identifiers": {"email": "ada.new@example.org"}})
    assert (renamed.status_code, renamed.json()["contactId"]) == (200, number)
    assert dotdigital.http.get(ADA).status_code == 404
    assert dotdigital.http.get(f"/contacts/v3/contactId/{number}").json() == renamed.json()


@pytest.mark.parametrize(
    ("option", "expected"),
    [("overwrite", "New"), ("overwrite-if-empty", "Old"), ("overwrite-if-not-empty", "New")],
)
def test_patch_merges_as_asked(dotdigital: DotdigitalSide, option: str, expected: str) -> None:
    dotdigital.a_contact(dataFields={"FIRSTNAME": "Old", "LASTNAME": "L"})
    answer = dotdigital.http.patch(
        ADA, params={"merge-option": option}, json={"dataFields": {"FIRSTNAME": "New", "LASTNAME": None}}
    )
    kept = None if option == "overwrite" else "L"
    assert answer.json()["dataFields"]["firstname"] == expected
    assert answer.json()["dataFields"]["lastname"] == kept


def test_address_of_another_contact_is_a_conflict(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    dotdigital.a_contact("bo@example.org")
    answer = dotdigital.http.patch(ADA, json={"identifiers": {"email": "BO@example.org"}})
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "contacts:idAlreadyExists")


@pytest.mark.parametrize(
    "body",
    [
        {"identifiers": {"email": "no-address"}},
        {"identifiers": []},
        {"dataFields": [{"key": "FIRSTNAME", "value": "x"}]},
        {"dataFields": {"NO_SUCH_FIELD": 1}},
        {"lists": []},
        {"lists": [999_999]},
        {"channelProperties": {"email": {"status": "hardBounced"}}},
        {"unknownKey": 1},
    ],
)
def test_patch_refuses_what_does_not_fit(dotdigital: DotdigitalSide, body: dict[str, Any]) -> None:
    assert dotdigital.http.patch(ADA, json=body).status_code == 400
    assert dotdigital.http.get(ADA).status_code == 404


def test_deleted_contact_is_gone_from_sight_and_from_lists_and_patch_restores_it(
    dotdigital: DotdigitalSide,
) -> None:
    number = dotdigital.a_list()
    contact = dotdigital.a_contact(lists=[number], dataFields={"FIRSTNAME": "Ada"})
    assert dotdigital.http.delete(ADA).json() == {"contactId": contact}
    assert dotdigital.http.delete(ADA).status_code == 404
    assert dotdigital.http.get(ADA).status_code == 404
    assert dotdigital.page()["_items"] == []
    assert dotdigital.http.patch(ADA, json={}).json()["contactId"] == contact
    assert dotdigital.contact()["lists"] == []
    assert dotdigital.contact()["dataFields"]["firstname"] == "Ada"


def test_binned_contact_may_be_shown_as_such_by_setting(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    dotdigital.http.delete(ADA)
    dotdigital.control("PUT", "settings", {"dotdigital.binned_lookup": "binned"})
    assert dotdigital.contact()["status"] == "binned"


def test_address_with_special_characters_is_found_by_its_encoded_path(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact("o'brien+a/b@example.com")
    found = dotdigital.http.get("/contacts/v3/email/o%27brien%2Ba%2Fb%40example.com")
    assert found.json()["contactId"] == number


def test_hands_in_the_vendors_screens_leave_their_name(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    added = dotdigital.act("add_contact", email="ada@example.org", lists=[number], dataFields={"FIRSTNAME": "A"})
    dotdigital.act("set_field", contactId=added["contactId"], field="firstname", value="Ada", who="jo@acme.example")
    dotdigital.act("list_unsubscribe", email="ada@example.org", list="spring GALA")
    dotdigital.act("unsubscribe", email="ada@example.org")
    dotdigital.act("resubscribe", email="ada@example.org")
    dotdigital.act("delete_contact", email="ada@example.org")
    entries = dotdigital.history(record=str(added["contactId"]))
    assert [(e["kind"], e["field"], e["old"], e["new"]) for e in entries[1:9]] == [
        ("contact", "status", None, "subscribed"),
        ("data_field", "FIRSTNAME", None, "A"),
        ("list_member", str(number), None, "subscribed"),
        ("data_field", "FIRSTNAME", "A", "Ada"),
        ("list_member", str(number), "subscribed", "suppressed"),
        ("contact", "status", "subscribed", "unsubscribed"),
        ("contact", "status", "unsubscribed", "subscribed"),
        ("list_member", str(number), "suppressed", None),
    ]
    assert {entry["who"] for entry in entries} == {"someone@acme.example", "jo@acme.example"}


def test_lists_and_fields_can_be_changed_by_hand(dotdigital: DotdigitalSide) -> None:
    made = dotdigital.act("create_list", name="By hand")
    dotdigital.act("rename_list", list="By hand", name="Renamed")
    dotdigital.act("create_field", field="TIER", type="String")
    assert dotdigital.http.get(f"/v2/address-books/{made['id']}").json()["name"] == "Renamed"
    dotdigital.act("delete_field", field="TIER")
    dotdigital.act("delete_list", list=made["id"])
    assert dotdigital.http.get(f"/v2/address-books/{made['id']}").status_code == 404
    assert {entry["who"] for entry in dotdigital.history(kind="address_book")} == {"someone@acme.example"}


@pytest.mark.parametrize(
    "body",
    [
        {"action": "dance"},
        {"action": "unsubscribe"},
        {"action": "unsubscribe", "email": "no@example.org"},
        {"action": "list_unsubscribe", "email": "ada@example.org", "list": "none"},
        {"action": "set_field", "email": "ada@example.org", "field": "NONE", "value": 1},
        {"action": "add_contact", "email": "ada@example.org"},
        {"action": "set_status", "email": "ada@example.org", "status": "happy"},
    ],
)
def test_senseless_actions_change_nothing(dotdigital: DotdigitalSide, body: dict[str, Any]) -> None:
    dotdigital.a_contact()
    before = len(dotdigital.history())
    assert dotdigital.http.post("/__sandbox__/dotdigital/act", json=body).status_code == 400
    assert len(dotdigital.history()) == before


def test_writes_through_the_api_carry_the_api_users_name(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_list()
    dotdigital.imported(a_row(lists=[number], dataFields={"FIRSTNAME": "Ada"}))
    dotdigital.http.delete(ADA)
    assert {entry["who"] for entry in dotdigital.history(system="dotdigital")} == {USER}
