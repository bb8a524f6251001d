from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.salesforce_side import SalesforceSide


def act(salesforce: SalesforceSide, action: str, **body: Any) -> Any:
    return salesforce.control("POST", "salesforce/act", {"action": action, **body})


def test_hand_edits_are_the_administrators_and_obey_the_rules(salesforce: SalesforceSide) -> None:
    made = act(salesforce, "insert", object="Contact", values={"LastName": "Okafor"})["id"]
    act(salesforce, "update", object="Contact", id=made, values={"Title": "Director"})
    record = salesforce.query("SELECT Title, LastModifiedBy.Username FROM Contact")["records"][0]
    assert (record["Title"], record["LastModifiedBy"]["Username"]) == ("Director", "admin@acme.example")
    act(salesforce, "delete", object="Contact", id=made)
    assert salesforce.query("SELECT COUNT() FROM Contact")["totalSize"] == 0
    act(salesforce, "undelete", object="Contact", id=made)
    assert salesforce.values("SELECT Id FROM Contact") == [made]


def test_an_act_may_be_the_api_users(salesforce: SalesforceSide) -> None:
    contact = salesforce.a_contact()
    act(salesforce, "update", user="integration@acme.example", object="Contact", id=contact, values={"Title": "x"})
    assert [one["who"] for one in salesforce.history(record=contact, field="Title")] == ["integration@acme.example"]


def test_sessions_can_be_lost(salesforce: SalesforceSide) -> None:
    admin = salesforce.as_admin()
    assert act(salesforce, "expire_sessions", of="integration@acme.example") == {"expired": 1}
    assert (salesforce.get("/limits").status_code, admin.get("/limits").status_code) == (401, 200)
    assert act(salesforce, "revoke_token", token=salesforce.running.access.admin_token) == {"revoked": True}
    assert admin.get("/limits").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"action": "fly"},
        {},
        {"action": "update", "object": "Contact"},
        {"action": "update", "object": "Nope", "id": "003000000000001AAA", "values": {}},
        {"action": "update", "object": "Contact", "id": "003000000000001AAA", "values": {}},
        {"action": "insert", "object": "Contact", "values": {"Titel": "x"}},
        {"action": "undelete", "object": "Contact", "id": "003000000000001AAA"},
    ],
)
def test_what_cannot_be_done_is_a_400(salesforce: SalesforceSide, body: dict[str, Any]) -> None:
    answer = salesforce.http.post("/__sandbox__/salesforce/act", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
