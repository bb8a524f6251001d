"""What our client and an account say to each other. The same in all modes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.consent import SuppressWriter
from sfdd_declare.dotdigital.fields import DataFieldWriter
from sfdd_declare.dotdigital.imports import ImportWriter
from sfdd_declare.dotdigital.lists import AddressBookWriter, RemovalWriter
from sfdd_declare.dotdigital.pages import Page
from sfdd_declare.dotdigital.setup import Setup, address_books
from sfdd_declare.model.errors import NotFound
from sfdd_declare.model.operation import Action, Task
from tests.live.ends import Ends
from tests.live.scrub import OURS
from tests.unit.dotdigital.builders import (
    Told,
    a_batch,
    a_field_operation,
    a_suppress_row,
    an_import_row,
    an_operation,
    removal_rows,
)

pytestmark = pytest.mark.live
FIELD = "SFDD_LIVE"
PEOPLE = [f"{OURS}-{n}@example.com" for n in range(3)]


@pytest.fixture
def account(ends: Ends) -> Iterator[Client]:
    client = ends.dotdigital()
    _remove_ours(client)
    yield client
    _remove_ours(client)
    client.close()


def _remove_ours(client: Client) -> None:
    for book in address_books(client)[0]:
        if book.name.startswith(OURS):
            client.send("DELETE", f"/v2/address-books/{book.id}", template="/v2/address-books/{id}")
    for email in PEOPLE:
        try:
            client.send("DELETE", f"/contacts/v3/email/{email}", template="/contacts/v3/email/{value}")
        except NotFound:
            continue


def a_book(client: Client) -> int:
    operation = an_operation(Task.ADDRESS_BOOK, action=Action.CREATE, name=OURS, visibility="Private")
    (result,) = AddressBookWriter(client).send(a_batch(operation), print, print).items
    assert result.ok
    return int(result.live_id)


def imported(client: Client, *rows: object, book: int) -> dict[str, tuple[bool, int]]:
    told = Told()
    operation = an_operation(Task.IMPORT_CONTACTS)
    batch = a_batch(operation, *rows, lists={"newsletter": book})  # type: ignore[arg-type]
    found = ImportWriter(client, Task.IMPORT_CONTACTS).send(batch, told.jobs.append, told.done.append).people
    assert len(told.jobs) == 1
    return {result.person: (result.ok, result.contact_id or 0) for result in found}


def test_dotdigital_region(ends: Ends) -> None:
    client = ends.dotdigital()
    assert client.endpoint.account_id.isdecimal()
    assert client.endpoint.url.startswith("http")
    assert client.calls == 1
    client.close()


def test_dotdigital_address_books(account: Client) -> None:
    book = a_book(account)
    found = {one.id: one for one in address_books(account)[0]}
    assert (found[book].name, found[book].visibility) == (OURS, "Private")
    again = an_operation(Task.ADDRESS_BOOK, action=Action.CREATE, name=OURS, visibility="Private")
    (refused,) = AddressBookWriter(account).send(a_batch(again), print, print).items
    assert not refused.ok


def test_dotdigital_data_fields(account: Client) -> None:
    writer = DataFieldWriter(account)
    make = a_field_operation(FIELD, action=Action.CREATE, type="String", visibility="Private")
    (made,) = writer.send(a_batch(make), print, print).items
    try:
        fields = {field.name.upper(): field for field in Setup(account).setup().data_fields}
        assert (made.ok, fields[FIELD].type.value) == (True, "String")
    finally:
        (gone,) = writer.send(a_batch(a_field_operation(FIELD, action=Action.DELETE)), print, print).items
    assert gone.ok


def test_dotdigital_import_with_failures(account: Client) -> None:
    book = a_book(account)
    rows = [an_import_row(email, books=("newsletter",), FIRSTNAME=OURS) for email in PEOPLE]
    bad = an_import_row(f"{OURS}-no-address", books=("newsletter",))
    found = imported(account, *rows, bad, book=book)
    assert [found[email][0] for email in PEOPLE] == [True] * 3
    assert found[bad.email][0] is False


def test_dotdigital_pages(account: Client) -> None:
    book = a_book(account)
    imported(account, *(an_import_row(email, books=("newsletter",)) for email in PEOPLE), book=book)
    seen: list[str | None] = []
    marker = ""
    while True:
        params: dict[str, str | int | float | bool] = {
            "~listId": book,
            "limit": 2,
            "include": "lists|channelProperties",
        }
        page = account.decoded("GET", "/contacts/v3", Page, params=params | ({"marker": marker} if marker else {}))
        seen += [contact.email for contact in page.items]
        marker = page.next_marker
        if not marker:
            break
    assert sorted(filter(None, seen)) == PEOPLE


def test_dotdigital_suppression_and_removal(account: Client) -> None:
    book = a_book(account)
    found = imported(account, *(an_import_row(email, books=("newsletter",)) for email in PEOPLE), book=book)
    first, second = (found[email][1] for email in PEOPLE[:2])
    suppress = an_operation(Task.SUPPRESS)
    (result,) = SuppressWriter(account).send(a_batch(suppress, a_suppress_row(first, PEOPLE[0])), print, print).people
    assert result.ok
    status = account.send("GET", f"/contacts/v3/contactId/{first}", template="/contacts/v3/contactId/{value}").json()
    assert status["channelProperties"]["email"]["status"].lower() != "subscribed"
    remove = an_operation(Task.REMOVE_FROM_LIST)
    batch = a_batch(remove, *removal_rows([second]), lists={"newsletter": book})
    (gone,) = RemovalWriter(account).send(batch, print, print).people
    assert gone.ok
    left = account.send("GET", f"/contacts/v3/contactId/{second}", template="/contacts/v3/contactId/{value}").json()
    assert book not in [one["id"] for one in left["lists"]]
