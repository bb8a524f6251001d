"""The page about plans is followed to the letter, and every command that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from sfdd_declare.cli.main import build
from tests.docs.test_readme import ROOT, assert_shows, blocks, commands, section, serving, sfdd, typed, words_of

PAGE = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")


def test_the_life_of_one_plan_goes_as_it_is_told(tmp_path: Path) -> None:
    (configuration,) = blocks(section("The first ten minutes"), "yaml")
    (tmp_path / "sfdd.yaml").write_text(configuration, encoding="utf-8")
    assert sfdd(tmp_path, {}, "sandbox", "seed", "--people", "2000")[0] == 0
    shown = iter(blocks(PAGE, "text"))
    with serving(tmp_path) as exported:
        for line in typed(PAGE):
            code, printed = sfdd(tmp_path, exported, *line)
            assert code == 0, printed
            if line[0] in ("show", "apply") or line == ["plan"]:
                assert_shows(printed, next(shown))
    assert "People: 29 to add" in (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert next(shown, None) is None


def test_every_command_beside_one_of_another_tool_is_there() -> None:
    there = set(commands(typer.main.get_command(build())))
    table = PAGE.partition("| Terraform | Here |")[2].splitlines()[2:]
    named = {words_of(code) for row in table for code in re.findall(r"`(sfdd [^`]+)`", row)}
    assert len(named) >= 8
    assert named <= there
