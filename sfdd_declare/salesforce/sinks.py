"""The datasets that one query over people fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from sfdd_declare.model.mapping import MappingSet, RecordType
from sfdd_declare.model.ports import Sink, Spool
from sfdd_declare.people import columns
from sfdd_declare.salesforce.lanes import Lane, records_batch
from sfdd_declare.salesforce.query import Shape


class Sinks:
    """The datasets one query writes, opened and closed together; on an error all of them are thrown away."""

    def __init__(self, spool: Spool, datasets: Mapping[str, pa.Schema]) -> None:
        self._spool = spool
        self._datasets = datasets
        self._stack = ExitStack()
        self._sinks: dict[str, Sink] = {}

    def write(self, dataset: str, batch: pa.RecordBatch) -> None:
        if batch.num_rows:
            self._sinks[dataset].write(batch)

    def write_records(self, lane: Lane, sets: Iterable[MappingSet], shape: Shape, records: Sequence[Any]) -> None:
        for mapping in of_type(lane.record_type, sets):
            dataset = columns.records(mapping.account, mapping.record_type)
            self.write(dataset, records_batch(lane, mapping, partial(shape.column, records)))

    def __enter__(self) -> Self:
        for name, schema in self._datasets.items():
            self._sinks[name] = self._stack.enter_context(self._spool.sink(name, schema))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def of_type(kind: RecordType, sets: Iterable[MappingSet]) -> tuple[MappingSet, ...]:
    """The mapping sets of one record type."""
    return tuple(mapping for mapping in sets if mapping.record_type is kind)


def datasets_of(sets: Iterable[MappingSet]) -> dict[str, pa.Schema]:
    """The dataset of records of each mapping set."""
    return {columns.records(m.account, m.record_type): columns.records_schema(m) for m in sets}
