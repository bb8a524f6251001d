"""What a stranger's files would do by their size or their form: plan files and configurations, on little memory."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.hands import writes
from tests.e2e.sampling import sampled
from tests.e2e.stage import CONFIG, Stage, buyers
from tests.e2e.traps import limited

PLAN = "strangers.sfddplan"
LINK = 0o120777 << 16
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
Members = Mapping[str, bytes]
EMPTY: Members = {"plan.json": b"{}", "rows.parquet": b"", "seal": b"0" * 64}


def packed(path: Path, members: Members, **how: int) -> None:
    """A zip of these members; how one is packed that is not as ours."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            usual = DEFLATED if name == "plan.json" else STORED
            archive.writestr(name, content, how.get(name.partition(".")[0], usual))


def bomb(path: Path) -> None:
    packed(path, {**EMPTY, "rows.parquet": bytes(80_000_000)}, rows=DEFLATED)


def bomb_of_bzip2(path: Path) -> None:
    packed(path, {**EMPTY, "people.sealed": bytes(80_000_000)}, people=zipfile.ZIP_BZIP2)


def plan_of_much_room(path: Path) -> None:
    with zipfile.ZipFile(path, "w", DEFLATED) as archive:
        for name, content in EMPTY.items():
            if name != "plan.json":
                archive.writestr(name, content, STORED)
        with archive.open("plan.json", "w") as out:
            for _ in range(200):
                out.write(b" " * 1_000_000)


def plan_that_says_it_is_small(path: Path) -> None:
    """Its size in the directory is a lie."""
    plan_of_much_room(path)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 200_000_000), struct.pack("<L", 1_000)))


def many_numbers(path: Path) -> None:
    packed(path, {**EMPTY, "plan.json": b'{"format":[' + b"0," * 31_000_000 + b"0]}"})


def many_brackets(path: Path) -> None:
    packed(path, {**EMPTY, "plan.json": b"[" * 10_000_000})


def another_member(path: Path) -> None:
    packed(path, {**EMPTY, "more": b"x"})


def a_way_out(path: Path) -> None:
    packed(path, {**EMPTY, "../../way-out": b"x", "/tmp/way-out": b"x"})


def the_same_twice(path: Path) -> None:
    packed(path, EMPTY)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("plan.json", b"{}")


