"""The whole walk over random people decides on Sail what it decides on the engine.

Not the rules alone: what `sources` reads out of the spool's files, what `asked` asks and the strides of `follow` run on
Sail too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdd_declare.people.engine import Engine
from tests.property.random_worlds import random_world
from tests.spark.sail import SparkEngine, session
from tests.spark.worlds import spooled, walked

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:PySpark:FutureWarning")]

WORLDS, CELLS = 2, 60  # cells are of a person or a few; the rules are drawn once for each world


@pytest.mark.parametrize("seed", range(WORLDS))
def test_random_people_are_decided_alike(seed: int, tmp_path: Path) -> None:
    world = random_world(seed, CELLS)
    question, spool = world.question(), spooled(world, tmp_path / "spool")

    ours = walked(Engine(spool, "1GB"), question)
    with session() as spark:
        theirs = walked(SparkEngine(spark, spool, tmp_path / "tables"), question)

    assert [table for table, rows in ours.items() if theirs[table] != rows] == []
