"""The people engine on Sail: the rules' tables as tables of a Spark Connect server, the same steps, the same files.

The server runs within this process. What Spark's SQL has no word for stands in `dialect`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from sfdd_declare.model.ports import Spool
from sfdd_declare.people.engine import Engine, Row
from tests.spark import dialect

#: Sail's planner puts each step of a statement into the next, so what a chain repeats doubles step by step: the longest
#: statement takes minutes. One with more steps than this runs step by step.
MOST_STEPS = 12

_ARROW = {"STRING": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}


@contextmanager
def session() -> Iterator[Any]:
    """A session with a server of its own."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer()
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://localhost:{port}").create()
    try:
        yield spark
    finally:
        spark.stop()
        server.stop()


class SparkEngine(Engine):
    """Stands in for the engine in `walk`. `folder`: where the tables have their files."""

    def __init__(self, spark: Any, spool: Spool, folder: Path) -> None:
        self.spool = spool
        self._spark = spark
        self._folder = folder
        self._tables: dict[str, dict[str, str]] = {}
        self._views: dict[str, exp.Create] = {}
        self._files = 0

    def make_tables(self) -> None:
        self.run("schema")

    def run(self, *names: str) -> None:
        for name in names:
            for tree in dialect.statements(name):
                self._do(tree)

    def execute(self, sql: str) -> None:
        self._do(dialect.statement(sql))

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        lines = [dict(zip(columns, row, strict=True)) for row in rows]
        self._write(table, pa.Table.from_pylist(lines, schema=self.schema(table)))

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        assert not values, "the walk asks without question marks"
        return self._answer(dialect.spark(dialect.statement(sql))).to_pylist()

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        yield from self._answer(dialect.spark(dialect.statement(sql))).to_batches()

    def clear(self, *tables: str) -> None:
        for table in tables:
            self._drop(table)
            self._make(table)

    def drop_all_but(self, *tables: str) -> None:
        for table in set(self._tables) - set(tables):
            self._drop(table)
            del self._tables[table]

    def schema(self, table: str) -> pa.Schema:
        """The declared columns of a table."""
        return pa.schema([(name, _ARROW[kind]) for name, kind in self._tables[table].items()])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tables and views go with the session."""

    def _do(self, tree: exp.Expression) -> None:
        if isinstance(tree, exp.Create) and tree.kind == "TABLE":
            self._tables[tree.this.this.name] = dialect.columns_of(tree)
            self._make(tree.this.this.name)
        elif isinstance(tree, exp.Create) and tree.kind == "VIEW":
            self._views[tree.this.name] = self._with_files(tree)
            self._look(tree.this.name)
        elif isinstance(tree, exp.Insert):
            self._insert(self._with_files(tree))
        elif isinstance(tree, exp.Update | exp.Delete):
            self._replace(tree.this.name, self._answer(dialect.held_after(tree, self._tables[tree.this.name])))
        else:
            raise AssertionError(f"a statement of another kind: {tree.key}")

    def _insert(self, tree: exp.Insert) -> None:
        """By position, with nulls for columns that are not named: Sail knows BY NAME only where all are."""
        if len(tree.expression.ctes) > MOST_STEPS:
            with self._steps(tree.expression) as rest:
                return self._insert_rows(tree, rest)
        return self._insert_rows(tree, tree.expression)

    def _insert_rows(self, tree: exp.Insert, rows: exp.Expression) -> None:
        table, query = tree.this.name, dialect.spark(rows)
        declared = self._tables[table]
        named = self._spark.sql(query).columns if tree.args.get("by_name") else list(declared)
        assert set(named) <= set(declared), set(named) - set(declared)
        cells = [
            f"CAST({f'`{name}`' if name in named else 'NULL'} AS {kind}) AS `{name}`" for name, kind in declared.items()
        ]
        self._spark.sql(f"INSERT INTO {table} SELECT {', '.join(cells)} FROM ({query}) AS found").toArrow()

    def _with_files(self, tree: exp.Expression) -> exp.Expression:
        """Files of the spool are read through a view."""
        tree = tree.copy()
        for reading in list(tree.find_all(exp.ReadParquet)):
            self._files += 1
            view = f"files_{self._files}"
            paths = [path.this for path in reading.expressions[0].expressions]
            self._spark.read.parquet(*paths).createOrReplaceTempView(view)
            reading.parent.replace(exp.to_table(view))
        return tree

    @contextmanager
    def _steps(self, query: exp.Expression) -> Iterator[exp.Expression]:
        """The same query over views of what its steps found; some are named like tables, so the views go again."""
        names = [step.alias for step in query.ctes]
        for step in query.ctes:
            self._files += 1
            path = self._folder / f"step.{self._files}.parquet"
            pq.write_table(self._answer(dialect.spark(step.this)), path)
            self._spark.read.parquet(str(path)).createOrReplaceTempView(step.alias)
        rest = query.copy()
        rest.set("with_", None)
        yield rest
        for name in names:
            self._spark.catalog.dropTempView(name)

    def _look(self, view: str) -> None:
        self._spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW {view} AS {dialect.spark(self._views[view].expression)}")

    def _make(self, table: str) -> None:
        self._files += 1
        place = self._folder / f"{table}.{self._files}"
        place.mkdir(parents=True)
        columns = ", ".join(f"`{name}` {kind}" for name, kind in self._tables[table].items())
        self._spark.sql(f"CREATE TABLE {table} ({columns}) USING parquet LOCATION '{place}'")
        for view, tree in self._views.items():  # a view keeps the table that it was made over
            if any(part.name == table for part in tree.find_all(exp.Table)):
                self._look(view)

    def _drop(self, table: str) -> None:
        self._spark.sql(f"DROP TABLE {table}")
        shutil.rmtree(self._place(table), ignore_errors=True)

    def _place(self, table: str) -> Path:
        return max(self._folder.glob(f"{table}.*"), key=lambda place: int(place.suffix[1:]))

    def _replace(self, table: str, rows: pa.Table) -> None:
        self.clear(table)
        self._write(table, rows.cast(self.schema(table)))

    def _write(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._files += 1
            pq.write_table(rows, self._place(table) / f"{self._files}.parquet")

    def _answer(self, query: str) -> pa.Table:
        return self._spark.sql(query).toArrow()
