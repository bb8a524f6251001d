"""The tables of the rules over a sandbox's people, as a database to look into: `workbench FILE [STEP]`.

A sandbox with two hundred people is planned; before the plan decides about them the walk runs over the same files, and
all its tables are saved. With a step, those that it fills are left empty, so that its text can be run by hand: see
docs/engine.md.
"""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import sqlglot
from sqlglot import exp

from sfdd_declare.app import prepare
from sfdd_declare.cli.main import main as sfdd
from sfdd_declare.model.ports import Spool
from sfdd_declare.people import engine as rules
from sfdd_declare.people.decide import decide
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.question import Answer, Question
from sfdd_declare.people.walk import walk
from sfdd_declare.people.words import TYPES
from sfdd_declare.sandbox.server import Running
from tests.benchmarks.small_plan import CONFIG

RULES = Path(rules.__file__).parent / "rules"


def save(engine: Engine, file: Path, step: str = "") -> None:
    """Copy every table and view into a database file, with its types. Raises FileNotFoundError for an unknown step."""
    engine.execute(f"ATTACH '{file}' AS saved")
    for name, words in TYPES.items():
        engine.execute(f"CREATE TYPE saved.{name} AS ENUM ({', '.join(rules.literal(word) for word in words)})")
    for row in engine.rows("SELECT DISTINCT table_name AS name FROM duckdb_columns() WHERE NOT internal"):
        engine.execute(f"CREATE OR REPLACE TABLE saved.{row['name']} AS SELECT * FROM {row['name']}")
    for table in filled_by(step) if step else ():
        engine.execute(f"DELETE FROM saved.{table}")
    engine.execute("DETACH saved")


def filled_by(step: str) -> list[str]:
    """The tables that the text of a step fills."""
    parsed = sqlglot.parse((RULES / f"{step}.sql").read_text(encoding="utf-8"), dialect="duckdb")
    return sorted({one.this.name for one in parsed if isinstance(one, exp.Insert)})


def main(file: Path, step: str = "", *, people: int = 200) -> None:
    """Make the world, plan it, save the tables."""

    def looked_at(question: Question, spool: Spool) -> Answer:
        with Engine(spool, question.memory_limit) as engine:
            walk(engine, question)
            file.unlink(missing_ok=True)
            save(engine, file, step)
        return decide(question, spool)

    with tempfile.TemporaryDirectory() as name, mock.patch.object(prepare, "decide", looked_at):
        folder = Path(name)
        (folder / "sfdd.yaml").write_text(CONFIG)
        _quietly(["sandbox", "seed", "--world", str(folder / "world.db"), "--people", str(people)])
        with Running(folder / "world.db") as sandbox:
            _quietly(["plan", "-C", name], sandbox)


def _quietly(arguments: list[str], sandbox: Running | None = None) -> None:
    environ = dict(sandbox.environment) if sandbox else {}
    with redirect_stdout(io.StringIO()):
        code = sfdd(arguments, environ=environ, stdin=io.StringIO())
    assert code in {0, 2}, arguments


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
