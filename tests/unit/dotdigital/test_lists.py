"""Address books made, changed and deleted, and people taken off them."""

from __future__ import annotations

import pytest

from sfdd_declare.dotdigital import lists
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.lists import AddressBookWriter, RemovalWriter
from sfdd_declare.dotdigital.setup import address_books
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.live import LiveList
from sfdd_declare.model.operation import Action, Operation, Task
from sfdd_declare.model.ports import ItemResult, RemovalRow, Results
from sfdd_declare.sandbox.world import World

from .builders import Hands, Told, a_batch, an_operation, removal_rows


def carry_out(client: Client, operation: Operation) -> ItemResult:
    told = Told()
    results = AddressBookWriter(client).send(a_batch(operation), told.jobs.append, told.done.append)
    assert told.done == [1]
    return results.items[0]


def a_change(action: Action, *, prior_id: object = "", **fields: str) -> Operation:
    return an_operation(Task.ADDRESS_BOOK, action=action, prior_id=str(prior_id), **fields)


def live(client: Client, name: str) -> LiveList | None:
    return next((book for book in address_books(client)[0] if book.name == name), None)


def test_a_book_is_created(client: Client) -> None:
    result = carry_out(client, a_change(Action.CREATE, name="Spring gala", visibility="Public"))
    book = live(client, "Spring gala")
    assert book is not None
    assert (result.ok, result.live_id, book.visibility) == (True, str(book.id), "Public")


def test_a_name_in_use_is_a_clear_failure(client: Client, hands: Hands) -> None:
    hands.a_list("Spring gala")
    result = carry_out(client, a_change(Action.CREATE, name="SPRING GALA"))
    assert (result.ok, result.code) == (False, "SFDD-E2206")
    assert "in use" in result.message
    assert result.hint


@pytest.mark.parametrize(("kind", "posts"), [("reset_before", 1), ("reset_after", 1)])
def test_a_create_whose_reply_was_lost_is_looked_for_before_it_is_repeated(
    client: Client, hands: Hands, kind: str, posts: int
) -> None:
    hands.fault(kind, "/v2/address-books$", method="POST")
    result = carry_out(client, a_change(Action.CREATE, name="Spring gala"))
    book = live(client, "Spring gala")
    assert book is not None
    assert (result.ok, result.live_id) == (True, str(book.id))
    assert sum(entry["field"] == "created" for entry in hands.history(kind="address_book")) == posts


def test_renaming_keeps_the_visibility(client: Client, hands: Hands) -> None:
    list_id = hands.a_list("Old", visibility="Public")
    result = carry_out(client, a_change(Action.UPDATE, prior_id=list_id, name="New"))
    book = live(client, "New")
    assert book is not None
    assert (result.ok, result.live_id, book.id, book.visibility) == (True, str(list_id), list_id, "Public")


def test_changing_the_visibility_keeps_the_name(client: Client, hands: Hands) -> None:
    list_id = hands.a_list("Old", visibility="Public")
    carry_out(client, a_change(Action.UPDATE, prior_id=list_id, visibility="Private"))
    book = live(client, "Old")
    assert book is not None
    assert book.visibility == "Private"


def test_changing_everything_reads_nothing_first(client: Client, hands: Hands) -> None:
    list_id = hands.a_list("Old")
    carry_out(client, a_change(Action.UPDATE, prior_id=list_id, name="New", visibility="Public"))
    assert hands.requests() == {"PUT /v2/address-books/{id}": 1}


def test_a_book_is_deleted_and_its_people_stay(client: Client, hands: Hands) -> None:
    list_id = hands.a_list("Old")
    hands.a_contact(lists=[list_id])
    assert carry_out(client, a_change(Action.DELETE, prior_id=list_id)).ok
    assert live(client, "Old") is None
    assert hands.status() == "subscribed"


def test_a_book_that_is_gone_counts_as_deleted(client: Client) -> None:
    result = carry_out(client, a_change(Action.DELETE, prior_id=999_999))
    assert (result.ok, result.already) == (True, True)


