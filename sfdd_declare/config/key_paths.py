"""From a place in a file to the keys that lead there: what a problem is about, however the lines move."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sfdd_declare.config.positions import Mapping, Node, Scalar, Sequence
from sfdd_declare.config.safety import MAX_BYTES, read_bytes, to_text
from sfdd_declare.config.tree import parse
from sfdd_declare.model.errors import ConfigError

Keys = tuple[str, ...]
Spot = tuple[int, int]  # line and column

_NAMING = ("campaign", "address_book", "from", "to")  # keys that tell the entries of a list apart


@dataclass(frozen=True, slots=True)
class KeyPaths:
    """The places of one file. A mapping begins where its first key does: `outer` has the mapping, `inner` the key."""

    spots: tuple[Spot, ...] = ()
    outer: tuple[Keys, ...] = ()
    inner: tuple[Keys, ...] = ()

    def at(self, line: int, col: int, *, whole: bool = False) -> Keys:
        """The keys that lead to a place, or to the nearest one before it; `whole` prefers the mapping to its key."""
        index = bisect_right(self.spots, (line, col)) - 1
        if index < 0:
            return ()
        return self.outer[index] if whole else self.inner[index]


def key_paths(file: Path) -> KeyPaths:
    """Of a YAML file; of anything else, and of YAML that cannot be read, no places."""
    shown = str(file)
    try:
        tree, _ = parse(to_text(read_bytes(file, shown, budget=MAX_BYTES), shown), shown)
    except ConfigError:
        return KeyPaths()
    outer: dict[Spot, Keys] = {}
    inner: dict[Spot, Keys] = {}
    for spot, keys in _spots(tree, ()):
        outer.setdefault(spot, keys)
        if len(keys) > len(inner.get(spot, ())):
            inner[spot] = keys
    spots = sorted(outer)
    return KeyPaths(tuple(spots), tuple(outer[s] for s in spots), tuple(inner.get(s, ()) for s in spots))


def _spots(node: Node, keys: Keys) -> Iterator[tuple[Spot, Keys]]:
    yield (node.at.line, node.at.col), keys
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield (entry.at.line, entry.at.col), (*keys, key)
            yield from _spots(entry.node, (*keys, key))
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _spots(item, (*keys, _label(item)))


def _label(item: Node) -> str:
    """An entry of a list by what it names, not by its number, which changes with the entries before it."""
    if not isinstance(item, Mapping):
        return "-"
    named = (entry.node for key, entry in item.entries.items() if key in _NAMING)
    return "-".join(("", *(_written(node) for node in named)))


def _written(node: Node) -> str:
    if isinstance(node, Sequence):
        return ",".join(_written(item) for item in node.items)
    return node.written if isinstance(node, Scalar) else ""
