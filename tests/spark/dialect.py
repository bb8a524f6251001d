"""The rules' statements in Spark's dialect: sqlglot does the words, this file what Spark says in other shapes.

Spark keeps no closed sets: their types become STRING. Its tables cannot be altered row by row: UPDATE and DELETE become
the query of what the table holds afterwards.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp

from sfdd_declare.people.words import TYPES

#: In the walk's order of names, so that a failing one is found at once; `schema` is not among them.
RULES = tuple(
    sorted(
        path.name.removesuffix(".sql")
        for path in files("sfdd_declare.people").joinpath("rules").iterdir()
        if path.name.endswith(".sql") and path.name != "schema.sql"
    )
)


def text_of(name: str) -> str:
    """One file of rules as it stands."""
    return files("sfdd_declare.people").joinpath("rules", f"{name}.sql").read_text(encoding="utf-8")


@cache
def statements(name: str) -> tuple[exp.Expression, ...]:
    """One file of rules, statement by statement."""
    found = sqlglot.parse(text_of(name), read="duckdb")
    return tuple(tree for tree in found if tree and not isinstance(tree, exp.Semicolon))  # comments after the last one


def statement(sql: str) -> exp.Expression:
    """One statement of the engine's dialect."""
    return sqlglot.parse_one(sql, read="duckdb")


def spark(tree: exp.Expression) -> str:
    """What Spark is told instead."""
    tree = tree.copy()
    for kind in tree.find_all(exp.DataType):
        if kind.this is exp.DataType.Type.USERDEFINED:
            assert str(kind.args["kind"]) in TYPES, kind
            kind.set("this", exp.DataType.Type.TEXT)
            kind.set("kind", None)
    for part in tree.find_all(exp.CTE):
        part.set("materialized", None)  # a hint, which Spark has no word for
    for asked in list(tree.find_all(exp.Coalesce)):  # Sail knows IN and a query only as a condition
        if isinstance(asked.this, exp.In) and asked.this.args.get("query") and not asked.find_ancestor(exp.Where):
            asked.replace(_found_in(asked.this))
    for split in list(tree.find_all(exp.Split)):  # Java's quotes, which sqlglot puts around, are no words of Sail's
        separator = exp.Literal.string(re.escape(split.expression.this))
        split.replace(exp.RegexpSplit(this=split.this, expression=separator))
    return tree.sql("spark")


def _found_in(among: exp.In) -> exp.Expression:
    """`coalesce(… IN (…), FALSE)` in other words."""
    query = among.args["query"].this
    [name] = query.named_selects
    found = exp.select("1").from_(query.subquery("among")).where(exp.column(name, "among").eq(among.this))
    return exp.Exists(this=found)


def columns_of(creation: exp.Create) -> dict[str, str]:
    """The declared columns of a table, with Spark's types."""
    return {column.name: spark(column.args["kind"]) for column in creation.this.expressions}


def held_after(change: exp.Update | exp.Delete, columns: dict[str, str]) -> str:
    """The query of what a table holds after it was altered."""
    table, where = change.this.sql("spark"), spark(change.args["where"])
    if isinstance(change, exp.Delete):
        # Rows that are alike are all struck out or none, so this needs no negation, which nulls would get past.
        return f"SELECT * FROM {table} EXCEPT ALL SELECT * FROM {table} {where}"
    new = {assigned.this.name: spark(assigned.expression) for assigned in change.expressions}
    condition = spark(change.args["where"].this)
    cells = (
        f"CASE WHEN {condition} THEN {new[name]} ELSE {name} END AS {name}" if name in new else name for name in columns
    )
    return f"SELECT {', '.join(cells)} FROM {table}"
