"""From YAML text to a tree of nodes with positions, within limits that hold while the text is read.

YAML 1.2 core rules: `yes` and `on` are text, dates are text, numbers keep the way they were written. No tags. Aliases
and merge keys (`<<`) work, but the tree they stand for may not be larger than `MAX_NODES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sfdd_declare.config.positions import Entry, Mapping, Node, Number, Scalar, Sequence, shown_line
from sfdd_declare.config.safety import MAX_DEPTH, MAX_NODES, syntax_error
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError, DeclareError, Position

_NUMBER = re.compile(r"[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d+)?")  # 01234 is a code, not a number
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MERGE = "<<"


def parse(text: str, shown: str) -> tuple[Mapping, list[DeclareError]]:
    """The tree of one file, and the duplicate keys found in it; raises ConfigError when there can be no tree."""
    root, errors = parse_any(text, shown)
    if root is None or (isinstance(root, Scalar) and root.value is None):
        return Mapping({}, Position(shown, 1, 1, shown_line(text.split("\n", 1)[0]))), errors
    if not isinstance(root, Mapping):
        summary = "A configuration file is a mapping of sections."
        raise ConfigError("SFDD-E1015", summary, where=root.at, hint="version: 1")
    return root, errors


def parse_any(text: str, shown: str) -> tuple[Node | None, list[DeclareError]]:
    """Like `parse`, whatever the only document is; None for nothing but comments."""
    lines = text.split("\n")
    builder = _Builder(lines, shown)
    try:
        return builder.document(YAML(typ="safe", pure=True).parse(text)), builder.errors
    except YAMLError as problem:
        raise syntax_error(problem, lines, shown) from None


def resolve_scalar(text: str) -> str | bool | None:
    """What an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    return Number(text) if len(text) <= 40 and _NUMBER.fullmatch(text) else text


class _Builder:
    """Builds one document. Counts nodes as they come, so that a bomb is noticed before it has grown."""

    def __init__(self, lines: list[str], shown: str) -> None:
        self.errors: list[DeclareError] = []
        self._lines = lines
        self._shown = shown
        self._nodes = 0
        self._shown_line = (-1, "")  # the last line shown: thousands of nodes can stand on one
        self._anchors: dict[str, tuple[Node, int] | None] = {}  # None: still being built

    def document(self, events: Iterator[Event]) -> Node | None:
        """The only document; None where there is nothing but comments."""
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                raise self._error("SFDD-E1015", "One file holds one document.", event, "remove the line `---`")
            if isinstance(event, NodeEvent):
                root = self._node(event, events, 1)
        return root

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        assert isinstance(event, NodeEvent), "the parser ends every collection it begins"
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._admit(event, depth)
        before, anchor = self._nodes, event.anchor
        if anchor:
            self._anchors[anchor] = None
        node = self._built(event, events, depth)
        if anchor:
            self._anchors[anchor] = (node, self._nodes - before + 1)
        return node

    def _built(self, event: NodeEvent, events: Iterator[Event], depth: int) -> Node:
        at = self._at(event)
        if isinstance(event, ScalarEvent):
            value = resolve_scalar(event.value) if event.style is None else event.value
            return Scalar(value, event.value, at)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(child := next(events), SequenceEndEvent):
                items.append(self._node(child, events, depth + 1))
            return Sequence(tuple(items), at)
        return self._mapping(events, depth, at)

    def _mapping(self, events: Iterator[Event], depth: int, at: Position) -> Mapping:
        entries: dict[str, Entry] = {}
        merged: list[Mapping] = []
        while not isinstance(event := next(events), MappingEndEvent):
            key = self._node(event, events, depth + 1)
            if not isinstance(key, Scalar) or key.value is None:
                raise self._error("SFDD-E1014", "A key is one word or text.", event, '"text": …')
            value = self._node(next(events), events, depth + 1)
            if key.written == _MERGE and getattr(event, "style", None) is None:
                merged += self._merged(value)
            elif key.written in entries:
                self._duplicate(key, entries[key.written].at)
            else:
                entries[key.written] = Entry(key.at, value)
        for source in merged:
            entries = {**{k: v for k, v in source.entries.items() if k not in entries}, **entries}
        return Mapping(entries, at)

    def _merged(self, value: Node) -> list[Mapping]:
        sources = list(value.items) if isinstance(value, Sequence) else [value]
        mappings = [source for source in sources if isinstance(source, Mapping)]
        if len(mappings) < len(sources):
            summary = "`<<` takes a mapping, or a list of mappings."
            self.errors.append(ConfigError("SFDD-E1014", summary, where=value.at, hint="<<: *name"))
        return mappings

    def _duplicate(self, key: Scalar, first: Position) -> None:
        self.errors.append(
            ConfigError(
                "SFDD-E1009",
                f"The key {quoted(key.written)} stands here for the second time.",
                detail=f"first at {first}",
                where=key.at,
                hint=f"remove one of the two `{key.written}:`",
            )
        )

    def _alias(self, event: AliasEvent) -> Node:
        known = self._anchors.get(event.anchor, "unknown")
        if known == "unknown":
            raise self._error(
                "SFDD-E1013", f"The alias {quoted(event.anchor)} has no anchor before it.", event, "&name"
            )
        if known is None:
            summary = f"The alias {quoted(event.anchor)} stands inside its own anchor."
            raise self._error("SFDD-E1013", summary, event, f"remove `*{event.anchor}`")
        assert isinstance(known, tuple)
        node, weight = known
        self._count(event, weight)
        return node

    def _admit(self, event: NodeEvent, depth: int) -> None:
        if depth > MAX_DEPTH:
            summary = f"This is nested more than {MAX_DEPTH} levels deep."
            raise self._error("SFDD-E1011", summary, event, "sfdd schema")
        tag = getattr(event, "tag", None)
        if tag:
            summary = f"Tags such as {quoted(str(tag))} are not allowed."
            raise self._error("SFDD-E1010", summary, event, "remove the part that begins with `!`")
        self._count(event, 1)

    def _count(self, event: NodeEvent, weight: int) -> None:
        self._nodes += weight
        if self._nodes > MAX_NODES:
            summary = f"The file holds more than {MAX_NODES:,} values, aliases counted as what they stand for."
            raise self._error("SFDD-E1012", summary, event, "members: {contacts: {where: …}} instead of long lists")

    def _at(self, event: Event) -> Position:
        mark = event.start_mark
        if self._shown_line[0] != mark.line:
            line = self._lines[mark.line] if mark.line < len(self._lines) else ""
            self._shown_line = (mark.line, shown_line(line))
        return Position(self._shown, mark.line + 1, mark.column + 1, self._shown_line[1])

    def _error(self, id: str, summary: str, event: Event, hint: str) -> ConfigError:
        return ConfigError(id, summary, where=self._at(event), hint=hint)
