"""Suppressing: by id, in chunks, and never undone."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital import consent
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.consent import SuppressWriter
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import Results, SuppressRow

from .builders import Hands, Told, a_batch, a_suppress_row, an_operation

CALL = "PUT /v2/contacts/suppress-contacts"


def send(client: Client, *rows: SuppressRow, told: Told | None = None) -> Results:
    told = told or Told()
    return SuppressWriter(client).send(a_batch(an_operation(Task.SUPPRESS), *rows), told.jobs.append, told.done.append)


def test_contacts_are_suppressed_in_one_call(client: Client, hands: Hands) -> None:
    ada, bo = hands.a_contact("ada@example.org"), hands.a_contact("bo@example.org")
    results = send(client, a_suppress_row(ada), a_suppress_row(bo, "bo@example.org"))
    assert [(result.ok, result.contact_id) for result in results.people] == [(True, ada), (True, bo)]
    assert {hands.status("ada@example.org"), hands.status("bo@example.org")} == {"suppressed"}
    assert hands.requests()[CALL] == 1


def test_a_contact_that_is_gone_fails_alone(client: Client, hands: Hands) -> None:
    ada = hands.a_contact()
    results = send(client, a_suppress_row(999_999, "gone@example.org"), a_suppress_row(ada))
    assert [(result.ok, result.code) for result in results.people] == [(False, "notFound"), (True, "")]


def test_many_go_in_chunks(client: Client, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "CHUNK", 10)
    told = Told()
    rows = [a_suppress_row(number, f"person{i}@example.org") for i, number in enumerate(hands.people(25))]
    assert all(result.ok for result in send(client, *rows, told=told).people)
    assert hands.requests() == {CALL: 3}
    assert (told.done, told.jobs) == ([10, 20, 25], [])


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_lost_reply_is_simply_repeated(client: Client, hands: Hands, kind: str) -> None:
    ada = hands.a_contact()
    hands.fault(kind, "/v2/contacts/suppress-contacts")
    (result,) = send(client, a_suppress_row(ada)).people
    assert result.ok
    assert hands.status() == "suppressed"


def test_an_answer_that_does_not_name_a_contact_proves_nothing(client: Client, hands: Hands) -> None:
    ada = hands.a_contact()
    hands.fault("status", "/v2/contacts/suppress-contacts", status=200, body={"suppressed": [], "notFound": []})
    (result,) = send(client, a_suppress_row(ada)).people
    assert (result.ok, result.code) == (False, "noResult")


def test_a_suppression_record_around_the_contact_is_understood(client: Client, hands: Hands) -> None:
    body = {"suppressed": [{"suppressedContact": {"id": 0, "email": "ADA@example.org"}}], "notFound": None}
    hands.fault("status", "/v2/contacts/suppress-contacts", status=200, body=body)
    (result,) = send(client, a_suppress_row(5)).people
    assert result.ok


def test_nobody_is_nothing(client: Client, hands: Hands) -> None:
    assert send(client).people == ()
    assert hands.requests() == {}
