"""What docs/engine.md tells to type does what it says, and its names are there."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from tests import workbench

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/engine.md").read_text(encoding="utf-8")


def test_a_step_that_is_run_by_hand_decides_as_the_walk_did(tmp_path: Path) -> None:
    asked = "SELECT * EXCLUDE (record_type), CAST(record_type AS VARCHAR) FROM memberships ORDER BY ALL"
    files = tmp_path / "whole.duckdb", tmp_path / "people.duckdb"
    workbench.main(files[0], people=40)
    workbench.main(files[1], "membership", people=40)
    with duckdb.connect(str(files[0])) as whole, duckdb.connect(str(files[1])) as by_hand:
        assert by_hand.execute(asked).fetchall() == []
        by_hand.execute((workbench.RULES / "membership.sql").read_text(encoding="utf-8"))
        found = by_hand.execute(asked).fetchall()
        assert (found, found != []) == (whole.execute(asked).fetchall(), True)


def test_every_step_stands_on_the_page_and_every_name_on_it_is_there() -> None:
    steps = {path.stem for path in workbench.RULES.glob("*.sql")}
    named = set(re.findall(r"`(\w+)\.sql`", PAGE))
    assert named == steps
    assert [name for name in re.findall(r"`([\w/]+\.py)`", PAGE) if not (ROOT / "sfdd_declare" / name).exists()] == []
