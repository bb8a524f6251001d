"""How many people a plan changes and how many of them guards hold back: what a summary says and a token binds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass

from sfdd_declare.model.declared import Limit
from sfdd_declare.model.ids import OperationId
from sfdd_declare.model.operation import Operation, Task

#: People by whom additions and updates may always exceed an approved plan.
ALWAYS_TOLERATED = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """People by what happens to them; every person counts once per figure."""

    add: int = 0
    update: int = 0
    remove: int = 0
    leads: int = 0
    overwrites: int = 0

    def __str__(self) -> str:
        return ".".join(str(figure) for figure in astuple(self))

    def at_most(self, tolerance: Limit) -> Figures:
        """The most that an approval of these figures lets through: only what loses nothing may grow."""
        add, update = (figure + _tolerated(figure, tolerance) for figure in (self.add, self.update))
        return Figures(add, update, self.remove, self.leads, self.overwrites)

    def within(self, total: Figures) -> Figures:
        """These figures, none of them above the total's."""
        return Figures(*(min(mine, most) for mine, most in zip(astuple(self), astuple(total), strict=True)))


NOBODY = Figures()


def _tolerated(figure: int, tolerance: Limit) -> int:
    share = None if tolerance.percent is None else int(figure * tolerance.percent / 100)
    bounds = [bound for bound in (tolerance.count, share) if bound is not None]
    return max(ALWAYS_TOLERATED, min(bounds, default=0))


def held_back(operations: Iterable[Operation]) -> dict[OperationId, str]:
    """The guard that holds each operation back, by itself or through one that it needs; operations in their order."""
    guards: dict[OperationId, str] = {}
    for op in operations:
        guard = op.blocked_by or next((guards[need] for need in op.needs if need in guards), None)
        if guard:
            guards[op.id] = guard
    return guards


def at_most(operations: Iterable[Operation], total: Figures) -> Figures:
    """The people of some operations of a plan: its own figures at most, since one person may be in several."""
    found = [figures_of(op) for op in operations if op.rows is not None]
    return Figures(*(sum(figures) for figures in zip(*map(astuple, found), strict=True))).within(total)


def figures_of(op: Operation) -> Figures:
    """The people of one operation, counted by its rows."""
    return Figures(*(count(op) for count in (_added, _updated, _removed, _leads, _overwritten)))


def _added(op: Operation) -> int:
    return _people(op, lambda name: name == "list:add")


def _updated(op: Operation) -> int:
    """Values of contacts that are made belong to the addition."""
    if op.task is Task.RENAME:
        return op.rows.people if op.rows else 0
    if op.task not in (Task.IMPORT_CONTACTS, Task.UPDATE_RECORDS) or op.id.startswith("create:"):
        return 0
    return _people(op, lambda name: name.partition(":")[0] not in _ASPECTS)


def _removed(op: Operation) -> int:
    return op.rows.people if op.rows and op.task in (Task.REMOVE_FROM_LIST, Task.REMOVE_MEMBERS) else 0


def _leads(op: Operation) -> int:
    return op.rows.people if op.rows and op.task is Task.CREATE_LEADS else 0


def _overwritten(op: Operation) -> int:
    return _people(op, lambda name: name.endswith((":overwrite", ":blank")))


#: First words of the counts of rows that are no values.
_ASPECTS = ("list", "member", "consent", "identity")


def _people(op: Operation, is_counted: Callable[[str], bool]) -> int:
    """People with such rows, as far as the counts of rows tell: never more than all of the operation."""
    if op.rows is None:
        return 0
    return min(op.rows.people, sum(count for name, count in op.rows.counts if is_counted(name)))


def by_guard(operations: Iterable[Operation], total: Figures) -> Mapping[str, Figures]:
    """What each guard holds back."""
    listed = tuple(operations)
    guards = held_back(listed)
    return {
        name: at_most((op for op in listed if guards.get(op.id) == name), total)
        for name in dict.fromkeys(guards.values())
    }
