"""What waits for a receiver: merged while it is away, bounded, tried later and later, and never told twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdd_declare.model.notice import Change, Condition, Kind
from sfdd_declare.notify import kept
from sfdd_declare.notify.changes import by_name, name_of
from sfdd_declare.notify.outbox import (
    MOST,
    Outbox,
    delivered,
    due,
    failed,
    given_up,
    mark,
    with_conditions,
)

from .builders import CANARY, LINK, NOON, a_condition, a_receiver, after, of, told
from .test_changes import CONDITIONS

OPS = a_receiver()
HELD = a_condition()
MORE = replace(HELD, count=5, text="5 people wait.")


def test_what_began_is_due_once() -> None:
    outbox = told(HELD)
    assert of(outbox) == ((Change.BEGAN, LINK, 3),)
    outbox = delivered(outbox)
    assert of(outbox) == ()
    assert of(with_conditions(outbox, (HELD,), OPS, after(1)), after(1)) == ()
    assert of(with_conditions(outbox, (), OPS, after(1)), after(1)) == ((Change.ENDED, LINK, 3),)


def test_nothing_waits_where_nothing_is_news() -> None:
    assert due(told(), NOON) is None


MERGED: dict[str, tuple[tuple[Condition, ...], list[tuple[Condition, ...]], tuple[tuple[Change, str, int], ...]]] = {
    "began and changed": ((), [(HELD,), (MORE,)], ((Change.BEGAN, LINK, 5),)),
    "came and went": ((), [(HELD,), ()], ((Change.ENDED, LINK, 3),)),
    "came, grew and went": ((), [(HELD,), (MORE,), ()], ((Change.ENDED, LINK, 5),)),
    "came, went and came": ((), [(HELD,), (), (MORE,)], ((Change.BEGAN, LINK, 5),)),
    "changed and ended": ((HELD,), [(MORE,), ()], ((Change.ENDED, LINK, 5),)),
    "changed and back": ((HELD,), [(MORE,), (HELD,)], ()),
    "ended and back": ((HELD,), [(), (HELD,)], ()),
    "ended and back as another": ((HELD,), [(), (MORE,)], ((Change.CHANGED, LINK, 5),)),
}


@pytest.mark.parametrize(("known", "moments", "expected"), MERGED.values(), ids=MERGED)
def test_a_newer_notice_overtakes_an_older_one(
    known: tuple[Condition, ...],
    moments: list[tuple[Condition, ...]],
    expected: tuple[tuple[Change, str, int], ...],
) -> None:
    outbox = delivered(told(*known))
    for minute, conditions in enumerate(moments):
        outbox = failed(with_conditions(outbox, conditions, OPS, after(minute)), after(minute))
    assert of(outbox, after(600)) == expected


def test_a_failure_that_came_and_went_is_told_with_its_text() -> None:
    outbox = failed(told(a_condition(Kind.FAILURE, "SFDD-E2002", 1, "Salesforce cannot be reached.")), NOON)
    delivery = due(with_conditions(outbox, (), OPS, after(1)), after(1))
    assert delivery
    assert [notice.condition.text for notice in delivery.notices] == ["Salesforce cannot be reached."]


def test_what_is_sent_again_has_its_id_and_what_holds_more_has_another() -> None:
    outbox = told(HELD)
    first, again = due(outbox, NOON), due(failed(outbox, NOON), after(1))
    more = due(with_conditions(failed(outbox, NOON), (HELD, a_condition(Kind.DRIFT)), OPS, after(1)), after(1))
    assert first
    assert again == first
    assert more
    assert more.id != first.id


def test_the_same_told_twice_is_two_deliveries() -> None:
    outbox = told(HELD)
    first = due(outbox, NOON)
    ended = delivered(with_conditions(delivered(outbox), (), OPS, NOON))
    second = due(with_conditions(ended, (HELD,), OPS, NOON), NOON)
    assert first
    assert second
    assert first.id != second.id


def test_waits_grow_to_an_hour_and_a_success_ends_them() -> None:
    outbox, waits = told(HELD), []
    for _ in range(9):
        outbox = failed(outbox, NOON)
        assert outbox.next_try
        waits.append((outbox.next_try - NOON).total_seconds() / 60)
        assert due(outbox, outbox.next_try)
        assert due(outbox, after(waits[-1] - 0.01)) is None
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    after_it = delivered(outbox)
    assert (after_it.attempts, after_it.next_try) == (0, None)


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 60), (600.0, 600), (1e9, 3600)])
def test_a_receiver_that_says_when_is_asked_then(asked: float, seconds: float) -> None:
    outbox = failed(told(HELD), NOON, retry_after=asked)
    assert outbox.next_try
    assert (outbox.next_try - NOON).total_seconds() == seconds


def test_where_nothing_is_left_to_tell_the_next_news_waits_for_nothing() -> None:
    outbox = with_conditions(failed(delivered(told(HELD)), NOON), (MORE,), OPS, NOON)
    back = with_conditions(failed(outbox, NOON), (HELD,), OPS, after(1))
    assert of(with_conditions(back, (MORE,), OPS, after(1)), after(1)) == ((Change.CHANGED, LINK, 5),)


def test_of_too_many_the_oldest_are_counted_and_not_told_later() -> None:
    conditions = tuple(a_condition(subject=f"link.a.b{number}") for number in range(MOST + 20))
    outbox = told(*conditions[:MOST])
    outbox = with_conditions(outbox, conditions, OPS, after(1))
    delivery = due(outbox, after(1))
    assert delivery
    assert (len(delivery.notices), delivery.lost) == (MOST, 20)
    assert delivery.notices[-1].condition == conditions[-1]
    assert with_conditions(outbox, conditions, OPS, after(2)) == outbox
    assert of(with_conditions(delivered(outbox), conditions, OPS, after(2)), after(2)) == ()


def test_what_is_refused_for_good_is_counted_in_the_next_delivery() -> None:
    outbox = with_conditions(given_up(told(HELD)), (HELD, a_condition(Kind.DRIFT)), OPS, after(1))
    delivery = due(outbox, after(1))
    assert delivery
    assert of(outbox, after(1)) == ((Change.BEGAN, LINK, 3),)
    assert delivery.notices[0].condition.kind is Kind.DRIFT
    assert delivery.lost == 1
    assert delivered(outbox).lost == 0


def test_a_kind_that_is_no_longer_asked_for_is_dropped_without_a_word() -> None:
    outbox = with_conditions(delivered(told(HELD)), (MORE, a_condition(Kind.DRIFT)), OPS, NOON)
    outbox = with_conditions(outbox, (MORE, a_condition(Kind.DRIFT)), a_receiver(Kind.DRIFT), after(1))
    delivery = due(outbox, after(1))
    assert delivery
    assert [notice.condition.kind for notice in delivery.notices] == [Kind.DRIFT]
    assert outbox.told == ()


def test_nothing_personal_is_kept() -> None:
    outbox = told(a_condition(subject=f"link.{CANARY}", text=f"Bearer abc123 of {CANARY} waits. " + "x" * 9000))
    text = kept.to_text(outbox)
    assert "ada.lovelace" not in text
    assert "abc123" not in text
    assert len(text) < 1500
    hostile = a_condition(subject=f"link.{CANARY}", text=f"Bearer abc123 of {CANARY} waits. " + "x" * 9000)
    assert with_conditions(outbox, (hostile,), OPS, after(1)) == outbox


def test_an_outbox_is_kept_under_the_key_of_its_receiver() -> None:
    assert mark("ops") == "notified:ops"


@given(st.lists(st.tuples(CONDITIONS, st.sampled_from(["keep", "fail", "deliver", "restart"])), max_size=12))
def test_a_receiver_knows_in_the_end_what_there_is_and_a_restart_changes_nothing(
    moments: list[tuple[tuple[Condition, ...], str]],
) -> None:
    outbox, known = Outbox("ops"), dict[object, Condition]()
    now: tuple[Condition, ...] = ()

    def tell() -> None:
        delivery = due(outbox, after(10**6))
        for notice in delivery.notices if delivery else ():
            name = name_of(notice.condition)
            assert notice.change is not Change.BEGAN or name not in known
            assert notice.change is not Change.CHANGED or name in known
            known.pop(name, None)
            if notice.change is not Change.ENDED:
                known[name] = notice.condition

    for minute, (now, what) in enumerate(moments):
        outbox = with_conditions(outbox, now, OPS, after(minute))
        if what == "deliver":
            tell()
            outbox = delivered(outbox)
        outbox = failed(outbox, after(minute)) if what == "fail" else outbox
        if what == "restart":
            assert kept.from_text("ops", kept.to_text(outbox)) == outbox
    tell()
    assert known == by_name(now)


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "null", '{"version":2,"outbox":{}}', '{"version":1,"outbox":{"told":7}}']
)
def test_what_cannot_be_read_is_begun_anew(text: str | None) -> None:
    assert kept.from_text("ops", text) == Outbox("ops")


def test_what_a_later_version_kept_is_begun_anew() -> None:
    text = kept.to_text(told(HELD))
    assert kept.from_text("ops", text) != Outbox("ops")
    assert kept.from_text("ops", text.replace('"version":1', '"version":2')) == Outbox("ops")