def a_link(path: Path) -> None:
    """A link is no more than the text it holds: nothing is unpacked."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in EMPTY:
            member = zipfile.ZipInfo(name)
            member.external_attr = LINK
            member.compress_type = DEFLATED if name == "plan.json" else STORED
            archive.writestr(member, b"/etc/passwd")


def a_long_directory(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("x" * 60_000)
        archive.writestr(member, b"")
        archive.filelist.extend([member] * 4_000)


POISONED: tuple[Callable[[Path], None], ...] = (
    bomb,
    bomb_of_bzip2,
    plan_of_much_room,
    plan_that_says_it_is_small,
    many_numbers,
    many_brackets,
    another_member,
    a_way_out,
    the_same_twice,
    a_link,
    a_long_directory,
)

WHY = {
    "bomb": "it is not packed as a plan file is",
    "bomb_of_bzip2": "it is not packed as a plan file is",
    "plan_of_much_room": "its `plan.json` is too large",
    "many_numbers": "its `plan.json` is too large",
    "another_member": "it does not hold what a plan file holds",
    "a_way_out": "it does not hold what a plan file holds",
    "a_long_directory": "it is damaged",
}


@pytest.mark.parametrize("make", sampled(POISONED, 4, always=1, name=lambda make: make.__name__))
def test_a_poisoned_plan_file(stage: Stage, make: Callable[[Path], None], tmp_path: Path) -> None:
    make(stage.folder / PLAN)
    there = sorted(tmp_path.rglob("*"))
    stage.overrides["TMPDIR"] = str(tmp_path)
    ended = limited(stage, "show", PLAN)
    assert (ended.code, "SFDD-E5010" in ended.err) == (3, True), ended.text
    assert "etc/passwd" not in ended.text
    assert WHY.get(make.__name__, "") in ended.err
    assert sorted(tmp_path.rglob("*")) == there


def test_a_plan_file_of_another_environment_or_state(stage: Stage) -> None:
    """The same world, and the file is copied: what one state has approved is nothing to another."""
    buyers(stage.world, 1)
    (stage.folder / "env").mkdir()
    for name in ("one", "two"):
        (stage.folder / "env" / f"{name}.yaml").write_text("guards: {max_removals: 7%}\n")
        assert stage.sfdd("state", "init", "--env", name).code == 0
    assert stage.sfdd("plan", "--env", "one", "--out", PLAN).code == 0
    with zipfile.ZipFile(stage.folder / PLAN) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    plan = json.loads(members["plan.json"])
    text = json.dumps(plan).replace('"env": "one"', '"env": "two"')
    assert text != json.dumps(plan)
    packed(stage.folder / PLAN, {**members, "plan.json": text.encode()})
    before = writes(stage)
    ended = stage.sfdd("apply", PLAN)
    assert (ended.code, "SFDD-E501" in ended.err) == (3, True), ended.text
    assert writes(stage) == before


MEGABYTE = 1_000_000
ENDLESS = {
    "six megabytes": ("#" * 6 * MEGABYTE, "SFDD-E1002"),
    "a comment": ("#" * 4 * MEGABYTE + "\n%", "SFDD-E1007"),
    "aliases of aliases": (
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
        "SFDD-E1012",
    ),
    "merge keys": (
        "a0: &a0 {x: 1, y: 2}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60)),
        "SFDD-E1012",
    ),
    "brackets": ("a: " + "[" * 100_000, "SFDD-E1011"),
    "braces in braces": ("a: " + "{a: " * 100_000, "SFDD-E1011"),
    "indents": ("".join(" " * n + "a:\n" for n in range(1500)), "SFDD-E1011"),
    "keys": ("".join(f"k{n}: 1\n" for n in range(100_001)), "SFDD-E1012"),
    "unknown keys": ("version: 1\n" + "".join(f"k{n}: 1\n" for n in range(40_000)), "SFDD-E1101"),
    "one long key": ("version: 1\n? " + "k" * MEGABYTE + "\n: 1\n", "SFDD-E1101"),
    "references": (CONFIG + "vars: {a: '" + "${var:b}" * 20_000 + "'}\n", "SFDD-E1112"),
    "a reference without an end": (CONFIG + "vars: {a: '" + "${" * 300_000 + "'}\n", "SFDD-E1113"),
    "a condition": (CONFIG.replace("Department = 'Buyers'", "(" * MEGABYTE), "SFDD-E2130"),
    "a condition of quotes": (CONFIG.replace("Department = 'Buyers'", "x = 'a" + "\\\\'" * 300_000), "SFDD-E2130"),
    "an address of dots": (CONFIG.replace("${env:DD_URL}", "https://" + "a." * 300_000), "SFDD-E1105"),
    "an address of dashes": (CONFIG.replace("${env:DD_URL}", "https://a" + "-" * MEGABYTE), "SFDD-E1105"),
    "a number": (CONFIG + "guards: {max_new_records: " + "9" * MEGABYTE + "}\n", "SFDD-E1"),
}


@pytest.mark.parametrize("what", sampled(tuple(ENDLESS), 4))
def test_a_huge_or_endless_configuration(stage: Stage, what: str) -> None:
    text, id = ENDLESS[what]
    stage.write(text)
    ended = limited(stage, "validate")
    assert (ended.code, id in ended.err) == (1, True), ended.err[-2000:]


def test_many_large_files_are_one_configuration(stage: Stage) -> None:
    for number in range(6):
        (stage.folder / f"{number}.yaml").write_text("#" * MEGABYTE)
    ended = limited(stage, "validate")
    assert (ended.code, "SFDD-E1002" in ended.err) == (1, True), ended.err[-2000:]
