"""The engine's tables: the spool's datasets, the tables kept between steps, and the few joins every step is made of.

The only place that knows DuckDB. Everything above it speaks Ibis, so that the same expressions can run elsewhere.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import SecretStr

from sfdd_declare.model.errors import BugError, DeclareError
from sfdd_declare.model.ports import Spool
from sfdd_declare.people.hashing import KEY

ROWS_PER_BATCH = 50_000

#: Of the memory limit; the rest is for Python and what is in flight between the two.
ENGINE_SHARE = 0.6

# Fusing selects costs a third of the time of a small plan; the engine's own optimiser does it anyway.
ibis.options.sql.fuse_selects = False

_SPACES = r"[\x09-\x0d\x1c-\x1f\x{85}\pZ]+"

#: Stands in compiled text where the hash key belongs.
_KEY_HERE = "\x02the key\x03"
_COMPILED: dict[Any, str] = {}
_MOST_COMPILED = 2_000

Table = Any  # ibis carries no types
Value = Any


class Tables:
    """One engine over one spool. Use as a context manager: leaving it frees memory and temporary files.

    Expressions are compiled and handed to the engine as text: Ibis' own sessions ask the engine about every table again
    and again. Errors of the engine leave as DeclareErrors without its words, which may quote data or the hash key.
    """

    def __init__(self, spool: Spool, memory_limit: str, hash_key: SecretStr | None = None) -> None:
        self._spool = spool
        self._hash_key = hash_key.get_secret_value() if hash_key else ""
        self._names: Counter[str] = Counter()
        self._read: dict[str, Table] = {}
        self._repeats: dict[str, bool] = {}
        self._sizes: dict[str, int] = {}
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _share(memory_limit),
            "temp_directory": str(spool.root / "engine"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        self._engine = duckdb.connect(":memory:", config=options)

    def read(self, dataset: str, schema: pa.Schema) -> Table:
        """A dataset of the spool; empty when nobody has written it."""
        if dataset not in self._read:
            parts = [str(path) for path in self._spool.parts(dataset)]
            if not parts:
                self._read[dataset] = self.small(schema, [])
            else:
                columns = ibis.Schema.from_pyarrow(schema)
                name = self._name("read", columns)
                source = self._engine.read_parquet(parts)
                source.select(*schema.names).create_view(name)
                self._read[dataset] = ibis.table(columns, name=name)
        return self._read[dataset]

    def has(self, dataset: str) -> bool:
        """Whether the dataset has any row."""
        return any(pq.read_metadata(path).num_rows for path in self._spool.parts(dataset))

    def repeats(self, dataset: str, key: str) -> bool:
        """Whether some key of a dataset that was read stands in it more than once."""
        if dataset not in self._repeats:
            table = self._read[dataset]
            [count] = self.rows(table.aggregate(rows=table.count(), keys=table[key].nunique()))
            self._repeats[dataset] = count["rows"] > count["keys"]
        return self._repeats[dataset]

    def keep(self, expression: Table) -> Table:
        """Compute now, use often."""
        schema = expression.schema()
        name = self._name("kept", schema)
        made = self._engine.execute(f"CREATE TEMP TABLE {name} AS {self._sql(expression)}")
        [(self._sizes[name],)] = made.fetchall()
        return ibis.table(schema, name=name)

    def drop(self, *kept: Table) -> None:
        """Give back the memory of tables that nothing needs any more."""
        for table in kept:
            self._engine.execute(f"DROP TABLE {table.get_name()}")

    def size(self, kept: Table) -> int:
        """Rows of a kept table."""
        return self._sizes[kept.get_name()]

    def is_empty(self, kept: Table) -> bool:
        """Whether a kept table has no row: what is made of it need not be computed."""
        return not self.size(kept)

    def small(self, schema: pa.Schema, rows: Sequence[Sequence[object]]) -> Table:
        """A table of a few rules."""
        columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
        shape = ibis.Schema.from_pyarrow(schema)
        name = self._name("small", shape)
        self._engine.from_arrow(pa.Table.from_arrays(arrays, schema=schema)).create(name)
        self._sizes[name] = len(rows)
        return ibis.table(shape, name=name)

    def rows(self, expression: Table) -> list[dict[str, Any]]:
        """A small result."""
        found: list[dict[str, Any]] = self._engine.execute(self._sql(expression)).to_arrow_table().to_pylist()
        return found

    def batches(self, expression: Table) -> Iterator[pa.RecordBatch]:
        yield from self._engine.execute(self._sql(expression)).to_arrow_reader(ROWS_PER_BATCH)

    def _sql(self, expression: Table) -> str:
        """Compiling takes longer than most answers, and every plan asks the same: what is compiled is kept."""
        node = expression.op()
        if node not in _COMPILED:
            if len(_COMPILED) >= _MOST_COMPILED:
                _COMPILED.clear()
            _COMPILED[node] = str(ibis.duckdb.compile(expression, params={KEY: _KEY_HERE}))
        return _COMPILED[node].replace(_KEY_HERE, self._hash_key.replace("'", "''"))

    def _name(self, kind: str, schema: ibis.Schema) -> str:
        """Counted per shape: a step that one plan skips must not rename the tables of all later ones, or what is
        compiled would fit no other plan.
        """
        stem = f"{kind}_{zlib.crc32(str(tuple(schema.items())).encode()):08x}"
        self._names[stem] += 1
        return f"{stem}_{self._names[stem]}"

    def __enter__(self) -> Tables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()
        if isinstance(error, duckdb.OutOfMemoryException):
            raise DeclareError(
                "SFDD-E4010", "The people do not fit into the engine's memory.", hint="engine.memory_limit"
            ) from None
        if isinstance(error, duckdb.Error):
            raise BugError("SFDD-E9904", f"The people engine failed: {type(error).__name__}.") from None


def _share(limit: str) -> str:
    """What the engine may use of the limit: Python and the batches in flight need the rest."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z%]*)\s*", limit)
    return f"{float(found[1]) * ENGINE_SHARE:g}{found[2]}" if found else limit


