"""Change rows of one operation -> batches of typed rows, as large as the vendor takes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from sfdd_declare.model import limits
from sfdd_declare.model.errors import BugError
from sfdd_declare.model.mapping import DataFieldType, MappingSet, RecordType
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
    Row,
    Spool,
    SuppressRow,
)
from sfdd_declare.people.columns import CHANGE, CHANGES

Record = dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class PeopleBatch:
    """Whole persons: their change rows (schema CHANGE) and the rows to send."""

    table: pa.Table
    rows: tuple[Row, ...]

    def without(self, persons: Collection[str]) -> PeopleBatch:
        """The same batch, some persons left out."""
        if not persons:
            return self
        left_out = pc.is_in(self.table["person"], value_set=pa.array(sorted(persons), pa.string()))
        rows = tuple(row for row in self.rows if row.person not in persons)
        return PeopleBatch(self.table.filter(pc.invert(left_out)), rows)


def change_rows(spool: Spool, dataset: str, operation: str) -> Iterator[pa.RecordBatch]:
    """The rows of one operation, in the order they were written (by person)."""
    parts = spool.parts(dataset)
    if not parts:
        return
    scanner = ds.dataset([str(part) for part in parts], schema=CHANGE).scanner(
        filter=pc.field("operation") == operation, batch_size=50_000, use_threads=False
    )
    yield from scanner.to_batches()


def people_batches(
    operation: Operation,
    spool: Spool,
    sets: tuple[MappingSet, ...],
    *,
    leave_out: Collection[str],
    removed: Collection[str] = (),
) -> Iterator[PeopleBatch]:
    """Cut the operation's people into batches. `leave_out` are records whose campaign membership was not made: nobody
    joins a book on the strength of those alone. `removed` are campaign members that are gone: nobody is taken off a
    book while another one still wants them there.
    """
    build = _builder(operation, sets)
    most, weigh = _capacity(operation.task)
    pending: list[Record] = []
    rows: list[Row] = []
    weight = 0
    for whole in _by_person(change_rows(spool, CHANGES, operation.id)):
        person = [record for record in whole if _is_supported(record, leave_out) and _is_free(record, removed)]
        if len(person) < len(whole) and not _is_worth_sending(person):
            continue
        row = build(person)
        if row is None:
            continue
        if rows and weight + weigh(row) > most:
            yield _batch(pending, rows)
            pending, rows, weight = [], [], 0
        pending.extend(person)
        rows.append(row)
        weight += weigh(row)
    if rows:
        yield _batch(pending, rows)


def _is_supported(row: Record, leave_out: Collection[str]) -> bool:
    """A list add names in `old` the records whose membership it rests on, when it rests on new ones alone."""
    supports = str(row["old"]).split(";") if row["aspect"] == "list" and row["decision"] == "add" and row["old"] else []
    return not supports or any(support not in leave_out for support in supports)


def _is_free(row: Record, removed: Collection[str]) -> bool:
    """A list removal names in `old` the campaign members that had to be removed before."""
    is_removal = row["aspect"] == "list" and row["decision"] == "remove" and row["old"]
    return not is_removal or all(member in removed for member in str(row["old"]).split(";"))


def _is_worth_sending(person: list[Record]) -> bool:
    """Without any list left, an existing contact still gets its values; a new one is not made."""
    return bool(person) and (person[0]["contact_id"] is not None or any(row["aspect"] == "list" for row in person))


def _batch(records: list[Record], rows: list[Row]) -> PeopleBatch:
    return PeopleBatch(pa.Table.from_pylist(records, schema=CHANGE), tuple(rows))


def _by_person(batches: Iterator[pa.RecordBatch]) -> Iterator[list[Record]]:
    group: list[Record] = []
    for batch in batches:
        for record in batch.to_pylist():
            if group and record["person"] != group[0]["person"]:
                yield group
                group = []
            group.append(record)
    if group:
        yield group


def _capacity(task: Task) -> tuple[int, Callable[[Row], int]]:
    """How much one batch holds, and what one row weighs."""
    if task in (Task.IMPORT_CONTACTS, Task.IMPORT_OPTED_OUT, Task.RENAME):
        return limits.IMPORT_BYTES, _import_bytes
    rows = {
        Task.ADD_MEMBERS: limits.BULK_BATCH_ROWS,
        Task.ADOPT: limits.BULK_BATCH_ROWS,
        Task.UPDATE_RECORDS: limits.BULK_BATCH_ROWS,
        Task.OPT_OUT_RECORDS: limits.BULK_BATCH_ROWS,
        Task.REMOVE_MEMBERS: limits.COLLECTION_ROWS,
        Task.CREATE_LEADS: limits.COLLECTION_ROWS,
        Task.SUPPRESS: limits.SUPPRESS_ROWS,
        Task.REMOVE_FROM_LIST: limits.LIST_DELETE_ROWS,
    }
    return rows[task], lambda _: 1


def _import_bytes(row: Row) -> int:
    """An upper bound of the row's JSON: every character may take six bytes when it is escaped."""
    if not isinstance(row, ImportRow):
        raise BugError("SFDD-E9903", "an import batch got a row that is not an import row")
    values = sum(len(value.data_field) + 2 * len((value.text or "").encode()) + 8 for value in row.values)
    return 160 + len(row.email) + values + 16 * len(row.books)


