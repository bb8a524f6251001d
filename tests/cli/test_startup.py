"""Quick commands start quickly: what they must not load, and the table that keeps it so."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import sfdd_declare.cli

HEAVY = (
    "cryptography", "duckdb", "httpx", "ibis", "jwt", "lark", "msgspec", "numpy", "pandas", "psycopg", "pyarrow",
    "sqlalchemy", "sqlglot", "stamina", "starlette", "uvicorn",
)  # fmt: skip
UNUSED_BY_A_PLAN = ("ibis", "lark", "numpy", "pandas", "psycopg", "sqlglot", "starlette", "uvicorn")
CREDENTIALS = {"SF_CLIENT_ID": "id", "SF_KEY": "key", "DD_USER": "user", "DD_PASSWORD": "word"}
EXAMPLE = """version: 1
salesforce:
  auth: {method: jwt, client_id: "${env:SF_CLIENT_ID}", username: i@acme.example, private_key: "${env:SF_KEY}"}
dotdigital:
  accounts:
    main: {user: "${env:DD_USER}", password: "${env:DD_PASSWORD}"}
campaigns:
  webinars: {existing: {name: Webinar series}}
address_books:
  newsletter: {account: main, existing: {name: Newsletter}}
links:
  - {campaign: webinars, address_book: newsletter}
"""
TYPO = EXAMPLE.replace("address_book:", "adress_book:")
LIVE = [("plan",), ("apply", "--auto-approve"), ("sync", "--auto-approve"), ("explain", "ada@example.com")]
LIVE += [("probe", "--yes"), ("drift",), ("registry", "clean"), ("state", "rebind")]
OFFLINE = [("unlock",), ("errors",), ("errors", "park", "003"), ("forget", "ada@example.com"), ("state", "list")]
OFFLINE += [("probe", "--show"), ("state", "show"), ("state", "init"), ("state", "restore"), ("status",), ("history",)]
SCRIPT = """
import io, json, sys
from sfdd_declare.cli.main import main
code = main(sys.argv[2:], environ=json.loads(sys.argv[1]), stdin=io.StringIO())
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""


def loaded(*arguments, folder, environ=None):
    line = [sys.executable, "-c", SCRIPT, json.dumps(environ or {}), *arguments]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules), done.stderr


@pytest.mark.parametrize(
    "line",
    [
        ("--version",),
        ("version",),
        ("--help",),
        ("plan", "--help"),
        ("validate",),
        ("validate", "--json"),
        ("validate", "--format", "sarif"),
        ("validate", "--format", "gitlab"),
        ("validate", "--format", "github"),
    ],
)
def test_quick_commands_load_no_engine_no_database_and_no_client(line, tmp_path):
    (tmp_path / "sfdd.yaml").write_text(EXAMPLE)
    code, modules, _ = loaded(*line, folder=tmp_path)
    assert code == 0
    assert sorted(modules & set(HEAVY)) == []


@pytest.mark.parametrize("line", [*LIVE, *OFFLINE], ids=" ".join)
def test_a_wrong_key_is_said_before_anything_heavy_is_loaded(line, tmp_path):
    (tmp_path / "sfdd.yaml").write_text(TYPO)
    code, modules, said = loaded(*line, folder=tmp_path, environ=CREDENTIALS)
    assert (code, "`adress_book`" in said) == (1, True)
    assert sorted(modules & set(HEAVY)) == []


@pytest.mark.parametrize("line", LIVE, ids=" ".join)
def test_what_the_environment_lacks_is_said_before_anything_heavy_is_loaded(line, tmp_path):
    (tmp_path / "sfdd.yaml").write_text(EXAMPLE)
    there = {name: value for name, value in CREDENTIALS.items() if name != "SF_KEY"}
    code, modules, said = loaded(*line, folder=tmp_path, environ=there)
    assert (code, "`SF_KEY`" in said) == (1, True)
    assert sorted(modules & set(HEAVY)) == []


def test_a_plan_loads_nothing_that_it_does_not_need(tmp_path):
    """It ends at a file that is no state: all is imported by then, and nobody has been called yet."""
    (tmp_path / "sfdd.yaml").write_text(EXAMPLE)
    (tmp_path / ".sfdd").mkdir()
    (tmp_path / ".sfdd/state.db").write_text("no database")
    code, modules, said = loaded("plan", folder=tmp_path, environ=CREDENTIALS)
    assert (code, "state.db" in said) == (1, True)
    assert {"duckdb", "httpx", "pyarrow", "sqlalchemy"} <= modules
    assert sorted(modules & set(UNUSED_BY_A_PLAN)) == []


@pytest.mark.parametrize("line", [("status",), ("status", "--json"), ("history",), ("history", "--json")], ids=" ".join)
def test_what_is_told_from_the_state_alone_loads_no_client(line, tmp_path):
    (tmp_path / "sfdd.yaml").write_text(EXAMPLE)
    code, modules, _ = loaded(*line, folder=tmp_path)
    assert code == 0
    assert sorted(modules & set(HEAVY)) == ["duckdb", "pyarrow", "sqlalchemy"]  # like `errors`: all of the state


def test_version_loads_neither_pydantic_nor_yaml(tmp_path):
    _, modules, _ = loaded("--version", folder=tmp_path)
    assert sorted(modules & {"pydantic", "ruamel"}) == []


def test_only_the_table_of_use_cases_imports_app_beyond_its_options():
    """Everything heavy is behind `app`; one table, so that a stray import is noticed."""
    room = Path(sfdd_declare.cli.__file__).parent
    strays = [
        (path.name, node.module)
        for path in sorted(room.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sfdd_declare.app")
        if path.name != "use_cases.py" and node.module != "sfdd_declare.app.options"
    ]
    assert strays == []
