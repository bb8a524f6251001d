"""What is news."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sfdd_declare.model.notice import Change, Condition, Kind, Notice
from sfdd_declare.notify.changes import notices, of_kinds

from .builders import a_condition

CONDITIONS = st.lists(
    st.builds(
        Condition, st.sampled_from(Kind), st.sampled_from("abc"), st.integers(1, 3), st.sampled_from("xy"), st.just("")
    ),
    unique_by=lambda condition: (condition.kind, condition.subject),
).map(tuple)


def test_each_condition_is_known_by_its_kind_and_its_subject() -> None:
    held, parked = a_condition(Kind.HELD), a_condition(Kind.PARKED)
    more = replace(held, count=4)
    other = a_condition(Kind.HELD, "link.a.b")
    assert notices((held, parked), (more, other)) == (
        Notice(Change.CHANGED, more),
        Notice(Change.BEGAN, other),
        Notice(Change.ENDED, parked),
    )


def test_another_text_is_news_and_another_hint_is_none() -> None:
    held = a_condition()
    said = replace(held, text="Three wait.")
    assert notices((held,), (said,)) == (Notice(Change.CHANGED, said),)
    assert notices((held,), (replace(held, hint="sfdd status"),)) == ()


def test_a_receiver_hears_of_the_kinds_it_asked_for() -> None:
    held, drift = a_condition(Kind.HELD), a_condition(Kind.DRIFT)
    assert of_kinds((held, drift), {Kind.DRIFT}) == (drift,)


@given(CONDITIONS)
def test_what_stays_is_no_news(conditions: tuple[Condition, ...]) -> None:
    assert notices(conditions, conditions) == ()
    assert {notice.change for notice in notices((), conditions)} <= {Change.BEGAN}
    assert {notice.change for notice in notices(conditions, ())} <= {Change.ENDED}
