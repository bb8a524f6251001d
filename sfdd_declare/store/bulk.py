"""Many rows at once: from Arrow columns to the driver's own `executemany`, without a dictionary per row in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Delete, Insert, Update

Values = Sequence[Any]


def batches(table: pa.Table, size: int) -> Iterator[pa.RecordBatch]:
    """The rows of a table, `size` at a time, however it is chunked."""
    yield from table.combine_chunks().to_batches(max_chunksize=size)


def rows_of(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns as tuples of Python values."""
    yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def write_rows(
    connection: Connection, statement: Insert | Update | Delete, names: Sequence[str], rows: Sequence[Values]
) -> None:
    """Execute one statement for every row; `names` are the statement's parameters in the order of the values."""
    if not rows:
        return
    keys = list(names) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=connection.dialect, column_keys=keys)
    if compiled.positional:
        order = [names.index(name) for name in compiled.positiontup or ()]
        same = order == list(range(len(names)))
        tuples = [tuple(row) if same else tuple(row[i] for i in order) for row in rows]
        connection.exec_driver_sql(str(compiled), tuples)
    else:
        connection.exec_driver_sql(str(compiled), [dict(zip(names, row, strict=True)) for row in rows])
