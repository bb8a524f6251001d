"""Which live thing a declared one is, when the one in the state is gone, and when a listing cannot be trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import Existing, Import, Lifecycle, OnDestroy
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.mapping import DataFieldType
from sfdd_declare.model.operation import Action
from sfdd_declare.model.state import BookState, Resource
from sfdd_declare.plan.build import setup_plan
from sfdd_declare.plan.identify import identify
from sfdd_declare.plan.scope import memory
from sfdd_declare.plan.world import World

from .builders import a_book, a_campaign, a_data_field, a_live_campaign, a_live_field, a_live_list, desired, world
from .test_setup import BOOK, CAMPAIGN, operations, refusal

IMPORT_BOOK = Import(Address.parse("address_book.spring"), "902")


def test_a_listing_that_may_be_cut_short_decides_nothing() -> None:
    whole = world(resources=(CAMPAIGN, BOOK))
    cut = replace(whole, dotdigital={"main": replace(whole.dotdigital["main"], complete=False)})
    no_campaigns = replace(whole, salesforce=replace(whole.salesforce, complete=False))
    for live in (cut, no_campaigns):
        with pytest.raises(Transient, match="could not be listed to its end"):
            setup_plan(desired(), live, identify(desired(), live), ())


def test_a_namesake_of_what_was_deleted_is_not_taken_over() -> None:
    live = world(lists=(a_live_list(902),), resources=(BOOK,))
    error = refusal(desired(), live)
    assert (error.id, "id: 902" in error.hint) == ("SFDD-E4001", True)
    op = operations(desired(imports=(IMPORT_BOOK,)), live)["address_book.spring"]
    assert (op.action, op.prior_id) == (Action.IMPORT, "902")


def test_an_import_block_left_behind_does_not_stop_what_was_deleted_from_being_created_again() -> None:
    op = operations(desired(imports=(IMPORT_BOOK,)), world(resources=(BOOK,)))["address_book.spring"]
    assert (op.action, op.drift) == (Action.CREATE, True)


def test_a_creation_that_was_interrupted_while_replacing_what_was_deleted_is_adopted() -> None:
    live = world(lists=(a_live_list(902),), resources=(BOOK,), interrupted=frozenset({"address_book.spring"}))
    op = operations(desired(), live)["address_book.spring"]
    assert (op.action, op.prior_id) == (Action.ADOPT, "902")


def test_an_imported_thing_that_differs_is_changed_and_said_to_be_taken_over() -> None:
    want = desired(campaigns=(a_campaign(fields=(("Name", "New name"),)),),
                   imports=(Import(Address.parse("campaign.spring"), "701000000000001"),))  # fmt: skip
    op = operations(want, world(campaigns=(a_live_campaign(),)))["campaign.spring"]
    assert (op.action, op.note) == (Action.UPDATE, "taken under management")


def test_an_import_block_left_behind_makes_nothing_of_a_data_field_in_step() -> None:
    want = desired(data_fields=(a_data_field(),), imports=(Import(Address.parse("data_field.main.TIER"), "TIER"),))
    live = world(
        data_fields=(a_live_field("TIER"),),
        resources=(Resource("data_field.main.TIER", dotdigital_id="TIER", applied={"type": "String"}),),
    )
    assert "data_field.main.TIER" not in operations(want, live)


def test_a_book_that_becomes_existing_can_no_longer_be_deleted_by_us() -> None:
    managed = replace(BOOK, on_destroy=OnDestroy.DELETE, applied={"name": "Spring book", "registry.Name": "spring"})
    want = desired(address_books=(a_book(name=None, existing=Existing(id="901")),))
    live = world(lists=(a_live_list(),), resources=(managed,))
    (book,) = (r for r in setup_plan(want, live, identify(want, live), ()).refreshed if "book" in r.address)
    assert (book.dotdigital_id, book.on_destroy, book.applied) == ("", OnDestroy.FORGET, {"registry.Name": "spring"})
    gone = operations(desired(address_books=(), links=()), replace(live, resources={book.address: book}))
    assert gone["address_book.spring"].action is Action.FORGET
    assert "already gone" not in gone["address_book.spring"].note


def test_an_existing_book_can_be_imported_later() -> None:
    linked = Resource("address_book.spring", applied={"registry.Name": "spring"})
    live = world(lists=(a_live_list(902),), resources=(linked,))
    op = operations(desired(imports=(IMPORT_BOOK,)), live)["address_book.spring"]
    assert (op.action, op.prior_id) == (Action.IMPORT, "902")


def test_prevent_destroy_stands_in_the_way_of_a_replacement_too() -> None:
    kept = a_data_field(type=DataFieldType.NUMERIC, lifecycle=Lifecycle(prevent_destroy=True))
    live = world(
        data_fields=(a_live_field("TIER"),),
        resources=(Resource("data_field.main.TIER", dotdigital_id="TIER", applied={"type": "String"}),),
    )
    assert refusal(desired(data_fields=(kept,)), live).id == "SFDD-E4005"


def test_what_is_gone_already_may_leave_the_configuration_whatever_it_was_declared_with() -> None:
    live = world(resources=(replace(CAMPAIGN, prevent_destroy=True),), registry=())
    op = operations(desired(campaigns=(), links=()), live)["campaign.spring"]
    assert (op.action, op.note) == (Action.FORGET, "already gone")


@pytest.mark.parametrize(("list_id", "relisted"), [(901, frozenset()), (900, frozenset({"spring"}))])
def test_a_book_is_another_one_when_its_list_is(list_id: int, relisted: frozenset[str]) -> None:
    state = BookState("main", "spring", list_id, True, 3, 3, "")
    live: World = world(lists=(a_live_list(),), resources=(BOOK,))
    assert memory(identify(desired(), live), (state,), ()).changes.relisted == relisted
