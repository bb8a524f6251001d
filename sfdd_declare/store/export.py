"""The state's people as datasets of the spool: streamed in order of the key, turned into columns a batch at a time.

Packed hashes become columns by slicing bytes, never one by one: a base of millions of people is exported in the memory
of one batch.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Connection, Select, Table, case, inspect, literal, or_, select

from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.ports import Spool
from sfdd_declare.model.state import BookChanges, PeopleKeys
from sfdd_declare.people import columns
from sfdd_declare.store import schema
from sfdd_declare.store.layouts import NO_HASH, SIZE, Layouts, read_layouts
from sfdd_declare.store.ledger import read_parked

BATCH = 50_000
_KEYS = 1_000  # keys in one IN list; SQLite takes 32766

_BASE = (
    *("sf_id", "contact_id", "email_s", "email_d", "out_s", "out_d", "wrote_s", "wrote_d"),
    *("layout", "hashes_s", "hashes_d", "marks"),
)


def export_people(
    connection: Connection,
    account: str,
    sets: tuple[MappingSet, ...],
    spool: Spool,
    books: BookChanges,
    *,
    only: PeopleKeys | None = None,
) -> None:
    """Write `base.*`, `memberships.*`, `intents.*` and `remembered.*` of one account; each exists, if empty.

    `only` narrows to pairs that have one of the keys, and to the memberships of their contacts. What is remembered of
    opt-outs is always all of it: most of its hashes cover more than an address.
    """
    contacts: set[int] = set(only.contact_ids) if only else set()
    for mapping in sets:
        if mapping.account == account:
            contacts |= _export_base(connection, mapping, spool, only)
    i, s = schema.intents, schema.suppressions
    memberships = _narrowed(_memberships(account, books), schema.memberships.c.contact_id, contacts if only else None)
    _export(connection, memberships, columns.memberships(account), columns.MEMBERSHIPS, spool)
    intents = select(_key(i, books).label("address_book"), i.c.email_hash).where(i.c.account == account).distinct()
    intents = intents.order_by("address_book", i.c.email_hash)
    _export(connection, [intents], columns.intents(account), columns.INTENTS, spool)
    has_refusals = inspect(connection).has_table(schema.refusals.name)  # not in a state older than the table
    parked = [read_parked(account)] if has_refusals else []
    _export(connection, parked, columns.parked(account), columns.PARKED, spool)
    remembered = select(s.c.email_hash, s.c.reason).where(s.c.account == account).order_by(s.c.email_hash)
    _export(connection, [remembered], columns.remembered(account), columns.REMEMBERED, spool)


def _narrowed(query: Select[Any], column: ColumnElement[Any], keys: Collection[Any] | None) -> Iterator[Select[Any]]:
    """The query, or one per chunk of the keys that a column may have."""
    if keys is None:
        yield query
        return
    for some in _chunked(sorted(keys), _KEYS):
        yield query.where(column.in_(some))


def _memberships(account: str, books: BookChanges) -> Select[Any]:
    table = schema.memberships
    key = _key(table, books)
    found = {**dict(table.c), "address_book": key.label("address_book"), "forget": literal(value=False).label("forget")}
    query = select(*(found[name] for name in columns.MEMBERSHIPS.names))
    query = query.where(table.c.account == account, or_(key.not_in(books.relisted), table.c.list_optout))
    replaced = set(books.moved.values()) - set(books.moved)  # what stands under these keys belonged to other books
    return query.where(table.c.address_book.not_in(replaced)).order_by("address_book", table.c.contact_id)


def _key(table: Table, books: BookChanges) -> ColumnElement[str]:
    """The key a book has now."""
    old = table.c.address_book
    return case(books.moved, value=old, else_=old) if books.moved else old


def _export(
    connection: Connection, queries: Iterable[Select[Any]], dataset: str, shape: pa.Schema, spool: Spool
) -> None:
    _discard(spool, dataset)
    with spool.sink(dataset, shape) as sink:
        for rows in _streamed(connection, queries):
            arrays = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), shape.types, strict=True)]
            sink.write(pa.RecordBatch.from_arrays(arrays, schema=shape))


def _discard(spool: Spool, dataset: str) -> None:
    for part in spool.parts(dataset):
        part.unlink()


def _export_base(connection: Connection, mapping: MappingSet, spool: Spool, only: PeopleKeys | None) -> set[int]:
    """Returns the contacts of what a narrowed export wrote."""
    record_type, base = mapping.record_type.value, schema.base
    layouts = read_layouts(connection, mapping.account, record_type)
    shape = columns.base_schema(mapping)
    query = select(*(base.c[name] for name in _BASE)).order_by(base.c.sf_id)
    query = query.where(base.c.account == mapping.account, base.c.record_type == record_type)
    dataset = columns.base(mapping.account, mapping.record_type)
    _discard(spool, dataset)
    contacts: set[int] = set()
    seen: set[str] = set()
    with spool.sink(dataset, shape) as sink:
        for rows in _streamed(connection, _with_keys(query, only)):
            fresh = [row for row in rows if row.sf_id not in seen] if only else rows
            if only:
                seen.update(row.sf_id for row in fresh)
                contacts.update(row.contact_id for row in fresh if row.contact_id is not None)
            if fresh:
                sink.write(_base_batch(fresh, mapping, layouts, shape))
    return contacts


def _with_keys(query: Select[Any], only: PeopleKeys | None) -> Iterator[Select[Any]]:
    base = schema.base
    if only is None:
        yield query
        return
    packed = [bytes.fromhex(value) for value in only.email_hashes]
    yield from _narrowed(query, base.c.sf_id, only.sf_ids)
    yield from _narrowed(query, base.c.contact_id, only.contact_ids)
    yield from _narrowed(query, base.c.email_s, packed)
    yield from _narrowed(query, base.c.email_d, packed)


def _base_batch(rows: Sequence[Any], mapping: MappingSet, layouts: Layouts, shape: pa.Schema) -> pa.RecordBatch:
    sf_id, contact_id, email_s, email_d, out_s, out_d, wrote_s, wrote_d, versions, packed_s, packed_d, marks = zip(
        *rows, strict=True
    )
    named: dict[str, pa.Array] = {
        "sf_id": pa.array(sf_id, pa.string()),
        "contact_id": pa.array(contact_id, pa.int64()),
        "email_s": _hex(b"".join(value or NO_HASH for value in email_s)),
        "email_d": _hex(b"".join(value or NO_HASH for value in email_d)),
        "out_s": pa.array(map(bool, out_s), pa.bool_()),  # never settled counts as not opted out
        "out_d": pa.array(map(bool, out_d), pa.bool_()),
        "wrote_s": pa.array(wrote_s, pa.int64()),
        "wrote_d": pa.array(wrote_d, pa.int64()),
    }
    at = {name: i for i, name in enumerate(layouts.current.fields)}
    for side, packed in (("s", packed_s), ("d", packed_d)):
        hashes = memoryview(b"".join(map(layouts.translate, packed, versions))).cast("Q")  # rows x fields
        for mapped in mapping.fields:
            known = mapped.key in at
            column = _hex(hashes[at[mapped.key] :: len(at)].tobytes()) if known else pa.nulls(len(rows), pa.string())
            named[f"b{side}{mapped.index}"] = column
    bits = b"".join(map(layouts.translate_marks, marks, versions))
    for mapped in mapping.fields:
        known = mapped.key in at
        column = _of_bytes(pa.int8(), bits[at[mapped.key] :: len(at)]) if known else pa.nulls(len(rows), pa.int8())
        named[f"m{mapped.index}"] = column
    return pa.RecordBatch.from_arrays([named[name] for name in shape.names], schema=shape)


def _hex(hashes: bytes) -> pa.Array:
    """A text column of 16 hex digits per hash of 8 bytes; zeros mean there is no base and become null."""
    count = len(hashes) // SIZE
    valid = pc.not_equal(_of_bytes(pa.int64(), hashes), 0).buffers()[1]
    offsets = array("i", range(0, 2 * SIZE * (count + 1), 2 * SIZE))
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(hashes.hex().encode()), valid)


def _of_bytes(kind: pa.DataType, packed: bytes) -> pa.Array:
    """A column of numbers that lie side by side."""
    return pa.Array.from_buffers(kind, len(packed) * 8 // kind.bit_width, [None, pa.py_buffer(packed)])


def _streamed(connection: Connection, queries: Iterable[Select[Any]]) -> Iterator[Sequence[Any]]:
    for query in queries:
        yield from connection.execution_options(stream_results=True, yield_per=BATCH).execute(query).partitions()


def _chunked(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
