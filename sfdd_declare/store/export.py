"""The state's people as datasets of the spool: streamed in order of the key, turned into columns a batch at a time.

Packed hashes become columns by slicing bytes, never one by one: a base of millions of people is exported in the memory
of one batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Select, Table, case, literal, or_, select

from sfdd_declare.model.mapping import MappingSet
from sfdd_declare.model.ports import Spool
from sfdd_declare.model.state import BookChanges
from sfdd_declare.people import columns
from sfdd_declare.store import schema
from sfdd_declare.store.layouts import NO_HASH, SIZE, Layouts, read_layouts

BATCH = 50_000


def export_people(
    connection: Connection, account: str, sets: tuple[MappingSet, ...], spool: Spool, books: BookChanges
) -> None:
    """Write `base.*`, `memberships.*`, `intents.*` and `remembered.*` of one account; each exists, if empty."""
    for mapping in sets:
        if mapping.account == account:
            _export_base(connection, mapping, spool)
    i, s = schema.intents, schema.suppressions
    _export(connection, _memberships(account, books), columns.memberships(account), columns.MEMBERSHIPS, spool)
    intents = select(_key(i, books).label("address_book"), i.c.email_hash).where(i.c.account == account).distinct()
    intents = intents.order_by("address_book", i.c.email_hash)
    _export(connection, intents, columns.intents(account), columns.INTENTS, spool)
    remembered = select(s.c.email_hash, s.c.reason).where(s.c.account == account).order_by(s.c.email_hash)
    _export(connection, remembered, columns.remembered(account), columns.REMEMBERED, spool)


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


def _export(connection: Connection, query: Select[Any], dataset: str, shape: pa.Schema, spool: Spool) -> None:
    with spool.sink(dataset, shape) as sink:
        for rows in _streamed(connection, query):
            arrays = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), shape.types, strict=True)]
            sink.write(pa.RecordBatch.from_arrays(arrays, schema=shape))


def _export_base(connection: Connection, mapping: MappingSet, spool: Spool) -> None:
    record_type = mapping.record_type.value
    layouts = read_layouts(connection, mapping.account, record_type)
    shape = columns.base_schema(mapping)
    base = schema.base
    query = (
        select(
            base.c.sf_id,
            base.c.contact_id,
            base.c.email_s,
            base.c.email_d,
            base.c.out_s,
            base.c.out_d,
            base.c.wrote_s,
            base.c.wrote_d,
            base.c.layout,
            base.c.hashes_s,
            base.c.hashes_d,
            base.c.marks,
        )
        .where(base.c.account == mapping.account, base.c.record_type == record_type)
        .order_by(base.c.sf_id)
    )
    with spool.sink(columns.base(mapping.account, mapping.record_type), shape) as sink:
        for rows in _streamed(connection, query):
            sink.write(_base_batch(rows, mapping, layouts, shape))


def _base_batch(rows: Sequence[Any], mapping: MappingSet, layouts: Layouts, shape: pa.Schema) -> pa.RecordBatch:
    sf_id, contact_id, email_s, email_d, out_s, out_d, wrote_s, wrote_d, versions, packed_s, packed_d, marks = zip(
        *rows, strict=True
    )
    named: dict[str, pa.Array] = {
        "sf_id": pa.array(sf_id, pa.string()),
        "contact_id": pa.array(contact_id, pa.int64()),
        "email_s": _hex(_table([value or NO_HASH for value in email_s], 1)[:, 0]),
        "email_d": _hex(_table([value or NO_HASH for value in email_d], 1)[:, 0]),
        "out_s": pa.array(map(bool, out_s), pa.bool_()),  # never settled counts as not opted out
        "out_d": pa.array(map(bool, out_d), pa.bool_()),
        "wrote_s": pa.array(wrote_s, pa.int64()),
        "wrote_d": pa.array(wrote_d, pa.int64()),
    }
    at = {name: i for i, name in enumerate(layouts.current.fields)}
    for side, packed in (("s", packed_s), ("d", packed_d)):
        hashes = _table(list(map(layouts.translate, packed, versions)), len(at))
        for mapped in mapping.fields:
            known = mapped.key in at
            column = _hex(hashes[:, at[mapped.key]]) if known else pa.nulls(len(rows), pa.string())
            named[f"b{side}{mapped.index}"] = column
    bits = np.frombuffer(b"".join(map(layouts.translate_marks, marks, versions)), dtype=np.int8)
    bits = bits.reshape(len(rows), len(at))
    for mapped in mapping.fields:
        known = mapped.key in at
        named[f"m{mapped.index}"] = pa.array(bits[:, at[mapped.key]]) if known else pa.nulls(len(rows), pa.int8())
    return pa.RecordBatch.from_arrays([named[name] for name in shape.names], schema=shape)


def _table(blobs: list[bytes], width: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Rows x fields x 8 bytes."""
    return np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(len(blobs), width, SIZE)


def _hex(hashes: np.ndarray[Any, np.dtype[np.uint8]]) -> pa.Array:
    """A text column of 16 hex digits per hash; zeros mean there is no base and become null."""
    count = len(hashes)
    valid = np.packbits(hashes.any(axis=1), bitorder="little").tobytes()
    offsets = np.arange(0, 2 * SIZE * (count + 1), 2 * SIZE, dtype=np.int32)
    digits = hashes.tobytes().hex().encode()
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(digits), pa.py_buffer(valid))


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    return connection.execution_options(stream_results=True, yield_per=BATCH).execute(query).partitions()
