"""The rows of a batch as it came: CSV, JSON or XML, by the content type of its job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from sfdd_declare.sandbox.salesforce import bulk_csv, bulk_write
from sfdd_declare.sandbox.salesforce.bulk1_formats import NIL, read_xml
from sfdd_declare.sandbox.salesforce.bulk_jobs import Job, JobFailed
from sfdd_declare.sandbox.salesforce.bulk_write import Row
from sfdd_declare.sandbox.salesforce.errors import Refusal
from sfdd_declare.sandbox.salesforce.schema import ObjectType
from sfdd_declare.sandbox.salesforce.xml_text import local

MAX_ROWS = 10_000

_Record = Mapping[str, Any]


def rows(job: Job, one: ObjectType) -> list[Row]:
    """What a batch brings. Raises JobFailed for what cannot be read, and for too much of it."""
    data = job.data or b""
    if job.spec["contentType"] == "CSV":
        header, lines = bulk_csv.read(data, job.delimiter)
        found = list(bulk_write.lines(one, header, lines))
    else:
        read: Callable[[bytes], list[_Record]] = _json if job.spec["contentType"] == "JSON" else _xml
        found = [_row(one, record) for record in read(data)]
    if not found:
        raise JobFailed("InvalidBatch : The batch has no records")
    if len(found) > MAX_ROWS:
        raise JobFailed(f"InvalidBatch : The batch has {len(found)} records; the most are {MAX_ROWS}")
    return found


def _row(one: ObjectType, record: _Record) -> Row:
    names = {name: name if (field := one.field(name)) is None else field.name for name in record}
    own = next((value for name, value in record.items() if names[name] == "Id"), None)

    def body() -> dict[str, Any]:
        """Texts stand for values of other types, as in CSV."""
        return {
            names[name]: bulk_csv.typed(one.field(name), value) if isinstance(value, str) else value
            for name, value in record.items()
            if name not in ("attributes", "type") or one.field(name) is not None
        }

    return Row(own if isinstance(own, str) else "", None, body)


def _json(data: bytes) -> list[_Record]:
    try:
        found = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        raise JobFailed("InvalidBatch : Unable to parse the JSON of the batch") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise JobFailed("InvalidBatch : The batch is no list of records")
    return found


def _xml(data: bytes) -> list[_Record]:
    try:
        root = read_xml(data)
    except Refusal as refusal:
        raise JobFailed(f"InvalidBatch : {refusal.message}") from None
    if local(root) != "sObjects":
        raise JobFailed("InvalidBatch : The batch is no list of sObjects")
    records = [{local(field): _value(field) for field in one} for one in root if local(one) == "sObject"]
    return [{name: value for name, value in one.items() if value != ""} for one in records]


def _value(field: Element) -> Any:
    """A text, perhaps none, or null, or the one field that names a parent, which may stand in an sObject."""
    if field.get(NIL) in ("true", "1"):
        return None
    inner = list(field)
    if len(inner) == 1 and local(inner[0]) == "sObject":
        inner = list(inner[0])
    if inner:
        return {local(one): one.text or "" for one in inner if local(one) != "type"}
    return field.text or ""
