"""Where people belong whose rows failed: by the books they were to join, and by those they are on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import pyarrow as pa
import pyarrow.dataset as ds

from sfdd_declare.model.outcome import Problem
from sfdd_declare.model.ports import Spool
from sfdd_declare.people.columns import CHANGE, CHANGES

#: (account, ids of records) -> the address books that each of them is on, as far as the state knows.
BooksOf = Callable[[str, Collection[str]], Mapping[str, Collection[str]]]


def failed_by_book(problems: Iterable[Problem], spool: Spool, books_of: BooksOf) -> dict[str, int]:
    """Address book -> people."""
    records: dict[str, set[str]] = defaultdict(set)
    for problem in problems:
        records[problem.account].add(problem.record)
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for account, those in records.items():
        if not those:
            continue
        for record, books in books_of(account, those).items():
            for book in books:
                found[book].add((account, record))
        for person, book in _joining(account, those, spool):
            found[book].add((account, person))
    return {book: len(people) for book, people in found.items()}


def _joining(account: str, records: Collection[str], spool: Spool) -> Iterable[tuple[str, str]]:
    parts = spool.parts(CHANGES)
    if not parts:
        return
    among = pa.array(sorted(records), pa.string())
    mine = (ds.field("account") == account) & (ds.field("aspect") == "list") & ds.field("person").isin(among)
    rows = ds.dataset([str(part) for part in parts], schema=CHANGE)
    for batch in rows.to_batches(columns=["person", "address_book"], filter=mine, use_threads=False):
        yield from ((row["person"], row["address_book"]) for row in batch.to_pylist() if row["address_book"])
