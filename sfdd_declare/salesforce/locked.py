"""Rows that found their record locked go again later, in ever smaller calls (WIRE-4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sfdd_declare.model import limits
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.client import Client
from sfdd_declare.salesforce.collections import RowResult

#: Size of a call and the wait before it, for rows that were locked.
_LATER: tuple[tuple[int, float], ...] = ((50, 1.0), (10, 3.0), (1, 5.0))


def write_rows(
    client: Client,
    records: Sequence[Any],
    call: Callable[[list[Any]], list[RowResult]],
    on_progress: Callable[[int], None],
) -> list[RowResult]:
    """Write every record through `call`, which takes up to a Collections call of them; one result each, in order."""
    results: dict[int, RowResult] = {}
    waiting = list(range(len(records)))
    for size, wait in ((limits.COLLECTION_ROWS, 0.0), *_LATER):
        if not waiting:
            break
        if wait:
            client.pause(wait)
        for start in range(0, len(waiting), size):
            those = waiting[start : start + size]
            results |= dict(zip(those, call([records[i] for i in those]), strict=True))
            on_progress(sum(not _is_locked(result) for result in results.values()))
        waiting = [i for i in waiting if _is_locked(results[i])]
    return [results[i] for i in range(len(records))]


def _is_locked(result: RowResult) -> bool:
    return not result.ok and result.code in errors.TRANSIENT_CODES
