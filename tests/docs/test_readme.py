"""The README is followed to the letter: its YAML, its commands, and what it says that the program prints."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import typer

from sfdd_declare.cli.flags import GUARDS
from sfdd_declare.cli.main import build, main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVE = ["sandbox", "serve"]
CUT = "…"
FINGERPRINT = re.compile(r"\b[0-9a-f]{12}(?=:)")


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def typed(text: str) -> list[list[str]]:
    """The command lines of `sfdd` that a reader is told to type, without `sfdd` itself."""
    lines = [line for block in blocks(text, "console") for line in block.splitlines()]
    return [shlex.split(line[2:], comments=True)[1:] for line in lines if line.startswith("$ sfdd ")]


def first_column(text: str, heading: str) -> list[str]:
    """What stands in code in the first column of the table under a heading."""
    rows = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [code for row in rows for code in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)\|", row)[1])]


def commands(group: click.Command, name: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, by its words."""
    subcommands: Mapping[str, click.Command] = getattr(group, "commands", {})
    if not subcommands:
        yield name
    for word, command in subcommands.items():
        yield from commands(command, (*name, word))


def words_of(command: str) -> tuple[str, ...]:
    """`sfdd sync [NAME…]` is the command `sync`."""
    return tuple(word for word in command.split()[1:] if re.fullmatch(r"[a-z-]+", word) and word[0] != "-")


def sfdd(folder: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(folder):
        code = main(arguments, environ=environ, stdin=io.StringIO())
    return code, out.getvalue() if code in (0, 2) else out.getvalue() + err.getvalue()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """`sfdd sandbox serve` in a terminal of its own; gives what the lines it prints export."""
    server = subprocess.Popen(
        [sys.executable, "-m", "sfdd_declare", *SERVE], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        printed = itertools.takewhile(lambda line: not line.startswith("Ctrl-C"), server.stdout)
        lines = [shlex.split(line)[1] for line in printed if line.startswith("export ")]
        yield dict(line.split("=", 1) for line in lines)
    finally:
        server.terminate()
        server.communicate(timeout=60)


def assert_shows(printed: str, shown: str) -> None:
    """What is shown was printed, line by line and in this order; `…` stands for lines that are left out, and any
    fingerprint for any other.
    """
    place, lines = 0, FINGERPRINT.sub(CUT, printed).splitlines()
    for line in FINGERPRINT.sub(CUT, shown).splitlines():
        if line == CUT or not line:
            continue
        assert line in lines[place:], f"not printed any more (or not here): {line}"
        place = lines.index(line, place) + 1


def test_the_first_ten_minutes_go_as_they_are_told(tmp_path: Path) -> None:
    told = section("The first ten minutes")
    (configuration,) = blocks(told, "yaml")
    (tmp_path / "sfdd.yaml").write_text(configuration, encoding="utf-8")
    seed, serve, validate, plan, apply, again = typed(told)
    assert serve == SERVE
    assert sfdd(tmp_path, {}, *seed)[0] == 0
    with serving(tmp_path) as exported:
        assert sfdd(tmp_path, exported, *validate)[0] == 0
        code, printed = sfdd(tmp_path, exported, *plan)
        assert code == 0, printed
        assert_shows(printed, blocks(told, "text")[0])
        code, printed = sfdd(tmp_path, exported, *apply, "--auto-approve")
        assert code == 0, printed
        code, printed = sfdd(tmp_path, exported, *again)
        assert code == 0, printed


def test_every_command_it_names_is_there_and_every_command_is_named(tmp_path: Path) -> None:
    named = {words_of(command) for command in first_column(section("Commands"), "command")}
    there = set(commands(typer.main.get_command(build())))
    assert named - {("errors",)} == there | {("errors", "retry"), ("errors", "park")}
    for words in sorted(named):
        assert sfdd(tmp_path, {}, *words, "--help")[0] == 0, words


@pytest.mark.parametrize("arguments", typed(README), ids=" ".join)
def test_every_option_it_tells_to_type_is_there(arguments: list[str], tmp_path: Path) -> None:
    assert sfdd(tmp_path, {}, *arguments, "--help")[0] == 0


def test_it_names_every_guard_that_allow_lifts() -> None:
    assert sorted(first_column(section("Commands"), "`--allow`")) == sorted(GUARDS)
