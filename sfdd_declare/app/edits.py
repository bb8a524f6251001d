"""One more look just before values are written: whoever was edited since the plan was read is left out (WIRE-6).

Neither vendor can write on a condition. So people of whom a filled value would be replaced are read again, on both
sides, and so is everybody once the plan's own read is older than `FRESH`. A thousand at a time; nothing stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.app.wiring import Readers
from sfdd_declare.model.canonical import email_key, keyed_hash
from sfdd_declare.model.errors import Transient
from sfdd_declare.model.limits import LOOK_UP_ROWS
from sfdd_declare.model.mapping import MappedField, MappingSet
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.ports import ReadReport, Spool
from sfdd_declare.people import columns, forms
from sfdd_declare.people.columns import GONE
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.run.batches import PeopleBatch

#: Older reads are not written by without a second look.
FRESH = timedelta(minutes=10)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edited:
    """Answers with the persons of a batch whose values, or whose being there at all, are not what the plan was made
    of. `read_at`: when the plan began to read; `aside` makes a directory for what is read now.
    """

    sets: tuple[MappingSet, ...]
    readers: Readers
    hash_key: SecretStr
    read_at: datetime
    now: Callable[[], datetime]
    aside: Callable[[], RunDirectory]

    @property
    def what(self) -> str:
        return "edited meanwhile"

    def __call__(self, operation: Operation, batch: PeopleBatch) -> frozenset[str]:
        """Raises Transient when they cannot all be read: nothing is replaced on the strength of half a look."""
        if operation.task not in (Task.IMPORT_CONTACTS, Task.UPDATE_RECORDS):
            return frozenset()
        account = str(dict(operation.payload)["account"])
        everybody = self.now() - self.read_at > FRESH
        edited: set[str] = set()
        for people in _doubtful(batch.table, everybody=everybody):
            with closing(self.aside()) as spool:
                present = self._read(account, people, spool)
            rows = [row for person in people for row in person]
            key, there = self.hash_key.get_secret_value(), operation.task is Task.IMPORT_CONTACTS
            edited.update(present.edited(rows, key, to_dotdigital=there))
            edited.update(present.appeared_or_gone(rows))
        return frozenset(edited)

    def _read(self, account: str, people: Sequence[Sequence[Row]], spool: Spool) -> _Present:
        own = tuple(s for s in self.sets if s.account == account)
        firsts = [person[0] for person in people]
        ids = {
            s.record_type: tuple(r["sf_id"] for r in firsts if r["sf_id"] and r["record_type"] == s.record_type.value)
            for s in own
        }
        known = [row["contact_id"] for row in firsts if row["contact_id"] is not None]
        new = [row["email"] for row in firsts if row["contact_id"] is None and row["email"]]
        _whole(self.readers.salesforce.people.records(ids, own, spool))
        _whole(self.readers.dotdigital[account].people.look_up(new, known, own, spool))
        return _Present(own, _records(own, spool), _contacts(account, spool))


@dataclass(frozen=True, slots=True)
class _Present:
    """Both sides of some people as they are now; `records` by record type and Id, `contacts` by id."""

    sets: tuple[MappingSet, ...]
    records: Mapping[tuple[str, str], Row]
    contacts: Mapping[int, Row]

    def edited(self, rows: Iterable[Row], key: str, *, to_dotdigital: bool) -> Iterator[str]:
        """Persons with a value whose source has another hash, or whose target another form, than the plan saw."""
        for (kind, name), group in _by_field(rows).items():
            mapped = self._mapped(kind, name, to_dotdigital=to_dotdigital)
            zone = mapped.zone if to_dotdigital else forms.UTC_ZONE
            olds = pa.array([row["old"] for row in group], pa.string())
            before = forms.comparison(olds, mapped.form, zone).to_pylist()
            for row, old in zip(group, before, strict=True):
                s, d = self._forms(row, mapped)
                source, target, expected = (s, d, "expect_s") if to_dotdigital else (d, s, "expect_d")
                if keyed_hash(key, source or "") != row[expected] or target != old:
                    yield row["person"]

    def appeared_or_gone(self, rows: Iterable[Row]) -> Iterator[str]:
        """Persons whose record or contact is not there any more, and newcomers whose address has a contact by now."""
        addresses = {contact["email_key"] for contact in self.contacts.values()}
        for row in rows:
            record = self.records.get((row["record_type"], row["sf_id"]))
            if record is None or record["converted"]:
                yield row["person"]
            elif row["contact_id"] is not None:
                if row["contact_id"] not in self.contacts:
                    yield row["person"]
            elif record["email_key"] in addresses or record["email_key"] != email_key(row["email"]):
                yield row["person"]

    def _mapped(self, record_type: str, name: str, *, to_dotdigital: bool) -> MappedField:
        """The mapping a row is about: rows are named after their target."""
        fields = [f for s in self.sets if s.record_type.value == record_type for f in s.fields]
        if to_dotdigital:
            return next(f for f in fields if f.data_field_name == name and f.writes_dotdigital)
        return next(f for f in fields if f.mapping.salesforce_field == name)

    def _forms(self, row: Row, mapped: MappedField) -> tuple[str | None, str | None]:
        record = self.records.get((row["record_type"], row["sf_id"]), {})
        contact = self.contacts.get(row["contact_id"], {})
        slot = columns.slot_of(mapped, columns.slots(self.sets))
        return record.get(f"c{mapped.index}"), contact.get(f"c{slot.index}")


def _doubtful(table: pa.Table, *, everybody: bool) -> Iterator[list[list[Row]]]:
    """The people to read again, as many at a time as one look-up takes, each with all value and identity rows."""
    people: list[list[Row]] = []
    for person in _people(table):
        rows = [row for row in person if row["aspect"] in ("value", "identity")]
        if rows and (everybody or any(row["old"] is not None for row in rows if row["aspect"] == "value")):
            people.append(rows)
        if len(people) == LOOK_UP_ROWS:
            yield people
            people = []
    if people:
        yield people


def _people(table: pa.Table) -> Iterator[list[Row]]:
    group: list[Row] = []
    for batch in table.to_batches(max_chunksize=5_000):
        for row in batch.to_pylist():
            if group and row["person"] != group[0]["person"]:
                yield group
                group = []
            group.append(row)
    if group:
        yield group


def _by_field(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["aspect"] == "value":
            groups.setdefault((row["record_type"], row["field"]), []).append(row)
    return groups


def _records(sets: tuple[MappingSet, ...], spool: Spool) -> dict[tuple[str, str], Row]:
    return {
        (s.record_type.value, row["sf_id"]): row
        for s in sets
        for row in _rows(spool, columns.records(s.account, s.record_type))
    }


def _contacts(account: str, spool: Spool) -> dict[int, Row]:
    rows = _rows(spool, columns.contacts(account))
    return {row["contact_id"]: row for row in rows if row["status"] not in GONE and row["channel"] not in GONE}


def _rows(spool: Spool, dataset: str) -> Iterator[Row]:
    for part in spool.parts(dataset):
        yield from pq.read_table(part).to_pylist()


def _whole(report: ReadReport) -> None:
    if not report.complete:
        raise Transient("SFDD-E5004", "What was edited meanwhile could not be read to the end.", hint="sfdd apply")
