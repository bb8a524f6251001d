"""One state, one world (RUN-8)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from sfdd_declare.app.options import Options
from sfdd_declare.app.same_world import same_world
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import DeclareError, ErrorList, StateError
from sfdd_declare.model.outcome import exit_code_of_error
from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.state import Bound, StateHeader
from sfdd_declare.plan.world import World
from sfdd_declare.store.state import open_state
from tests.unit.plan.builders import an_account, desired
from tests.unit.plan.builders import world as a_world
from tests.unit.store.builders import a_holder

OURS, THEIRS = "00D5g00000000AAEAY", "00D5g00000000BBEAY"


def live(org: str = OURS, **accounts: str) -> World:
    """An org and Dotdigital accounts, by their ids."""
    world = a_world()
    side = world.dotdigital["main"]
    sides = {key: replace(side, account=key, account_id=id) for key, id in (accounts or {"main": "77"}).items()}
    return replace(world, salesforce=replace(world.salesforce, org_id=org), dotdigital=sides)


def a_header(bound: Bound, *, fresh: bool = False) -> StateHeader:
    return StateHeader("abc", 0 if fresh else 5, 1, SecretStr("k"), fresh=fresh, bound=bound)


def asked(
    bound: Bound,
    world: World,
    *,
    fresh: bool = False,
    declared: Desired | None = None,
    options: Options | None = None,
) -> tuple[str, ...]:
    return same_world(declared or desired(), options or Options(Path()), a_header(bound, fresh=fresh), world)


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
    assert f"mv {shared} {tmp_path / '.sfdd' / 'env' / 'staging.db'}" in hint
    assert said(THEIRS) == (), "it belongs to another org"
