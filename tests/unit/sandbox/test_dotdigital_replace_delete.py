"""v3 calls that take something away: replacing a contact as a whole, and deleting many."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide

ADA = "/contacts/v3/email/ada@example.org"


def replaced(side: DotdigitalSide, **body: Any) -> dict[str, Any]:
    response = side.http.put(ADA, json=body)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


def deleted(side: DotdigitalSide, *entries: Any) -> dict[str, Any]:
    started = side.http.post("/contacts/v3/delete", json=list(entries))
    assert started.status_code == 202, started.text
    path = f"/contacts/v3/delete/{started.json()['deleteId']}"
    assert side.http.get(path).json()["status"] == "NotFinished"
    result: dict[str, Any] = side.http.get(path).json()
    assert result["status"] == "Finished"
    return result


def test_replacing_clears_what_the_body_leaves_out_and_changes_lists(dotdigital: DotdigitalSide) -> None:
    old, new = dotdigital.a_list(), dotdigital.a_list("Autumn")
    number = dotdigital.a_contact(dataFields={"FIRSTNAME": "Ada", "LASTNAME": "Byron"}, lists=[old])
    shown = replaced(dotdigital, dataFields={"lastName": "King"}, lists=[new])
    assert (shown["contactId"], shown["identifiers"]) == (number, {"email": "ada@example.org"})
    assert (shown["dataFields"]["firstname"], shown["dataFields"]["lastname"]) == (None, "King")
    assert [each["id"] for each in shown["lists"]] == [new]
    assert replaced(dotdigital)["lists"] == []
    assert dotdigital.contact()["dataFields"]["lastname"] is None


def test_replacing_does_not_subscribe_anybody(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact(status="unsubscribed")
    replaced(dotdigital, channelProperties={"email": {"emailType": "plainText"}})
    assert dotdigital.status() == "unsubscribed"


def test_replacing_creates_and_restores_nobody(dotdigital: DotdigitalSide) -> None:
    def refused(response: httpx.Response, status: int, code: str) -> None:
        assert (response.status_code, response.json()["errorCode"]) == (status, code)

    refused(dotdigital.http.put(ADA, json={}), 404, "contacts:contactNotFound")
    dotdigital.a_contact()
    dotdigital.a_contact("bo@example.org")
    refused(
        dotdigital.http.put(ADA, json={"identifiers": {"email": "bo@example.org"}}), 409, "contacts:idAlreadyExists"
    )
    refused(dotdigital.http.put(ADA, content=b"{"), 400, "contacts:badJson")
    dotdigital.act("delete_contact", email="ada@example.org")
    refused(dotdigital.http.put(ADA, json={}), 404, "contacts:contactNotFound")


def test_many_are_deleted_some_time_later_each_with_its_verdict(dotdigital: DotdigitalSide) -> None:
    ada, bo = dotdigital.a_contact(), dotdigital.a_contact("bo@example.org")
    dotdigital.a_contact("cy@example.org")
    result = deleted(
        dotdigital, {"contactId": ada}, {"email": "BO@example.org"}, {"email": "no@example.org"}, {"x": 1}, 3, {}
    )
    assert result["summary"] == {
        "requestedContacts": 6,
        "deletedContacts": 2,
        "unknownContacts": 1,
        "invalidEntries": 3,
    }
    assert [each["contactId"] for each in result["deleted"]] == [ada, bo]
    assert len(result["failures"]) == 4
    assert [item["identifiers"]["email"] for item in dotdigital.page()["_items"]] == ["cy@example.org"]


def test_contact_named_twice_is_deleted_once(dotdigital: DotdigitalSide) -> None:
    number = dotdigital.a_contact()
    result = deleted(dotdigital, {"contactId": number}, {"email": "ada@example.org"})
    assert (result["summary"]["deletedContacts"], result["summary"]["unknownContacts"]) == (1, 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "contacts:noContactsSpecified"),
        ({}, "contacts:noContactsSpecified"),
        ([{"contactId": 1}] * 5001, "contacts:invalidContacts"),
    ],
)
def test_deletion_needs_1_to_5000_contacts(dotdigital: DotdigitalSide, body: Any, code: str) -> None:
    refused = dotdigital.http.post("/contacts/v3/delete", json=body)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, code)


def test_deletions_have_a_limit_and_unknown_ones_are_told(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "settings", {"dotdigital.deletion_jobs": 1})
    assert dotdigital.http.post("/contacts/v3/delete", json=[{"contactId": 1}]).status_code == 202
    refused = dotdigital.http.post("/contacts/v3/delete", json=[{"contactId": 1}])
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "contacts:tooManyBulkDeleteJobs")
    unknown = dotdigital.http.get("/contacts/v3/delete/none")
    assert (unknown.status_code, unknown.json()["errorCode"]) == (404, "contacts:invalidDeleteId")
