"""The page about operation and the examples beside it: what they tell to type is there, and does what is said."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from sfdd_declare.app.options import Options
from sfdd_declare.app.validate import validate
from sfdd_declare.model.notice import Kind
from sfdd_declare.notify.webhook import signature
from tests.docs.test_readme import ROOT, blocks, section, serving, sfdd, typed
from tests.examples.operate import DOCKERFILE, OPERATE, RULES, instructions, loaded, pods, unit_values

PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
#: It does not end by itself.
ENDLESS = {"watch"}


def lines() -> Iterator[tuple[str, ...]]:
    """Every command line of `sfdd` that the page or an example holds, without `sfdd` itself."""
    yield from map(tuple, typed(PAGE))
    files = [path.read_text(encoding="utf-8") for path in OPERATE.rglob("*") if path.is_file()]
    for text in (PAGE, *files):
        yield from (tuple(shlex.split(code)[1:]) for code in re.findall(r"`(sfdd [^`]+)`", text))
    for pod in pods().values():
        yield tuple(map(str, pod["containers"][0]["args"]))
    yield tuple(loaded(OPERATE / "compose.yaml")["services"]["sfdd"]["command"])
    yield tuple(json.loads(instructions("CMD")[0]))
    yield from (tuple(shlex.split(value)[1:]) for value in unit_values("ExecStart"))


@pytest.mark.parametrize("line", sorted(set(lines())), ids=" ".join)
def test_every_command_line_is_understood(line: tuple[str, ...], tmp_path: Path) -> None:
    assert sfdd(tmp_path, {}, *line, "--help")[0] == 0


def test_the_image_and_the_unit_start_the_service() -> None:
    assert instructions("ENTRYPOINT") == ['["sfdd"]']
    assert DOCKERFILE.count("/healthz") == 1
    assert {line[0] for line in lines()} >= {"watch", "sync", "status", "history", "apply"}


def test_links_of_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert len(links) >= 10
    assert [link for link in links if not (ROOT / "docs" / link).resolve().exists()] == []


def test_the_yaml_of_the_page_is_a_configuration(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "quickstart" / "sfdd.yaml", tmp_path)
    (tmp_path / "env").mkdir()
    found = blocks(PAGE, "yaml")
    assert len(found) == 2
    for number, block in enumerate(found):
        (tmp_path / "env" / f"page{number}.yaml").write_text(block, encoding="utf-8")
        validate(Options(folder=tmp_path, env=f"page{number}"))


def test_alerts_kinds_and_variables_of_the_page_are_those_that_are_there() -> None:
    table = PAGE.partition("| alert | says |")[2].partition("\n\n")[0]
    assert re.findall(r"\| `(\w+)` \|", table) == [rule["alert"] for rule in RULES]
    assert set(re.findall(r"`(\w+)`", PAGE.partition("is over: ")[2].partition(". Not")[0])) == set(Kind)
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sfdd_declare").rglob("*.py"))
    named = set(re.findall(r"`(SFDD_[A-Z_]+)`", PAGE))
    assert len(named) >= 6
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", code)] == []


def test_messages_of_the_page_are_those_that_are_printed() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sfdd_declare").rglob("*.py"))
    table = PAGE.partition("| you see | do |")[2]
    said = re.findall(r'^\| "([^"]+?)(?: …)?" \|', table, re.MULTILINE)
    assert len(said) == 3
    assert [text for text in said if text not in code] == []


def test_a_receiver_that_does_as_the_page_says_knows_us_from_others() -> None:
    (block,) = blocks(PAGE, "python")
    names: dict[str, Any] = {}
    exec(block, names)
    now, body = str(int(datetime.now(tz=UTC).timestamp())), b'{"kind": "notification"}'
    headers = {"X-Sfdd-Timestamp": now, "X-Sfdd-Signature-256": signature(SecretStr("shared"), now, body)}
    is_from_sfdd = names["is_from_sfdd"]
    assert is_from_sfdd(headers, body, "shared")
    assert not is_from_sfdd(headers, body + b" ", "shared")
    assert not is_from_sfdd(headers, body, "another")
    old = "1000000000"
    stale = {"X-Sfdd-Timestamp": old, "X-Sfdd-Signature-256": signature(SecretStr("shared"), old, body)}
    assert not is_from_sfdd(stale, body, "shared")


def test_a_day_of_operation_goes_as_it_is_told(tmp_path: Path) -> None:
    (configuration,) = blocks(section("The first ten minutes"), "yaml")
    (tmp_path / "sfdd.yaml").write_text(configuration, encoding="utf-8")
    assert sfdd(tmp_path, {}, "sandbox", "seed", "--people", "200")[0] == 0
    told = [line for line in typed(PAGE) if line[0] not in ENDLESS]
    assert [line[0] for line in told] == ["sync", "state", "state", "plan"]
    with serving(tmp_path) as exported:
        assert sfdd(tmp_path, exported, "apply", "--auto-approve")[0] == 0
        for line in told:
            code, printed = sfdd(tmp_path, exported, *line)
            assert code == 0, printed
    assert sorted(path.name for path in (tmp_path / ".sfdd").glob("*.replaced*")) != []
