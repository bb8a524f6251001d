"""Quick commands start quickly: what they must not load, and the table that keeps it so."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import sfdd_declare.cli

HEAVY = ("ibis", "duckdb", "pyarrow", "sqlalchemy", "httpx")
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
SCRIPT = """
import io, json, sys
from sfdd_declare.cli.main import main
code = main(sys.argv[1:], environ={}, stdin=io.StringIO())
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""


def loaded(*arguments, folder):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("line", [("--version",), ("version",), ("--help",), ("plan", "--help"), ("validate",)])
def test_quick_commands_load_no_engine_no_database_and_no_client(line, tmp_path):
    (tmp_path / "sfdd.yaml").write_text(EXAMPLE)
    code, modules = loaded(*line, folder=tmp_path)
    assert code == 0
    assert sorted(modules & set(HEAVY)) == []


@pytest.mark.parametrize("line", [("plan",), ("apply",), ("sync",), ("explain", "ada@example.com")])
@pytest.mark.parametrize("text", [EXAMPLE, EXAMPLE.replace("address_book:", "adress_book:")], ids=["unset", "typo"])
def test_what_is_wrong_offline_is_said_before_anything_heavy_is_loaded(line, text, tmp_path):
    (tmp_path / "sfdd.yaml").write_text(text)
    code, modules = loaded(*line, folder=tmp_path)
    assert code == 1
    assert sorted(modules & set(HEAVY)) == []


def test_version_loads_neither_pydantic_nor_yaml(tmp_path):
    _, modules = loaded("--version", folder=tmp_path)
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
