"""The file of `sfdd drift --ignore`: a list of what is known to be changed by hand, why, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from sfdd_declare.config.positions import Mapping, Node, Scalar, Sequence
from sfdd_declare.config.safety import MAX_BYTES, read_bytes, to_text
from sfdd_declare.config.suggest import did_you_mean, quoted
from sfdd_declare.config.tree import parse_any
from sfdd_declare.model.address import Address
from sfdd_declare.model.drift import Ignored
from sfdd_declare.model.errors import ConfigError, DeclareError, ErrorList, Position
from sfdd_declare.model.loosened import Loosened

REQUIRED = ("address", "reason", "until")
KEYS = ("address", "field", "reason", "until")

_EXAMPLE = "- {address: field_mapping.main.contacts.Title, reason: ticket 4711, until: 2027-01-31}"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_ignored(path: Path) -> tuple[Ignored, ...]:
    """The lines of the file. Raises ErrorList with everything that is wrong in it, each at its place."""
    shown = str(path)
    try:
        root, errors = parse_any(to_text(read_bytes(path, shown, budget=MAX_BYTES), shown), shown)
    except ConfigError as problem:
        raise ErrorList((problem,)) from None
    lines = []
    for item in _items(root, errors):
        found = list(_complaints(item))
        errors += found
        if not found:
            lines.append(_line(item))
    if errors:
        raise ErrorList(tuple(errors))
    return tuple(lines)


def judged(
    base: tuple[Ignored, ...], proposed: tuple[Ignored, ...]
) -> tuple[tuple[Ignored, ...], tuple[Loosened, ...]]:
    """What both ignore, and until the earlier day; and each line of the proposal that ignores more than the base."""
    both = (_both(before, line) for line in proposed for before in base)
    return tuple(dict.fromkeys(line for line in both if line)), tuple(_loosened(base, proposed))


def _both(before: Ignored, line: Ignored) -> Ignored | None:
    if line.covers(before.address, before.field):
        return replace(line, field=before.field, until=min(before.until, line.until))
    if before.covers(line.address, line.field):
        return replace(line, until=min(before.until, line.until))
    return None


def _loosened(base: tuple[Ignored, ...], proposed: tuple[Ignored, ...]) -> Iterator[Loosened]:
    for line in proposed:
        days = [before.until for before in base if before.covers(line.address, line.field)]
        if not days or max(days) < line.until:
            in_part = any(line.covers(before.address, before.field) for before in base)
            before = f"until {max(days)}" if days else "ignored in part" if in_part else "not ignored"
            key = f"{line.field} --ignore".lstrip()
            yield Loosened(line.address, key, before, f"until {line.until}", before)


def _items(root: Node | None, errors: list[DeclareError]) -> Iterator[Mapping]:
    if root is None or (isinstance(root, Scalar) and root.value is None):
        return
    if not isinstance(root, Sequence):
        errors.append(ConfigError("SFDD-E1019", "An ignore file is a list.", where=root.at, hint=_EXAMPLE))
        return
    for item in root.items:
        if isinstance(item, Mapping):
            yield item
        else:
            errors.append(ConfigError("SFDD-E1104", "a mapping is expected here.", where=item.at, hint=_EXAMPLE))


def _complaints(item: Mapping) -> Iterator[DeclareError]:
    for key, entry in item.entries.items():
        if key not in KEYS:
            hint = did_you_mean(key, KEYS, otherwise=f"remove `{key}:`")
            yield _wrong(
                "SFDD-E1101", f"There is no key {quoted(key)}.", entry.at, hint, f"keys here: {', '.join(KEYS)}"
            )
        elif not _text(item, key):
            yield _wrong("SFDD-E1104", f"{quoted(key)} holds text.", entry.node.at, f"{key}: …")
    for key in REQUIRED:
        if key not in item.entries:
            yield _wrong("SFDD-E1102", f"{quoted(key)} is missing.", item.at, f"{key}: …")
    address, until = _text(item, "address"), _text(item, "until")
    if address and not _is_address(address):
        at, hint = item.entries["address"].node.at, "address: field_mapping.main.contacts.Title"
        yield _wrong("SFDD-E1119", f"{quoted(address)} is not an address.", at, hint)
    if until and _day(until) is None:
        at = item.entries["until"].node.at
        yield _wrong("SFDD-E1120", f"{quoted(until)} is not a day.", at, "until: YYYY-MM-DD")


def _wrong(id: str, summary: str, at: Position, hint: str, detail: str = "") -> ConfigError:
    return ConfigError(id, summary, where=at, hint=hint, detail=detail)


def _line(item: Mapping) -> Ignored:
    until = _day(_text(item, "until"))
    assert until is not None, "complained about before"
    return Ignored(_text(item, "address"), _text(item, "reason"), until, _text(item, "field"), item.at)


def _text(item: Mapping, key: str) -> str:
    """What a key holds as it is written; empty where it is no text, or not there."""
    node = item.entries[key].node if key in item.entries else None
    return node.written.strip() if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
