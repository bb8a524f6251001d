"""`${env:NAME}`, `${env:NAME:-default}`, `${file:path}` and `${var:name}` in values; `$${` stands for `${`.

What the environment and files hold is secret by origin: it may fill credentials and addresses, which no plan shows, and
nothing else. Variables fill everything; of the environment they see only what is named `SFDD_VAR_…`.

What comes out stays text, so a password of digits is not taken for a number. Messages about the form of a value repeat
what was written, never what it became.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from sfdd_declare.config import within
from sfdd_declare.config.positions import Entry, Mapping, Node, Path, Scalar, Sequence
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.model.errors import ConfigError, DeclareError, Position

MAX_FILE = 1_000_000
NOT_SET = "https://not-set.invalid"  # stands for a credential that is not there when none is needed

_REFERENCE = re.compile(r"\$?\$\{([^{}]*)\}|\$\{")
_KINDS = ("env", "file", "var")
VARIABLE_PREFIX = "SFDD_VAR_"
_OF_SALESFORCE = ("auth", "login_url")
_OF_ACCOUNTS = ("user", "password", "region")
_OF_RECEIVERS = ("webhook", "secret", "smtp")
_ADDRESSES = ("login_url", "instance_url", "region", "state", "webhook", "smtp")
_PARTLY = "{} is a part of an address here, which would tell it to whoever is there, or looks the host up."
_ABSENT = ("SFDD-E1110", "SFDD-E1111")


@dataclass(slots=True)
class Sources:
    """Where values come from, and what was asked for. Without `credentials` missing ones are not an error; `unknown`
    are the places they would have filled.
    """

    root: FilePath
    environ: MappingOf[str, str]
    variables: MappingOf[str, str]
    credentials: bool
    secrets: bool = True  # False: neither the environment nor a file is looked into
    declared: dict[str, str | None] = field(default_factory=dict)  # `vars:`; None has no default
    used: set[str] = field(default_factory=set)
    errors: list[DeclareError] = field(default_factory=list)
    unknown: set[Position] = field(default_factory=set)  # nothing more is said about these values


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
        if path[-1:] != () and path[-1] in _ADDRESSES and whole != node.value and _is_from_outside(inner):
            raise ConfigError("SFDD-E1118", _PARTLY.format(quoted(whole)), hint=f'{path[-1]}: "{whole}"')
        return _look_up(inner, path, sources)
    except ConfigError as problem:
        is_first = node.at not in sources.unknown  # of this value
        if is_first and (sources.credentials or problem.id not in _ABSENT or not _may_be_secret(path)):
            problem.where = _place(node.at, whole)
            sources.errors.append(problem)
        sources.unknown.add(node.at)
        return NOT_SET


def _look_up(inner: str | None, path: Path, sources: Sources) -> str:
    kind, colon, rest = (inner or "").partition(":")
    if inner is None:
        raise ConfigError(
            "SFDD-E1113", "This `${` is never closed.", hint="write `$${` for the two characters themselves"
        )
    if not colon or not rest or kind not in _KINDS:
        kinds = _KINDS if _may_be_secret(path) else ("var",)
        meant = f"${{{kinds[0]}:{rest if colon else inner}}}"
        hint = did_you_mean(kind, kinds, otherwise=meant) if colon else meant
        raise ConfigError("SFDD-E1113", f"{quoted('${' + inner + '}')} is not a reference.", hint=hint)
    if kind != "var" and not _may_be_secret(path):
        raise _misplaced(kind, rest)
    if kind == "env":
        return _env(rest, sources)
    return _file(rest, sources) if kind == "file" else _variable(rest, path, sources)


def _env(rest: str, sources: Sources) -> str:
    name, has_default, default = rest.partition(":-")
    if not sources.secrets:
        raise _not_looked_for(name)
    value = sources.environ.get(name)
    if has_default:
        return value or default
    if value:
        return value
    what = "not set" if value is None else "empty"
    hint = did_you_mean(name, sources.environ, otherwise=f"export {name}=…") if value is None else f"export {name}=…"
    raise ConfigError("SFDD-E1110", f"The environment variable {quoted(name)} is {what}.", hint=hint)


def _not_looked_for(name: str) -> ConfigError:
    """Taken for absent, which is no error where credentials may be missing."""
    return ConfigError(_ABSENT[0], f"{quoted(name)} is not looked for.")


def is_reference(written: str) -> bool:
    """Whether a value is filled by the environment or by a file."""
    return any(_is_from_outside(found[1]) for found in _REFERENCE.finditer(written) if not found[0].startswith("$$"))


def _is_from_outside(inner: str | None) -> bool:
    return (inner or "").startswith(("env:", "file:"))


def _misplaced(kind: str, rest: str) -> ConfigError:
    name = rest.partition(":-")[0] if kind == "env" else "name"
    is_name = name.replace("_", "a").isalnum()
    name = name if is_name else "name"
    return ConfigError(
        "SFDD-E1116",
        f"{quoted(f'${{{kind}:{rest}}}')} may stand in credentials and addresses only: a plan would show it here.",
        detail=f"a variable is filled by --var {name}=…, {VARIABLE_PREFIX}{name} or `vars:`",
        hint=f"${{var:{name}}}",
    )


def _file(rest: str, sources: Sources) -> str:
    allowed = within.folders(sources.root, sources.environ)
    path = within.find(rest, allowed)
    shown = quoted(str(path))
    if not within.is_inside(path, allowed):
        summary = f"The file {shown} is outside the configuration's folder."
        hint = f"export {within.SECRETS_VARIABLE}=…"
        raise ConfigError("SFDD-E1117", summary, hint=hint)
    if not sources.secrets:
        raise _not_looked_for(rest)
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
        raise ConfigError("SFDD-E1112", "A variable cannot be made of variables.", hint=f"--var {path[-1]}=…")
    sources.used.add(name)
    given = sources.variables.get(name, sources.environ.get(VARIABLE_PREFIX + name))
    value = sources.declared.get(name) if given is None else given
    if value is not None:
        return value
    if name in sources.declared:
        raise ConfigError("SFDD-E1112", f"The variable {quoted(name)} has no value.", hint=f"--var {name}=…")
    hint = did_you_mean(name, sources.declared, otherwise=f"--var {name}=…")
    detail = f"it is filled by --var, {VARIABLE_PREFIX}{name} or `vars:`"
    raise ConfigError("SFDD-E1112", f"The variable {quoted(name)} has no value.", hint=hint, detail=detail)


def _check_given(sources: Sources) -> None:
    if not sources.secrets:
        return  # of two configurations, each may use other variables
    known = {*sources.declared, *sources.used}
    for name in sorted(set(sources.variables) - known):
        hint = did_you_mean(name, known, otherwise=f"vars: {{{name}: …}}")
        summary = f"The variable {quoted(name)} is given, but nothing declares or uses it."
        sources.errors.append(ConfigError("SFDD-E1115", summary, where=f"--var {name}", hint=hint))


def _may_be_secret(path: Path) -> bool:
    """Whether the value is a credential, or an address where it goes: of neither, more than that is ever shown."""
    if path[:1] == ("salesforce",):
        return path[1:2] != () and path[1] in _OF_SALESFORCE
    if path[:2] == ("dotdigital", "accounts"):
        return len(path) == 4 and path[3] in _OF_ACCOUNTS
    if path[:1] == ("notifications",):
        return len(path) == 3 and path[2] in _OF_RECEIVERS
    return path[:1] == ("state",)


def _place(at: Position, reference: str) -> Position:
    """The reference itself, when it stands on the line where its value begins."""
    column = at.text.find(reference, at.col - 1)
    return replace(at, col=column + 1) if column >= 0 else at


def _text(node: Node) -> str | None:
    if not isinstance(node, Scalar) or node.value is None:
        return None
    return node.value if isinstance(node.value, str) else node.written
