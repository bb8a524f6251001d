"""Opt-outs since a moment: for the account and for one book, page by page."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital import suppressions
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.contacts import People
from sfdd_declare.model.ids import ListId
from sfdd_declare.people.spool import RunDirectory

from .builders import Hands, rows_of

EVER = "1970-01-01T00:00:00Z"


def test_suppressions_of_the_account_have_reason_and_time(client: Client, hands: Hands, spool: RunDirectory) -> None:
    hands.http.put("/__sandbox__/clock", json={"at": "2026-03-01T10:11:12Z", "frozen": True})
    out = hands.a_contact("Out@example.org", status="directComplaint")
    hands.a_contact("in@example.org")
    report = People(client).suppressed_since(EVER, spool)
    assert (report.rows, report.complete, report.stamp) == (1, True, "2026-03-01T10:11:12Z")
    assert rows_of(spool, "suppressed.main") == [
        {
            "email_key": "out@example.org",
            "contact_id": out,
            "reason": "directcomplaint",
            "removed": "2026-03-01T10:11:12Z",
        }
    ]


def test_only_what_happened_since_is_read(client: Client, hands: Hands, spool: RunDirectory) -> None:
    hands.http.put("/__sandbox__/clock", json={"at": "2026-03-01T00:00:00Z", "frozen": True})
    hands.a_contact("early@example.org", status="unsubscribed")
    hands.http.put("/__sandbox__/clock", json={"at": "2026-03-03T00:00:00Z", "frozen": True})
    hands.a_contact("late@example.org", status="unsubscribed")
    People(client).suppressed_since("2026-03-02T00:00:00+00:00", spool)
    assert [row["email_key"] for row in rows_of(spool, "suppressed.main")] == ["late@example.org"]


def test_unsubscribes_from_one_book_name_the_book(client: Client, hands: Hands, spool: RunDirectory) -> None:
    list_id, other = hands.a_list("First"), hands.a_list("Second")
    out = hands.a_contact("out@example.org", lists=[list_id], optouts=[list_id])
    hands.a_contact("other@example.org", lists=[other], optouts=[other])
    report = People(client).unsubscribed_since("newsletter", ListId(list_id), EVER, spool)
    (row,) = rows_of(spool, "list_optouts.main")
    assert (row["address_book"], row["contact_id"], row["reason"]) == ("newsletter", out, "unsubscribed")
    assert report.rows == 1
    assert hands.requests() == {"GET /v2/address-books/{id}/contacts/unsubscribed-since/{date}": 2}


def test_a_suppression_without_a_contact_is_passed_over_and_said(
    client: Client, hands: Hands, spool: RunDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    page = [
        {"suppressedContact": None, "dateRemoved": "2026-02-03T10:11:12Z", "reason": "Unsubscribed"},
        {"suppressedContact": {"id": 7, "email": "out@example.org"}, "reason": "Unsubscribed"},
    ]
    hands.fault("status", "/v2/contacts/suppressed-since", status=200, body=page)
    report = People(client).suppressed_since(EVER, spool)
    assert (report.rows, report.complete) == (1, True)
    assert [row["contact_id"] for row in rows_of(spool, "suppressed.main")] == [7]
    assert caplog.messages == ["dotdigital.accounts.main: suppressions that name no contact were passed over: 1"]


@pytest.fixture
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppressions, "PAGE_SIZE", 10)


@pytest.mark.usefixtures("_small_pages")
@pytest.mark.parametrize(("people", "calls"), [(0, 1), (9, 2), (10, 2), (25, 4)])
def test_pages_are_read_until_an_empty_one(
    client: Client, hands: Hands, spool: RunDirectory, people: int, calls: int
) -> None:
    ids = hands.people(people, status="unsubscribed")
    assert People(client).suppressed_since(EVER, spool).rows == people
    assert {row["contact_id"] for row in rows_of(spool, "suppressed.main")} == set(ids)
    assert hands.requests() == {"GET /v2/contacts/suppressed-since/{date}": calls}


def test_pages_that_the_server_cuts_short_lose_nobody(client: Client, hands: Hands, spool: RunDirectory) -> None:
    hands.http.put("/__sandbox__/settings", json={"dotdigital.v2_page_size": 2})
    ids = hands.people(5, status="unsubscribed")
    People(client).suppressed_since(EVER, spool)
    assert {row["contact_id"] for row in rows_of(spool, "suppressed.main")} == set(ids)
