"""Where chains of steps end: who waits for whom, followed to the last one by doubling the stride.

A chain that never ends runs in a circle. A table of a million steps takes twenty strides, one of short chains a few.
"""

from __future__ import annotations

from sfdd_declare.people.tables import Table, Tables, bring


def followed(tables: Tables, steps: Table) -> Table:
    """`steps`: node, next (null: this is the last one), end (what the last one says). Nodes are unique.

    Returns node, last (node at the end of the chain), end, distance; `end` is null for whoever is, or waits for, part
    of a circle.
    """
    last = steps.next.isnull()
    steps = steps.mutate(last=last.ifelse(steps.node, steps.next), distance=last.ifelse(0, 1).cast("int64"))
    current = tables.keep(steps)
    for _ in range(tables.size(current).bit_length() + 1):
        if tables.is_empty(tables.keep(current.filter(current.next.notnull()))):
            break
        current = tables.keep(_doubled(current))
    return current.mutate(end=current.next.isnull().ifelse(current.end, None)).drop("next")


def _doubled(current: Table) -> Table:
    """Every step leads as far again as it did."""
    further = {"next_next": "next", "next_last": "last", "next_end": "end", "next_distance": "distance"}
    t = bring(current, current, {"next": "node"}, **further)
    moves = t.next.notnull()
    t = t.mutate(
        last=moves.ifelse(t.next_last, t["last"]),
        end=moves.ifelse(t.next_end, t.end),
        distance=t.distance + t.next_distance.fill_null(0),
        next=t.next_next,
    )
    return t.drop(*further)
