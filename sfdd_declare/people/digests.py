"""Digests of rows by operation, taken from Arrow's own buffers while the rows stream by.

Equal rows in equal order give equal digests, however they are cut into batches: per column the bytes of all values go
into one hash and their lengths (-1 for null) into another.
"""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc


class Digests:
    """Feed batches that are sorted by operation."""

    def __init__(self) -> None:
        self._hashes: dict[str, list[hashlib._Hash]] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        runs = pc.run_end_encode(batch.column("operation"))
        start = 0
        for operation, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            hashes = self._hashes.setdefault(operation, [hashlib.sha256() for _ in range(2 * batch.num_columns)])
            for number, column in enumerate(batch.slice(start, end - start).columns):
                text = column.cast(pa.string())
                hashes[2 * number].update(_lengths(text))
                hashes[2 * number + 1].update(_bytes(text))
            start = end

    def result(self) -> dict[str, str]:
        return {
            operation: hashlib.sha256(b"".join(found.digest() for found in hashes)).hexdigest()
            for operation, hashes in self._hashes.items()
        }


def _lengths(text: pa.StringArray) -> memoryview:
    lengths = pc.fill_null(pc.binary_length(text), -1)
    width = 4
    return memoryview(lengths.buffers()[1])[lengths.offset * width : (lengths.offset + len(lengths)) * width]


def _bytes(text: pa.StringArray) -> memoryview:
    whole = pc.fill_null(text, "")
    _, offsets, data = whole.buffers()
    if data is None:
        return memoryview(b"")
    places = memoryview(offsets).cast("i")
    return memoryview(data)[places[whole.offset] : places[whole.offset + len(whole)]]
