"""What the rules' texts promise: they bind, keep to their words and to plain SQL, and nobody else decides."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

import sfdd_declare.people
from sfdd_declare.model.drift import DriftKind
from sfdd_declare.model.mapping import ConflictRule, DataFieldType, Direction, FormKind, OnBlank, RecordType
from sfdd_declare.people import held
from sfdd_declare.people.engine import Engine
from sfdd_declare.people.sources import open_views
from sfdd_declare.people.spool import RunDirectory
from sfdd_declare.people.words import TYPES, Aspect, BookDecision, Echo, Side, ValueKind
from tests.unit.people.worlds import a_world

ROOM = Path(sfdd_declare.people.__file__).parent
FILES = sorted((ROOM / "rules").glob("*.sql"))
STEPS = [path for path in FILES if path.stem != "schema"]

#: What rows of `changes` and `moves` say is done (`people.columns.CHANGE`), besides what is decided about books.
DONE = {"fill", "overwrite", "blank", "default", "known", "held", "add", "remove", "adopt", "suppress", "tick"}
DONE |= {"create_opted_out", "create", "create_lead", "pair", "rename", "follow", "refused", "email_too_long"}
STATUSES = {"subscribed", "softbounced", "nosubscription", "suppressed", "unsubscribed", "deleted", "binned"}
HASHES = {"f" * 16}
RULES = re.compile(r"(VAL|MEM|CON|NEW|ID|RUN|BASE|WIRE)-\d+")

#: Every column that a literal is compared with, or written into, and its closed set.
WORDS: Mapping[str, set[str]] = {
    **{name: set(Side) for name in ("aim", "side", "target", "other", "loser")},
    **{name: set(Direction) for name in ("direction", "flow", "old_direction")},
    **{
        name: set(held.WORDS) | {held.SAME_CONTACT}
        for name in ("hold", "own_hold", "stuck_hold", "skip", "held", "waits")
    },
    "aspect": set(Aspect),
    "blank_rule": set(OnBlank),
    "channel": STATUSES,
    "conflict_rule": set(ConflictRule),
    "d_type": set(DataFieldType),
    "decision": set(BookDecision) | DONE,
    "echo": set(Echo),
    "ending": {"alike", "echo d", "echo s", "held", "keep d", "keep s", "free", "taken"} | set(held.WORDS),
    "fate": {"there", "merged", "deleted", "invisible"},
    "form": set(FormKind),
    "gone": set(held.WORDS),
    "kind": set(ValueKind),
    "line": set(BookDecision),
    "memory": {"ticked", "settled"},
    "on_delete": set(TYPES["on_delete"]),
    "problem": set(TYPES["misfit"]),
    "record_type": set(RecordType),
    "removals": set(TYPES["removals"]),
    "said": {"true", "false"},
    "s_type": {"int", "email"},
    "status": STATUSES | {""},
    "what": set(DriftKind),
}
#: Columns that hold a rule's id, or a reason of one of the other kinds.
IDS = ("rule", "reason", "val_rule", "left_rule", "counted_rule")
REASONS = {"list", "refused", "ticked", "settled"} | set(held.WORDS)
#: Texts that are no words: they are looked for in other texts, or stand for themselves.
FREE = ("member_id", "member_next", "id", "retyped", "base_s", "base_d", "known")


def inserts(path: Path) -> list[exp.Expression]:
    every = sqlglot.parse(path.read_text(encoding="utf-8"), dialect="duckdb")
    return [one.expression for one in every if isinstance(one, exp.Insert)]


@cache
def schema() -> Mapping[str, Mapping[str, str]]:
    """The columns of all tables and views, as the engine has them; closed sets are texts here."""
    found: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder, Engine(RunDirectory(Path(folder)), "1 GB") as engine:
        engine.make_tables()
        open_views(engine, a_world().question())
        asked = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        for row in engine.rows(asked):
            kind = "VARCHAR" if row["data_type"].startswith("ENUM") else row["data_type"]
            found.setdefault(row["table_name"], {})[row["column_name"]] = kind
    return found


def typed(select: exp.Expression) -> exp.Expression:
    """Raises OptimizeError for a column that is in none of the tables, as an alias of the same SELECT would be."""
    options: dict[str, Any] = {"schema": schema(), "dialect": "duckdb"}
    known = qualify(select.copy(), **options, expand_alias_refs=False, quote_identifiers=False)
    return annotate_types(known, **options)


def mixed(select: exp.Expression) -> list[str]:
    """Flags compared with something else, and other things taken for flags."""
    flag = exp.DataType.Type.BOOLEAN
    found = []
    for one in typed(select).find_all(exp.EQ, exp.NEQ, exp.And, exp.Or, exp.Not):
        kinds = {part.type.this for part in (one.this, one.args.get("expression")) if part is not None and part.type}
        is_logic = isinstance(one, exp.And | exp.Or | exp.Not)
        if (is_logic and kinds != {flag}) or (flag in kinds and len(kinds) > 1):
            found.append(one.sql(dialect="duckdb"))
    return found


def literals(value: exp.Expression) -> Iterator[str]:
    """The texts that an expression may be."""
    if isinstance(value, exp.Literal) and value.is_string:
        yield value.name
    elif isinstance(value, exp.Case):
        for part in (*(branch.args["true"] for branch in value.args["ifs"]), value.args.get("default")):
            yield from literals(part) if part is not None else ()
    elif isinstance(value, exp.Coalesce):
        for part in (value.this, *value.expressions):
            yield from literals(part)


def named(value: exp.Expression) -> str:
    """The column that an expression is about: itself, or the one that `coalesce` gives a value."""
    column = value if isinstance(value, exp.Column) else value.find(exp.Column)
    return column.name if column is not None else ""


def words(select: exp.Expression) -> Iterator[tuple[str, str]]:
    """Every column with a text that it is compared with, or that is written into it."""
    for one in select.find_all(exp.EQ, exp.NEQ):
        yield from ((named(one.left), text) for text in literals(one.right))
    for one in select.find_all(exp.In):
        yield from ((named(one.this), text) for part in one.expressions for text in literals(part))
    for one in select.find_all(exp.Case):
        if one.this is not None:
            yield from ((named(one.this), text) for branch in one.args["ifs"] for text in literals(branch.this))
    for one in select.find_all(exp.Alias):
        if one.alias in WORDS or one.alias in IDS:
            yield from ((one.alias, text) for text in literals(one.this))


def strange(select: exp.Expression) -> list[tuple[str, str]]:
    """Words that are not of the set of their column, or of a column that has none."""
    return [
        (column, text)
        for column, text in words(select)
        if column not in FREE
        if not (column in IDS and (RULES.fullmatch(text) or text in REASONS))
        if text not in WORDS.get(column, ())
    ]


def parsed(sql: str) -> exp.Expression:
    return sqlglot.parse_one(sql, dialect="duckdb")


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_a_step_binds_to_the_tables_that_are_declared(path: Path, tmp_path: Path) -> None:
    """Against empty, typed tables. The columns that it fills are checked by the engine."""
    with Engine(RunDirectory(tmp_path), "1 GB") as engine:
        engine.make_tables()
        open_views(engine, a_world().question())
        engine.run(path.stem)


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_no_flag_is_compared_with_a_text_and_no_column_with_an_alias_beside_it(path: Path) -> None:
    assert [fault for select in inserts(path) for fault in mixed(select)] == []


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_every_word_is_one_of_its_set(path: Path) -> None:
    assert [fault for select in inserts(path) for fault in strange(select)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_plain_sql_alone(path: Path) -> None:
    """What other engines have, too: no QUALIFY, no stars with exceptions, no lambdas, no macros."""
    for statement in sqlglot.parse(path.read_text(encoding="utf-8"), dialect="duckdb"):
        if statement is not None:
            assert list(statement.find_all(exp.Qualify, exp.Lambda, exp.PropertyEQ)) == []
            assert [star for star in statement.find_all(exp.Star) if any(star.args.values())] == []
            assert not (isinstance(statement, exp.Create) and statement.kind in {"MACRO", "FUNCTION"})
            patterns = [split.expression for split in statement.find_all(exp.Split)]
            assert [pattern for pattern in patterns if not isinstance(pattern, exp.Literal)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_first_what_it_answers(path: Path) -> None:
    assert re.match(r"-- \S", path.read_text(encoding="utf-8"))


def test_what_is_looked_for_would_be_found() -> None:
    assert mixed(parsed("SELECT account FROM facts WHERE is_on = 'yes'")) != []
    assert mixed(parsed("SELECT account FROM facts WHERE is_on AND account")) != []
    with pytest.raises(OptimizeError):
        mixed(parsed("SELECT is_on AS here, NOT here AS away FROM facts"))
    assert strange(parsed("SELECT account FROM facts WHERE removals = 'mirrror'")) == [("removals", "mirrror")]
    assert strange(parsed("SELECT CASE WHEN is_on THEN 'forgotten' END AS decision FROM facts")) != []
    assert strange(parsed("SELECT CASE WHEN is_on THEN 'MEM-3' ELSE 'MEM3' END AS rule FROM facts")) == [
        ("rule", "MEM3")
    ]


def test_the_lines_of_the_membership_table_are_words_and_ids() -> None:
    """A line is a list: decision, rule, and why nothing is done."""
    lines = [
        one.args["true"].expressions
        for select in inserts(ROOM / "rules/membership.sql")
        for case in select.find_all(exp.Case)
        for one in case.args["ifs"]
        if isinstance(one.args["true"], exp.Array)
    ]
    texts = [[part.name if isinstance(part, exp.Literal) else None for part in line] for line in lines]
    assert len(texts) > 20
    assert {decision for decision, *_ in texts} <= set(BookDecision)
    assert [rule for _, rule, _ in texts if rule is not None and not RULES.fullmatch(rule)] == []
    assert {why for *_, why in texts} - {None} <= set(held.WORDS)


def test_nobody_else_decides_about_people() -> None:
    """Ids of VAL, MEM, CON, NEW and ID stand in the rules' texts only; `held` has them to say why somebody waits."""
    strays = []
    for path in sorted(ROOM.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        strays += [
            (path.name, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
            if path.name != "held.py" and re.search(r"\b(VAL|MEM|CON|NEW|ID)-\d+", node.value)
        ]
    assert strays == []
