"""Random lives: people edit, move, sign up, opt out, merge and go in both systems, somebody rewrites the configuration,
and every now and then it is applied.

Each plan's decisions are the oracle's; an apply leaves nothing to do; and the history shows nothing that must never be.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sfdd_declare.sandbox.switches import SWITCHES
from tests.property.declared import DIRECTIONS, EVENTS, FIELDS, MAIN, Declared
from tests.property.living import Living

WHO = st.integers(0, 35)
WHAT = st.integers(0, 20)
ACCOUNTS = st.sampled_from((MAIN, MAIN, EVENTS))
YES = st.booleans()
NAMES = st.sampled_from(sorted(FIELDS))
NEVER = 1_000
#: How many acts there are between two applies. Hypothesis begins with the simplest life, one act repeated: not applied.
PACES = st.sampled_from((NEVER, *range(30, 21, -1)))
CONFIGURATIONS = st.builds(
    Declared,
    directions=st.lists(st.sampled_from(DIRECTIONS), min_size=4, max_size=4).map(
        lambda to: dict(zip(FIELDS, to, strict=True))
    ),
    conflict=st.sampled_from(("salesforce", "dotdigital")),
    on_blank=st.sampled_from((None, "keep", "propagate")),
    removals=st.sampled_from(("keep", "managed", "mirror")),
    has_new_leads=YES,
    has_events=YES,
    statuses=YES,
)


class Life(Living, RuleBasedStateMachine):
    """`person_steps` counts the people whom the plans of all lives of one kind decided about, and `plans` those."""

    mode: ClassVar[str]
    most_plans: ClassVar[int] = 16  # then it is over, but for those of its last apply
    person_steps: ClassVar[int] = 0
    plans: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.since, self.pace = 0, 20

    @initialize(pace=PACES, declared=CONFIGURATIONS, lucky=st.sets(st.sampled_from(sorted(SWITCHES))))
    def begin(self, pace: int, declared: Declared, lucky: set[str]) -> None:
        world = self.running.world
        world.set_switches(self.mode if self.mode != "mixed" else "cautious")
        for name in lucky if self.mode == "mixed" else ():
            world.set_switch(name, SWITCHES[name].lucky)
        self.pace, self.declared = pace, declared
        for number in range(56):
            self.hands.person("Lead" if number % 4 == 3 else "Contact", number, number)

    # --- people in Salesforce ---------------------------------------------------------------------------------------

    @rule(is_lead=YES, address=WHO, mood=WHAT)
    def a_record_is_made(self, is_lead: bool, address: int, mood: int) -> None:
        self.hands.person("Lead" if is_lead else "Contact", address, mood)

    @rule(who=WHO, name=NAMES, what=WHAT)
    def a_value_is_typed_in_salesforce(self, who: int, name: str, what: int) -> None:
        self.hands.type_here(who, name, what)

    @rule(who=WHO, address=WHO)
    def an_address_changes_in_salesforce(self, who: int, address: int) -> None:
        self.hands.address_here(who, address)

    @rule(one=WHO, other=WHO)
    def two_addresses_are_swapped(self, one: int, other: int) -> None:
        self.hands.swap(one, other)

    @rule(who=WHO, is_out=YES)
    def email_opt_out_is_set(self, who: int, is_out: bool) -> None:
        self.hands.tick(who, is_out=is_out)

    @rule(who=WHO, is_chosen=YES)
    def a_selection_changes(self, who: int, is_chosen: bool) -> None:
        self.hands.choose(who, is_chosen=is_chosen)

    @rule(who=WHO, campaign=st.sampled_from(("Spring", "Autumn")), status=st.sampled_from(("Sent", "Went")))
    def somebody_joins_a_campaign(self, who: int, campaign: str, status: str) -> None:
        self.hands.join(who, campaign, status)

    @rule(which=WHO, status=st.sampled_from(("Sent", "Went", None)))
    def a_member_changes_status_or_leaves(self, which: int, status: str | None) -> None:
        if status is None:
            self.hands.leave_campaign(which)
        else:
            self.hands.restate(which, status)

    @rule(who=WHO)
    def a_record_is_deleted(self, who: int) -> None:
        self.hands.delete_here(who)

    @rule(which=WHO, into=st.none() | WHO)
    def a_lead_is_converted(self, which: int, into: int | None) -> None:
        self.hands.convert(which, into)

    @rule(is_lead=YES, which=WHO, into=WHO)
    def two_records_are_merged(self, is_lead: bool, which: int, into: int) -> None:
        self.hands.merge("Lead" if is_lead else "Contact", which, into)

    # --- people in Dotdigital ---------------------------------------------------------------------------------------

    @rule(account=ACCOUNTS, address=WHAT, is_on_book=YES, is_whole=YES)
    def somebody_signs_up(self, account: int, address: int, is_on_book: bool, is_whole: bool) -> None:
        self.hands.sign_up(account, address, is_on_book=is_on_book, is_whole=is_whole)

    @rule(account=ACCOUNTS, who=WHO, name=NAMES, what=WHAT)
    def a_value_is_typed_in_dotdigital(self, account: int, who: int, name: str, what: int) -> None:
        self.hands.type_there(account, who, name, what)

    @rule(account=ACCOUNTS, who=WHO, address=WHAT)
    def an_address_changes_in_dotdigital(self, account: int, who: int, address: int) -> None:
        self.hands.address_there(account, who, address)

    @rule(account=ACCOUNTS, who=WHO, action=st.sampled_from(("unsubscribe", "unsubscribe", "resubscribe")))
    def somebody_opts_out_or_in(self, account: int, who: int, action: str) -> None:
        self.hands.on_contact(account, who, action)

    @rule(
        account=ACCOUNTS, who=WHO, status=st.sampled_from(("hardBounced", "softBounced", "pendingOptIn", "subscribed"))
    )
    def a_status_changes(self, account: int, who: int, status: str) -> None:
        self.hands.on_contact(account, who, "set_status", status=status)

    @rule(
        account=ACCOUNTS,
        who=WHO,
        action=st.sampled_from(("list_unsubscribe", "remove_from_list", "add_to_list")),
    )
    def a_book_changes(self, account: int, who: int, action: str) -> None:
        self.hands.on_book(account, who, action)

    @rule(account=ACCOUNTS, who=WHO, is_back=YES)
    def a_contact_goes_or_comes_back(self, account: int, who: int, is_back: bool) -> None:
        if is_back:
            self.hands.restore(account, who)
        else:
            self.hands.on_contact(account, who, "delete_contact")

    # --- the configuration ------------------------------------------------------------------------------------------

    @rule(name=NAMES, direction=st.sampled_from((*DIRECTIONS, None)))
    def a_direction_is_turned_or_a_mapping_goes(self, name: str, direction: str | None) -> None:
        directions = {**self.declared.directions, name: direction}
        kept = {name: to for name in FIELDS if (to := directions.get(name)) is not None}
        self.redeclare(directions=kept)

    @rule(
        what=st.sampled_from(
            (
                *(("removals", word) for word in ("keep", "managed", "mirror")),
                *(("left", word) for word in ("keep", "restore")),
                *(("mode", word) for word in ("add", "exact")),
                *((name, word) for name in ("has_events", "has_new_leads", "suppresses") for word in (True, False)),
            )
        )
    )
    def a_rule_changes(self, what: tuple[str, Any]) -> None:
        self.redeclare(**dict([what]))
        if what == ("has_events", True):
            self.redeclare(imports=self.declared.imports | self.hands.managed("address_book.gala"))

    @rule(name=NAMES, is_there=YES, chance=st.integers(0, 2))
    def a_column_is_emptied(self, name: str, is_there: bool, chance: int) -> None:
        if chance == 0 and name != "LastName":
            (self.hands.empty_there if is_there else self.hands.empty_here)(name)

    @rule(chance=st.integers(0, 3))
    def the_selection_matches_nobody(self, chance: int) -> None:
        if chance == 0:
            self.hands.choose_nobody()

    @rule()
    def what_was_refused_is_parked(self) -> None:
        self.stage.sfdd("errors", "park")

    @rule(chance=st.integers(0, 3))
    def the_state_is_begun_anew(self, chance: int) -> None:
        if chance == 0 and (self.stage.folder / ".sfdd" / "state.db").exists():
            ended = self.stage.sfdd("state", "init", "--forget")
            assert ended.code == 0, ended.text
            self.redeclare(imports=self.hands.managed())

    # --- and what has to come of it ---------------------------------------------------------------------------------

    @invariant()
    def time_passes_and_sometimes_it_is_applied(self) -> None:
        self.since += 1
        self.hands.rest(7 * self.since)
        if self.since > self.pace:
            self.synchronise()

    def synchronise(self) -> None:
        """Apply until nothing is left, unless the life is over."""
        self.since = 0
        if self.agreement.plans < self.most_plans:
            super().synchronise()

    def teardown(self) -> None:
        try:
            if self.since and self.pace != NEVER:
                self.synchronise()
        finally:
            type(self).person_steps += self.agreement.people
            type(self).plans += self.agreement.plans
            self.end()


class CautiousLife(Life):
    mode = "cautious"


class LuckyLife(Life):
    mode = "lucky"


class MixedLife(Life):
    mode = "mixed"


USUAL = settings(
    max_examples=30,
    stateful_step_count=230,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
#: Acts and plans of a life that is lived in every run of the suite.
ACTS, SHORT = 130, 8
#: Times that a person is decided about in such a life.
LEAST = 200
LIVES = [CautiousLife, LuckyLife, MixedLife]
RULES = [each.hypothesis_stateful_rule for each in vars(Life).values() if hasattr(each, "hypothesis_stateful_rule")]
BEGIN = Life.begin.hypothesis_stateful_initialize_rule


def live(world: Life, data: st.DataObject) -> None:
    """A life in which every act is as likely as any other: hypothesis' own machine gives each life a few of them."""
    try:
        BEGIN.function(world, **{name: data.draw(of) for name, of in BEGIN.arguments.items()})
        for _ in range(ACTS):
            act = data.draw(st.sampled_from(RULES))
            act.function(world, **{name: data.draw(of) for name, of in act.arguments.items()})
            world.time_passes_and_sometimes_it_is_applied()
    finally:
        world.teardown()


@pytest.mark.parametrize("life", [*LIVES[:2], pytest.param(LIVES[2], marks=pytest.mark.slow)])
def test_INV_1_INV_3_INV_4_INV_5_INV_7_INV_9_INV_11_hold_in_every_life_and_the_engine_decides_as_the_rules_say(
    life: type[Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same lives each time, short ones: with test_troubles.py 2,000 times a person in a run, in 60 plans."""
    monkeypatch.setattr(life, "most_plans", SHORT)
    begun = []

    @seed(LIVES.index(life))
    @settings(USUAL, max_examples=2)
    @given(st.data())
    def lives(data: st.DataObject) -> None:
        begun.append(data.draw(st.integers(0, 2**32)))
        if len(begun) > 1:  # the first is the simplest one, in which the same is done again and again
            live(life(), data)

    lives()
    assert (life.person_steps >= LEAST, life.plans <= 10) == (True, True), (life.person_steps, life.plans)


@pytest.mark.slow
@pytest.mark.parametrize("life", LIVES)
def test_other_lives(life: type[Life]) -> None:
    """Others each time. A life that fails is told step by step."""
    run_state_machine_as_test(life, settings=USUAL)
