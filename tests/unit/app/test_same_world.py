"""One state, one world (RUN-8)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from sfdd_declare.app.options import Options
from sfdd_declare.app.same_world import Past, same_world
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import DeclareError, ErrorList, StateError, UsageError
from sfdd_declare.model.ids import SalesforceId
from sfdd_declare.model.live import RegistryRow, StateRow
from sfdd_declare.model.outcome import exit_code_of_error
from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.state import Bound, StateHeader
from sfdd_declare.plan.world import World
from sfdd_declare.store.opening import open_state
from tests.unit.plan.builders import a_row as a_registry_row
from tests.unit.plan.builders import an_account, desired
from tests.unit.plan.builders import world as a_world
from tests.unit.store.builders import a_holder

KNOWN = "20260301T120000Z-5-c0ffee00"
OURS, THEIRS = "00D5g00000000AAEAY", "00D5g00000000BBEAY"


def live(org: str = OURS, **accounts: str) -> World:
    """An org and Dotdigital accounts, by their ids."""
    world = a_world()
    side = world.dotdigital["main"]
    sides = {key: replace(side, account=key, account_id=id) for key, id in (accounts or {"main": "77"}).items()}
    salesforce = replace(world.salesforce, org_id=org, states=(a_row(org=org),))
    return replace(world, salesforce=salesforce, dotdigital=sides)


def a_row(lineage: str = "abc", *, org: str = OURS, last: str = KNOWN, name: str = "") -> StateRow:
    return StateRow(SalesforceId("a01"), lineage, name, org, last, "0055g000004AdminAAA", "2026-03-01")


def with_rows(*rows: StateRow, others: tuple[RegistryRow, ...] = ()) -> World:
    world = live()
    return replace(world, salesforce=replace(world.salesforce, states=rows, other_lineages=others))


def a_header(bound: Bound, *, fresh: bool = False) -> StateHeader:
    return StateHeader("abc", 0 if fresh else 5, 1, SecretStr("k"), fresh=fresh, bound=bound)


def asked(
    bound: Bound,
    world: World,
    *,
    fresh: bool = False,
    declared: Desired | None = None,
    options: Options | None = None,
    marks: dict[str, str] | None = None,
) -> tuple[str, ...]:
    past = Past(a_header(bound, fresh=fresh), marks or {}, lambda run: run == KNOWN)
    return same_world(declared or desired(), options or Options(Path()), past, world).warnings


def refusal(bound: Bound, world: World, declared: Desired | None = None) -> DeclareError:
    with pytest.raises(DeclareError) as caught:
        asked(bound, world, declared=declared)
    return caught.value


BOUND = Bound(OURS, (("main", "77"),))


def test_RUN_8_the_world_of_the_state_is_no_word_worth() -> None:
    assert asked(BOUND, live()) == ()
    assert asked(BOUND, live(OURS[:15])) == (), "both forms of an id are one org"


def test_RUN_8_another_org_is_an_error_that_names_both() -> None:
    error = refusal(BOUND, live(THEIRS))
    assert isinstance(error, StateError)
    assert exit_code_of_error(error) == 1
    assert OURS in error.summary
    assert THEIRS in error.summary
    assert "--env" in error.hint
    assert "sfdd state rebind" in error.hint


def test_RUN_8_another_account_is_an_error_that_names_both() -> None:
    error = refusal(BOUND, live(main="4711"))
    assert "77" in error.summary
    assert "4711" in error.summary
    assert error.where == "dotdigital.accounts.main"
    assert "sfdd state rebind main" in error.hint


def test_RUN_8_all_that_is_another_is_said_together() -> None:
    error = refusal(BOUND, live(THEIRS, main="4711"))
    assert isinstance(error, ErrorList)
    assert {found.id for found in error.errors} == {"SFDD-E3013", "SFDD-E3014"}
    assert exit_code_of_error(error) == 1


def test_RUN_8_a_used_state_without_ids_says_what_it_would_be_bound_to() -> None:
    (said,) = asked(Bound(), live())
    assert OURS in said
    assert "main = 77" in said
    assert asked(Bound(), live(), fresh=True) == (), "nothing is known yet that could be wrong"


def test_RUN_8_an_account_that_was_added_or_taken_out_is_no_other_world() -> None:
    assert asked(BOUND, live(main="77", second="78")) == ()
    assert asked(Bound(OURS, (("gone", "9"), ("main", "77"))), live()) == ()


def test_RUN_8_two_keys_of_one_account_are_an_error_that_names_both() -> None:
    declared = desired(accounts=(an_account(), an_account("again")))
    error = refusal(BOUND, live(main="77", again="77"), declared)
    assert error.id == "SFDD-E4011"
    assert "`main`" in error.summary
    assert "`again`" in error.summary
    assert "77" in error.summary


def test_RUN_8_a_disabled_account_is_known_by_the_state() -> None:
    declared = desired(accounts=(an_account(enabled=False), an_account("again")))
    assert refusal(BOUND, live(again="77"), declared).id == "SFDD-E4011"


def test_an_environment_is_told_of_the_state_that_all_of_them_shared(tmp_path: Path) -> None:
    declared, staging = desired(root=str(tmp_path)), Options(tmp_path, env="staging")

    def said(org: str) -> tuple[str, ...]:
        return asked(Bound(), live(org), fresh=True, declared=declared, options=staging)

    assert said(OURS) == ()
    shared = tmp_path / ".sfdd" / "state.db"
    with open_state(shared, create=True, environ={}) as state, state.lock(a_holder()) as lease:
        run = state.begin_run(lease, run="1", fingerprint="", sets={}, bound=BOUND)
        assert said(OURS) == (), "nothing was applied with it yet"
        run.record(Settlement(marks=(("m", "1"),)))
    (hint,) = said(OURS)
    assert f"sfdd state migrate {tmp_path / '.sfdd' / 'env' / 'staging.db'}" in hint
    assert said(THEIRS) == (), "it belongs to another org"


def test_RUN_8_a_state_that_does_not_know_the_last_apply_is_stopped_with_the_ways_back() -> None:
    error = refusal(BOUND, with_rows(a_row(last="20260302T120000Z-9-beef")))
    assert isinstance(error, StateError)
    assert "20260302T120000Z-9-beef by 0055g000004AdminAAA" in error.summary
    assert "sfdd state restore" in error.hint
    assert "sfdd apply --adopt-lineage abc" in error.hint


@pytest.mark.parametrize(
    ("options", "marks"),
    [(Options(Path(), adopt_lineage="abc"), {}), (Options(Path()), {"taken_over": "row"})],
    ids=["adopted", "restored"],
)
def test_RUN_8_a_state_that_takes_the_row_over_goes_on(options: Options, marks: dict[str, str]) -> None:
    world = with_rows(a_row(last="of a fork"))
    goes_on, waits = asked(BOUND, world, options=options, marks=marks)
    assert "lineage abc" in goes_on
    assert "--accept-first-sync" in waits
    past = Past(a_header(BOUND), marks, lambda run: False)
    assert same_world(desired(), options, past, world).makes_row


def test_RUN_8_only_its_own_lineage_can_be_adopted_by_a_state_that_was_used() -> None:
    with pytest.raises(UsageError) as caught:
        asked(BOUND, with_rows(a_row()), options=Options(Path(), adopt_lineage="xyz"))
    assert caught.value.hint == "--adopt-lineage abc"


def test_RUN_8_a_missing_row_is_made_anew_and_said() -> None:
    (said,) = asked(BOUND, with_rows(a_row("other")))
    assert "the next apply makes it" in said


def test_RUN_8_a_new_state_beside_rows_of_this_configuration_is_an_error_that_names_them(tmp_path: Path) -> None:
    folder = tmp_path / "marketing"
    declared = desired(root=str(folder))

    def begun(*rows: StateRow, key: str = "link.spring.spring") -> None:
        others = tuple(replace(a_registry_row("SFDD_Link__c", key), lineage=row.lineage) for row in rows)
        asked(Bound(), with_rows(*rows, others=others), fresh=True, declared=declared)

    begun(a_row("old", name="another"))
    begun(a_row("old", name="marketing"), key="link.of.others")
    with pytest.raises(StateError) as caught:
        begun(a_row("old", name="marketing"))
    assert "lineage old" in caught.value.summary
    assert "--adopt-lineage old" in caught.value.hint
    assert "sfdd state init --forget" in caught.value.hint


def test_RUN_8_rows_of_an_org_that_this_one_was_copied_from_are_said_once_and_ignored() -> None:
    world = with_rows(a_row(), a_row("prod", org=THEIRS, last="x"))
    (said,) = asked(BOUND, world)
    assert "prod" in said
    assert "sfdd registry clean" in said
    past = Past(a_header(BOUND), {}, lambda run: True)
    assert asked(BOUND, world, marks=dict(same_world(desired(), Options(Path()), past, world).marks)) == ()


def test_RUN_8_an_unbound_state_whose_row_names_another_org_belongs_there() -> None:
    error = refusal(Bound(), with_rows(a_row(org=THEIRS)))
    assert error.id == "SFDD-E3013"
    assert THEIRS in error.summary


def test_RUN_8_without_a_registry_it_is_said_once_that_a_fork_cannot_be_seen() -> None:
    declared = desired(salesforce=replace(desired().salesforce, registry=False))
    world = with_rows()
    (said,) = asked(BOUND, world, declared=declared)
    assert "registry: none" in said
    assert asked(BOUND, world, declared=declared, marks={"said:registry_none": "said"}) == ()
