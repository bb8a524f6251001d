"""Coming back: who opted out and is subscribed again outright, and who was deleted and signs up anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide

ADA = "ada@example.org"
DAY = 86_400


def resubscribe(side: DotdigitalSide, *, asks: bool, book: int | None = None, **contact: Any) -> dict[str, Any]:
    place = "/v2/contacts" if book is None else f"/v2/address-books/{book}/contacts"
    path = f"{place}/resubscribe" if asks else f"{place}/resubscribe-with-no-challenge"
    body = {"unsubscribedContact": {"email": ADA, **contact}, "preferredLocale": "en-EN"}
    response = side.http.post(path, json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_resubscribing_without_a_challenge_takes_effect_and_writes_values(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact(status="unsubscribed")
    values = [{"key": "FIRSTNAME", "value": "Ada"}]
    answer = resubscribe(dotdigital, asks=False, dataFields=values)
    assert (answer["status"], answer["contact"]["id"]) == ("ContactAdded", number)
    assert answer["contact"]["status"] == "Subscribed"
    assert dotdigital.contact()["dataFields"]["firstname"] == "Ada"


def test_challenged_contact_stays_out_unless_the_setting_says_otherwise(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact(status="unsubscribed")
    assert resubscribe(dotdigital, asks=True)["status"] == "ContactChallenged"
    assert dotdigital.status() == "unsubscribed"
    dotdigital.control("PUT", "settings", {"dotdigital.resubscribe_challenges": False})
    assert resubscribe(dotdigital, asks=True)["status"] == "ContactAdded"
    assert dotdigital.status() == "subscribed"


@pytest.mark.parametrize("status", ["hardBounced", "ispComplained", "directComplaint", "domainSuppressed"])
def test_complaints_and_bounces_end_by_no_resubscription(dotdigital: DotdigitalSide, status: str) -> None:
    book = dotdigital.a_list()
    dotdigital.a_contact(status=status)
    for number in (None, book):
        assert resubscribe(dotdigital, asks=False, book=number)["status"] == "ContactCannotBeUnsuppressed"
    assert dotdigital.status() == status
    assert dotdigital.contact()["lists"] == []


def test_resubscribing_to_a_list_ends_the_opt_out_of_that_list_only(dotdigital: DotdigitalSide) -> None:
    first, second = dotdigital.a_list(), dotdigital.a_list("Autumn")
    dotdigital.a_contact(lists=[first, second], optouts=[first, second])
    assert resubscribe(dotdigital, asks=False, book=first)["status"] == "ContactAdded"
    assert [each["status"] for each in dotdigital.contact()["lists"]] == ["subscribed", "suppressed"]


def test_resubscription_needs_a_known_contact(dotdigital: DotdigitalSide) -> None:
    path = "/v2/contacts/resubscribe-with-no-challenge"
    unknown = dotdigital.http.post(path, json={"unsubscribedContact": {"email": ADA}})
    assert (unknown.status_code, unknown.json()["message"].rpartition(" ")[2]) == (404, "ERROR_CONTACT_NOT_FOUND")
    nobody = dotdigital.http.post(path, json={"email": ADA})
    assert nobody.status_code == 400
    assert nobody.json()["message"].endswith("ERROR_CONTACT_RESUBSCRIPTION_INVALID")


def test_deleted_contact_that_signs_up_is_the_same_one_and_on_that_list_only(dotdigital: DotdigitalSide) -> None:
    old, new = dotdigital.a_list(), dotdigital.a_list("Autumn")
    number = dotdigital.a_contact(lists=[old], status="unsubscribed")
    dotdigital.act("delete_contact", email=ADA)
    dotdigital.act("add_contact", email=ADA, lists=["Autumn"], dataFields={"FIRSTNAME": "Ada"})
    back = dotdigital.contact()
    assert (back["contactId"], back["status"]) == (number, "subscribed")
    assert [(each["id"], each["status"]) for each in back["lists"]] == [(new, "subscribed")]
    assert back["dataFields"]["firstname"] == "Ada"


def test_deleted_contact_is_another_one_after_30_days(dotdigital: DotdigitalSide) -> None:
    book = dotdigital.a_list()
    number = dotdigital.a_contact(lists=[book], optouts=[book], dataFields={"FIRSTNAME": "Ada"})
    dotdigital.act("delete_contact", email=ADA)
    dotdigital.control("PUT", "clock", {"advance_seconds": 30 * DAY + 1})
    dotdigital.act("add_contact", email=ADA)
    back = dotdigital.contact()
    assert back["contactId"] > number
    assert back["dataFields"]["firstname"] is None
    assert dotdigital.http.get(f"/contacts/v3/contactId/{number}").status_code == 404
    assert dotdigital.http.get("/v2/contacts/count").text == "1"


def test_living_contact_cannot_be_added_again_by_hand(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    body = {"action": "add_contact", "email": ADA}
    assert dotdigital.http.post("/__sandbox__/dotdigital/act", json=body).status_code == 400


def test_sms_channel_names_a_country(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    assert dotdigital.contact()["channelProperties"]["sms"] == {"status": "noSubscription", "countryCode": "GB"}


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "subscribed"),
        ({"resubscribeWithNoChallenge": True}, "subscribed"),
        ({"resubscribeWithNoChallenge": False}, "unsubscribed"),
    ],
)
def test_v3_write_that_asks_first_subscribes_nobody_again(
    dotdigital: DotdigitalSide, options: dict[str, bool], status: str
) -> None:
    dotdigital.a_contact(status="unsubscribed")
    body = {"channelProperties": {"email": {"status": "subscribed", "resubscribeOptions": options}}}
    assert dotdigital.http.patch(f"/contacts/v3/email/{ADA}", json=body).status_code == 200
    assert dotdigital.status() == status


@pytest.mark.parametrize("options", [3, [], {"resubscribeWithNoChallenge": "no"}])
def test_malformed_resubscribe_options_are_refused(dotdigital: DotdigitalSide, options: object) -> None:
    body = {"channelProperties": {"email": {"status": "subscribed", "resubscribeOptions": options}}}
    assert dotdigital.http.patch(f"/contacts/v3/email/{ADA}", json=body).status_code == 400
