"""Every command and every flag explains itself."""

from __future__ import annotations

import pytest
import typer

from sfdd_declare import __version__
from sfdd_declare.cli.main import build
from tests.cli.surroundings import run


def is_group(command):
    return hasattr(command, "commands")


def commands(command=None, path=()):
    """Every command of the program with the words that call it."""
    command = command or typer.main.get_command(build())
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


EVERY = [pytest.param(path, command, id=" ".join(path) or "sfdd") for path, command in commands()]
PATHS = [pytest.param(path, id=" ".join(path) or "sfdd") for path, _ in commands()]
LEAVES = [pytest.param(path, command, id=" ".join(path)) for path, command in commands() if not is_group(command)]


def test_the_program_has_all_its_commands():
    missing = {
        "validate",
        "plan",
        "apply",
        "sync",
        "drift",
        "errors retry",
        "errors park",
        "explain",
        "status",
        "history",
        "forget",
        "schema",
        "registry package",
        "sandbox serve",
        "sandbox seed",
        "sandbox reset",
        "sandbox edit",
        "sandbox switch",
        "sandbox clock",
        "sandbox history",
        "sandbox log",
        "demo",
        "unlock",
        "state list",
        "version",
    } - {" ".join(path) for path, _ in commands()}
    assert missing == set()


@pytest.mark.parametrize(("path", "command"), EVERY)
def test_command_has_help_and_its_flags_have_help(path, command):
    assert command.help, path
    assert [param.name for param in command.params if not param.help] == []


@pytest.mark.parametrize(("path", "command"), LEAVES)
def test_command_shows_an_example_that_calls_it(path, command):
    assert f"  sfdd {' '.join(path)}" in command.help


@pytest.mark.parametrize("path", PATHS)
def test_help_is_printed_within_80_columns_and_ends_well(path, capsys):
    assert run(*path, "--help") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("Usage: sfdd")
    assert [line for line in shown.out.splitlines() if len(line) > 80] == []
    assert shown.err == ""


@pytest.mark.parametrize("path", [(), ("sandbox",), ("state",), ("registry",)])
def test_a_group_without_a_command_prints_its_help(path, capsys):
    assert run(*path) == 0
    assert "Commands:" in capsys.readouterr().out


def test_short_descriptions_are_not_cut_off(capsys):
    for path in ((), ("sandbox",)):
        run(*path, "--help")
    assert "..." not in capsys.readouterr().out.replace("[ARGS]...", "")


@pytest.mark.parametrize("line", ["--version", "version"])
def test_version_is_printed(line, capsys):
    assert run(line) == 0
    assert capsys.readouterr().out == f"sfdd {__version__}\n"
