"""Who is left out of a batch, by what the second look shows: values to either side, people gone or come (WIRE-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from sfdd_declare.app.edits import Edited
from sfdd_declare.model.address import account
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.mapping import Direction
from sfdd_declare.model.operation import Action, Operation, Stage, Task
from sfdd_declare.model.ports import ReadReport
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.run.batches import PeopleBatch
from tests.unit.people.worlds import CONTACT, KEY, World, a_field, a_world, h

READ_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Systems:
    """Answers every second look with the rows of a world; counts the looks."""

    def __init__(self, world: World, *, complete: bool = True) -> None:
        self.world = world
        self.complete = complete
        self.looks = 0
        people = SimpleNamespace(records=self._records, look_up=self._look_up)
        side = SimpleNamespace(people=people)
        self.readers: Any = SimpleNamespace(salesforce=side, dotdigital={"main": side})

    def _records(self, ids: Any, sets: Any, spool: Any) -> ReadReport:
        name = columns.records("main", CONTACT)
        return self._write(name, columns.records_schema(sets[0]), spool, "sf_id", set(ids[CONTACT]))

    def _look_up(self, emails: Any, ids: Any, sets: Any, spool: Any) -> ReadReport:
        wanted = {*ids, *(email.casefold() for email in emails)}
        key = "contact_id" if ids else "email_key"
        return self._write(columns.contacts("main"), columns.contacts_schema(sets), spool, key, wanted)

    def _write(self, dataset: str, schema: pa.Schema, spool: Any, key: str, wanted: set[Any]) -> ReadReport:
        self.looks += 1
        rows = [row for row in self.world.rows.get(dataset, []) if row[key] in wanted]
        with spool.sink(dataset, schema) as sink:
            for batch in pa.Table.from_pylist(rows, schema=schema).to_batches():
                sink.write(batch)
        return ReadReport(len(rows), self.complete, "")


def a_now(s: str | None, d: str | None, *, contact: bool = True) -> World:
    """What both sides hold at the second look."""
    world = a_world(a_field(0, "TITLE", direction=Direction.TWO_WAY), leads=False)
    world.record("003", "a@x.com", s)
    if contact:
        world.contact(1, "a@x.com", d)
    return world


def a_change(*, to: str, source: str | None, target: str | None, contact_id: int | None = 1) -> PeopleBatch:
    row = {"operation": "x", "account": "main", "person": "003", "record_type": "contact", "sf_id": "003"}
    row |= {"email": "a@x.com", "aspect": "value", "field": "TITLE" if to == "d" else "Title"}
    row |= {"expect_s": h(source), "expect_d": h(source)}
    rows = [{**row, "contact_id": contact_id, "old": target, "new": source}]
    return PeopleBatch(pa.Table.from_pylist(rows, schema=columns.CHANGE), ())


def left_out(
    systems: Systems, batch: PeopleBatch, folder: Path, *, task: Task = Task.IMPORT_CONTACTS, minutes: int = 1
) -> bool:
    at = READ_AT + timedelta(minutes=minutes)
    sets, readers = systems.world.account().sets, systems.readers
    look = Edited(sets, readers, SecretStr(KEY), READ_AT, lambda: at, lambda: RunDirectory(folder))
    payload = (("account", "main"),)
    op = Operation(OperationId("x"), account("main"), Stage.CONTACTS, Action.PEOPLE, task, payload=payload)
    return look(op, batch) == {"003"}


@pytest.mark.parametrize(
    ("to", "s", "d", "expected"),
    [
        ("d", "new", "old", False),
        ("d", "newer", "old", True),
        ("d", "new", "hand", True),
        ("d", "new", None, True),
        ("s", "old", "new", False),
        ("s", "hand", "new", True),
        ("s", "old", "newer", True),
        ("s", "old", None, True),
    ],
)
def test_a_value_that_moved_on_either_side_leaves_its_person_out(
    tmp_path: Path, to: str, s: str | None, d: str | None, *, expected: bool
) -> None:
    batch = a_change(to=to, source="new", target="old")
    task = Task.IMPORT_CONTACTS if to == "d" else Task.UPDATE_RECORDS
    assert left_out(Systems(a_now(s, d)), batch, tmp_path, task=task) is expected


def test_a_target_is_compared_by_its_form(tmp_path: Path) -> None:
    batch = a_change(to="d", source="new", target=" old ")
    assert not left_out(Systems(a_now("new", "old")), batch, tmp_path)


def test_a_fill_is_written_without_a_second_look_until_ten_minutes_after_the_read(tmp_path: Path) -> None:
    systems, batch = Systems(a_now("new", "filled meanwhile")), a_change(to="d", source="new", target=None)
    assert not left_out(systems, batch, tmp_path, minutes=10)
    assert systems.looks == 0
    assert left_out(systems, batch, tmp_path, minutes=11)


def test_whoever_has_a_contact_by_now_is_not_created(tmp_path: Path) -> None:
    batch = a_change(to="d", source="new", target=None, contact_id=None)
    assert left_out(Systems(a_now("new", None)), batch, tmp_path, minutes=11)
    assert not left_out(Systems(a_now("new", None, contact=False)), batch, tmp_path, minutes=11)


def test_whose_address_is_another_one_by_now_is_not_created_at_the_old_one(tmp_path: Path) -> None:
    batch, world = a_change(to="d", source="new", target=None, contact_id=None), a_now("new", None, contact=False)
    world.rows[columns.records("main", CONTACT)][0] |= {"email": "b@x.com", "email_key": "b@x.com"}
    assert left_out(Systems(world), batch, tmp_path, minutes=11)
    world.rows[columns.records("main", CONTACT)][0] |= {"email": "A@x.com", "email_key": "a@x.com"}
    assert not left_out(Systems(world), batch, tmp_path, minutes=11)


def test_whoever_is_gone_is_left_out(tmp_path: Path) -> None:
    batch = a_change(to="d", source="new", target="old")
    assert left_out(Systems(a_now("new", "old", contact=False)), batch, tmp_path)
    world = a_now("new", "old")
    world.rows[columns.records("main", CONTACT)].clear()
    assert left_out(Systems(world), batch, tmp_path)


def test_half_a_look_ends_the_operation(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="SFDD-E5004"):
        left_out(Systems(a_now("new", "old"), complete=False), a_change(to="d", source="new", target="old"), tmp_path)


def test_consent_and_campaign_members_are_nobody_s_values(tmp_path: Path) -> None:
    systems, batch = Systems(a_now("x", "y")), a_change(to="d", source="new", target="old")
    for task in (Task.SUPPRESS, Task.OPT_OUT_RECORDS, Task.ADD_MEMBERS, Task.REMOVE_FROM_LIST):
        assert not left_out(systems, batch, tmp_path, task=task, minutes=60)
    assert systems.looks == 0
