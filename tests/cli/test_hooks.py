"""The hooks that other repositories take from `.pre-commit-hooks.yaml`."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.cli.test_help import commands

TOP = Path(__file__).parents[2]
EXAMPLES = TOP / "examples"
HOOKS = {each["id"]: each for each in YAML(typ="safe").load(TOP / ".pre-commit-hooks.yaml")}
CREDENTIALS_AWAY = {"PATH": "/usr/bin:/bin"}


def ended(hook, folder, *args):
    """A hook runs at the top of the repository, without the names of the files."""
    script, *words = shlex.split(hook["entry"])
    line = [Path(sys.executable).with_name(script), *words, *args]
    return subprocess.run(
        line, cwd=folder, env=CREDENTIALS_AWAY, capture_output=True, text=True, check=False, timeout=60
    )


def test_each_hook_runs_a_command_that_installing_brings():
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    names = {" ".join(path) for path, _ in commands()}
    assert set(HOOKS) == {"sfdd-validate"}
    for hook in HOOKS.values():
        script, command = hook["entry"].split(" ", 1)
        assert (script in scripts, command in names) == (True, True)
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
        assert hook["name"]


@pytest.mark.parametrize("id", HOOKS)
@pytest.mark.parametrize("example", ["quickstart", "full"])
def test_each_hook_passes_on_the_examples_at_the_top_and_below_it(id, example):
    assert ended(HOOKS[id], EXAMPLES / example).returncode == 0
    assert ended(HOOKS[id], TOP, "-C", f"examples/{example}").returncode == 0


def test_the_hook_fails_on_a_wrong_configuration(tmp_path):
    (tmp_path / "sfdd.yaml").write_text("version: 1\nlinkz: []\n", encoding="utf-8")
    done = ended(HOOKS["sfdd-validate"], tmp_path)
    assert (done.returncode, "SFDD-E1101" in done.stderr) == (1, True)


def test_the_hook_looks_at_every_file_of_a_configuration_and_at_no_code():
    pattern = re.compile(HOOKS["sfdd-validate"]["files"])
    assert all(pattern.search(path.as_posix()) for path in EXAMPLES.rglob("*.yaml"))
    assert not pattern.search("yaml/app.py")
