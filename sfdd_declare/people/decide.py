"""The people engine: from the tables that were read to `changes`, `moves` and their numbers."""

from __future__ import annotations

from dataclasses import replace

from sfdd_declare.model.ports import Spool
from sfdd_declare.people.approved import keep_meanings, leave_out
from sfdd_declare.people.columns import CHANGE, CHANGES, MOVES
from sfdd_declare.people.digests import Digests
from sfdd_declare.people.drift import drifts
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.parked import park
from sfdd_declare.people.question import Answer, Question
from sfdd_declare.people.samples import samples
from sfdd_declare.people.summary import answer
from sfdd_declare.people.walk import walk

#: Rows of one person stand together; the rest of the order only has to be the same each time (INV-6).
ORDER = ("operation", "person", "account", "aspect", "address_book", "campaign", "field", "decision", "reason", "sf_id")


def decide(question: Question, spool: Spool) -> Answer:
    """Write the datasets `changes` and `moves`, and say how many of what."""
    with Engine(spool, question.memory_limit) as engine:
        walk(engine, question)
        if question.is_narrowed:
            engine.run("focus")
        parked = park(engine, question)
        if question.is_approval:
            keep_meanings(engine)
        if question.is_approved:
            leave_out(engine)
        engine.run("answer", "link_answer")
        found = answer(engine, question, samples=samples(engine, question), parked=parked)
        if question.asks_drift:
            found = replace(found, drift=drifts(engine, question))
        engine.drop_all_but(CHANGES, MOVES)  # sorting has the memory to itself
        digests = _sort(engine, CHANGES)
        engine.drop_all_but(MOVES)
        _sort(engine, MOVES)
    operations = ((key, replace(rows, digest=digests[key])) for key, rows in found.operations)
    return replace(found, operations=tuple(operations))


def _sort(engine: Engine, dataset: str) -> dict[str, str]:
    """Stream the rows into their dataset in order; returns the digest of each operation's rows."""
    digests = Digests()
    names = ", ".join(
        f"CAST({name} AS VARCHAR) AS {name}" if name == "aspect" else f'"{name}"' for name in CHANGE.names
    )
    order = ", ".join("CAST(aspect AS VARCHAR)" if name == "aspect" else name for name in ORDER)
    with engine.spool.sink(dataset, CHANGE) as sink:
        for batch in engine.batches(f"SELECT {names} FROM {dataset} ORDER BY {order}"):
            if dataset == CHANGES:  # nobody asks for the digest of moves
                digests.add(batch)
            sink.write(batch.cast(CHANGE))
    return digests.result()
