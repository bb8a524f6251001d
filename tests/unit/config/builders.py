"""Writing configurations for tests. `«` in a text marks the place where an error is expected; it is taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sfdd_declare.config.read import load
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import DeclareError, ErrorList, Position

MARK = "«"
ENVIRON = {
    "DD_USER": "apiuser-1",
    "DD_PASSWORD": "s3cret",
    "SF_ACCESS_TOKEN": "t",
    "SF_ORG_INSTANCE_URL": "https://acme.my.salesforce.com",
}
ACCOUNT = "{user: '${env:DD_USER}', password: '${env:DD_PASSWORD}'}"
BASE = f"version: 1\ndotdigital: {{accounts: {{main: {ACCOUNT}}}}}\n"
TWO_ACCOUNTS = f"version: 1\ndotdigital: {{accounts: {{main: {ACCOUNT}, events: {ACCOUNT}}}}}\n"


@dataclass(frozen=True)
class Found:
    """One error as a test compares it."""

    id: str
    line: int
    col: int


def marked(text: str) -> tuple[str, tuple[int, int]]:
    """The text without its mark, and line and column of the mark."""
    before, _, after = text.partition(MARK)
    assert MARK in text, "the test marks no place"
    assert MARK not in after, "the test marks two places"
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def loaded(folder: Path, text: str, **options: object) -> Desired:
    """What one file says."""
    return load(write(folder, {"sfdd.yaml": text}), **{"environ": ENVIRON, **options})  # type: ignore[arg-type]


def errors_of(call: Callable[[], object]) -> tuple[DeclareError, ...]:
    try:
        call()
    except ErrorList as problem:
        return problem.errors
    raise AssertionError("no error was raised")


def errors_in(folder: Path, text: str, **options: object) -> tuple[DeclareError, ...]:
    return errors_of(lambda: loaded(folder, text, **options))


def the_error(folder: Path, text: str, **options: object) -> DeclareError:
    """The only error of a file."""
    found = errors_in(folder, text, **options)
    assert len(found) == 1, [str(error) for error in found]
    return found[0]


def place(error: DeclareError) -> tuple[int, int]:
    assert isinstance(error.where, Position), error
    return error.where.line, error.where.col


def shown(error: DeclareError) -> Found:
    return Found(error.id, *place(error))
