"""The action itself: no input is ever part of a script, every foreign action is pinned, and what is typed arrives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
ACTION: dict[str, Any] = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
RUN = next(step for step in STEPS if step.get("id") == "run")
ARGV = """#!{python}
import json, os, sys
print(json.dumps(sys.argv[1:]))
"""


def started(folder: Path, /, **given: str) -> tuple[int, list[str], str]:
    """Run the script of the step that runs sfdd, with a Python that only says what it was given."""
    python = folder / "sfdd-venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(ARGV.format(python=sys.executable))
    python.chmod(0o755)
    inputs = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | given
    environ = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs[found[1]], value)
        for name, value in RUN["env"].items()
    }
    line = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", RUN["run"]]
    ended = subprocess.run(
        line,
        env={"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), **environ},
        check=False,
        capture_output=True,
        text=True,
    )
    return ended.returncode, json.loads(ended.stdout) if ended.returncode == 0 else [], ended.stdout


def test_what_is_typed_arrives_whole_and_is_run_by_nobody(tmp_path: Path) -> None:
    hostile = "$(touch x); `touch x` \"a b\" --var 'n=1 2'\n::error::x"
    code, words, _ = started(tmp_path, command="plan", folder="a b/$HOME", env="-x", args=hostile, base="-y")
    assert code == 0
    assert words == [
        "-I", "-m", "sfdd_declare", "ci", "plan", "-C", "a b/$HOME", f"--args={hostile}", "--env=-x",
        "--workflow=sfdd-plan.yml", "--base=-y", "--comment",
    ]  # fmt: skip
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "validate"])
def test_every_command_line_is_one_that_sfdd_understands(command: str, tmp_path: Path) -> None:
    given = {"command": command, "env": "production", "author": "acme[bot]", "comment": "none"}
    code, words, _ = started(tmp_path, **given)
    assert code == 0
    ended = subprocess.run([sys.executable, *words, "--help"], check=False, capture_output=True, text=True)
    assert (ended.returncode, f"sfdd ci {command}" in ended.stdout) == (0, True)
    flags = [word.partition("=")[0] for word in words[5:] if word.startswith("--")]
    assert [flag for flag in flags if flag not in ended.stdout] == []


@pytest.mark.parametrize("given", [{"command": "sync"}, {"command": "plan", "comment": "new"}, {"command": "plan;ls"}])
def test_another_command_or_way_is_refused_without_repeating_it(given: dict[str, str], tmp_path: Path) -> None:
    code, _, said = started(tmp_path, **given)
    assert code == 1
    assert said.startswith("::error title=sfdd::The input ")
    assert ";ls" not in said


def test_no_expression_stands_in_a_script() -> None:
    assert [step["name"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_other_actions_are_pinned_by_commit_with_the_version_beside() -> None:
    lines = [line for line in (ROOT / "action.yml").read_text().splitlines() if "uses:" in line]
    assert len(lines) == sum("uses" in step for step in STEPS) > 0
    for line in lines:
        assert re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_every_input_is_used() -> None:
    steps = json.dumps(STEPS)
    assert [
        name for name in ACTION["inputs"] if f"inputs.{name} " not in steps and f"inputs.{name}}}" not in steps
    ] == []


def test_the_linter_of_workflows_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    line = [str(zizmor), "--offline", "--no-config", "--persona=pedantic", str(ROOT / "action.yml")]
    ended = subprocess.run(line, check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
