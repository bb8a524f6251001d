"""One live thing under two keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.config.checks_live import check
from sfdd_declare.model.errors import ErrorList, Position
from sfdd_declare.model.ids import ListId, SalesforceId
from sfdd_declare.model.live import DotdigitalLive, LiveCampaign, LiveList, SalesforceLive
from sfdd_declare.model.state import Resource

from .builders import BASE, TWO_ACCOUNTS, loaded, marked, place, the_error

SPRING = "701000000000001AAA"
FAIR = LiveList(ListId(904), "Autumn fair", "Private", 12)
OTHER = LiveList(ListId(905), "Other", "Private", 1)


def org(*names: str) -> SalesforceLive:
    found = [
        LiveCampaign(SalesforceId(f"70100000000000{n}AAA"), name, {}, (), 0) for n, name in enumerate(names, start=1)
    ]
    return SalesforceLive("00D", "005", "me", {}, tuple(found), (), may_deploy=True, calls_left=None)


def account(key: str, id: str, *lists: LiveList) -> DotdigitalLive:
    return DotdigitalLive(key, id, "https://r1", lists, (), calls_left=None)


OFFLINE = {
    "book: existing and import": (
        "address_books: {a: {existing: {id: 904}}, b: {name: B}}\nimport: [{to: address_book.b, id: «904}]\n",
        "SFDD-E1209",
    ),
    "book: two imports": (
        "address_books: {a: {name: A}, b: {name: B}}\n"
        "import:\n- {to: address_book.a, id: 904}\n- {to: address_book.b, id: «904}\n",
        "SFDD-E1209",
    ),
    "campaign: existing and import": (
        "campaigns: {a: {existing: {id: 701000000000001}}, b: {name: B}}\n"
        f"import: [{{to: campaign.b, id: «{SPRING}}}]\n",
        "SFDD-E1211",
    ),
}


@pytest.mark.parametrize(("text", "id"), OFFLINE.values(), ids=OFFLINE)
def test_ids_that_are_written_are_compared_offline(tmp_path: Path, text: str, id: str) -> None:
    plain, where = marked(BASE + text)
    error = the_error(tmp_path, plain)
    assert (error.id, place(error)) == (id, where)
    assert error.detail.startswith("first at ")


def test_an_imported_thing_may_be_called_as_another_one_is(tmp_path: Path) -> None:
    text = "address_books: {a: {existing: {id: 904}}, b: {name: B}}\nimport: [{to: address_book.b, id: 905}]\n"
    assert len(loaded(tmp_path, BASE + text).address_books) == 2


LIVE = {
    "name and id": "fair: {name: autumn fair}, «again: {existing: {id: 904}, removals: mirror}",
    "existing name and id": "fair: {existing: {name: Autumn fair}}, «again: {existing: {id: 904}}",
}


@pytest.mark.parametrize("books", LIVE.values(), ids=LIVE)
def test_a_book_under_two_keys_is_an_error_with_both_places(tmp_path: Path, books: str) -> None:
    plain, where = marked(BASE + f"address_books: {{{books}}}\n")
    with pytest.raises(ErrorList) as caught:
        check(loaded(tmp_path, plain), org(), {"main": account("main", "77", OTHER, FAIR)})
    (error,) = caught.value.errors
    assert (error.id, place(error)) == ("SFDD-E1318", where)
    assert "`address_book.fair` and `address_book.again` are one address book" in error.summary
    assert f"first at {tmp_path}/sfdd.yaml:3:17" in error.detail


def test_an_import_stands_at_its_own_place(tmp_path: Path) -> None:
    plain, where = marked(
        BASE + "address_books: {fair: {existing: {name: Autumn fair}}, again: {name: Again}}\n"
        "import: [«{to: address_book.again, id: 904}]\n"
    )
    with pytest.raises(ErrorList) as caught:
        check(loaded(tmp_path, plain), org(), {"main": account("main", "77", FAIR)})
    assert [(error.id, place(error)) for error in caught.value.errors] == [("SFDD-E1318", where)]


def test_a_book_renamed_by_hand_is_known_by_the_state(tmp_path: Path) -> None:
    text = BASE + "address_books: {fair: {name: Spring fair}, again: {existing: {id: 904}}}\n"
    resources = {"address_book.fair": Resource("address_book.fair", "a0A000000000001", "904")}
    live = {"main": account("main", "77", FAIR)}
    check(loaded(tmp_path, text), org(), live)
    with pytest.raises(ErrorList) as caught:
        check(loaded(tmp_path, text), org(), live, resources)
    assert caught.value.id == "SFDD-E1318"


def test_a_campaign_under_two_keys_is_an_error(tmp_path: Path) -> None:
    plain, where = marked(BASE + "campaigns: {a: {name: Spring}, «b: {existing: {id: 701000000000001}}}\n")
    with pytest.raises(ErrorList) as caught:
        check(loaded(tmp_path, plain), org("spring"), {})
    assert [(error.id, place(error)) for error in caught.value.errors] == [("SFDD-E1318", where)]


def test_the_same_id_in_two_accounts_is_two_books(tmp_path: Path) -> None:
    text = TWO_ACCOUNTS + "address_books: {a: {account: main, name: X}, b: {account: events, existing: {id: 904}}}\n"
    mine = account("main", "77", LiveList(ListId(904), "X", "Private", 0))
    check(loaded(tmp_path, text), org(), {"main": mine, "events": account("events", "88", FAIR)})


def test_two_keys_of_one_account_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ErrorList) as caught:
        check(loaded(tmp_path, TWO_ACCOUNTS), org(), {"main": account("main", "77"), "events": account("events", "77")})
    (error,) = caught.value.errors
    assert error.id == "SFDD-E1319"
    assert "`main` and `events` are one Dotdigital account" in error.summary
    assert isinstance(error.where, Position)
    assert "first at" in error.detail