def _builder(operation: Operation, sets: tuple[MappingSet, ...]) -> Callable[[list[Record]], Row | None]:
    if operation.task in (Task.ADD_MEMBERS, Task.ADOPT):
        return _member
    if operation.task is Task.REMOVE_MEMBERS:
        return _member_removal
    if operation.task is Task.CREATE_LEADS:
        leads = (s for s in sets if s.record_type is RecordType.LEAD)
        fields = {f.mapping.salesforce_field: f.salesforce_type for s in leads for f in s.fields}
        given = {name: str(value) for name, value in operation.payload}
        return lambda person: _lead(person, fields, given)
    if operation.task is Task.SUPPRESS:
        return _suppress
    if operation.task is Task.OPT_OUT_RECORDS:
        return _opt_out
    if operation.task is Task.REMOVE_FROM_LIST:
        return _removal
    if operation.task is Task.RENAME:
        return _rename
    account = str(dict(operation.payload)["account"])
    if operation.task is Task.UPDATE_RECORDS:
        kinds = {
            (s.record_type.value, f.mapping.salesforce_field): f.salesforce_type
            for s in sets
            if s.account == account
            for f in s.fields
        }
        return lambda person: _record(person, kinds)
    types = {f.data_field_name: f.data_field_type for s in sets if s.account == account for f in s.fields}
    return lambda person: _import(person, types, opted_out=operation.task is Task.IMPORT_OPTED_OUT)


def _member(person: list[Record]) -> MemberRow | None:
    row = next((r for r in person if r["aspect"] == "member"), None)
    if row is None:
        return None
    status = str(row["new"]) if row["new"] else None
    return MemberRow(
        str(row["person"]), str(row["campaign"]), RecordType(str(row["record_type"])), str(row["sf_id"]), status
    )


def _member_removal(person: list[Record]) -> MemberRemovalRow | None:
    row = person[0]
    return MemberRemovalRow(str(row["person"]), str(row["field"])) if row["field"] else None


def _lead(person: list[Record], kinds: Mapping[str, str], given: Mapping[str, str]) -> LeadRow:
    email = str(person[0]["email"])
    values = tuple(_lead_value(row, kinds, given) for row in person if row["aspect"] == "value")
    campaigns = dict.fromkeys((str(r["campaign"]), str(r["new"])) for r in person if r["aspect"] == "member")
    return LeadRow(str(person[0]["person"]), email, (*values, RecordValue("Email", "email", email)), tuple(campaigns))


def _lead_value(row: Record, kinds: Mapping[str, str], given: Mapping[str, str]) -> RecordValue:
    """`given`: types of the fields that have defaults, and ids that defaults stand for."""
    field, text = str(row["field"]), str(row["new"])
    if row["decision"] != "default":
        return RecordValue(field, kinds[field], text)
    return RecordValue(field, given.get(f"kind.{field}", "string"), given.get(f"id.{field}", text))


def _suppress(person: list[Record]) -> SuppressRow | None:
    row = person[0]
    if row["contact_id"] is None:
        return None
    return SuppressRow(str(row["person"]), int(row["contact_id"]), str(row["email"] or ""))


def _opt_out(person: list[Record]) -> RecordRow:
    row = person[0]
    value = RecordValue(str(row["field"]), "boolean", str(row["new"]))
    return RecordRow(str(row["person"]), RecordType(str(row["record_type"])), str(row["sf_id"]), (value,))


def _removal(person: list[Record]) -> RemovalRow | None:
    row = next((r for r in person if r["aspect"] == "list"), None)
    if row is None or row["contact_id"] is None:
        return None
    return RemovalRow(str(row["person"]), int(row["contact_id"]), str(row["address_book"]))


def _record(person: list[Record], kinds: Mapping[tuple[str, str], str]) -> RecordRow:
    first, record_type = person[0], str(person[0]["record_type"])
    values = tuple(
        RecordValue(str(r["field"]), kinds[record_type, str(r["field"])], None if r["new"] is None else str(r["new"]))
        for r in person
    )
    return RecordRow(str(first["person"]), RecordType(record_type), str(first["sf_id"]), values)


def _rename(person: list[Record]) -> ImportRow | None:
    row = next((r for r in person if r["decision"] == "rename"), None)
    if row is None or row["contact_id"] is None:
        return None
    return ImportRow(str(row["person"]), int(row["contact_id"]), str(row["new"]), (), (), rename=True)


def _import(person: list[Record], types: Mapping[str, DataFieldType], *, opted_out: bool) -> ImportRow | None:
    first = person[0]
    values = tuple(
        ImportValue(str(r["field"]), types[str(r["field"])], None if r["new"] is None else str(r["new"]))
        for r in person
        if r["aspect"] == "value"
    )
    books = () if opted_out else tuple(str(r["address_book"]) for r in person if r["aspect"] == "list")
    contact_id = None if first["contact_id"] is None else int(first["contact_id"])
    if contact_id is not None and not values and not books:
        return None
    return ImportRow(str(first["person"]), contact_id, str(first["email"]), values, books, opted_out=opted_out)
