"""PK chunking: one query becomes several, each over a range of ids, and each a batch of its own."""

from __future__ import annotations

import re

from sfdd_declare.sandbox.salesforce import store
from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.soql_parse import parse

DEFAULT, MOST = 100_000, 250_000
_SIZE = re.compile(r"chunkSize\s*=\s*([0-9]{1,9})", re.IGNORECASE)
_WHERE = re.compile(r"\bWHERE\b", re.IGNORECASE)


def size_of(header: str) -> int:
    """How many records a chunk has, by the header of a job; 0 for no chunks."""
    found = _SIZE.search(header)
    if found is not None:
        return max(1, min(int(found.group(1)), MOST))
    return DEFAULT if header.partition(";")[0].strip().lower() == "true" else 0


def chunks(call: Call, text: str, object_name: str, size: int) -> list[str]:
    """The queries that a query is split into: none for one that has more than a WHERE, or that is none."""
    try:
        query = parse(text)
        one = call.view.object(object_name)
    except (Refusal, RecursionError):
        return []
    if query.order or query.limit is not None or query.offset:
        return []
    with call.world.lock:
        found = call.world.db.execute(f"SELECT Id FROM {store.table(one.name)} ORDER BY Id").fetchall()  # noqa: S608
    starts = [row["Id"] for row in found[::size]]
    ranges = [f"Id >= '{start}'" for start in starts]
    bounded = [f"{low} AND Id < '{end}'" for low, end in zip(ranges, starts[1:], strict=False)]
    return [_narrowed(text, condition) for condition in (*bounded, *ranges[-1:])]


def _narrowed(text: str, condition: str) -> str:
    head, *rest = _WHERE.split(text, maxsplit=1)
    return f"{head.rstrip()} WHERE {condition}" if not rest else f"{head}WHERE ({rest[0].strip()}) AND {condition}"
