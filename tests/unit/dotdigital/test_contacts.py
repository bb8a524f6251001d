"""Reading people: pages to columns, one pass or several, look-ups, and exactly as many calls as needed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sfdd_declare.dotdigital import contacts
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.contacts import People
from sfdd_declare.model.ids import ListId
from sfdd_declare.model.mapping import DataFieldType, Form, FormKind, RecordType
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.sandbox.dotdigital.contacts import insert_many
from sfdd_declare.sandbox.world import World
from sfdd_declare.wire.pacing import LostReply

from .builders import Hands, a_mapped_field, a_set, rows_of

NAMES = (a_set(a_mapped_field("FIRSTNAME")),)


def test_a_book_is_read_with_exactly_the_mapped_fields(client: Client, hands: Hands, spool: RunDirectory) -> None:
    list_id = hands.a_list()
    hands.a_field("TIER")
    contact_id = hands.a_contact(lists=[list_id], dataFields={"FIRSTNAME": "Ada ", "TIER": "gold"})
    hands.a_contact("elsewhere@example.org")
    report = People(client).books((("newsletter", ListId(list_id), 1),), None, NAMES, spool)
    assert (report.rows, report.complete, report.whole_account) == (1, True, False)
    assert rows_of(spool, "contacts.main") == [
        {
            "contact_id": contact_id,
            "email": "ada@example.org",
            "email_key": "ada@example.org",
            "status": "subscribed",
            "channel": "subscribed",
            "looked_up": False,
            "c0": "Ada",
            "r0": "Ada ",
        }
    ]
    assert rows_of(spool, "listed.main") == [
        {"address_book": "newsletter", "contact_id": contact_id, "status": "subscribed"}
    ]


def test_the_stamp_is_the_vendors_clock(client: Client, hands: Hands, spool: RunDirectory, world: World) -> None:
    list_id = hands.a_list()
    hands.http.put("/__sandbox__/clock", json={"at": "2026-03-01T10:11:12Z", "frozen": True})
    report = People(client).books((("newsletter", ListId(list_id), 0),), None, NAMES, spool)
    assert report.stamp == "2026-03-01T10:11:12Z"


def test_every_type_reaches_its_comparison_form(client: Client, hands: Hands, spool: RunDirectory) -> None:
    for name, kind in (("SCORE", "Numeric"), ("BORN", "Date"), ("VIP", "Boolean")):
        hands.a_field(name, kind)
    list_id = hands.a_list()
    values = {"SCORE": Decimal("12.50"), "BORN": "1815-12-10T00:00:00.000Z", "VIP": False}
    hands.a_contact("a@example.org", lists=[list_id], dataFields=values)
    hands.a_contact("b@example.org", lists=[list_id])
    sets = (
        a_set(
            a_mapped_field("SCORE", DataFieldType.NUMERIC, index=0, form=Form(FormKind.DECIMAL, 2)),
            a_mapped_field("BORN", DataFieldType.DATE, index=1, form=Form(FormKind.DATE)),
            a_mapped_field("VIP", DataFieldType.BOOLEAN, index=2, form=Form(FormKind.BOOL)),
        ),
    )
    People(client).books((("newsletter", ListId(list_id), 2),), None, sets, spool)
    filled, blank = rows_of(spool, "contacts.main")
    assert [filled[name] for name in ("c0", "c1", "c2")] == ["12.5", "1815-12-10", "false"]
    assert Decimal(filled["r0"]) == Decimal("12.5")
    assert [filled["r1"], filled["r2"]] == ["1815-12-10T00:00:00Z", "false"]
    assert {blank[name] for name in ("c0", "c1", "c2", "r0", "r1", "r2")} == {None}


@pytest.mark.parametrize("case", ["changed", "kept"])
def test_the_case_of_a_field_may_change_on_its_way(
    client: Client, hands: Hands, spool: RunDirectory, world: World, case: str
) -> None:
    world.set_switch("field_name_case", case)
    hands.a_field("JobTitle")
    list_id = hands.a_list()
    hands.a_contact(lists=[list_id], dataFields={"JobTitle": "Countess"})
    sets = (a_set(a_mapped_field("JobTitle")),)
    People(client).books((("newsletter", ListId(list_id), 1),), None, sets, spool)
    People(client).look_up(["ada@example.org"], [], sets, spool)
    assert [row["r0"] for row in rows_of(spool, "contacts.main")] == ["Countess", "Countess"]


def test_one_data_field_mapped_by_two_record_types_is_asked_for_once(
    client: Client, hands: Hands, spool: RunDirectory
) -> None:
    list_id = hands.a_list()
    hands.a_contact(lists=[list_id], dataFields={"FIRSTNAME": "Ada"})
    sets = (*NAMES, a_set(a_mapped_field("FIRSTNAME"), record_type=RecordType.LEAD))
    People(client).books((("newsletter", ListId(list_id), 1),), None, sets, spool)
    (row,) = rows_of(spool, "contacts.main")
    assert row["r0"] == "Ada"
    assert "c1" not in row


def test_without_mapped_fields_people_are_still_read(client: Client, hands: Hands, spool: RunDirectory) -> None:
    list_id = hands.a_list()
    hands.a_contact(lists=[list_id])
    assert People(client).books((("newsletter", ListId(list_id), 1),), None, (), spool).rows == 1


@pytest.mark.parametrize(("last_page_next", "calls"), [("absent", 2), ("present", 3)])
def test_ten_thousand_contacts_are_two_pages_and_an_empty_one_is_tolerated(
    client: Client, hands: Hands, spool: RunDirectory, last_page_next: str, calls: int
) -> None:
    hands.world.set_switch("last_page_next", last_page_next)
    list_id = hands.a_list()
    hands.people(10_000, lists=[list_id])
    report = People(client).books((("newsletter", ListId(list_id), 10_000),), 10_000, NAMES, spool)
    assert (report.rows, report.complete) == (10_000, True)
    assert hands.requests() == {"GET /contacts/v3": calls}
    assert len({row["contact_id"] for row in rows_of(spool, "contacts.main")}) == 10_000


def test_shrunk_pages_are_followed_to_the_end(client: Client, hands: Hands, spool: RunDirectory, world: World) -> None:
    world.set_setting("dotdigital.page_size", 7)
    list_id = hands.a_list()
    hands.people(30, lists=[list_id])
    report = People(client).books((("newsletter", ListId(list_id), 30),), None, NAMES, spool)
    assert (report.rows, report.complete) == (30, True)
    assert hands.requests() == {"GET /contacts/v3": 5}


def test_an_empty_book_costs_one_call(client: Client, hands: Hands, spool: RunDirectory) -> None:
    list_id = hands.a_list()
    report = People(client).books((("newsletter", ListId(list_id), 0),), None, NAMES, spool)
    assert (report.rows, report.complete) == (0, True)
    assert hands.requests() == {"GET /contacts/v3": 1}


def test_no_books_cost_nothing(client: Client, hands: Hands, spool: RunDirectory) -> None:
    assert People(client).books((), None, NAMES, spool).rows == 0
    assert hands.requests() == {}


def test_several_books_are_read_in_one_pass_over_the_account_when_that_is_fewer_calls(
    client: Client, hands: Hands, spool: RunDirectory
) -> None:
    first, second, other = hands.a_list("First"), hands.a_list("Second"), hands.a_list("Not linked")
    ada = hands.a_contact("ada@example.org", lists=[first, second])
    bo = hands.a_contact("bo@example.org", lists=[other])
    lists = (("first", ListId(first), 1), ("second", ListId(second), 1))
    report = People(client).books(lists, 2, NAMES, spool)
    assert (report.rows, report.whole_account) == (2, True)
    assert hands.requests() == {"GET /contacts/v3": 1}
    looked_up = {row["contact_id"]: row["looked_up"] for row in rows_of(spool, "contacts.main")}
    assert looked_up == {ada: False, bo: True}
    listed = {(row["address_book"], row["contact_id"]) for row in rows_of(spool, "listed.main")}
    assert listed == {("first", ada), ("second", ada)}


def test_books_are_read_one_by_one_when_the_account_is_larger(
    client: Client, hands: Hands, spool: RunDirectory
) -> None:
    first, second = hands.a_list("First"), hands.a_list("Second")
    ada = hands.a_contact("ada@example.org", lists=[first, second])
    lists = (("first", ListId(first), 1), ("second", ListId(second), 1))
    report = People(client).books(lists, 50_000, NAMES, spool)
    assert report.whole_account is False
    assert hands.requests() == {"GET /contacts/v3": 2}
    listed = [(row["address_book"], row["contact_id"]) for row in rows_of(spool, "listed.main")]
    assert listed == [("first", ada), ("second", ada)]


def test_statuses_are_folded_and_kept(client: Client, hands: Hands, spool: RunDirectory, world: World) -> None:
    world.set_switch("listid_returns_suppressed", "yes")
    list_id = hands.a_list()
    hands.a_contact("soft@example.org", lists=[list_id], status="softBounced")
    hands.a_contact("out@example.org", lists=[list_id], optouts=[list_id])
    People(client).books((("newsletter", ListId(list_id), 2),), None, NAMES, spool)
    assert rows_of(spool, "contacts.main")[0]["channel"] == "softbounced"
    assert [row["status"] for row in rows_of(spool, "listed.main")] == ["subscribed", "suppressed"]


def test_a_marker_that_comes_twice_ends_the_read_as_incomplete(
    client: Client, hands: Hands, spool: RunDirectory
) -> None:
    page = {"_items": [], "_links": {"next": {"marker": "TVRJd01RPT0=", "link": ""}}}
    hands.fault("status", "/contacts/v3", status=200, body=page, times=0)
    report = People(client).books((("newsletter", ListId(1), 1),), None, NAMES, spool)
    assert report.complete is False
    assert client.calls == 3  # account-info and two pages


def test_people_are_looked_up_by_address_and_id_in_one_call(client: Client, hands: Hands, spool: RunDirectory) -> None:
    ada = hands.a_contact("Ada@example.org", status="hardBounced", dataFields={"FIRSTNAME": "Ada"})
    bo = hands.a_contact("bo@example.org")
    hands.a_contact("not-asked-for@example.org")
    report = People(client).look_up(["ada@EXAMPLE.org", "nobody@example.org"], [bo, 999_999], NAMES, spool)
    assert report.rows == 2
    assert hands.requests() == {"GET /v2/contacts/retrieve-collection": 1}
    rows = {row["contact_id"]: row for row in rows_of(spool, "contacts.main")}
    assert set(rows) == {ada, bo}
    assert rows[ada]["email_key"] == "ada@example.org"
    assert (rows[ada]["status"], rows[ada]["channel"], rows[ada]["r0"]) == ("hardbounced", "hardbounced", "Ada")
    assert {row["looked_up"] for row in rows.values()} == {True}


RETRIEVE = "/v2/contacts/retrieve-collection"


def test_a_look_up_whose_contacts_are_null_found_nobody(client: Client, hands: Hands, spool: RunDirectory) -> None:
    body = {"contacts": None, "notFound": [{"id": 0, "email": "no@example.com"}]}
    hands.fault("status", RETRIEVE, status=200, body=body)
    assert People(client).look_up(["no@example.com"], [], NAMES, spool).rows == 0
    assert rows_of(spool, "contacts.main") == []


@pytest.mark.parametrize("body", [{"message": "hello"}, {}, {"notFound": []}, []])
def test_a_look_up_that_does_not_speak_of_contacts_is_unreadable(
    client: Client, hands: Hands, spool: RunDirectory, body: object
) -> None:
    hands.fault("status", RETRIEVE, status=200, body=body)
    with pytest.raises(LostReply) as caught:
        People(client).look_up(["ada@example.org"], [], NAMES, spool)
    assert (caught.value.id, caught.value.hint) == ("SFDD-E2214", "sfdd plan")


def test_long_look_ups_go_in_chunks(
    client: Client, hands: Hands, spool: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "LOOK_UP_SIZE", 10)
    ids = hands.people(25)
    assert People(client).look_up([], ids, NAMES, spool).rows == 25
    assert hands.requests() == {"GET /v2/contacts/retrieve-collection": 3}


def test_a_look_up_is_one_pass_over_a_small_account_when_that_is_fewer_calls(
    client: Client, hands: Hands, spool: RunDirectory, world: World
) -> None:
    rows = [{"email": f"person{number}@example.org"} for number in range(1500)]
    ids = insert_many(world, rows)
    emails = [str(row["email"]).upper() for row in rows[:1200]]
    report = People(client).look_up(emails, ids[1200:1300], NAMES, spool, 1500)
    assert report.rows == 1300
    assert hands.requests() == {"GET /contacts/v3": 1}
    found = rows_of(spool, "contacts.main")
    assert {row["contact_id"] for row in found} == set(ids[:1300])
    assert all(row["looked_up"] for row in found)


def test_a_look_up_of_nobody_costs_nothing(client: Client, hands: Hands, spool: RunDirectory) -> None:
    assert People(client).look_up([], [], NAMES, spool, 10).rows == 0
    assert hands.requests() == {}
