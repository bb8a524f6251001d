"""What `sfdd validate` finds, for code hosts: every error, or every warning, at its place in the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sfdd_declare.app.options import Options
from sfdd_declare.app.validate import validate
from sfdd_declare.config.key_paths import KeyPaths, key_paths
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, Position
from sfdd_declare.model.finding import Finding, Findings, Level

#: Rules about a mapping as a whole, placed where it begins: at its first key.
_WHOLE = frozenset(("SFDD-E1102", "SFDD-E1104", "SFDD-E1106", "SFDD-W1203", "SFDD-W1210"))
_MAIN = "sfdd.yaml"


def findings(options: Options) -> Findings:
    """Check the configuration; what is wrong with it is a result here. Raises what is no fault of the configuration."""
    repository = _Repository(options.folder)
    scope = repository.scope(options.env)
    try:
        desired = validate(options)
    except (ConfigError, ErrorList) as error:
        found = tuple(
            repository.finding(each.id, Level.ERROR, each.summary, each.where, each.hint) for each in _single(error)
        )
        return Findings(found, scope, error)
    return Findings(tuple(sorted(_advice(desired, repository), key=_place)), scope)


def _single(error: DeclareError) -> Iterator[DeclareError]:
    if isinstance(error, ErrorList):
        for each in error.errors:
            yield from _single(each)
    else:
        yield error


def _advice(desired: Desired, repository: _Repository) -> Iterator[Finding]:
    for advice in desired.advice:
        yield repository.finding(advice.rule, Level.WARNING, advice.text, advice.where, "")
    for part in desired.not_applied:
        summary = f"{part.address}: {part.what}."
        yield repository.finding("SFDD-W1210", Level.NOTE, summary, part.where, "")


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.line, finding.col, finding.rule


@dataclass(slots=True)
class _Repository:
    """Places as paths from the root of the repository, or of the configuration where there is none."""

    folder: Path
    root: Path = field(init=False)
    asked: Path = field(init=False)
    main: Path = field(init=False)
    _read: dict[Path, KeyPaths] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = _absolute(self.folder)
        is_file = asked.is_file() or asked.suffix in (".yaml", ".yml")
        base = asked.parent if is_file else asked
        self.asked = asked
        self.main = asked if is_file else _main(asked)
        self.root = next((place for place in (base, *base.parents) if (place / ".git").exists()), base)

    def scope(self, env: str | None) -> tuple[str, ...]:
        """Tells the results of one configuration or environment from those of another."""
        here = self._relative(self.asked.parent if self.asked.name == _MAIN else self.asked)
        return (*(part for part in here.split("/") if part != "."), *((env,) if env else ()))

    def finding(self, rule: str, level: Level, summary: str, where: Position | str | None, hint: str) -> Finding:
        """A place outside the repository, or in none of its files, becomes the main file's first line."""
        named = where.file if isinstance(where, Position) else where or ""
        file = _absolute(Path(named)) if os.path.isfile(named) else self.main
        line, col = 1, 1
        if not file.is_relative_to(self.root):
            file = self.main
        elif isinstance(where, Position):
            line, col = max(1, where.line), max(1, where.col)
        keys = self._keys(file).at(line, col, whole=rule in _WHOLE) if isinstance(where, Position) else ()
        shown = self._relative(file)
        return Finding(rule, level, summary, hint, shown, line, col, keys or (shown,))

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _keys(self, file: Path) -> KeyPaths:
        if file not in self._read:
            self._read[file] = key_paths(file) if file.suffix in (".yaml", ".yml") else KeyPaths()
        return self._read[file]


def _main(folder: Path) -> Path:
    files = sorted(folder.glob("*.yaml"))
    usual = folder / _MAIN
    return files[0] if files and usual not in files else usual


def _absolute(path: Path) -> Path:
    """Links are not followed: a file is shown where the repository has it."""
    return Path(os.path.abspath(path))
