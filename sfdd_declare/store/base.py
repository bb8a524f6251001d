"""What each side held when a person was last synchronised: one row per (account, record type, Salesforce id) (BASE-1).

Settlement rows name one item of one person each; here they become patches of packed rows. All of a batch goes into the
caller's transaction, in the order of the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import Connection, select

from sfdd_declare.model.errors import BugError
from sfdd_declare.people import columns
from sfdd_declare.store import schema
from sfdd_declare.store.bulk import batches, rows_of, write_rows
from sfdd_declare.store.database import upsert
from sfdd_declare.store.layouts import SIZE, Layouts, extended_layouts

EMAIL, OPTED_OUT = "email", "opted_out"

_SLICE = 200_000  # settlement rows held as Python objects at a time
_LOOKUP = 1_000  # keys in one IN list; SQLite takes 32766
_COLUMNS = tuple(column.name for column in schema.base.columns)
_AT = {name: i for i, name in enumerate(_COLUMNS)}
_CONTACT, _LAYOUT = _AT["contact_id"], _AT["layout"]


class _Side(NamedTuple):
    """Where one side's columns stand in a row, and its two bits in a mark."""

    email: int
    out: int
    wrote: int
    hashes: int
    written: int
    altered: int


_SIDES = tuple(
    _Side(_AT[f"email_{x}"], _AT[f"out_{x}"], _AT[f"wrote_{x}"], _AT[f"hashes_{x}"], written, altered)
    for x, written, altered in (("s", columns.WROTE_S, columns.ALTERED_S), ("d", columns.WROTE_D, columns.ALTERED_D))
)
_MARKS = _AT["marks"]
_Row = list[Any]  # the values of `_COLUMNS`
_Item = tuple[Any, ...]  # the values of `_ITEM`
_ITEM = ("contact_id", "item", "expect_s", "expect_d", "wrote_s", "wrote_d", "altered")
_People = dict[str, list[_Item]]  # by Salesforce id


def settle_pairs(connection: Connection, pairs: pa.Table, now: int) -> None:
    """Write settlement rows (schema PAIRS). A null expectation leaves that side alone; later rows win.

    Rows without a Salesforce id are left out: a contact without a record has no base.
    """
    for batch in batches(pairs, _SLICE):
        for group, people in _grouped(batch).items():
            seen = _seen(connection, group[0])
            fields = {item for rows in people.values() for _, item, s, d, *_ in rows if s is not None or d is not None}
            layouts = extended_layouts(connection, *group, sorted(fields - {EMAIL, OPTED_OUT}))
            for ids in _chunked(sorted(people)):
                rows = _stored(connection, group, ids, layouts)
                for sf_id, row in rows.items():
                    _patch_marks(row, people[sf_id], layouts, seen)
                    _patch(row, people[sf_id], layouts, now)
                write_rows(connection, upsert(connection, schema.base), _COLUMNS, list(rows.values()))


def _seen(connection: Connection, account: str) -> int:
    """When the last apply that ended had read this account's people."""
    marks = schema.watermarks
    found = connection.execute(select(marks.c.value).where(marks.c.name == f"seen:{account}")).scalar()
    return int(found) if found else 0


def _grouped(batch: pa.RecordBatch) -> dict[tuple[str, str], _People]:
    groups: dict[tuple[str, str], _People] = {}
    for account, record_type, sf_id, *item in rows_of(batch, ("account", "record_type", "sf_id", *_ITEM)):
        if sf_id is not None:
            groups.setdefault((account, record_type), {}).setdefault(sf_id, []).append(tuple(item))
    return groups


def _stored(connection: Connection, group: tuple[str, str], ids: list[str], layouts: Layouts) -> dict[str, _Row]:
    """The rows of some people in the current layout, in the order of `ids`; empty ones for those who are new."""
    base = schema.base
    mine = select(base).where(base.c.account == group[0], base.c.record_type == group[1], base.c.sf_id.in_(ids))
    found = {row.sf_id: list(row) for row in connection.execute(mine).all()}
    for row in found.values():
        for side in _SIDES:
            row[side.hashes] = layouts.translate(row[side.hashes], row[_LAYOUT])
        row[_MARKS] = layouts.translate_marks(row[_MARKS], row[_LAYOUT])
        row[_LAYOUT] = layouts.current.version
    blank = bytes(layouts.current.width)
    rest = (None,) * (_LAYOUT - _CONTACT)
    values = (layouts.current.version, blank, blank, bytes(len(layouts.current.fields)))
    return {sf_id: found.get(sf_id) or [*group, sf_id, *rest, *values] for sf_id in ids}


def _patch_marks(row: _Row, items: list[_Item], layouts: Layouts, seen: int) -> None:
    """BASE-5: what our last write covered, and what became of it. Goes before `_patch`: it compares with what was."""
    if not any(wrote_s or wrote_d or altered is not None for *_, wrote_s, wrote_d, altered in items):
        return
    marks = bytearray(row[_MARKS])
    before = bytes(marks)
    for number, side in enumerate(_SIDES):
        if any(item[4 + number] for item in items):
            marks = bytearray(mark & ~side.written for mark in marks)
    for _, item, *sides, altered in items:
        if item in (EMAIL, OPTED_OUT):
            continue
        at = layouts.current.fields.index(item)
        for side, expect, wrote in zip(_SIDES, sides[:2], sides[2:], strict=True):
            if wrote:
                again = before[at] & side.written and (row[side.wrote] or 0) >= seen
                same = row[side.hashes][at * SIZE : at * SIZE + SIZE] == _packed(expect)
                marks[at] = side.written | (side.altered if again and same else before[at] & side.altered)
        if altered == "":
            marks[at] &= ~columns.ALTERED
        elif altered is not None:
            marks[at] |= columns.ALTERED_S if altered == "s" else columns.ALTERED_D
    row[_MARKS] = bytes(marks)


def _patch(row: _Row, items: list[_Item], layouts: Layouts, now: int) -> None:
    hashes = [bytearray(row[side.hashes]) for side in _SIDES]
    for contact_id, item, *sides, _ in items:
        if contact_id is not None:
            row[_CONTACT] = contact_id
        expected, written = sides[:2], sides[2:]
        for side, packed, expect, wrote in zip(_SIDES, hashes, expected, written, strict=True):
            if wrote:
                row[side.wrote] = now
            if expect is None:
                continue
            if item == OPTED_OUT:
                row[side.out] = expect == "1"
            elif item == EMAIL:
                row[side.email] = _packed(expect)
            else:
                start = layouts.current.offset(item)
                packed[start : start + SIZE] = _packed(expect)
    for side, packed in zip(_SIDES, hashes, strict=True):
        row[side.hashes] = bytes(packed)


def _packed(text: str) -> bytes:
    packed = bytes.fromhex(text)
    if len(packed) != SIZE:
        raise BugError("SFDD-E9930", "A settlement holds something that is not a hash.", hint="sfdd doctor")
    return packed


def _chunked(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + _LOOKUP] for start in range(0, len(ids), _LOOKUP))
