"""Whom an apply changed: confirmed people, each once; the closing line is made of them and names who is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.operation import Operation, Stage, Task
from sfdd_declare.model.ports import PersonResult
from sfdd_declare.people.columns import CHANGE
from sfdd_declare.run.counted import Counted
from tests.unit.plan.test_order_and_guards import an_operation

IMPORT = an_operation("import:main", Stage.CONTACTS, Task.IMPORT_CONTACTS)
RECORDS = an_operation("records:main", Stage.RECORDS, Task.UPDATE_RECORDS)
LEADS = an_operation("create_leads:main", Stage.NEWCOMERS, Task.CREATE_LEADS)


def a_row(person: str, aspect: str, decision: str, **rest: Any) -> dict[str, Any]:
    return {"account": "main", "person": person, "sf_id": person, "aspect": aspect, "decision": decision, **rest}


ROWS = [
    a_row("a", "list", "add", address_book="x"),
    a_row("a", "list", "add", address_book="y"),
    a_row("a", "value", "fill"),
    a_row("b", "value", "overwrite", contact_id=7),
    a_row("c", "list", "remove", contact_id=8),
    a_row("c", "value", "blank", contact_id=8),
    a_row("d", "list", "add", contact_id=9),
]


def counted(op: Operation, *results: PersonResult, rows: list[dict[str, Any]] = ROWS) -> Figures:
    found = Counted()
    found.add(op, pa.Table.from_pylist(rows, schema=CHANGE), results)
    return found.figures()


def test_everybody_confirmed_counts_once_as_a_plan_counts() -> None:
    done = tuple(PersonResult(person, ok=True) for person in "abcd")
    assert counted(IMPORT, *done) == Figures(add=2, update=2, remove=1, leads=0, overwrites=2)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (PersonResult("a", ok=False), Figures()),
        (PersonResult("a", ok=True, refused=True), Figures()),
        (PersonResult("b", ok=True), Figures(update=1, overwrites=1)),
    ],
    ids=["failed", "saved, but not put on the book", "done"],
)
def test_whoever_was_not_confirmed_does_not_count(result: PersonResult, expected: Figures) -> None:
    assert counted(IMPORT, result) == expected


def test_a_person_of_two_operations_is_one() -> None:
    found, done = Counted(), (PersonResult("b", ok=True),)
    for op in (IMPORT, RECORDS):
        found.add(op, pa.Table.from_pylist(ROWS, schema=CHANGE), done)
    assert found.figures().update == 1


def test_new_leads_are_no_updates() -> None:
    rows = [a_row("contact 7", "value", "fill", contact_id=7), a_row("contact 7", "member", "add", contact_id=7)]
    rows = [{**row, "sf_id": None} for row in rows]
    assert counted(LEADS, PersonResult("contact 7", ok=True), rows=rows) == replace(Figures(), leads=1)