def test_a_book_of_the_system_cannot_be_deleted(client: Client) -> None:
    test = live(client, "Test")
    assert test is not None
    result = carry_out(client, a_change(Action.DELETE, prior_id=test.id))
    assert (result.ok, result.code) == (False, "SFDD-E2217")


def test_one_failure_does_not_keep_the_next_from_its_turn(client: Client, hands: Hands) -> None:
    hands.a_list("Taken")
    operations = (a_change(Action.CREATE, name="Taken"), a_change(Action.CREATE, name="Free"))
    batch = a_batch(operations[0])
    batch = type(batch)(operations, batch.number, batch.rows, batch.ids)
    results = AddressBookWriter(client).send(batch, lambda job: None, lambda done: None)
    assert [item.ok for item in results.items] == [False, True]


def test_an_action_that_books_do_not_have_is_our_mistake(client: Client) -> None:
    with pytest.raises(BugError):
        carry_out(client, a_change(Action.REPLACE, name="Any"))


def remove(client: Client, rows: tuple[RemovalRow, ...], told: Told, **books: int) -> Results:
    batch = a_batch(an_operation(Task.REMOVE_FROM_LIST), *rows, lists=books)
    return RemovalWriter(client).send(batch, told.jobs.append, told.done.append)


def test_people_are_taken_off_and_stay_in_the_account(client: Client, hands: Hands) -> None:
    list_id, other = hands.a_list("First"), hands.a_list("Second")
    ada = hands.a_contact(lists=[list_id, other])
    told = Told()
    results = remove(client, removal_rows([ada]), told, newsletter=list_id)
    assert [(result.ok, result.contact_id) for result in results.people] == [(True, ada)]
    assert set(hands.lists_of()) == {other}
    assert told.jobs[0].startswith("deletion:")
    assert told.done == [1]


def test_WIRE_2_removals_go_in_chunks_each_ended_before_the_next(
    client: Client, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "REMOVAL_CHUNK", 10)
    list_id = hands.a_list()
    told = Told()
    ids = hands.people(25, lists=[list_id])
    assert all(result.ok for result in remove(client, removal_rows(ids), told, newsletter=list_id).people)
    assert hands.requests()["POST /v2/address-books/{id}/contacts/delete"] == 3
    assert (len(told.jobs), told.done) == (3, [10, 20, 25])


def test_rows_of_two_books_leave_their_own(client: Client, hands: Hands) -> None:
    first, second = hands.a_list("First"), hands.a_list("Second")
    ada = hands.a_contact("ada@example.org", lists=[first, second])
    bo = hands.a_contact("bo@example.org", lists=[first, second])
    rows = (*removal_rows([ada], "first"), *removal_rows([bo], "second"))
    remove(client, rows, Told(), first=first, second=second)
    assert (set(hands.lists_of("ada@example.org")), set(hands.lists_of("bo@example.org"))) == ({second}, {first})


def test_a_removal_done_at_once_is_accepted(client: Client, hands: Hands) -> None:
    hands.fault("status", "/contacts/delete$", status=204, body="")
    told = Told()
    (result,) = remove(client, removal_rows([5]), told, newsletter=901).people
    assert (result.ok, told.jobs) == (True, [])


def test_a_removal_that_did_not_complete_moves_nobody(client: Client, hands: Hands) -> None:
    list_id = hands.a_list()
    ada = hands.a_contact(lists=[list_id])
    hands.fault("status", "/v2/contacts/deletion/", status=200, body={"Id": "x", "Status": "Failed"})
    (result,) = remove(client, removal_rows([ada]), Told(), newsletter=list_id).people
    assert (result.ok, result.code) == (False, "failed")


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_removal_whose_reply_was_lost_is_repeated(client: Client, hands: Hands, kind: str, world: World) -> None:
    list_id = hands.a_list()
    ada = hands.a_contact(lists=[list_id])
    hands.fault(kind, "/contacts/delete$")
    (result,) = remove(client, removal_rows([ada]), Told(), newsletter=list_id).people
    assert result.ok
    assert hands.lists_of() == {}
