"""Random people in numbers, as the property tests draw them, and what an engine makes of them, table by table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sfdd_declare.people.engine import Engine
from sfdd_declare.people.question import Question
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.people.walk import walk
from tests.spark.dialect import statements
from tests.unit.people.worlds import World

Row = tuple[str, ...]

TABLES = tuple(tree.this.this.name for tree in statements("schema") if tree.kind == "TABLE")


def spooled(world: World, folder: Path) -> RunDirectory:
    """The world's rows as the files that an engine reads."""
    spool = RunDirectory(folder)
    for dataset, schema in world.schemas().items():
        if rows := world.rows.get(dataset):
            with spool.sink(dataset, schema) as sink:
                for batch in pa.Table.from_pylist(rows, schema=schema).to_batches():
                    sink.write(batch)
    return spool


def walked(engine: Engine, question: Question) -> dict[str, list[Row]]:
    """Every table after the walk and the count of its answer, rows and columns in an order of their own."""
    with engine:
        walk(engine, question)
        engine.run("answer", "link_answer")
        return {table: _in_order(engine, table) for table in TABLES}


def _in_order(engine: Engine, table: str) -> list[Row]:
    rows = engine.rows(f"SELECT * FROM {table}")
    return sorted(tuple("-" if row[name] is None else f"={row[name]}" for name in sorted(row)) for row in rows)
