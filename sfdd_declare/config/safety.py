"""From bytes on disk to text that is safe to parse: sizes, encoding, control characters, YAML's own complaints.

Every hostile file ends in one clear error here or in `tree`, before anything of its size is built in memory.
"""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sfdd_declare.config import within
from sfdd_declare.config.positions import shown_line
from sfdd_declare.model.errors import ConfigError, Position

MAX_BYTES = 5_000_000  # of all files of one configuration together
MAX_DEPTH = 50
MAX_NODES = 100_000  # after aliases are followed

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_bytes(path: Path, shown: str, *, budget: int, folder: Path | None = None) -> bytes:
    """The bytes of a regular file; more than `budget` of them is an error, found without reading them all.

    One that is a link out of `folder`, its own if none is given, is an error, too: messages show lines of what is read.
    """
    if not within.is_itself(path, folder or path.parent):
        summary = f"{shown} is a link to what is no part of the configuration."
        raise ConfigError("SFDD-E1117", summary, where=shown, hint=f"ls -l {shown}")
    if not path.is_file():
        raise ConfigError("SFDD-E1004", f"{shown} is not a file.", where=shown, hint="sfdd validate -C DIR")
    try:
        with path.open("rb") as source:
            data = source.read(budget + 1)
    except OSError as problem:
        reason = problem.strerror or "unknown reason"
        hint = f"chmod u+r {shown}"
        raise ConfigError("SFDD-E1004", f"{shown} cannot be read: {reason}.", where=shown, hint=hint) from None
    if len(data) > budget:
        raise ConfigError(
            "SFDD-E1002",
            f"The configuration is larger than {MAX_BYTES // 1_000_000} MB; {shown} goes beyond it.",
            where=shown,
            hint="members: {contacts: {where: …}} instead of long lists",
        )
    return data


def to_text(data: bytes, shown: str) -> str:
    """UTF-8, with or without the mark that Windows editors put first; anything else is one error at its place."""
    if data.startswith(_UTF16):
        raise _encoding(Position(shown, 1, 1), "looks like UTF-16", shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        good = data[: problem.start].decode("utf-8", errors="ignore")
        place = Position(shown, good.count("\n") + 1, len(good) - good.rfind("\n"))
        raise _encoding(place, f"holds the byte 0x{data[problem.start]:02x}, which is not UTF-8", shown) from None
    bad = _CONTROL.search(text)
    if bad:
        place = position_of(text, bad.start(), shown)
        code = f"U+{ord(bad.group()):04X}"
        raise ConfigError(
            "SFDD-E1006",
            f"{shown} holds the control character {code}.",
            where=place,
            hint=f'write it as "\\x{ord(bad.group()):02x}"',
        )
    return text


def position_of(text: str, offset: int, shown: str) -> Position:
    """Line and column of a character of a text."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:].split("\n", 1)[0]
    return Position(shown, text.count("\n", 0, offset) + 1, offset - start + 1, shown_line(line))


def syntax_error(problem: YAMLError, lines: list[str], shown: str) -> ConfigError:
    """YAML's complaint in our words, at the place it points to."""
    mark = getattr(problem, "problem_mark", None) if isinstance(problem, MarkedYAMLError) else None
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    text = lines[line] if line < len(lines) else ""
    place = Position(shown, line + 1, column + 1, shown_line(text))
    words = str(getattr(problem, "problem", None) or "this is not YAML")
    if "'\\t'" in words or "\t" in text[: column + 1]:
        return ConfigError(
            "SFDD-E1008", "A tab stands where YAML wants spaces.", where=place, hint=f"expand -t 2 {shown}"
        )
    if "undefined alias" in words:
        return ConfigError("SFDD-E1013", "This alias has no anchor before it.", where=place, hint="&name … *name")
    return ConfigError(
        "SFDD-E1007", f"This is not valid YAML: {words}.", where=place, hint=_syntax_hint(words, text[: column + 1])
    )


def _syntax_hint(words: str, before: str) -> str:
    if before.endswith("${"):
        return 'between brackets a reference stands in quotes: "${env:NAME}"'
    if "mapping values are not allowed" in words:
        return 'check the indentation, or put text that contains ": " in quotes'
    if "cannot start any token" in words:
        return "put text that begins with @, `, % or & in quotes"
    return "check quotes, brackets and indentation of this line and the one before"


def _encoding(place: Position, what: str, shown: str) -> ConfigError:
    return ConfigError("SFDD-E1005", f"{shown} {what}.", where=place, hint=f"iconv -t UTF-8 {shown}")
