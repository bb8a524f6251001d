"""A state in any home, and what is written to it, with defaults."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, make_url, text

from sfdd_declare.model.address import campaign
from sfdd_declare.model.canonical import keyed_hash
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.mapping import (
    DataFieldType,
    Direction,
    FieldMapping,
    Form,
    FormKind,
    MappedField,
    MappingSet,
    RecordType,
)
from sfdd_declare.model.operation import Action, Operation, Stage, Task
from sfdd_declare.model.outcome import Problem
from sfdd_declare.model.ports import Settlement
from sfdd_declare.model.state import BookState
from sfdd_declare.people import columns
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.store.journal import OpenRun
from sfdd_declare.store.lease import Holder
from sfdd_declare.store.state import State
from tests import servers

DATABASES = ("sqlite", "postgresql")
OBJECT_STORES = ("s3", "azure")
HOMES = (*DATABASES, *OBJECT_STORES)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@contextmanager
def a_home(kind: str) -> Iterator[Path | str]:
    """A place where no state is yet."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / ".sfdd" / "state.db"
    elif kind == "postgresql":
        with _a_schema() as url:
            yield url
    else:
        with _a_prefix(kind) as url:
            yield url


@contextmanager
def _a_schema() -> Iterator[str]:
    url, name = servers.postgresql(), f"sfdd_test_{next(_numbers)}"
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()


@contextmanager
def _a_prefix(kind: str) -> Iterator[str]:
    """A folder of the bucket. The library takes its credentials from the environment, as it does in real life."""
    scheme, environ = ("s3", servers.s3()) if kind == "s3" else ("az", servers.azure())
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in environ.items():
            patch.setenv(variable, value)
        yield f"{scheme}://{servers.BUCKET}/test-{next(_numbers)}/state.db"


_numbers = iter(range(1_000_000))


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def a_holder(operation: str = "apply", pid: int | None = None, host: str = "here") -> Holder:
    return Holder(owner="ci", host=host, pid=pid or os.getpid(), operation=operation)


@contextmanager
def a_run(state: State, *sets: MappingSet, run: str = "run-1") -> Iterator[OpenRun]:
    with state.lock(a_holder()) as lease:
        yield state.begin_run(lease, run=run, fingerprint="f00d", sets={"main": sets} if sets else {})


def a_field(index: int, source: str, target: str, direction: Direction = Direction.TWO_WAY) -> MappedField:
    return MappedField(
        index=index,
        mapping=FieldMapping("main", RecordType.CONTACT, source, target, direction),
        form=Form(FormKind.TEXT, 80),
        salesforce_type="string",
        salesforce_length=80,
        salesforce_scale=0,
        nillable=True,
        choices=(),
        data_field_type=DataFieldType.STRING,
        data_field_name=target,
    )


def a_mapping(*pairs: str, record_type: RecordType = RecordType.CONTACT) -> MappingSet:
    """`a_mapping("Title>JOB")`: fields by their keys."""
    ends = [pair.split(">") for pair in pairs]
    fields = tuple(a_field(i, source, target) for i, (source, target) in enumerate(ends))
    return MappingSet("main", record_type, fields)


def a_table(schema: pa.Schema, rows: list[dict[str, Any]], **defaults: Any) -> pa.Table:
    return pa.Table.from_pylist([{**defaults, **row} for row in rows], schema=schema)


def pairs(*rows: dict[str, Any]) -> Settlement:
    defaults = {"account": "main", "record_type": "contact", "sf_id": "003A", "wrote_s": False, "wrote_d": False}
    return Settlement(pairs=a_table(columns.PAIRS, list(rows), **defaults))


def memberships(*rows: dict[str, Any]) -> Settlement:
    flags = dict.fromkeys(("wanted", "on_book", "added_by_us", "list_optout", "left", "forget"), False)
    defaults = {"account": "main", "address_book": "news", "contact_id": 1, **flags}
    return Settlement(memberships=a_table(columns.MEMBERSHIPS, list(rows), **defaults))


def an_operation(name: str = "import:main") -> Operation:
    return Operation(OperationId(name), campaign("spring"), Stage.CONTACTS, Action.PEOPLE, Task.IMPORT_CONTACTS)


def a_book(key: str = "news", list_id: int = 7) -> BookState:
    return BookState("main", key, list_id, True, 10, 9, "2026-02-28T00:00:00Z")


def a_problem(record: str = "003A", field: str = "JOB", **other: Any) -> Problem:
    values = {"operation": OperationId("import:main"), "account": "main", "code": "TOO_LONG", "message": "too long"}
    return Problem(**{**values, "record": record, "field": field, **other})


def h(value: str) -> str:
    return keyed_hash("key", value)


def exported(state: State, dataset: str, *sets: MappingSet) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        spool = RunDirectory(Path(folder))
        state.export("main", sets, spool)
        parts = spool.parts(dataset)
        assert parts, f"{dataset} was not exported"
        return [row for part in parts for row in pq.read_table(part).to_pylist()]


def base_of(state: State, mapping: MappingSet) -> dict[str, dict[str, Any]]:
    rows = exported(state, columns.base("main", mapping.record_type), mapping)
    return {row["sf_id"]: row for row in rows}