def text(value: str | None) -> Value:
    return ibis.literal(value, "string")


def no_text() -> Value:
    return ibis.null("string")


def no_number() -> Value:
    return ibis.null("int64")


def stripped(value: Value) -> Value:
    """Without white space at either end, whatever Unicode calls so: the engine's own function knows only ASCII's."""
    return value.re_replace(rf"^{_SPACES}|{_SPACES}$", "")


def stack(tables: Iterable[Table]) -> Table:
    """All rows of tables with the same columns."""
    first, *rest = tables
    return ibis.union(first, *rest, distinct=False) if rest else first


def bring(left: Table, right: Table, keys: dict[str, str], **columns: str) -> Table:
    """`left` with columns of `right` where its keys match, null elsewhere. `right` has each key at most once."""
    return _beside(left, right, keys, lambda theirs: {ours: ops.Field(theirs, name) for ours, name in columns.items()})


def mark(left: Table, right: Table, keys: dict[str, str], name: str) -> Table:
    """`left` with a flag: whether `right` has a row with these keys."""
    (key, *_) = keys.values()
    other = right.select(*keys.values()).distinct()
    return _beside(left, other, keys, lambda theirs: {name: ops.NotNull(ops.Field(theirs, key))})


def _beside(left: Table, right: Table, keys: dict[str, str], values: Callable[[Value], dict[str, Value]]) -> Table:
    """Made of Ibis' own operations: every step brings something, and what `join` and `select` do to find out which
    table a column is of takes longer than all the rest.
    """
    ours, theirs = ops.JoinReference(left.op(), identifier=0), ops.JoinReference(right.op(), identifier=1)
    equal = [ops.Equals(ops.Field(ours, own), ops.Field(theirs, other)) for own, other in keys.items()]
    every = {name: ops.Field(ours, name) for name in left.columns} | values(theirs)
    return ibis.expr.types.Table(ops.JoinChain(ours, rest=[ops.JoinLink("left", theirs, equal)], values=every))


def first_per(table: Table, keys: Sequence[str], order: Sequence[Value]) -> Table:
    """The first row for each key. The order must leave no tie that matters."""
    return table.filter(ibis.row_number().over(group_by=list(keys), order_by=list(order)) == 0)


def joined(parts: Iterable[Value]) -> Value:
    """One text that tells any two different rows of texts apart: each with its length, `-` for null."""
    marked = [(part.length().cast("string") + ":" + part).fill_null("-") for part in parts]
    return ibis.literal("").concat(*marked) if marked else ibis.literal("")
