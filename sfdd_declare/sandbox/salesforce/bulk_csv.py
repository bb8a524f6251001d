"""CSV as Bulk API 2.0 writes and reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sfdd_declare.sandbox.salesforce.bulk_jobs import Job, JobFailed
from sfdd_declare.sandbox.salesforce.schema import NUMBER_TYPES, Field

NULL = "#N/A"
MAX_HEADER = 32_000
MAX_FIELD = 131_072
MAX_RECORD = 400_000


def line(job: Job, values: Iterable[str]) -> bytes:
    """One line: everything quoted, quotes doubled."""
    quoted = ('"' + value.replace('"', '""') + '"' for value in values)
    return (job.delimiter.join(quoted) + job.line_ending).encode()


def text(kind: str, value: Any, *, zone: str = "Z") -> str:
    """A stored value of that field type; null is nothing between the quotes. `zone`: how UTC is written."""
    if value is None:
        return ""
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "datetime":
        return f"{str(value).removesuffix('Z')}.000{zone}"
    return str(value)


def rows(job: Job) -> tuple[list[str], list[list[str]]]:
    """Header and lines of what was uploaded. Raises JobFailed for a file that cannot be read."""
    data = job.data or b""
    _check_line_ends(job, data)
    return read(data, job.delimiter)


def read(data: bytes, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a file, whatever its line ends. Raises JobFailed for one that cannot be read."""
    try:
        decoded = data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8")
    except UnicodeDecodeError:
        raise JobFailed("ClientInputError : The data is not in UTF-8") from None
    csv.field_size_limit(max(csv.field_size_limit(), 10 * MAX_FIELD))
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [found for found in reader if found]
    except csv.Error as error:
        raise JobFailed(f"ClientInputError : Failed to parse CSV. {error}") from None
    if not lines:
        raise JobFailed("InvalidBatch : Failed to parse CSV header. The file is empty")
    header, *found = lines
    if sum(map(len, header)) > MAX_HEADER:
        raise JobFailed(f"InvalidBatch : The header is longer than {MAX_HEADER} characters")
    return header, found


def _check_line_ends(job: Job, data: bytes) -> None:
    """A line end of the other kind anywhere, inside a value too, ends the job."""
    ending = job.spec["lineEnding"]
    is_wrong = b"\r" in data if ending == "LF" else b"\n" in data.replace(b"\r\n", b"")
    if is_wrong:
        message = f"LineEnding is invalid on user data. Current LineEnding setting is {ending}"
        raise JobFailed(f"ClientInputError : {message}")


def record(columns: Sequence[tuple[str, Field | None]], values: Sequence[str]) -> dict[str, Any]:
    """A line as the body of a record: nothing leaves a field alone, `#N/A` clears it, `Parent.Field` names a parent."""
    body: dict[str, Any] = {}
    for (name, field), given in zip(columns, values, strict=True):
        if given == "":
            continue
        value = None if given == NULL else typed(field, given)
        relation, _, inner = name.partition(".")
        body[relation] = {inner: value} if inner else value
    return body


def typed(field: Field | None, given: str) -> Any:
    """The JSON value that a text stands for; what it cannot stand for is left to be refused by the rules."""
    if field is None:
        return given
    if field.type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(given.lower(), given)
    if field.type in NUMBER_TYPES:
        try:
            return int(given) if field.type == "int" else float(given)
        except ValueError:
            return given
    return given


def error_text(error: Mapping[str, Any], *, names_fields: bool = True) -> str:
    """What is wrong with a refused row, in one cell."""
    if not names_fields:
        return f"{error['statusCode']}:{error['message']}"
    fields = f"{' '.join(error['fields'])} --" if error["fields"] else "--"
    return f"{error['statusCode']}:{error['message']}:{fields}"
