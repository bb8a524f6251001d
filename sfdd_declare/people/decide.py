"""The people engine: from the tables that were read to `changes`, `moves` and their numbers.

The walk: what was read, once per record, contact and pair (`sides`) → who is opted out, over all accounts (`closure`) →
who is or will be a campaign member (`wanted`) → account by account (`account`) → rows, sorted → counts and samples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from sfdd_declare.model.ports import Spool
from sfdd_declare.people.account import decide_account
from sfdd_declare.people.closure import closure
from sfdd_declare.people.columns import CHANGE, CHANGES, MOVES
from sfdd_declare.people.focus import focused
from sfdd_declare.people.question import Answer, Question, members_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.samples import samples
from sfdd_declare.people.sides import Sides, read_sides
from sfdd_declare.people.summary import answer
from sfdd_declare.people.tables import Table, Tables, bring, first_per, joined, stack, text
from sfdd_declare.people.wanted import Joining, joining

#: Rows of one person stand together; the rest of the order only has to be the same each time (INV-6).
ORDER = ("operation", "person", "account", "aspect", "address_book", "campaign", "field", "decision", "reason", "sf_id")

_UNSORTED = "unsorted."


def decide(question: Question, spool: Spool) -> Answer:
    """Write the datasets `changes` and `moves`, and say how many of what."""
    with Tables(spool, question.memory_limit) as tables:
        sides = tuple(read_sides(tables, account, question.precedence) for account in question.accounts)
        outs = closure(tables, question, sides)
        joins = joining(tables, question, sides)
        decided = tuple(decide_account(tables, question, side, outs, joins) for side in sides)
        rows = stack([_member_rows(sides, joins), *(row for one in decided for row in one.changes)])
        _write(tables, spool, CHANGES, [focused(tables, question, decided, rows)])
        moves = _write(tables, spool, MOVES, [row for one in decided for row in one.moves])
        changes = tables.read(_UNSORTED + CHANGES, CHANGE)
        shown = samples(tables, question, decided, changes)
        found = answer(tables, question, decided, changes, samples=shown, moves=moves)
    with Tables(spool, question.memory_limit) as tables:  # sorting has the memory to itself
        digests = _sort(tables, spool, CHANGES)
        _sort(tables, spool, MOVES)
    operations = ((key, replace(rows, digest=digests[key])) for key, rows in found.operations)
    return replace(found, operations=tuple(operations))


def _member_rows(sides: Sequence[Sides], joins: Joining) -> Table:
    """Selected records that are no campaign members yet."""
    added = joins.added
    if sides:
        known = stack(side.records.select("sf_id", "email") for side in sides)
        known = first_per(known, ["sf_id"], [known.email.isnull(), known.email])
        added = bring(added, known, {"sf_id": "sf_id"}, email="email")
    else:
        added = added.mutate(email=text(None))
    return change(
        added,
        operation=text(members_id("")) + added.campaign,
        account="",
        person=added.sf_id,
        email=added.email,
        campaign=added.campaign,
        aspect="member",
        field="Status",
        new=added.status,
        decision="add",
        reason="MEM-13",
    )


def _write(tables: Tables, spool: Spool, dataset: str, rows: Sequence[Table]) -> int:
    """Stream rows into the spool as they come; returns how many there are."""
    total = 0
    with spool.sink(_UNSORTED + dataset, CHANGE) as sink:
        for batch in tables.batches(stack([tables.small(CHANGE, []), *rows])):
            sink.write(batch.cast(CHANGE))
            total += batch.num_rows
    return total


def _sort(tables: Tables, spool: Spool, dataset: str) -> dict[str, str]:
    """Stream the rows into their dataset in order; returns the digest of each operation's rows."""
    hashes: dict[str, hashlib._Hash] = {}
    rows = tables.read(_UNSORTED + dataset, CHANGE)
    ordered = rows.mutate(line=joined(rows[name].cast("string") for name in CHANGE.names)).order_by(*ORDER)
    with spool.sink(dataset, CHANGE) as sink:
        for batch in tables.batches(ordered):
            for operation, lines in _by_operation(batch):
                hashes.setdefault(operation, hashlib.sha256()).update(lines)
            sink.write(batch.select(CHANGE.names).cast(CHANGE))
    for part in spool.parts(_UNSORTED + dataset):
        part.unlink()
    return {operation: found.hexdigest() for operation, found in hashes.items()}


def _by_operation(batch: pa.RecordBatch) -> list[tuple[str, memoryview]]:
    """Runs of equal operations with the bytes of their lines, without making Python texts of them."""
    runs = pc.run_end_encode(batch.column("operation"))
    found, start = [], 0
    for operation, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        found.append((operation, _bytes(batch.column("line").slice(start, end - start))))
        start = end
    return found


def _bytes(lines: pa.StringArray) -> memoryview:
    _, offsets, data = lines.buffers()
    places = memoryview(offsets).cast("i")
    return memoryview(data)[places[lines.offset] : places[lines.offset + len(lines)]]
