"""Files of contacts sent to v2: as multipart, or as base64 in JSON; and their rows."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from dataclasses import dataclass
from typing import Any

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from sfdd_declare.sandbox.dotdigital.answers import Refusal, folded, v2_error
from sfdd_declare.sandbox.dotdigital.call import Call
from sfdd_declare.sandbox.dotdigital.version2_rows import PREFERENCE

MAX_FILE = 10 * 1024 * 1024
_KINDS = {"optintype": "optInType", "emailtype": "emailType"}


class NoTableError(Exception):
    """The file cannot be read as a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows as text, and which of its columns is the address."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    email_at: int

    def contact(self, row: tuple[str, ...], fields: frozenset[str]) -> dict[str, Any]:
        """A row as the contact that JSON would give: blank cells are null, columns without a field are nothing."""
        contact: dict[str, Any] = {"email": row[self.email_at], "dataFields": []}
        for position, (column, cell) in enumerate(zip(self.columns, row, strict=True)):
            name = column.strip().upper()
            if position == self.email_at:
                continue
            if name.lower() in _KINDS:
                contact[_KINDS[name.lower()]] = cell.strip() or None
            elif name in fields or name.lower().startswith(PREFERENCE):
                contact["dataFields"].append({"key": name, "value": cell if cell.strip() else None})
        return contact


def file_of(call: Call) -> bytes:
    """The contents of the file that a call brings. Raises Refusal."""
    name, content = _multipart(call) if _is_multipart(call) else _json(call)
    if not name or not content:
        raise v2_error(400, "The file must be valid", "ERROR_MALFORMED_REQUEST")
    if len(content) > int(call.world.setting("dotdigital.v2_import_max_bytes", MAX_FILE)):
        raise v2_error(400, "The file is too large", "ERROR_PARAMETER_INVALID")
    if not name.lower().endswith((".csv", ".txt")):
        text = "Files other than CSV are not supported by the sandbox"
        raise v2_error(400, text, "ERROR_IMPORT_UNSUPPORTED_FORMAT")
    return content


def table_of(content: bytes) -> Table:
    """A CSV file as a table. Raises NoTableError, or Refusal when it has no column of addresses."""
    try:
        lines = [line for line in csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoTableError("The file is no CSV") from error
    columns = tuple(lines[0]) if lines else ()
    at = next((i for i, column in enumerate(columns) if column.strip().lower() == "email"), None)
    if at is None:
        raise v2_error(400, "The file has no column of e-mail addresses", "ERROR_NO_EMAIL_COLUMN")
    width = len(columns)
    rows = tuple(tuple((line + [""] * width)[:width]) for line in lines[1:])
    return Table(columns=columns, rows=rows, email_at=at)


def _is_multipart(call: Call) -> bool:
    return call.request.headers.get("content-type", "").lower().startswith("multipart/")


def _json(call: Call) -> tuple[str, bytes]:
    body = folded(call.v2_body())
    name, data = body.get("filename"), body.get("data")
    if not isinstance(name, str) or not isinstance(data, str):
        raise _not_valid()
    try:
        return name.strip(), base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise _not_valid() from None


def _multipart(call: Call) -> tuple[str, bytes]:
    found: list[tuple[str, bytes]] = []

    def on_field(field: Field) -> None:
        del field  # a part without a file name is no file

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        found.append(((file.file_name or b"").decode("utf-8", "replace").strip(), file.file_object.read()))

    headers = {
        "Content-Type": call.request.headers.get("content-type", "").encode(),
        "Content-Length": str(len(call.raw)).encode(),
    }
    try:
        python_multipart.parse_form(headers, io.BytesIO(call.raw), on_field, on_file)
    except (FormParserError, ValueError):
        raise _not_valid() from None
    if not found:
        raise _not_valid()
    return found[0]


def _not_valid() -> Refusal:
    return v2_error(400, "The file must be valid", "ERROR_MALFORMED_REQUEST")
