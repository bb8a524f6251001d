"""The set-up half: address books and data fields, complete or not."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital import setup
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.setup import Setup, address_books, data_fields
from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.sandbox.dotdigital import fields
from sfdd_declare.sandbox.dotdigital.schema import home_account
from sfdd_declare.sandbox.world import World

from .builders import Hands


def test_set_up_takes_two_calls(client: Client, hands: Hands) -> None:
    list_id = hands.a_list("Spring gala", visibility="Public")
    hands.a_contact(lists=[list_id])
    live = Setup(client).setup()
    assert hands.requests() == {"GET /v2/address-books": 1, "GET /v2/data-fields": 1}
    assert (live.account, live.account_id, live.complete) == ("main", str(home_account(hands.world)), True)
    book = next(book for book in live.lists if book.id == list_id)
    assert (book.name, book.visibility, book.contacts) == ("Spring gala", "Public", 1)


def test_lists_are_read_to_the_end(client: Client, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PAGE_SIZE", 10)
    for number in range(10):  # with the system's own one more than a page
        hands.a_list(f"List {number}")
    lists, complete = address_books(client)
    assert (len({book.id for book in lists}), complete) == (11, True)
    assert hands.requests() == {"GET /v2/address-books": 2}


def test_a_listing_that_breaks_off_says_so(client: Client, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PAGE_SIZE", 10)
    for number in range(10):
        hands.a_list(f"List {number}")
    hands.fault("status", "/v2/address-books", status=503, nth=2, times=0)
    lists, complete = address_books(client)
    assert (len(lists), complete) == (10, False)


def test_data_fields_have_type_visibility_and_default(client: Client, world: World) -> None:
    fields.create(world, home_account(world), "seed", name="SCORE", kind="Numeric", visibility="Public", default=5)
    fields.create(world, home_account(world), "seed", name="VIP", kind="Boolean", default=True)
    found = {field.name.upper(): field for field in data_fields(client)}
    assert (found["SCORE"].type, found["SCORE"].visibility, found["SCORE"].default) == (
        DataFieldType.NUMERIC,
        "Public",
        5,
    )
    assert found["VIP"].default is True
    assert found["FIRSTNAME"].default is None
