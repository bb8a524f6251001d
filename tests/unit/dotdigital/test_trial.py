"""Throw-away things of an account: made, looked at, removed by name; and nothing that could mail anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sfdd_declare.dotdigital import setup
from sfdd_declare.dotdigital.client import Client
from sfdd_declare.dotdigital.trial import Trial, row
from sfdd_declare.model.errors import BugError, Conflict, Interrupted, Terminal, Transient

from .builders import Hands, Pauses


@pytest.fixture
def trial(client: Client) -> Trial:
    return Trial(client)


def test_a_contact_is_made_looked_at_and_removed_by_its_address(trial: Trial, hands: Hands) -> None:
    book = trial.make_book("trial")
    made = trial.write(row("ada@example.com", dataFields={"FIRSTNAME": "Ada"}, lists=[book]))
    assert made.is_whole
    assert made.contact_id is not None
    there = trial.contact(made.contact_id)
    assert there is not None
    assert (there.value("FirstName"), there.place(book), there.channel) == ("Ada", "subscribed", "subscribed")
    assert trial.remove_contact("ada@example.com")
    assert not trial.remove_contact("ada@example.com")
    assert (trial.named("ada@example.com"), trial.contact(made.contact_id)) == (None, None)
    assert hands.contact("ada@example.com") is None


def test_a_contact_that_is_told_from_the_recycle_bin_is_not_there(trial: Trial, hands: Hands) -> None:
    hands.world.set_setting("dotdigital.binned_lookup", "binned")
    number = hands.a_contact("ada@example.com")
    trial.remove_contact("ada@example.com")
    assert trial.contact(number) is None


def test_a_row_that_is_refused_says_by_which_code(trial: Trial) -> None:
    refused = trial.write(row("ada@example.com", dataFields={"NOBODYS": "x"}))
    assert (refused.contact_id, refused.refused, refused.is_whole) == (None, "InvalidContact", False)


def test_a_contact_leaves_a_list_and_opts_out_of_one_alone(trial: Trial, hands: Hands) -> None:
    book, other = hands.a_list(), hands.a_list("Other")
    number = hands.a_contact("ada@example.com", lists=[book, other])
    trial.unsubscribe_from(book, "ada@example.com")
    trial.leave(other, number)
    assert hands.lists_of("ada@example.com") == {book: "suppressed"}
    assert hands.status("ada@example.com") == "subscribed"
    trial.suppress(number)
    assert hands.status("ada@example.com") == "suppressed"


def test_members_are_listed_by_pages_of_any_length(trial: Trial, hands: Hands) -> None:
    book = hands.a_list()
    first, second = hands.people(2, lists=[book])
    page = trial.listed(book, limit=1)
    assert (page.place(first, book), page.place(second, book)) == ("subscribed", None)
    assert trial.listed(book, limit=1, marker=page.marker).place(second, book) == "subscribed"


def test_lists_and_fields_are_removed_by_name_and_one_that_is_not_there_is_no_error(trial: Trial) -> None:
    trial.make_book("trial")
    trial.make_date_field("TrialDay")
    assert "TRIALDAY" in {name.upper() for name in trial.field_names()}
    assert (trial.remove_book("Trial"), trial.remove_field("TrialDay")) == (True, True)
    assert (trial.remove_book("Trial"), trial.remove_field("TrialDay")) == (False, False)


def test_a_book_that_a_listing_cut_short_does_not_show_is_not_taken_for_gone(
    trial: Trial, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "PAGE_SIZE", 2)
    for number in range(3):
        hands.a_list(f"list {number}")
    trial.make_book("trial")
    hands.fault("status", "/v2/address-books$", method="GET", nth=2, times=0, status=503)
    with pytest.raises(Transient) as cut:
        trial.remove_book("trial")
    assert cut.value.id == "SFDD-E2219"


def test_a_field_that_is_in_use_is_a_conflict(trial: Trial, hands: Hands) -> None:
    hands.a_field("TRIALDAY", "Date")
    hands.world.set_setting("dotdigital.field_dependencies", {"TRIALDAY": ["a segment"]})
    with pytest.raises(Conflict):
        trial.remove_field("TrialDay")


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed"])
def test_no_row_subscribes_anybody(trial: Trial, hands: Hands, status: str) -> None:
    for channel in ({"status": status}, {"status": "suppressed", "optInType": "verifiedDouble"}):
        with pytest.raises(BugError):
            trial.write(row("ada@example.com", channelProperties={"email": channel}))
    assert "PUT /contacts/v3/import" not in hands.requests()


def test_an_import_that_was_left_running_is_waited_for(trial: Trial, hands: Hands, pauses: Pauses) -> None:
    pauses.then = raising(Interrupted(2))
    with pytest.raises(Interrupted):
        trial.write(row("ada@example.com"))
    pauses.then = lambda: None
    hands.requests()
    assert trial.settle()
    assert any("/contacts/v3/import/" in template for template in hands.requests())
    assert hands.contact("ada@example.com") is not None


def test_an_import_of_which_nothing_is_known_stays_in_doubt_until_another_ended(trial: Trial, hands: Hands) -> None:
    hands.fault("reset_after", "/contacts/v3/import$", method="PUT", times=2)
    with pytest.raises(Transient):
        trial.write(row("ada@example.com"))
    assert not trial.settle()
    trial.write(row("bo@example.com"))
    assert trial.settle()


def test_an_import_that_was_refused_or_never_sent_leaves_no_doubt(trial: Trial, hands: Hands, pauses: Pauses) -> None:
    hands.fault("watchdog", "/contacts/v3/import$", method="PUT")
    with pytest.raises(Terminal):
        trial.write(row("ada@example.com"))
    assert trial.settle()
    hands.fault("status", "/contacts/v3/import$", method="PUT", status=429)
    pauses.then = raising(Interrupted(2))
    with pytest.raises(Interrupted):
        trial.write(row("ada@example.com"))
    pauses.then = lambda: None
    assert trial.settle()


def raising(error: Exception) -> Callable[[], Any]:
    def then() -> None:
        raise error

    return then
