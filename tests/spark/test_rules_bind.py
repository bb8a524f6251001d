"""Every statement of the rules, transpiled, binds and runs on Sail against tables of the declared columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfdd_declare.people.sources import open_views
from sfdd_declare.people.spool import RunDirectory
from tests.spark.dialect import RULES
from tests.spark.sail import SparkEngine, session
from tests.unit.people.worlds import a_world

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:PySpark:FutureWarning")]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """With all tables, empty, and with the views of what was read: nothing."""
    spool = RunDirectory(tmp_path_factory.mktemp("spool"))
    with session() as spark, SparkEngine(spark, spool, tmp_path_factory.mktemp("tables")) as engine:
        engine.make_tables()
        open_views(engine, a_world().question())
        yield engine


@pytest.mark.parametrize("name", RULES)
def test_rules_bind_and_run_on_spark(engine: SparkEngine, name: str) -> None:
    engine.run(name)
