"""The events export: subscriptions, what makes an event, and how a reader says what has arrived."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row
from tests.unit.sandbox.fuzz_dotdigital import SUBSCRIPTION

PATH = "/events/v3/export/subscriptions"
DAY = 86_400


def types(*names: str, **more: Any) -> dict[str, Any]:
    return {"subscribedEventTypes": [{"eventType": name, **more} for name in names]}


def subscribed(side: DotdigitalSide, *names: str, **more: Any) -> int:
    body = {**SUBSCRIPTION, **(types(*names) if names else {}), **more}
    made = side.http.post(PATH, json=body)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def read(side: DotdigitalSide, number: int, point: str = "", **query: Any) -> tuple[list[dict[str, Any]], str]:
    answer = side.http.get(f"/events/v3/export/{number}", params={**query, **({"checkPoint": point} if point else {})})
    assert answer.status_code == 200, answer.text
    return answer.json()["events"], answer.json()["checkPoint"]


def told(events: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(each["type"], each["data"]) for each in events]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errorCode"]


EVERYTHING = (
    *("contact.created", "contact.updated", "contact.removed", "contact.membershipUpdated"),
    *("contact.preferenceUpdated", "contact.consentAdded", "interaction.unsubscribe"),
)


def test_a_subscription_is_made_changed_and_deleted(dotdigital: DotdigitalSide) -> None:
    made = dotdigital.http.post(PATH, json=SUBSCRIPTION).json()
    path = f"{PATH}/{made['id']}"
    assert dotdigital.http.get(path).json() == made == {"id": made["id"], **SUBSCRIPTION, **dates(made)}
    dotdigital.control("PUT", "clock", {"advance_seconds": 60})
    body = {**SUBSCRIPTION, "status": "inactive", **types("contact.removed")}
    changed = dotdigital.http.put(path, json=body).json()
    assert (changed["status"], changed["created"]) == ("inactive", made["created"])
    assert changed["updated"] > made["updated"]
    assert dotdigital.http.delete(path).status_code == 204
    for method in ("GET", "PUT", "DELETE"):
        assert refused(dotdigital.http.request(method, path, json=body)) == (404, "events:subscriptionNotFound")
    assert refused(dotdigital.http.get(f"/events/v3/export/{made['id']}")) == (404, "events:subscriptionNotFound")


def dates(made: dict[str, Any]) -> dict[str, str]:
    return {key: made[key] for key in ("created", "updated")}


def test_names_are_unique_and_five_are_enough(dotdigital: DotdigitalSide) -> None:
    numbers = [subscribed(dotdigital, name=f"No {number}") for number in range(4)]
    taken = {**SUBSCRIPTION, "name": "No 1"}
    assert refused(dotdigital.http.post(PATH, json=taken)) == (409, "events:nameAlreadyExists")
    assert refused(dotdigital.http.put(f"{PATH}/{numbers[0]}", json=taken)) == (409, "events:nameAlreadyExists")
    assert dotdigital.http.put(f"{PATH}/{numbers[1]}", json=taken).status_code == 200
    subscribed(dotdigital, name="No 4")
    assert refused(dotdigital.http.post(PATH, json=SUBSCRIPTION))[0] == 412


def test_subscriptions_come_in_pages(dotdigital: DotdigitalSide) -> None:
    for number in range(3):
        subscribed(dotdigital, name=f"No {number}")
    first = dotdigital.http.get(PATH, params={"limit": 2}).json()
    assert [each["name"] for each in first["_items"]] == ["No 0", "No 1"]
    rest = dotdigital.http.get(PATH, params={"limit": 1, "marker": first["_links"]["next"]["marker"]}).json()
    assert [each["name"] for each in rest["_items"]] == ["No 2"]
    assert set(rest["_links"]) == {"self", "first"}
    for query in ({"limit": 0}, {"limit": 5001}, {"marker": "nobody's"}):
        assert refused(dotdigital.http.get(PATH, params=query)) == (400, "events:badRequest")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"name": ""}, {"name": "a" * 51}, {"status": "paused"}, {"more": 1}, {"alertsConfiguration": {}}),
        *({"alertsConfiguration": {"alertChannels": "email"}}, {"subscribedEventTypes": []}),
        *(types("contact.updated", more=1), types("contact.updated", filters=[])),
        *(types(*["contact.updated"] * 101), types("contact.updated", filters=[{"field": "$.a"}])),
        types("contact.updated", filters=[{"field": "$.a", "matchPattern": "a", "caseSensitive": "no"}]),
    ],
)
def test_what_is_no_subscription_is_refused(dotdigital: DotdigitalSide, wrong: dict[str, Any]) -> None:
    assert refused(dotdigital.http.post(PATH, json={**SUBSCRIPTION, **wrong})) == (400, "events:badRequest")
    unknown = {**SUBSCRIPTION, **types("contact.vanished")}
    assert refused(dotdigital.http.post(PATH, json=unknown)) == (400, "events:invalidEventType")
    assert dotdigital.http.get(PATH).json()["_items"] == []


def test_each_kind_of_change_is_an_event(dotdigital: DotdigitalSide) -> None:
    book, number = dotdigital.a_list(), subscribed(dotdigital, *EVERYTHING)
    dotdigital.imported(a_row(lists=[book], dataFields={"FIRSTNAME": "Ada"}))
    contact = dotdigital.contact()["contactId"]
    events, point = read(dotdigital, number)
    assert told(events) == [
        ("contact.created", {"contactId": contact}),
        ("contact.updated", {"contactId": contact}),
        ("contact.membershipUpdated", {"contactId": contact, "listId": book, "status": "subscribed"}),
    ]
    dotdigital.http.delete(f"/v2/address-books/{book}/contacts/{contact}").raise_for_status()
    dotdigital.http.post("/v2/contacts/unsubscribe", json={"email": "ada@example.org"}).raise_for_status()
    dotdigital.act("choose_preference", contactId=contact, preference="Events")
    dotdigital.http.delete(f"/contacts/v3/contactId/{contact}").raise_for_status()
    events, _ = read(dotdigital, number, point)
    preference = next(one["id"] for one in dotdigital.http.get("/v2/preferences").json() if one["isPreference"])
    assert told(events) == [
        ("contact.membershipUpdated", {"contactId": contact, "listId": book, "status": None}),
        ("contact.updated", {"contactId": contact}),
        ("interaction.unsubscribe", {"contactId": contact}),
        ("contact.preferenceUpdated", {"contactId": contact, "preferenceId": preference, "isOptedIn": True}),
        ("contact.removed", {"contactId": contact}),
    ]
    account = dotdigital.http.get("/v2/account-info").json()["id"]
    assert {each["accountId"] for each in events} == {account}
    assert len({each["id"] for each in events}) == len(events)


def test_consent_is_an_event(dotdigital: DotdigitalSide) -> None:
    number = subscribed(dotdigital, "contact.consentAdded")
    record = {"text": "Yes", "dateTimeConsented": "2026-01-01T00:00:00Z", "url": "https://example.org/"}
    record |= {"ipAddress": "127.0.0.1", "userAgent": "a"}
    dotdigital.imported(a_row(consentRecords=[record]))
    assert [each["type"] for each in read(dotdigital, number)[0]] == ["contact.consentAdded"]


def test_only_what_is_subscribed_and_happened_since_comes(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    number = subscribed(dotdigital, "contact.created")
    assert read(dotdigital, number)[0] == []
    dotdigital.a_contact("bo@example.org")
    dotdigital.act("unsubscribe", email="bo@example.org")
    (event,) = read(dotdigital, number)[0]
    assert event["type"] == "contact.created"


def test_events_stay_until_their_check_point_comes_back(dotdigital: DotdigitalSide) -> None:
    number = subscribed(dotdigital, "contact.created", "contact.updated", "interaction.unsubscribe")
    for name in ("ada", "bo"):
        dotdigital.a_contact(f"{name}@example.org")
    dotdigital.act("unsubscribe", email="ada@example.org")
    first, point = read(dotdigital, number, limit=3)
    assert (len(first), read(dotdigital, number, limit=3)) == (3, (first, point))
    last, end = read(dotdigital, number, point, limit=3)
    assert [each["type"] for each in first + last] == [
        *("contact.created", "contact.created", "contact.updated", "interaction.unsubscribe")
    ]
    drained, end = read(dotdigital, number, end)
    assert drained == []
    assert read(dotdigital, number)[0] == []
    dotdigital.a_contact("cy@example.org")
    assert [each["type"] for each in read(dotdigital, number, end)[0]] == ["contact.created"]


def test_a_check_point_is_of_its_subscription(dotdigital: DotdigitalSide) -> None:
    one, other = subscribed(dotdigital), subscribed(dotdigital, name="Others")
    _, point = read(dotdigital, one)
    for wrong in (point[:-3], "nobody's", "é"):
        answer = dotdigital.http.get(f"/events/v3/export/{one}", params={"checkPoint": wrong})
        assert refused(answer) == (400, "events:invalidCheckpoint")
    answer = dotdigital.http.get(f"/events/v3/export/{other}", params={"checkPoint": point})
    assert refused(answer) == (400, "events:invalidCheckpoint")
    assert dotdigital.http.get(f"/events/v3/export/{one}", params={"limit": 5001}).status_code == 400


def test_an_inactive_subscription_is_not_read_and_has_missed_what_happened(dotdigital: DotdigitalSide) -> None:
    number = subscribed(dotdigital, "contact.created", status="inactive")
    assert refused(dotdigital.http.get(f"/events/v3/export/{number}")) == (409, "events:inactiveSubscription")
    dotdigital.a_contact()
    body = {**SUBSCRIPTION, **types("contact.created")}
    dotdigital.http.put(f"{PATH}/{number}", json=body).raise_for_status()
    assert read(dotdigital, number)[0] == []
    dotdigital.a_contact("bo@example.org")
    dotdigital.http.put(f"{PATH}/{number}", json=body).raise_for_status()
    assert len(read(dotdigital, number)[0]) == 1


def test_one_that_nobody_reads_for_30_days_becomes_inactive(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"frozen": True})
    read_one, unread = subscribed(dotdigital), subscribed(dotdigital, name="Unread")
    dotdigital.control("PUT", "clock", {"advance_seconds": 30 * DAY})
    read(dotdigital, read_one)
    assert dotdigital.http.get(f"{PATH}/{unread}").json()["status"] == "active"
    dotdigital.control("PUT", "clock", {"advance_seconds": 1})
    assert dotdigital.http.get(f"{PATH}/{unread}").json()["status"] == "inactive"
    assert refused(dotdigital.http.get(f"/events/v3/export/{unread}")) == (409, "events:inactiveSubscription")
    assert read(dotdigital, read_one)[0] == []


@pytest.mark.parametrize(
    ("pattern", "more", "is_in"),
    [
        *(("sub*", {}, True), ("[!a]ubscribed", {}, True), ("SUB*", {}, False), ("pending", {}, False)),
        ("SUB*", {"caseSensitive": False}, True),
    ],
)
def test_filters_match_the_data(dotdigital: DotdigitalSide, pattern: str, more: dict[str, Any], is_in: bool) -> None:
    book = dotdigital.a_list()
    both = [{"field": "$.listId", "matchPattern": str(book)}, {"field": "$.status", "matchPattern": pattern, **more}]
    number = subscribed(dotdigital, **types("contact.membershipUpdated", filters=both))
    nowhere = types("contact.membershipUpdated", filters=[*both, {"field": "$.nowhere", "matchPattern": "*"}])
    other = subscribed(dotdigital, name="Others", **nowhere)
    dotdigital.a_contact(lists=[book])
    assert len(read(dotdigital, number)[0]) == is_in
    assert read(dotdigital, other)[0] == []


def test_another_account_has_its_own_events_and_subscriptions(dotdigital: DotdigitalSide) -> None:
    user = {"account_id": 4711, "user": "two@apiconnector.com", "password": "pw"}
    dotdigital.control("PUT", "settings", {"dotdigital.accounts": [user]})
    number = subscribed(dotdigital, "contact.created")
    auth = ("two@apiconnector.com", "pw")
    made = dotdigital.http.post("/contacts/v3", json={"identifiers": {"email": "bo@example.org"}}, auth=auth)
    assert made.status_code == 201
    assert read(dotdigital, number)[0] == []
    assert dotdigital.http.get(PATH, auth=auth).json()["_items"] == []
    assert dotdigital.http.get(f"/events/v3/export/{number}", auth=auth).status_code == 404
