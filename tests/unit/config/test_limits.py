"""The table of limits: each stricter, looser, equal and missing; what judges is never looser than either side."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from sfdd_declare.config import limits
from sfdd_declare.model.address import Address
from sfdd_declare.model.declared import (
    Account,
    Consent,
    DoubleOptIn,
    Guards,
    Lifecycle,
    Limit,
    OnDestroy,
    Salesforce,
)
from sfdd_declare.model.figures import Figures
from sfdd_declare.plan.guards import exceeds

GUARDS = Guards()
RULES = Lifecycle()
ACCOUNT = Account("main", "u", SecretStr("p"), "auto", True, None, Consent())
SALESFORCE = Salesforce(None, "https://login.salesforce.com", "66.0", None, True)
BOOK, CAMPAIGN = Address.parse("address_book.vip"), Address.parse("campaign.spring")


def percent(value: float) -> Limit:
    return Limit(percent=value)


def count(value: int) -> Limit:
    return Limit(count=value)


SHARES = [
    (percent(5), percent(50), percent(5), True),
    (percent(50), percent(5), percent(5), False),
    (percent(10), percent(10), percent(10), False),
    (count(5), count(50), count(5), True),
    (count(50), count(5), count(5), False),
    (percent(5), count(50), Limit(5, 50), True),  # neither is stricter for any number of people
    (count(50), percent(5), Limit(5, 50), True),
    (percent(0), percent(10), percent(0), True),
    (count(0), percent(10), count(0), True),
    (percent(10), count(0), count(0), False),
    (percent(0), count(0), count(0), False),  # nothing at all, in other words
    (percent(100), count(9), Limit(100, 9), True),
]
DOUBLE = [
    (None, None, None, False),
    (None, DoubleOptIn.ENFORCED, None, True),
    (None, DoubleOptIn.NOT_ENFORCED, None, True),
    (DoubleOptIn.ENFORCED, DoubleOptIn.NOT_ENFORCED, DoubleOptIn.ENFORCED, True),
    (DoubleOptIn.NOT_ENFORCED, DoubleOptIn.ENFORCED, DoubleOptIn.ENFORCED, False),
    (DoubleOptIn.NOT_ENFORCED, None, None, False),
]
OF_SHARES = ("max_overwrites", "max_removals", "plan_tolerance")
CASES = [
    *((limits.GUARDS, GUARDS, name, *case) for name in OF_SHARES for case in SHARES),
    (limits.GUARDS, GUARDS, "max_new_records", 500, 501, 500, True),
    (limits.GUARDS, GUARDS, "max_new_records", 500, 0, 0, False),
    (limits.GUARDS, GUARDS, "max_new_records", 7, 7, 7, False),
    (limits.GUARDS, GUARDS, "protect", (BOOK,), (), (BOOK,), True),
    (limits.GUARDS, GUARDS, "protect", (), (BOOK,), (BOOK,), False),
    (limits.GUARDS, GUARDS, "protect", (BOOK, CAMPAIGN), (CAMPAIGN, BOOK), (CAMPAIGN, BOOK), False),
    (limits.GUARDS, GUARDS, "protect", (BOOK,), (CAMPAIGN,), (CAMPAIGN, BOOK), True),
    (limits.LIFECYCLE, RULES, "prevent_destroy", True, False, True, True),
    (limits.LIFECYCLE, RULES, "prevent_destroy", False, True, True, False),
    (limits.LIFECYCLE, RULES, "prevent_destroy", True, True, True, False),
    (limits.LIFECYCLE, RULES, "ignore_changes", (), ("name",), (), True),
    (limits.LIFECYCLE, RULES, "ignore_changes", ("name",), (), (), False),
    (limits.LIFECYCLE, RULES, "ignore_changes", ("a", "b"), ("b", "c"), ("b",), True),
    (limits.LIFECYCLE, RULES, "ignore_changes", ("a", "b"), ("b", "a"), ("b", "a"), False),
    (limits.LIFECYCLE, RULES, "on_destroy", OnDestroy.FORGET, OnDestroy.DELETE, OnDestroy.FORGET, True),
    (limits.LIFECYCLE, RULES, "on_destroy", OnDestroy.DELETE, OnDestroy.FORGET, OnDestroy.FORGET, False),
    *((limits.ACCOUNT, ACCOUNT, "double_opt_in", *case) for case in DOUBLE),
    (limits.SALESFORCE, SALESFORCE, "daily_call_budget", 100, None, 100, True),
    (limits.SALESFORCE, SALESFORCE, "daily_call_budget", 100, 200, 100, True),
    (limits.SALESFORCE, SALESFORCE, "daily_call_budget", None, 100, 100, False),
    (limits.SALESFORCE, SALESFORCE, "daily_call_budget", None, None, None, False),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[2]}: {case[3]} / {case[4]}")
def test_the_stricter_limit_judges_and_a_looser_one_is_told(case: tuple[Any, ...]) -> None:
    rows, value, name, base, proposed, judged, is_loosened = case
    found, loosened = limits.judge(rows, replace(value, **{name: base}), replace(value, **{name: proposed}))
    assert getattr(found, name) == judged
    assert bool(loosened) is is_loosened
    if loosened and name != "protect":
        (one,) = loosened
        assert one.key.rpartition(".")[2] == name
        assert one.base != one.proposed != one.judged


def test_words_are_those_of_the_yaml() -> None:
    loose = replace(GUARDS, max_removals=percent(50), protect=())
    _, loosened = limits.judge(limits.GUARDS, replace(GUARDS, max_removals=count(7), protect=(BOOK,)), loose)
    assert [(one.name, one.base, one.proposed, one.judged) for one in loosened] == [
        ("guards.max_removals", "7", "50%", "7 and 50%"),
        ("address_book.vip guards.protect", "true", "false", "true"),
    ]


def test_every_guard_and_every_word_of_a_lifecycle_is_in_the_table() -> None:
    """A limit that somebody adds and forgets here would be loosened unseen."""
    for rows, kind in ((limits.GUARDS, Guards), (limits.LIFECYCLE, Lifecycle)):
        assert {row.key.rpartition(".")[2] for row in rows} == {field.name for field in fields(kind)}  # type: ignore[arg-type, attr-defined]


LIMITS = st.one_of(st.builds(percent, st.floats(0, 100)), st.builds(count, st.integers(0, 1000)))


@given(LIMITS, LIMITS, st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 12))
def test_what_judges_blocks_whatever_either_side_blocks(
    base: Limit, proposed: Limit, some: int, of: int, counted_from: int
) -> None:
    judged = limits.share(base, proposed)
    blocks = [exceeds(some, of, one, counted_from) for one in (base, proposed)]
    assert exceeds(some, of, judged, counted_from) == any(blocks)


@given(LIMITS, LIMITS, st.integers(0, 5000))
def test_what_judges_tolerates_no_more_than_either_side(base: Limit, proposed: Limit, people: int) -> None:
    figures = Figures(add=people, update=people)
    most = [figures.at_most(one).add for one in (base, proposed)]
    assert figures.at_most(limits.share(base, proposed)).add == min(most)


ADDRESSES = st.lists(st.sampled_from([BOOK, CAMPAIGN, Address.parse("data_field.main.X")]), unique=True).map(tuple)
RULE = st.builds(
    Lifecycle,
    prevent_destroy=st.booleans(),
    ignore_changes=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    on_destroy=st.sampled_from(OnDestroy),
)
EVERY_GUARD = st.builds(
    Guards,
    max_overwrites=LIMITS,
    max_removals=LIMITS,
    max_new_records=st.integers(0, 900),
    plan_tolerance=LIMITS,
    protect=ADDRESSES,
)


@given(EVERY_GUARD, EVERY_GUARD, RULE, RULE)
def test_judging_is_idempotent_and_says_nothing_of_a_stricter_proposal(
    base: Guards, proposed: Guards, before: Lifecycle, after: Lifecycle
) -> None:
    judged, _ = limits.judge(limits.GUARDS, base, proposed)
    assert limits.judge(limits.GUARDS, base, judged) == (judged, ())
    assert limits.judge(limits.GUARDS, proposed, judged)[1] == ()
    rules, _ = limits.judge(limits.LIFECYCLE, before, after)
    assert limits.judge(limits.LIFECYCLE, before, rules) == (rules, ())
    assert limits.judge(limits.LIFECYCLE, after, rules)[1] == ()
    assert limits.judge(limits.GUARDS, base, base) == (base, ())
