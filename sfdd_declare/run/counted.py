"""Who was really changed: people by what was confirmed of them, each once however many operations it took (INV-7).

The conditions are those by which a plan counts (`people.summary`). Eight bytes a person are kept, so that counting a
large first run costs little; two people of one number are as good as impossible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sfdd_declare.model.figures import Figures
from sfdd_declare.model.operation import Operation, Task
from sfdd_declare.model.ports import PersonResult

_LISTED = ("list", "member")
_OVERWRITES = ("overwrite", "blank")


@dataclass(slots=True)
class Counted:
    """The people of an apply so far."""

    people: dict[str, list[pa.Array]] = field(default_factory=lambda: defaultdict(list))

    def add(self, op: Operation, table: pa.Table, results: Iterable[PersonResult]) -> None:
        """Count whom one batch changed. A row that was refused in part is no joining of a book."""
        told = tuple(results)
        done = {result.person for result in told if result.ok}
        joined = {result.person for result in told if result.ok and not result.refused}
        is_new = op.task is Task.CREATE_LEADS
        aspect, decision = table["aspect"], table["decision"]
        is_list, is_value = pc.equal(aspect, "list"), pc.equal(aspect, "value")
        is_update = pc.and_(is_value, pc.is_valid(table["contact_id"]))
        changed = pc.is_in(decision, value_set=pa.array(_OVERWRITES))
        removed = pc.and_(pc.is_in(aspect, value_set=pa.array(_LISTED)), pc.equal(decision, "remove"))
        self._note("add", table.filter(pc.and_(is_list, pc.equal(decision, "add"))), joined)
        self._note("remove", table.filter(removed), done)
        self._note("overwrites", table.filter(pc.and_(is_value, changed)), done)
        if is_new:
            self._note("leads", table, done)
        else:
            self._note("update", table.filter(pc.or_(is_update, pc.equal(decision, "rename"))), done)

    def figures(self) -> Figures:
        names = ("add", "update", "remove", "leads", "overwrites")
        return Figures(*(_distinct(self.people.get(name, [])) for name in names))

    def _note(self, name: str, rows: pa.Table, done: Collection[str]) -> None:
        columns = (rows[column].to_pylist() for column in ("account", "person", "sf_id"))
        who = {
            hash(sf_id or (account, person)) for account, person, sf_id in zip(*columns, strict=True) if person in done
        }
        if who:
            self.people[name].append(pa.array(sorted(who), pa.int64()))


def _distinct(parts: list[pa.Array]) -> int:
    return pc.count_distinct(pa.chunked_array(parts, pa.int64())).as_py() if parts else 0
