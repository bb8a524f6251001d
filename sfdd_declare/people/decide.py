"""The people engine: from the tables that were read to `changes`, `moves` and their numbers.

The walk: what was read, once per record, contact and pair (`sides`) → who is opted out, over all accounts (`closure`),
and whose Email Opt Out that ticks (`optouts`) → who is or will be a campaign member (`wanted`) → account by account
(`account`) → rows, sorted → counts and samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sfdd_declare.model.ports import Spool
from sfdd_declare.people.account import decide_account
from sfdd_declare.people.closure import closure
from sfdd_declare.people.columns import CHANGE, CHANGES, MOVES
from sfdd_declare.people.digests import Digests
from sfdd_declare.people.focus import focused
from sfdd_declare.people.optouts import after, ticks
from sfdd_declare.people.parked import Parked
from sfdd_declare.people.question import Answer, Question, members_id, remove_members_id
from sfdd_declare.people.rows import change
from sfdd_declare.people.samples import samples
from sfdd_declare.people.sides import Sides, read_sides
from sfdd_declare.people.summary import answer, campaign_counts, selected_counts
from sfdd_declare.people.tables import Table, Tables, bring, first_per, stack, text
from sfdd_declare.people.wanted import Joining, joining

#: Rows of one person stand together; the rest of the order only has to be the same each time (INV-6).
ORDER = ("operation", "person", "account", "aspect", "address_book", "campaign", "field", "decision", "reason", "sf_id")

_UNSORTED = "unsorted."
#: What is left of the changes when parked rows are held.
_GOING = "going"


def decide(question: Question, spool: Spool) -> Answer:
    """Write the datasets `changes` and `moves`, and say how many of what."""
    with Tables(spool, question.memory_limit, question.hash_key) as tables:
        sides = tuple(read_sides(tables, account, question.precedence) for account in question.accounts)
        before = closure(tables, question, sides)
        due = ticks(tables, question, sides, before)
        outs = after(tables, before, due)
        joins = joining(tables, question, sides)
        decided = tuple(decide_account(tables, question, side, closure=outs, due=due, joins=joins) for side in sides)
        rows = [
            _member_rows(sides, joins),
            _member_removals(sides, joins),
            *(row for one in decided for row in one.changes),
        ]
        _write(tables, spool, CHANGES, [focused(tables, question, decided, row) for row in rows])
        moves = _write(tables, spool, MOVES, [row for one in decided for row in one.moves])
        parked = Parked(tables, question, tables.read(_UNSORTED + CHANGES, CHANGE))
        changes, going = parked.rest, _GOING if parked.people else CHANGES
        if parked.people:
            _write(tables, spool, going, [changes])
        shown = samples(tables, question, decided, changes)
        found = answer(tables, question, decided, samples=shown, moves=moves, parked=parked)
        found = replace(found, campaigns=campaign_counts(tables, joins), selected=selected_counts(tables, question))
    with Tables(spool, question.memory_limit, question.hash_key) as tables:  # sorting has the memory to itself
        digests = _sort(tables, spool, going, CHANGES)
        _sort(tables, spool, MOVES, MOVES)
    operations = ((key, replace(rows, digest=digests[key])) for key, rows in found.operations)
    return replace(found, operations=tuple(operations))


def _member_rows(sides: Sequence[Sides], joins: Joining) -> Table:
    """Selected records that are no campaign members yet."""
    added = _with_email(sides, joins.added)
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


def _member_removals(sides: Sequence[Sides], joins: Joining) -> Table:
    """Members of exact campaigns whom no selection names."""
    removed = _with_email(sides, joins.removed)
    return change(
        removed,
        operation=text(remove_members_id("")) + removed.campaign,
        account="",
        person=removed.sf_id,
        email=removed.email,
        campaign=removed.campaign,
        aspect="member",
        field=removed.member_id,
        old=removed.status,
        decision="remove",
        reason="MEM-13",
    )


def _with_email(sides: Sequence[Sides], members: Table) -> Table:
    if not sides:
        return members.mutate(email=text(None))
    known = stack(side.read.select("sf_id", "email") for side in sides)
    known = first_per(known, ["sf_id"], [known.email.isnull(), known.email])
    return bring(members, known, {"sf_id": "sf_id"}, email="email")


def _write(tables: Tables, spool: Spool, dataset: str, rows: Sequence[Table]) -> int:
    """Stream rows into the spool as they come, table by table: together their joins would need too much memory."""
    total = 0
    with spool.sink(_UNSORTED + dataset, CHANGE) as sink:
        for table in rows:
            for batch in tables.batches(table):
                sink.write(batch.cast(CHANGE))
                total += batch.num_rows
    return total


def _sort(tables: Tables, spool: Spool, source: str, dataset: str) -> dict[str, str]:
    """Stream the rows into their dataset in order; returns the digest of each operation's rows."""
    digests = Digests()
    rows = tables.read(_UNSORTED + source, CHANGE)
    with spool.sink(dataset, CHANGE) as sink:
        for batch in tables.batches(rows.order_by(*ORDER)):
            if dataset == CHANGES:  # nobody asks for the digest of moves
                digests.add(batch)
            sink.write(batch.cast(CHANGE))
    for part in (*spool.parts(_UNSORTED + source), *spool.parts(_UNSORTED + dataset)):
        part.unlink(missing_ok=True)
    return digests.result()
