"""Every decision of real plans, held against the oracle: both are asked about the tables that the plan has read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from sfdd_declare.people import columns
from sfdd_declare.people.decide import decide
from sfdd_declare.people.question import Answer, Question
from sfdd_declare.people.spool import RunDirectory
from tests.property.oracle import judge
from tests.unit.people.worlds import World

Row = dict[str, Any]


@dataclass
class Agreement:
    """Stands in for `decide`. `plans` counts the decisions and `people` whom they were about, `differences` says what
    the two did not agree on.
    """

    plans: int = 0
    people: int = 0
    differences: list[str] = field(default_factory=list)

    def decide(self, question: Question, spool: RunDirectory) -> Answer:
        answer = decide(question, spool)
        schemas = World(list(question.accounts)).schemas()
        verdict = judge(question, {name: _rows(spool, name) for name in schemas})
        for dataset, expected in ((columns.CHANGES, verdict.changes), (columns.MOVES, verdict.moves)):
            ours, theirs = map(in_order, (_rows(spool, dataset), expected))
            self.differences += [f"{dataset}: the engine alone: {row}" for row in _beyond(ours, theirs)]
            self.differences += [f"{dataset}: the oracle alone: {row}" for row in _beyond(theirs, ours)]
        self.differences += [f"INV-11: {line}" for line in unexplained(answer)]
        self.plans += 1
        self.people += len(_everybody(question, spool))
        return answer


def _everybody(question: Question, spool: RunDirectory) -> set[object]:
    """Records and contacts that were read."""
    found: set[object] = set()
    for account in question.accounts:
        found |= {(account.key, row["contact_id"]) for row in _rows(spool, columns.contacts(account.key))}
        for mapping in account.sets:
            found |= {row["sf_id"] for row in _rows(spool, columns.records(account.key, mapping.record_type))}
    return found


def unexplained(answer: Answer) -> list[tuple[str, int, int]]:
    """INV-11: links with campaign members who are neither on the book nor to be added nor named."""
    lines = [(link, link.on_book + link.add + sum(n for _, n in link.skipped)) for link in answer.people.links]
    return [(link.link, link.members, explained) for link, explained in lines if link.members != explained]


def in_order(rows: list[Row]) -> list[tuple[str, ...]]:
    """Comparable rows, whatever their order."""
    return sorted(tuple("-" if value is None else f"={value}" for value in row.values()) for row in rows)


def _rows(spool: RunDirectory, dataset: str) -> list[Row]:
    return [row for part in spool.parts(dataset) for row in pq.read_table(part).to_pylist()]


def _beyond(some: list[tuple[str, ...]], others: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    left = list(others)
    found = []
    for row in some:
        if row in left:
            left.remove(row)
        else:
            found.append(row)
    return found
