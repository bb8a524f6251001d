"""`load`: from a file or a folder to a `Desired`: find files, read, merge, fill in, shape, check, resolve."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sfdd_declare.config import checks, interpolate, later, merge, resolve, shape, short_forms
from sfdd_declare.config.positions import Mapping as Tree
from sfdd_declare.config.positions import Places, to_plain
from sfdd_declare.config.safety import MAX_BYTES, read_bytes, to_text
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.config.tree import parse
from sfdd_declare.model.declared import Desired
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, Position

_NONE: Mapping[str, str] = MappingProxyType({})


def load(
    path: Path,
    *,
    env: str | None = None,
    variables: Mapping[str, str] = _NONE,
    environ: Mapping[str, str] | None = None,
    credentials: bool = True,
    secrets: bool = True,
) -> Desired:
    """Read the configuration at `path`, a folder or a file, with the overlay `env/<env>.yaml` beside it.

    Raises ErrorList with everything that is wrong, sorted by place. `environ` defaults to the process environment. With
    `credentials=False` unset references in credentials and addresses are no error: for checking a configuration where
    its secrets are not at hand. With `secrets=False` they are not even looked for, and variables may be given that this
    configuration does not use: for one that is compared only. Such a Desired is not fit for connecting.
    """
    surroundings = os.environ if environ is None else environ
    tree, root, errors = _read(path, env)
    sources = interpolate.Sources(root, surroundings, variables, credentials, secrets)
    filled, unclear = short_forms.expand(interpolate.fill(tree, sources))
    places = Places(filled)
    checked = shape.validate(to_plain(filled), places)
    found = [*checked.errors, *checks.check(checked, places, root, surroundings, credentials=credentials)]
    errors += [*sources.errors, *unclear, *(error for error in found if error.where not in sources.unknown)]
    if errors:
        raise ErrorList(tuple(sorted(errors, key=_by_place)))
    desired = resolve.resolve(checked.root, places, environ=surroundings if secrets else _NONE, folder=root)
    return later.mark(desired, places)


def overlays(path: Path) -> tuple[str, ...]:
    """Names of the overlays of the configuration at `path`."""
    root = path if path.is_dir() else path.parent
    return tuple(overlay.stem for overlay in sorted((root / "env").glob("*.yaml")))


def _read(path: Path, env: str | None) -> tuple[Tree, Path, list[DeclareError]]:
    root = path if path.is_dir() else path.parent
    files = _files(path)
    overlay = [_overlay(root, env)] if env is not None else []
    trees: list[Tree] = []
    errors: list[DeclareError] = []
    unreadable: list[DeclareError] = []
    budget = MAX_BYTES
    for file in (*files, *overlay):
        shown = str(file)
        try:
            data = read_bytes(file, shown, budget=budget, folder=root)
            tree, found = parse(to_text(data, shown), shown)
        except ConfigError as problem:
            unreadable.append(problem)
            continue
        budget -= len(data)
        trees.append(tree)
        errors += found
    if unreadable:
        raise ErrorList(tuple(sorted([*unreadable, *errors], key=_by_place)))
    base, conflicts = merge.join_files(tuple(trees[: len(files)]))
    merged = merge.apply_overlay(base, trees[-1]) if overlay else base
    empty = _check_overlay(trees[-1], env) if overlay else []
    return merged, root, [*errors, *conflicts, *empty]


def _files(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        if not path.exists():
            raise _missing(f"{quoted(str(path))} does not exist.", path)
        return (path,)
    files = tuple(sorted(file for file in path.glob("*.yaml") if not file.name.startswith(".")))
    if files:
        return files
    misnamed = sorted(path.glob("*.yml"))
    if misnamed:
        hint = f"mv {misnamed[0]} {misnamed[0].with_suffix('.yaml')}"
        raise _missing(f"{quoted(str(path))} holds no *.yaml file, only *.yml.", path, hint=hint)
    raise _missing(f"{quoted(str(path))} holds no *.yaml file.", path)


def _overlay(root: Path, env: str) -> Path:
    file = root / "env" / f"{env}.yaml"
    known = overlays(root)
    if env in known:
        return file
    hint = did_you_mean(
        env, known, prefix="--env ", otherwise=f"--env {known[0]}" if known else f"remove `--env {env}`"
    )
    summary = f"There is no overlay {quoted(str(file))}."
    detail = f"overlays: {', '.join(known)}" if known else f"{file.parent} holds no overlay"
    raise ErrorList((ConfigError("SFDD-E1003", summary, where=f"--env {env}", hint=hint, detail=detail),))


def _check_overlay(overlay: Tree, env: str | None) -> list[DeclareError]:
    """One that says nothing would run the base configuration under another name."""
    if set(overlay.entries) - {"version"}:
        return []
    hint = f"write what differs for `{env}` into it"
    return [ConfigError("SFDD-E1018", "This overlay is empty.", where=overlay.at, hint=hint)]


def _missing(summary: str, path: Path, *, hint: str = "-C DIR") -> ErrorList:
    return ErrorList((ConfigError("SFDD-E1001", summary, where=str(path), hint=hint),))


def _by_place(error: DeclareError) -> tuple[str, int, int, str]:
    where = error.where
    place = (where.file, where.line, where.col) if isinstance(where, Position) else (str(where or ""), 0, 0)
    return (*place, error.id)
