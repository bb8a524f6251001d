"""CSV files of campaign members: a column of Salesforce ids or of email addresses.

Read line by line with limits on everything, so that a hostile or huge file is one error at its line and never fills the
memory. No message quotes a line: it may hold personal data.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.mapping import RecordType

MAX_BYTES = 64_000_000
MAX_ROWS = 1_000_000
MAX_LINE = 16_000  # bytes; a report has many columns, none of them a novel
MAX_ADDRESS = 254

#: What ids of a record type begin with.
PREFIXES: Mapping[RecordType, tuple[str, ...]] = MappingProxyType(
    {RecordType.CONTACT: ("003",), RecordType.LEAD: ("00Q",), RecordType.PERSON_ACCOUNT: ("001",)}
)
_ID_HEADERS: Mapping[RecordType, tuple[str, ...]] = MappingProxyType(
    {
        RecordType.CONTACT: ("id", "contactid"),
        RecordType.LEAD: ("id", "leadid"),
        RecordType.PERSON_ACCOUNT: ("id", "accountid"),
    }
)
_EMAIL_HEADERS = ("email", "emailaddress", "personemail")
_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a file names, each once, in its order: ids or addresses, never both. `digest` is of the bytes read."""

    ids: tuple[str, ...]
    emails: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class _Column:
    """Which column counts, and what it holds."""

    index: int
    is_id: bool


def is_salesforce_id(text: str, prefixes: tuple[str, ...] = ()) -> bool:
    """15 or 18 characters; of the given objects, if any are given."""
    return bool(_ID.fullmatch(text)) and (not prefixes or text[:3] in prefixes)


def is_address(text: str) -> bool:
    return len(text) <= MAX_ADDRESS and bool(_EMAIL.fullmatch(text))


def read(path: Path, kind: RecordType) -> Named:
    """Whom the file names. Raises ConfigError at the first line that is wrong."""
    ids: dict[str, str] = {}
    emails: dict[str, str] = {}
    seen = hashlib.sha256()
    for line, value, is_id in _values(path, kind, seen):
        if is_id:
            ids.setdefault(value[:15], value)
        else:
            emails.setdefault(value.casefold(), value)
        if len(ids) + len(emails) > MAX_ROWS:
            raise _wrong(path, line, f"This file names more than {MAX_ROWS:,} people.", hint="where: …")
    if not ids and not emails:
        raise _wrong(path, 1, "This file names nobody.", hint="Id or Email as the first line, then one person a line")
    return Named(tuple(ids.values()), tuple(emails.values()), seen.hexdigest())


def lines_of(path: Path, kind: RecordType, wanted: Iterable[str], most: int) -> tuple[int, ...]:
    """The first lines that hold one of these ids or addresses."""
    sought = {value[:15] if "@" not in value else value.casefold() for value in wanted}
    found: list[int] = []
    for line, value, is_id in _values(path, kind, hashlib.sha256()):
        if (value[:15] if is_id else value.casefold()) in sought:
            found.append(line)
        if len(found) == most:
            break
    return tuple(found)


def _values(path: Path, kind: RecordType, seen: hashlib._Hash) -> Iterator[tuple[int, str, bool]]:
    """Line, value, and whether the value is an id; lines without one are left out."""
    text = _lines(path, seen)
    first = next(text, "")
    column: _Column | None = None
    reader = csv.reader(_again(first, text), delimiter=_delimiter(first), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if column is None:
                column, is_header = _column(path, reader.line_num, cells, kind)
                if is_header:
                    continue
            value = cells[column.index] if column.index < len(cells) else ""
            if value:
                yield reader.line_num, _checked(path, reader.line_num, value, column, kind), column.is_id
    except csv.Error:
        hint = "save it as CSV with one person a line"
        raise _wrong(path, reader.line_num + 1, "This is not CSV: quotes or line ends are wrong.", hint=hint) from None


def _lines(path: Path, seen: hashlib._Hash) -> Iterator[str]:
    """Decoded lines, each checked before the next one is read."""
    size = 0
    try:
        with path.open("rb") as source:
            for number in range(1, MAX_ROWS * 10):
                raw = source.readline(MAX_LINE + 1)
                if not raw:
                    return
                size += len(raw)
                if size > MAX_BYTES:
                    summary = f"This file is larger than {MAX_BYTES // 1_000_000} MB."
                    raise _wrong(path, number, summary, hint="where: …")
                seen.update(raw)
                yield _decoded(path, number, raw)
    except OSError as problem:
        reason = problem.strerror or "unknown reason"
        raise _wrong(path, 1, f"This file cannot be read: {reason}.", hint=f"chmod u+r {path}") from None


def _decoded(path: Path, number: int, raw: bytes) -> str:
    if len(raw) > MAX_LINE:
        hint = "save it as CSV with one person a line"
        raise _wrong(path, number, f"This line is longer than {MAX_LINE:,} bytes.", hint=hint)
    if number == 1 and raw.startswith(_MARKS):
        raise _wrong(path, 1, "This file looks like UTF-16.", hint=f"iconv -t UTF-8 {path}")
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise _wrong(path, number, "This line is not UTF-8.", hint=f"iconv -t UTF-8 {path}") from None
    if _CONTROL.search(text):
        hint = "save it as CSV with one person a line"
        raise _wrong(path, number, "This line holds a control character.", hint=hint)
    return text


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _delimiter(first: str) -> str:
    return max(",;\t", key=first.count)


def _column(path: Path, line: int, cells: list[str], kind: RecordType) -> tuple[_Column, bool]:
    """The column that counts, and whether this line is a header."""
    names = [re.sub(r"[\s_-]", "", cell).casefold() for cell in cells]
    for known, is_id in ((_ID_HEADERS[kind], True), (_EMAIL_HEADERS, False)):
        for name in known:
            if name in names:
                return _Column(names.index(name), is_id), True
    if len(cells) == 1 and (is_salesforce_id(cells[0]) or is_address(cells[0])):
        return _Column(0, is_salesforce_id(cells[0])), False
    own = {RecordType.CONTACT: "ContactId", RecordType.LEAD: "LeadId", RecordType.PERSON_ACCOUNT: "AccountId"}[kind]
    hint = f"Id, {own} or Email as the first line"
    raise _wrong(path, line, "No column is headed Id or Email, and this is no single column of them.", hint=hint)


def _checked(path: Path, line: int, value: str, column: _Column, kind: RecordType) -> str:
    if column.is_id and not is_salesforce_id(value, PREFIXES[kind]):
        noun, prefix = kind.value.replace("_", " "), PREFIXES[kind][0]
        summary = f"This is not the id of a {noun}: 15 or 18 characters that begin with {prefix}."
        raise _wrong(path, line, summary, hint=f"{prefix}…", id="SFDD-E1241")
    if not column.is_id and not is_address(value):
        raise _wrong(path, line, "This is not an email address.", hint="name@example.com", id="SFDD-E1241")
    return value


def _wrong(path: Path, line: int, summary: str, *, hint: str, id: str = "SFDD-E1240") -> ConfigError:
    return ConfigError(id, summary, where=Position(str(path), line, 1), hint=hint, detail=f"in {quoted(str(path))}")
