"""Values that attack a terminal: in people, in names of things, by anybody's hand. They are shown, never obeyed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import unicodedata

import pytest
from rich.cells import cell_len

from sfdd_declare.sandbox.salesforce import rows
from tests.e2e.stage import CONFIG, Stage

LONG = "y" * 900  # Dotdigital takes 1,000 characters
ENDLESS = "x" * 10_000
HOSTILE = (
    "\x1b[31mred\x1b[0m\x1b[2J",
    "\x1b]0;title\x07\x9b31m",
    "gpj\u202eexe.\u2066hidden\u2069",
    "[bold red]markup[/bold red] [link=https://evil.example]x[/link]",
    "pipe | `tick` ``` | end",
    "line one\nline two\r\x08\x0boverwritten\u2028\u2029\x85",
    "👩‍👩‍👧‍👦 🇩🇪 日本語 Ünïcödé",
    "\u200bzero\ufeff width\u00ad",
    "</script><b>&amp;",
    "{{7*7}} ${env:HOME} %s %(name)s {0}",
    "'; DROP TABLE contacts; --",
    LONG,
    ENDLESS,
)
VISIBLE = (
    r"\x1b[31mred",
    r"\x1b]0;title\x07\x9b31m",
    r"gpj\u202eexe.\u2066hidden",
    "[bold red]markup[/bold red]",
    "| `tick` ```",
    r"one\nline",
    "日本語",
    r"\u200bzero\ufeff",
    "{{7*7}}",
    LONG,
)
WIDTH = 80


@pytest.fixture
def hostile(stage: Stage) -> Stage:
    """People with hostile values."""
    people = [{"FirstName": value, "LastName": value, "Title": value} for value in HOSTILE]
    common = [{"Department": "Buyers", "Email": f"h{number}@example.com"} for number in range(len(HOSTILE))]
    rows.insert_many(stage.world, "Contact", [a | b for a, b in zip(people, common, strict=True)])
    return stage


def with_hostile_address(stage: Stage) -> None:
    person = {"LastName": "Evil", "Department": "Buyers", "Email": f"{HOSTILE[0]}@example.com"}
    rows.insert_many(stage.world, "Contact", [person])


def unsafe(text: str) -> set[str]:
    """Characters that a terminal might obey."""
    joiners = "\u200c\u200d"
    return {c for c in text if c not in "\n" + joiners and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def at_a_terminal(stage: Stage, *arguments: str) -> str:
    """What a command writes when its stdout is a terminal of WIDTH columns."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sfdd_declare", *arguments],
        cwd=stage.folder,
        env={**stage.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1", "TERM": "dumb"},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    read = []
    try:
        while chunk := os.read(ours, 65536):
            read.append(chunk)
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    process.wait()
    return b"".join(read).decode().replace("\r\n", "\n")


def without_space(text: str) -> str:
    """Text as it is when folding and indenting are undone."""
    return "".join(text.split())


def test_values_of_people_are_shown_escaped_and_fit_the_terminal(hostile: Stage) -> None:
    with_hostile_address(hostile)
    shown = at_a_terminal(hostile, "plan", "--samples", "100", "--show-personal-data", "--verbose")
    assert unsafe(shown) == set()
    assert [line for line in shown.splitlines() if cell_len(line) > WIDTH] == []
    together = without_space(shown)
    assert [visible for visible in VISIBLE if without_space(visible) not in together] == []
    assert "text_too_long" in shown


def test_masked_values_do_not_let_anything_through(hostile: Stage) -> None:
    with_hostile_address(hostile)
    shown = hostile.sfdd("plan", "--samples", "100", "--verbose")
    assert shown.code == 0, shown.err
    assert unsafe(shown.text) == set()
    assert [
        text for text in ("red\\x", "exe", "markup", "DROP", "日本語", "xxxx", "yyyy", "line two") if text in shown.out
    ] == []


def test_hostile_values_arrive_as_they_are(hostile: Stage) -> None:
    ended = hostile.sfdd("apply", "--auto-approve")
    assert (ended.code, unsafe(ended.text)) == (0, set()), ended.text
    for number in (3, 6, 10, 11):
        contact = hostile.contact_in_dotdigital(f"h{number}@example.com") or {"dataFields": {}}
        values = {name.upper(): value for name, value in contact["dataFields"].items()}
        assert values["LASTNAME"] == HOSTILE[number]
    assert hostile.sfdd("plan", "--detailed-exitcode").code == 0


def test_names_of_things_are_shown_escaped_when_somebody_renamed_them(stage: Stage) -> None:
    stage.apply()
    name = " ".join(HOSTILE[:-2])
    with stage.world.transaction() as db:
        db.execute("UPDATE sf_Campaign SET Name = ?", (name,))
        db.execute("UPDATE dd_list SET name = ? WHERE name = 'Spring book'", (name,))
        db.execute("UPDATE sf_User SET LastName = ?", (name,))
        db.execute("UPDATE sf_SFDD_Field_Mapping__c SET Data_Field__c = ?", (name,))
    shown = stage.sfdd("plan", "--detailed-exitcode", "--verbose")
    assert (shown.code, unsafe(shown.text)) == (2, set()), shown.text
    assert [visible for visible in VISIBLE[:-1] if without_space(visible) not in without_space(shown.out)] == []
    applied = stage.sfdd("apply", "--auto-approve")
    assert (applied.code, unsafe(applied.text)) == (0, set()), applied.text
    assert stage.sfdd("plan", "--detailed-exitcode").code == 0


def test_hostile_text_in_the_configuration_is_shown_escaped(stage: Stage) -> None:
    stage.write(CONFIG, replace=("name: Spring launch", r'name: "ab\u202E [red]c[/red]"'))
    plan = stage.sfdd("plan")
    assert (plan.code, unsafe(plan.text)) == (0, set()), plan.text
    assert r"ab\u202e [red]c[/red]" in plan.out.replace("\\\\", "\\")
    stage.write(CONFIG, replace=("name: Spring launch", 'name: "\\e[2J\\u202E", "\x9b31m": 1'))
    broken = stage.sfdd("validate")
    assert (broken.code, unsafe(broken.text)) == (1, set()), broken.text


ARGUMENTS = (
    ("plan", "-C", "no\x1b[31m/\u202efolder"),
    ("plan", "--target", "campaign.\x1b[31m\u202e"),
    ("plan", "--allow", "\u202e"),
    ("apply", "--auto-approve", "--expect", "\x1b[2J"),
    ("\x1b[31mplan",),
)


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=["folder", "target", "allow", "expect", "command"])
def test_hostile_arguments_are_shown_escaped(stage: Stage, arguments: tuple[str, ...]) -> None:
    ended = stage.sfdd(*arguments)
    assert (ended.code, unsafe(ended.text)) == (1, set()), ended.text
