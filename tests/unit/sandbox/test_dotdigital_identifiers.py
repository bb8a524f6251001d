"""Custom identifiers: their own calls, and contacts that are found, matched and told apart by them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row, codes

PATH = "/configuration/v3/customIdentifiers"
NAME = "sf-contact-id"


@pytest.fixture
def named(dotdigital: DotdigitalSide) -> DotdigitalSide:
    """A side whose account has a custom identifier."""
    assert dotdigital.http.post(PATH, json={"name": NAME}).status_code == 201
    return dotdigital


def by_name(value: str, **more: Any) -> dict[str, Any]:
    return {"matchIdentifier": NAME, "identifiers": {NAME: value, **more}}


def refused(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errorCode"]


def test_identifier_is_created_listed_and_deleted(dotdigital: DotdigitalSide) -> None:
    made = dotdigital.http.post(PATH, json={"name": NAME})
    assert (made.status_code, set(made.json())) == (201, {"name", "created", "updated"})
    assert dotdigital.http.get(PATH).json() == [made.json()]
    assert refused(dotdigital.http.post(PATH, json={"name": NAME})) == (409, "customIdentifiers:nameAlreadyExists")
    assert dotdigital.http.delete(f"{PATH}/{NAME}").status_code == 204
    assert refused(dotdigital.http.delete(f"{PATH}/{NAME}")) == (404, "customIdentifiers:notExist")
    assert dotdigital.http.get(f"{PATH}/").json() == []


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("x" * 51, 400, "nameTooLong"),
        ("a b", 400, "badRequest"),
        ("", 400, "badRequest"),
        (3, 400, "badRequest"),
        ("email", 409, "nameAlreadyExists"),
    ],
)
def test_names_have_rules(dotdigital: DotdigitalSide, name: Any, status: int, code: str) -> None:
    assert refused(dotdigital.http.post(PATH, json={"name": name})) == (status, f"customIdentifiers:{code}")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"3", b"[]", b"null"])
def test_malformed_bodies_are_refused(dotdigital: DotdigitalSide, content: bytes) -> None:
    response = dotdigital.http.post(PATH, content=content)
    assert response.status_code == 400
    assert "errorCode" in response.json()


def test_limit_and_use_refuse_by_setting(named: DotdigitalSide) -> None:
    limits = {"dotdigital.identifier_limit": 1, "dotdigital.identifier_dependencies": {NAME: ["segment:1002"]}}
    named.control("PUT", "settings", limits)
    assert named.http.post(PATH, json={"name": "other"}).status_code == 412
    in_use = named.http.delete(f"{PATH}/{NAME}")
    assert refused(in_use) == (400, "customIdentifiers:inUse")
    assert [each["item"] for each in in_use.json()["details"]] == ["segment:1002"]


def test_contact_is_found_and_shown_by_its_identifier(named: DotdigitalSide) -> None:
    body = {"identifiers": {"email": "ada@example.org", NAME: "003A/1"}}
    made = named.http.post("/contacts/v3", json=body)
    assert (made.status_code, made.json()["identifiers"]) == (201, body["identifiers"])
    found = named.http.get(f"/contacts/v3/{NAME}/003A%2F1").json()
    assert found["contactId"] == made.json()["contactId"]
    assert named.page()["_items"][0]["identifiers"] == body["identifiers"]
    clash = {"identifiers": {"email": "bo@example.org", NAME: "003A/1"}}
    assert refused(named.http.post("/contacts/v3", json=clash)) == (409, "contacts:idAlreadyExists")
    assert refused(named.http.get("/contacts/v3/other/1")) == (400, "contacts:invalidId")


def test_import_matches_by_identifier_and_changes_the_address(named: DotdigitalSide) -> None:
    result = named.imported({**a_row(), "identifiers": {"email": "ada@example.org", NAME: "1"}})
    assert result["created"][0]["identifiers"] == {"email": "ada@example.org", NAME: "1"}
    result = named.imported(by_name("1", email="new@example.org"), by_name("2"), by_name("3", email="cy@example.org"))
    assert (result["summary"]["updatedContacts"], result["summary"]["newContacts"]) == (1, 1)
    assert codes(result) == ["NoValidIdentifiers"]
    assert named.contact("new@example.org")["identifiers"][NAME] == "1"


def test_import_refuses_a_value_that_is_taken_or_repeated(named: DotdigitalSide) -> None:
    named.imported({**a_row(), "identifiers": {"email": "ada@example.org", NAME: "1"}})
    taken = {**a_row(), "identifiers": {"email": "bo@example.org", NAME: "1"}}
    assert codes(named.imported(taken)) == ["duplicateIdentifier"]
    twice = [{**a_row(), "identifiers": {"email": f"{name}@example.org", NAME: "9"}} for name in "xy"]
    assert codes(named.imported(*twice)) == ["duplicateIdentifier"]
    assert codes(named.imported(by_name("9"), by_name("9"))) == ["duplicateIdentifier"]


def test_value_may_move_on_once_its_contact_has_another(named: DotdigitalSide) -> None:
    named.imported({**a_row(), "identifiers": {"email": "ada@example.org", NAME: "1"}})
    result = named.imported(
        {**a_row(), "identifiers": {"email": "ada@example.org", NAME: "2"}},
        {**a_row(), "identifiers": {"email": "bo@example.org", NAME: "1"}},
    )
    assert result["summary"]["duplicateIdentifiers"] == 0
    assert named.contact("bo@example.org")["identifiers"][NAME] == "1"
    assert named.contact()["identifiers"][NAME] == "2"


@pytest.mark.parametrize("value", ["x" * 257, "", 3, None])
def test_value_is_a_text_of_1_to_256_characters(named: DotdigitalSide, value: Any) -> None:
    body = {"identifiers": {"email": "ada@example.org", NAME: value}}
    assert named.http.post("/contacts/v3", json=body).status_code == 400
    assert named.http.patch("/contacts/v3/email/ada@example.org", json=body).status_code == 400


def test_deleting_contacts_takes_the_identifier_and_deleting_the_identifier_its_values(named: DotdigitalSide) -> None:
    number = named.imported({**a_row(), "identifiers": {"email": "ada@example.org", NAME: "1"}})["created"][0]
    named.http.delete(f"{PATH}/{NAME}")
    assert named.contact()["identifiers"] == {"email": "ada@example.org"}
    named.http.post(PATH, json={"name": NAME})
    assert named.http.get(f"/contacts/v3/{NAME}/1").status_code == 404
    named.imported({**a_row(), "identifiers": {"email": "ada@example.org", NAME: "1"}})
    started = named.http.post("/contacts/v3/delete", json=[{NAME: "1"}]).json()["deleteId"]
    named.http.get(f"/contacts/v3/delete/{started}")
    assert named.http.get(f"/contacts/v3/contactId/{number['contactId']}").status_code == 404
