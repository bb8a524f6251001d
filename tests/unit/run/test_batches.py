"""Change rows -> batches: which row each task sends, how much one batch holds, and who is left out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sfdd_declare.model import limits
from sfdd_declare.model.mapping import DataFieldType, RecordType
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.ports import (
    ImportRow,
    ImportValue,
    LeadRow,
    MemberRemovalRow,
    MemberRow,
    RecordRow,
    RecordValue,
    RemovalRow,
    SuppressRow,
)
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.run.batches import PeopleBatch, people_batches
from tests.unit.run.builders import Row, a_row, as_table, people
from tests.unit.store.builders import a_mapping

SETS = (a_mapping("Title>JOB"), a_mapping("Title>JOB", record_type=RecordType.LEAD))


def batches(folder: Path, op: Operation, *rows: Row, **left: Any) -> list[PeopleBatch]:
    spool = RunDirectory(folder)
    with spool.sink(columns.CHANGES, columns.CHANGE) as sink:
        for batch in as_table(*rows).to_batches():
            sink.write(batch)
    return list(people_batches(op, spool, SETS, **{"leave_out": (), **left}))


def rows_of(folder: Path, task: Task, *rows: Row, **payload: str) -> list[Any]:
    op = people("x", task, payload=tuple(payload.items()))
    return [row for batch in batches(folder, op, *rows) for row in batch.rows]


MEMBER = a_row("x", "003a", "member", campaign="spring", new="Sent")


@pytest.mark.parametrize(
    ("task", "row", "sent"),
    [
        (Task.ADD_MEMBERS, MEMBER, MemberRow("003a", "spring", RecordType.CONTACT, "003a", "Sent")),
        (Task.ADOPT, MEMBER | {"new": None}, MemberRow("003a", "spring", RecordType.CONTACT, "003a", None)),
        (Task.REMOVE_MEMBERS, a_row("x", "003a", "member", field="00v1"), MemberRemovalRow("003a", "00v1")),
        (Task.SUPPRESS, a_row("x", "003a", "consent"), SuppressRow("003a", 1, "003a@example.com")),
        (
            Task.OPT_OUT_RECORDS,
            a_row("x", "003a", "consent", field="HasOptedOutOfEmail", new="true"),
            RecordRow("003a", RecordType.CONTACT, "003a", (RecordValue("HasOptedOutOfEmail", "boolean", "true"),)),
        ),
        (Task.REMOVE_FROM_LIST, a_row("x", "003a", "list", decision="remove"), RemovalRow("003a", 1, "news")),
        (
            Task.RENAME,
            a_row("x", "003a", "identity", decision="rename", new="b@example.com"),
            ImportRow("003a", 1, "b@example.com", (), (), rename=True),
        ),
        (
            Task.UPDATE_RECORDS,
            a_row("x", "003a", field="Title", new=None),
            RecordRow("003a", RecordType.CONTACT, "003a", (RecordValue("Title", "string", None),)),
        ),
        (
            Task.IMPORT_CONTACTS,
            a_row("x", "003a", new=None),
            ImportRow("003a", 1, "003a@example.com", (ImportValue("JOB", DataFieldType.STRING, None),), ()),
        ),
        (
            Task.IMPORT_OPTED_OUT,
            a_row("x", "003a", "consent", contact_id=None),
            ImportRow("003a", None, "003a@example.com", (), (), opted_out=True),
        ),
    ],
    ids=lambda value: value.value if isinstance(value, Task) else "",
)
def test_each_task_sends_its_own_row(tmp_path: Path, task: Task, row: Row, sent: object) -> None:
    assert rows_of(tmp_path, task, row) == [sent]


@pytest.mark.parametrize(
    ("task", "row"),
    [
        (Task.ADD_MEMBERS, a_row("x", "003a")),
        (Task.REMOVE_MEMBERS, a_row("x", "003a", "member", field=None)),
        (Task.SUPPRESS, a_row("x", "003a", "consent", contact_id=None)),
        (Task.REMOVE_FROM_LIST, a_row("x", "003a", "list", contact_id=None)),
        (Task.REMOVE_FROM_LIST, a_row("x", "003a", "value")),
        (Task.RENAME, a_row("x", "003a", "identity", decision="pair")),
        (Task.RENAME, a_row("x", "003a", "identity", decision="rename", contact_id=None)),
        (Task.IMPORT_CONTACTS, a_row("x", "003a", "identity")),
    ],
)
def test_where_there_is_nothing_to_send_no_row_is(tmp_path: Path, task: Task, row: Row) -> None:
    assert rows_of(tmp_path, task, row) == []


def test_a_person_is_one_row_with_all_values_and_books(tmp_path: Path) -> None:
    rows = (
        a_row("x", "003a", contact_id=None),
        a_row("x", "003a", "list", contact_id=None),
        a_row("x", "003a", "list", contact_id=None, address_book="offers"),
        a_row("another operation", "003a", "list", address_book="not this"),
    )
    [row] = rows_of(tmp_path, Task.IMPORT_CONTACTS, *rows)
    assert (row.contact_id, row.books, [value.text for value in row.values]) == (None, ("news", "offers"), ["Captain"])


def test_a_new_lead_gets_its_values_the_defaults_and_its_address_last(tmp_path: Path) -> None:
    row = {"sf_id": None, "record_type": "lead", "contact_id": 5}
    rows = (
        a_row("x", "contact 5", field="Title", **row),
        a_row("x", "contact 5", field="OwnerId", new="queue:Web", decision="default", **row),
        a_row("x", "contact 5", field="Company", new="[none]", decision="default", **row),
        a_row("x", "contact 5", "member", campaign="spring", new="Sent", **row),
        a_row("x", "contact 5", "member", campaign="spring", new="Sent", **row),
    )
    [lead] = rows_of(tmp_path, Task.CREATE_LEADS, *rows, **{"kind.OwnerId": "reference", "id.OwnerId": "00G1"})
    assert lead == LeadRow(
        "contact 5",
        "contact 5@example.com",
        (
            RecordValue("Title", "string", "Captain"),
            RecordValue("OwnerId", "reference", "00G1"),
            RecordValue("Company", "string", "[none]"),
            RecordValue("Email", "email", "contact 5@example.com"),
        ),
        (("spring", "Sent"),),
    )


# --- how much one batch holds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "most", "row"),
    [
        (Task.REMOVE_MEMBERS, limits.COLLECTION_ROWS, {"aspect": "member", "field": "00v1"}),
        (Task.CREATE_LEADS, limits.COLLECTION_ROWS, {"aspect": "identity"}),
        (Task.SUPPRESS, limits.SUPPRESS_ROWS, {"aspect": "consent"}),
        (Task.REMOVE_FROM_LIST, limits.LIST_DELETE_ROWS, {"aspect": "list", "address_book": "news"}),
        (Task.ADD_MEMBERS, limits.BULK_BATCH_ROWS, {"aspect": "member", "campaign": "spring"}),
    ],
    ids=lambda value: value.value if isinstance(value, Task) else "",
)
def test_a_batch_holds_as_many_rows_as_the_vendor_takes(tmp_path: Path, task: Task, most: int, row: Row) -> None:
    rows = [a_row("x", f"003{number:05d}") | row for number in range(most + 1)]
    found = batches(tmp_path, people("x", task), *rows)
    assert [len(batch.rows) for batch in found] == [most, 1]
    assert [batch.table.num_rows for batch in found] == [most, 1]


def test_an_import_is_cut_by_its_weight_and_loses_nobody(tmp_path: Path) -> None:
    text = "x" * (limits.IMPORT_BYTES * 3 // 10)  # may take twice as much
    texts = {"a": text, "b": text, "c": "short", "d": "short"}
    rows = [a_row("x", f"003{name}", new=new) for name, new in texts.items()]
    found = batches(tmp_path, people("x", Task.IMPORT_CONTACTS), *rows)
    expected = [["003a"], ["003b", "003c", "003d"]]
    assert [[row.person for row in batch.rows] for batch in found] == expected
    assert [batch.table["person"].to_pylist() for batch in found] == expected


def test_the_same_weight_without_values_is_one_batch(tmp_path: Path) -> None:
    rows = [a_row("x", f"003{name}") for name in "abc"]
    assert len(batches(tmp_path, people("x", Task.IMPORT_CONTACTS), *rows)) == 1


# --- who is left out ----------------------------------------------------------------------------------------------


def test_leaving_persons_out_of_a_batch_leaves_out_their_rows_and_what_they_prove(tmp_path: Path) -> None:
    [batch] = batches(
        tmp_path, people("x", Task.IMPORT_CONTACTS), a_row("x", "003a"), a_row("x", "003b"), a_row("x", "003c")
    )
    kept = batch.without({"003b"})
    assert [row.person for row in kept.rows] == kept.table["person"].to_pylist() == ["003a", "003c"]
    assert batch.without(()) is batch


@pytest.mark.parametrize(
    ("old", "books"),
    [(None, ("news",)), ("003a", ()), ("003a;003b", ("news",)), ("003a;003c", ()), ("003b", ("news",))],
)
def test_a_list_that_rests_on_memberships_that_were_not_made_is_left_out(
    tmp_path: Path, old: str | None, books: tuple[str, ...]
) -> None:
    rows = (a_row("x", "003a", "list", old=old), a_row("x", "003a"))
    op = people("x", Task.IMPORT_CONTACTS)
    [batch] = batches(tmp_path, op, *rows, leave_out={"003a", "003c"})
    [row] = batch.rows
    assert isinstance(row, ImportRow)
    assert (row.books, len(row.values)) == (books, 1)
    assert batch.table.num_rows == 1 + len(books)


def test_whoever_would_be_made_for_such_a_list_alone_is_not_made(tmp_path: Path) -> None:
    new = {"contact_id": None}
    rows = (a_row("x", "003a", "list", old="003a", **new), a_row("x", "003a", **new), a_row("x", "003b", **new))
    found = batches(tmp_path, people("x", Task.IMPORT_CONTACTS), *rows, leave_out={"003a"})
    assert [row.person for batch in found for row in batch.rows] == ["003b"]


@pytest.mark.parametrize(("removed", "goes"), [({"00v1", "00v2"}, True), ({"00v1"}, False), ((), False)])
def test_nobody_is_taken_off_while_a_member_still_wants_them_there(
    tmp_path: Path, removed: set[str], *, goes: bool
) -> None:
    row = a_row("x", "003a", "list", decision="remove", old="00v1;00v2")
    found = batches(tmp_path, people("x", Task.REMOVE_FROM_LIST), row, removed=removed)
    assert [len(batch.rows) for batch in found] == [1] * goes


def test_without_any_dataset_there_is_no_batch(tmp_path: Path) -> None:
    op = people("x", Task.SUPPRESS)
    assert list(people_batches(op, RunDirectory(tmp_path), SETS, leave_out=())) == []
