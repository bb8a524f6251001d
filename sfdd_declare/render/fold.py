"""Many new things of one kind as one line: a first plan of forty field mappings is read for what is not alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sfdd_declare.model.address import Kind
from sfdd_declare.model.operation import Action, Operation, Task

#: So many of a kind are still read one by one.
SHOWN = 3

_KINDS: Mapping[Kind, str] = {
    Kind.CAMPAIGN: "campaigns",
    Kind.ADDRESS_BOOK: "address books",
    Kind.DATA_FIELD: "data fields",
    Kind.FIELD_MAPPING: "field mappings",
    Kind.LINK: "links",
}
_PARTS: Mapping[Task, str] = {
    Task.CAMPAIGN_STATUS: "member statuses",
    Task.REGISTRY_ROW: "registry rows of address books",
}


@dataclass(frozen=True, slots=True)
class Fold:
    """So many creations of one kind."""

    kind: str
    count: int


def folded(operations: Iterable[Operation]) -> Iterator[Operation | Fold]:
    """The operations in their order; creations of a kind with many of them as one, in the place of the first."""
    listed = tuple(operations)
    counts = Counter(_kind(op) for op in listed)
    done: set[str] = set()
    for op in listed:
        kind = _kind(op)
        if not kind or counts[kind] <= SHOWN:
            yield op
        elif kind not in done:
            done.add(kind)
            yield Fold(kind, counts[kind])


def _kind(op: Operation) -> str:
    """Empty: shown by itself."""
    if op.action is not Action.CREATE or op.blocked_by or op.destroys:
        return ""
    return _PARTS.get(op.task, "") if op.part else _KINDS.get(op.address.kind, "")
