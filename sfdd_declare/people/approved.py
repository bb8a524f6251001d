"""What was approved (CON-16): what a plan's rows mean, for a plan file, and what is left out that it does not hold."""

from __future__ import annotations

from sfdd_declare.people.columns import MEANINGS, MEANINGS_DATASET
from sfdd_declare.people.engine import Engine


def keep_meanings(engine: Engine) -> None:
    """Write the dataset `meanings`, in an order that says nothing of who stands beside whom."""
    engine.run("meanings")
    with engine.spool.sink(MEANINGS_DATASET, MEANINGS) as sink:
        for batch in engine.batches("SELECT DISTINCT operation, meaning FROM meanings ORDER BY meaning, operation"):
            sink.write(batch.cast(MEANINGS))


def leave_out(engine: Engine) -> None:
    """Take out of `changes` and `moves` whatever `read_approved` does not name, and what rests on it."""
    engine.run("meanings", "unapproved")
    before = -1
    while before < (halted := engine.count("halted")):
        before = halted
        engine.run("halted")
    engine.run("withheld")
