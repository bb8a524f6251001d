"""`${env:NAME}`, `${env:NAME:-default}`, `${file:path}` and `${var:name}` in values; `$${` stands for `${`.

What comes out stays text, so a password of digits is not taken for a number. Messages about the form of a value repeat
what was written, never what it became.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from sfdd_declare.config.positions import Entry, Mapping, Node, Path, Scalar, Sequence
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.errors import ConfigError, DeclareError, Position

MAX_FILE = 1_000_000
NOT_SET = "https://not-set.invalid"  # stands for a credential that is not there when none is needed

_REFERENCE = re.compile(r"\$?\$\{([^{}]*)\}|\$\{")
_KINDS = ("env", "file", "var")
_CREDENTIALS = ("user", "password")
_ABSENT = ("SFDD-E1110", "SFDD-E1111")


@dataclass(slots=True)
class Sources:
    """Where values come from, and what was asked for. Without `credentials` missing ones are not an error."""

    root: FilePath
    environ: MappingOf[str, str]
    variables: MappingOf[str, str]
    credentials: bool
    declared: dict[str, str | None] = field(default_factory=dict)  # `vars:`; None has no default
    used: set[str] = field(default_factory=set)
    errors: list[DeclareError] = field(default_factory=list)
    failed: set[Position] = field(default_factory=set)  # values that are not known: nothing more is said about them


def fill(tree: Mapping, sources: Sources) -> Mapping:
    """The tree with every reference replaced; problems go to `sources.errors`."""
    own = tree.entries.get("vars")
    if own and isinstance(own.node, Mapping):
        filled = _walk(own.node, ("vars",), sources)
        assert isinstance(filled, Mapping)
        sources.declared = {name: _text(entry.node) for name, entry in filled.entries.items()}
    rest = {key: entry for key, entry in tree.entries.items() if key != "vars"}
    filled = _walk(Mapping(rest, tree.at), (), sources)
    assert isinstance(filled, Mapping)
    _check_given(sources)
    return Mapping({**filled.entries, **({"vars": own} if own else {})}, tree.at)


def _walk(node: Node, path: Path, sources: Sources) -> Node:
    if isinstance(node, Mapping):
        items = node.entries.items()
        return Mapping({key: Entry(e.at, _walk(e.node, (*path, key), sources)) for key, e in items}, node.at)
    if isinstance(node, Sequence):
        return Sequence(tuple(_walk(item, (*path, i), sources) for i, item in enumerate(node.items)), node.at)
    if isinstance(node.value, str) and "${" in node.value:
        value = _REFERENCE.sub(lambda found: _value(found, node, path, sources), node.value)
        return replace(node, value=value)
    return node


def _value(found: re.Match[str], node: Scalar, path: Path, sources: Sources) -> str:
    whole, inner = found.group(), found.group(1)
    if whole.startswith("$$"):
        return whole[1:]
    try:
        return _look_up(inner, path, sources)
    except ConfigError as problem:
        if sources.credentials or problem.id not in _ABSENT or not _is_credential(path):
            problem.where = _place(node.at, whole)
            sources.errors.append(problem)
            sources.failed.add(node.at)
        return NOT_SET


def _look_up(inner: str | None, path: Path, sources: Sources) -> str:
    kind, colon, rest = (inner or "").partition(":")
    if inner is None:
        raise ConfigError(
            "SFDD-E1113", "This `${` is never closed.", hint="write `$${` for the two characters themselves"
        )
    if not colon or not rest or kind not in _KINDS:
        hint = did_you_mean(kind, _KINDS, otherwise=f"${{env:{inner}}}") if colon else f"${{env:{inner}}}"
        raise ConfigError("SFDD-E1113", f"{quoted('${' + inner + '}')} is not a reference.", hint=hint)
    if kind == "env":
        return _env(rest, sources)
    return _file(rest, sources) if kind == "file" else _variable(rest, path, sources)


def _env(rest: str, sources: Sources) -> str:
    name, has_default, default = rest.partition(":-")
    value = sources.environ.get(name)
    if has_default:
        return value or default
    if value is None:
        hint = did_you_mean(name, sources.environ, otherwise=f"export {name}=…")
        raise ConfigError("SFDD-E1110", f"The environment variable {quoted(name)} is not set.", hint=hint)
    return value


def _file(rest: str, sources: Sources) -> str:
    path = sources.root / rest
    shown = quoted(str(path))
    if not path.is_file():
        raise ConfigError("SFDD-E1111", f"The file {shown} does not exist.", hint=f"ls {path.parent}")
    try:
        with path.open("rb") as source:
            data = source.read(MAX_FILE + 1)
        text = data.decode("utf-8-sig")
    except OSError as problem:
        raise ConfigError(
            "SFDD-E1111", f"The file {shown} cannot be read: {problem.strerror}.", hint=f"chmod u+r {path}"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("SFDD-E1111", f"The file {shown} is not UTF-8 text.", hint=f"iconv -t UTF-8 {path}") from None
    if len(data) > MAX_FILE:
        raise ConfigError("SFDD-E1114", f"The file {shown} is larger than 1 MB.", hint=f"ls -l {path}")
    return text.removesuffix("\n").removesuffix("\r")


def _variable(name: str, path: Path, sources: Sources) -> str:
    if path[:1] == ("vars",):
        raise ConfigError("SFDD-E1112", "A variable cannot be made of variables.", hint="${env:NAME}")
    sources.used.add(name)
    value = sources.variables.get(name, sources.declared.get(name))
    if value is not None:
        return value
    if name in sources.declared:
        raise ConfigError("SFDD-E1112", f"The variable {quoted(name)} has no value.", hint=f"--var {name}=…")
    hint = did_you_mean(name, sources.declared, otherwise=f"vars: {{{name}: …}}")
    raise ConfigError("SFDD-E1112", f"The variable {quoted(name)} is not declared.", hint=hint)


def _check_given(sources: Sources) -> None:
    known = {*sources.declared, *sources.used}
    for name in sorted(set(sources.variables) - known):
        hint = did_you_mean(name, known, otherwise=f"vars: {{{name}: …}}")
        summary = f"The variable {quoted(name)} is given, but nothing declares or uses it."
        sources.errors.append(ConfigError("SFDD-E1115", summary, where=f"--var {name}", hint=hint))


def _is_credential(path: Path) -> bool:
    if path[:2] == ("salesforce", "auth"):
        return True
    return path[:2] == ("dotdigital", "accounts") and path[-1] in _CREDENTIALS


def _place(at: Position, reference: str) -> Position:
    """The reference itself, when it stands on the line where its value begins."""
    column = at.text.find(reference, at.col - 1)
    return replace(at, col=column + 1) if column >= 0 else at


def _text(node: Node) -> str | None:
    if not isinstance(node, Scalar) or node.value is None:
        return None
    return node.value if isinstance(node.value, str) else node.written
