"""Places in files: the line as it may be shown, and the way from a path in the configuration to its position."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sfdd_declare.model.errors import Position

SECRET_KEYS = (
    *("password", "client_secret", "private_key", "refresh_token", "access_token"),
    *("webhook", "secret", "smtp"),
)

_LONGEST = 400  # characters of a line that are kept for messages
_SECRET = re.compile(
    r"""(["']?\b(?:""" + "|".join(SECRET_KEYS) + r""")["']?\s*:\s*)"""
    r"""("(?:\\.|[^"\\])*"?|'(?:''|[^'])*'?|.*?(?=,\s+["']?\w+["']?\s*:|\s*\}\s*$|$))"""
)
_WHERE = re.compile(r"""["']?\bwhere["']?\s*:""")
_ADDRESS = re.compile(r"([\w.+-])([\w.+-]*)(@[\w-]+\.[\w.-]+)")
_NOT_REFERENCE = re.compile(r"(\$\{[^{}]*\})|.")
_BLOB = re.compile(r"^\s*[A-Za-z0-9+/=_\-.!]{40,}\s*$")  # a line of a key or a token


def shown_line(line: str) -> str:
    """The line without the values of secret keys, literals of conditions and people's addresses; columns stay.
    References such as `${env:X}` are kept.
    """
    line = line[:_LONGEST].rstrip("\r\n")
    if _BLOB.match(line):
        return "•" * len(line)
    line = _SECRET.sub(lambda found: found[1] + (found[2] if "${" in found[2] else "•" * len(found[2])), line)
    condition = _WHERE.search(line)
    if condition:
        line = line[: condition.end()] + _without_literals(line[condition.end() :])
    return _ADDRESS.sub(lambda found: found[1] + "•" * len(found[2]) + found[3], line)


def _without_literals(text: str) -> str:
    """Whatever stands between single quotes as dots; more than that, rather than less, where YAML doubles them."""
    parts = text.split("'")
    return "'".join(part if index % 2 == 0 else _dots(part) for index, part in enumerate(parts))


def _dots(text: str) -> str:
    return _NOT_REFERENCE.sub(lambda found: found[1] or "•" * len(found[0]), text)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `value` is text, a Number (text that was written as a plain number), a truth value or None."""

    value: str | bool | None
    written: str  # before interpolation; what messages may repeat
    at: Position


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping and what it holds."""

    at: Position  # of the key
    node: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, in the order of the file."""

    entries: dict[str, Entry]
    at: Position


Node = Scalar | Sequence | Mapping
Path = tuple[str | int, ...]


class Number(str):
    """Text that was written as a plain YAML number. It stays text until a field of the shape asks for a number."""

    __slots__ = ()

    @property
    def number(self) -> int | float:
        return float(self) if any(c in self for c in ".eE") else int(self)


@dataclass(frozen=True, slots=True)
class Places:
    """Positions of everything in the merged configuration."""

    tree: Mapping

    def key(self, *path: str | int) -> Position:
        """Where the last part of the path is written; of what does not exist, the nearest thing around it."""
        return self._find(path, of_value=False)

    def value(self, *path: str | int) -> Position:
        """Where the value at the path begins."""
        return self._find(path, of_value=True)

    def node(self, *path: str | int) -> Node | None:
        node: Node | None = self.tree
        for part in path:
            node = _child(node, part)
        return node

    def names(self, *path: str | int) -> tuple[str, ...]:
        """The keys of the mapping at the path."""
        node = self.node(*path)
        return tuple(node.entries) if isinstance(node, Mapping) else ()

    def _find(self, path: Path, *, of_value: bool) -> Position:
        node: Node = self.tree
        found = node.at
        for index, part in enumerate(path):
            child = _child(node, part)
            if child is None:
                break
            last = index == len(path) - 1
            by_key = isinstance(node, Mapping) and not (last and of_value)
            found = node.entries[str(part)].at if isinstance(node, Mapping) and by_key else child.at
            node = child
        return found


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, Mapping):
        entry = node.entries.get(str(part))
        return entry.node if entry else None
    if isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


Plain = str | bool | None | list["Plain"] | dict[str, "Plain"]


def to_plain(node: Node) -> Plain:
    """The node as plain lists and dicts, for the shape."""
    if isinstance(node, Mapping):
        return {key: to_plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [to_plain(item) for item in node.items]
    return node.value
