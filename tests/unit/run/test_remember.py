"""Opt-outs that no pair of the base speaks of are remembered by the keyed hash of their address (CON-8 to CON-10)."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from sfdd_declare.people.memories import FREE, SETTLED, TICKED
from sfdd_declare.run.remember import remembered_opt_outs
from tests.unit.run.builders import KEY, Row, a_row, as_table, hashed


def a_consent(**changes: object) -> Row:
    """Of a contact without a record."""
    row = {"sf_id": None, "decision": "known", "expect_s": "1", "expect_d": "1", "email": " Ada@Example.com "}
    return a_row("moves", "contact 1", **({"aspect": "consent"} | row | changes))


def remembered(*rows: Row, confirmed: set[str] | None = None) -> list[tuple[str, str, str]]:
    table = remembered_opt_outs(as_table(*rows), SecretStr(KEY), confirmed)
    return [(row["account"], row["email_hash"], row["reason"]) for row in table.to_pylist()]


@pytest.mark.parametrize(("sides", "reason"), [(("1", "1"), SETTLED), (("1", None), TICKED), (("0", "0"), FREE)])
def test_what_is_remembered_says_what_both_sides_are_known_to_say(
    sides: tuple[str | None, str | None], reason: str
) -> None:
    row = a_consent(expect_s=sides[0], expect_d=sides[1])
    assert remembered(row) == [("main", hashed("\x1f\x1fada@example.com"), reason)]


def test_a_record_that_is_not_the_contact_s_pair_is_remembered_by_its_address() -> None:
    assert len(remembered(a_consent(sf_id="003a", decision="tick", contact_id=None))) == 1


@pytest.mark.parametrize(
    "row",
    [
        a_consent(sf_id="003a"),
        a_consent(sf_id="003a", decision="tick", contact_id=1),
        a_consent(expect_s=None, expect_d="1"),
        a_consent(email=None),
        a_consent(aspect="identity"),
    ],
    ids=["a pair", "a ticked pair", "only suppressed", "no address", "not consent"],
)
def test_what_a_pair_speaks_of_or_says_nothing_is_not(row: Row) -> None:
    assert remembered(row) == []


def test_only_what_was_confirmed_is_remembered() -> None:
    assert remembered(a_consent(), confirmed=set()) == []
    assert len(remembered(a_consent(), confirmed={"contact 1"})) == 1
