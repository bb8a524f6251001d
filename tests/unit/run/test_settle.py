"""Which bases a confirmed row moves: by its aspect, the side that was written, and the answer (BASE-4, BASE-5)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from sfdd_declare.model.mapping import Direction
from sfdd_declare.model.operation import Task
from sfdd_declare.model.ports import PersonResult
from sfdd_declare.run.settle import Keys, moves_settlement, people_settlement
from tests.unit.run.builders import KEY, TITLE, Row, a_row, as_table, people
from tests.unit.store.builders import a_field, a_mapping

KEYS = Keys.of((TITLE,))
OK = PersonResult("003a", ok=True)


def settled(task: Task, row: Row, result: PersonResult = OK) -> dict[str, Any] | None:
    """The one row of the base that this proves."""
    found = people_settlement(people("x:main", task), as_table(row), (result,), KEYS, SecretStr(KEY))
    rows = found.pairs.to_pylist() if found.pairs else []
    return rows[0] if rows else None


def moved(row: Row) -> dict[str, Any] | None:
    found = moves_settlement(as_table(row), KEYS)
    rows = found.pairs.to_pylist() if found.pairs else []
    return rows[0] if rows else None


def joined(row: Row) -> dict[str, Any] | None:
    found = moves_settlement(as_table(row), KEYS)
    rows = found.memberships.to_pylist() if found.memberships else []
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("task", "field", "wrote"),
    [
        (Task.IMPORT_CONTACTS, "JOB", (True, False)),
        (Task.IMPORT_OPTED_OUT, "JOB", (True, False)),
        (Task.UPDATE_RECORDS, "Title", (False, True)),
        (Task.CREATE_LEADS, "Title", (False, True)),
    ],
)
def test_a_value_moves_the_base_of_its_field_and_marks_the_side_that_was_written(
    task: Task, field: str, wrote: tuple[bool, bool]
) -> None:
    row = settled(task, a_row("x:main", "003a", field=field, expect_s="s", expect_d="d"))
    assert row is not None
    assert (row["item"], row["expect_s"], row["expect_d"]) == ("Title>JOB", "s", "d")
    assert (row["wrote_d"], row["wrote_s"], row["altered"]) == (*wrote, None)
    assert (row["account"], row["record_type"], row["sf_id"], row["contact_id"]) == ("main", "contact", "003a", 1)


def test_only_values_are_writes_that_could_come_back_to_dotdigital() -> None:
    row = settled(Task.IMPORT_CONTACTS, a_row("x:main", "003a", "identity", decision="create", expect_s="s"))
    assert row is not None
    assert (row["item"], row["wrote_d"]) == ("email", False)


def test_a_tick_writes_nothing_that_could_come_back() -> None:
    row = settled(Task.OPT_OUT_RECORDS, a_row("x:main", "003a", "consent", expect_s="1", expect_d="1"))
    assert row is not None
    assert (row["item"], row["wrote_s"], row["wrote_d"]) == ("opted_out", False, False)


@pytest.mark.parametrize(
    ("row", "result"),
    [
        (a_row("x:main", "003a"), PersonResult("003a", ok=False)),
        (a_row("x:main", "003a"), PersonResult("003b", ok=True)),
        (a_row("x:main", "003a", field="UNKNOWN"), OK),
        (a_row("x:main", "003a", contact_id=None), OK),
        (a_row("x:main", "003a", sf_id=None), OK),
        (a_row("x:main", "003a", "problem"), OK),
    ],
    ids=["refused", "no answer", "no such field", "no contact", "no record", "a problem"],
)
def test_what_is_not_proven_moves_nothing(row: Row, result: PersonResult) -> None:
    assert settled(Task.IMPORT_CONTACTS, row, result) is None


def test_whoever_was_made_is_remembered_by_the_id_they_got() -> None:
    created = settled(
        Task.IMPORT_CONTACTS, a_row("x:main", "003a", contact_id=None), PersonResult("003a", ok=True, contact_id=77)
    )
    assert created is not None
    assert created["contact_id"] == 77
    row = a_row("x:main", "003a", "identity", sf_id=None)
    lead = settled(Task.CREATE_LEADS, row, PersonResult("003a", ok=True, sf_id="00Q1"))
    assert lead is not None
    assert (lead["sf_id"], lead["contact_id"]) == ("00Q1", 1)


def test_of_two_mappings_with_one_data_field_the_one_that_writes_it_is_settled() -> None:
    fields = (
        a_field(0, "Department", "JOB", Direction.SALESFORCE_TO_DOTDIGITAL),
        a_field(1, "Title", "JOB", Direction.DOTDIGITAL_TO_SALESFORCE),
    )
    mapping = a_mapping("Title>JOB")
    keys = Keys.of((type(mapping)(mapping.account, mapping.record_type, fields),))
    assert keys.by_data_field == {("main", "contact", "JOB"): "Department>JOB"}
    assert set(keys.by_salesforce) == {("main", "contact", "Title"), ("main", "contact", "Department")}


# --- base moves ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "expect_s", "altered"),
    [("BASE-5", "h", "s"), ("BASE-5", None, "d"), ("VAL-1", "h", ""), ("VAL-6", "h", None)],
)
def test_BASE_5_a_move_says_which_side_altered_what_was_written(
    reason: str, expect_s: str | None, altered: str | None
) -> None:
    row = moved(a_row("moves", "003a", field="Title", decision="known", reason=reason, expect_s=expect_s))
    assert row is not None
    assert (row["altered"], row["wrote_s"], row["wrote_d"]) == (altered, False, False)


def test_a_write_says_nothing_about_alterations() -> None:
    row = settled(Task.IMPORT_CONTACTS, a_row("x:main", "003a", reason="VAL-1"))
    assert row is not None
    assert row["altered"] is None


# --- memberships --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("on,ours", {"on_book": True, "added_by_us": True}),
        ("on", {"on_book": True}),
        ("left", {"left": True}),
        ("optout", {"list_optout": True}),
        (None, {"forget": True}),
    ],
)
def test_BASE_2_what_is_remembered_of_a_membership(flags: str | None, expected: dict[str, bool]) -> None:
    row = joined(a_row("moves", "003a", "list", expect_s=None, expect_d=flags, field="00v1"))
    assert row is not None
    names = ("wanted", "on_book", "added_by_us", "list_optout", "left", "forget")
    assert {name: row[name] for name in names} == dict.fromkeys(names, False) | expected
    assert (row["address_book"], row["contact_id"], row["member"]) == ("news", 1, "00v1")


def test_a_wanted_membership_is_remembered_as_such() -> None:
    row = joined(a_row("moves", "003a", "list"))
    assert row is not None
    assert (row["wanted"], row["on_book"]) == (True, True)


def test_a_member_row_with_a_book_settles_the_membership_and_one_without_does_not() -> None:
    row = joined(a_row("x", "003a", "member", address_book="news", field="00v1", expect_s="wanted", expect_d="on"))
    assert row is not None
    assert (row["wanted"], row["member"]) == (True, None)
    assert joined(a_row("x", "003a", "member")) is None


def test_nobody_without_a_contact_is_on_a_book() -> None:
    assert joined(a_row("moves", "003a", "list", contact_id=None)) is None
