"""Running SOQL: pages as they come, decoded straight into the shape that was asked for.

A page holds as many records as Salesforce likes. A locator that has expired raises LostPlace: whoever reads begins
again and throws away what it had, so that no row stands twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from sfdd_declare.model import limits
from sfdd_declare.model.errors import RemoteError, Transient
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.client import Client, SubRequest, stamp_of, strange, unexpected
from sfdd_declare.wire.http import Reply

_RESTARTS = 3
_TEMPLATE = "query"

#: Describe types whose values are numbers.
NUMBERS = frozenset({"double", "currency", "percent", "int", "long"})

T = TypeVar("T")


class LostPlace(Transient):
    """The rest of a result cannot be fetched any more: read it again from the start."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a result. `of` is how many there are in all, `is_last` whether more follow."""

    records: list[Any]
    of: int
    is_last: bool
    stamp: str


class Shape:
    """The form of the records of one query: which columns, of which type, with relations nested.

    Records become structs, not dictionaries: no text is read that was not asked for. Records of a bulk result are
    tuples in the order of the columns. `column` takes one path out of either.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        """`columns` maps paths such as `Contact.Email` to describe types."""
        self.columns = dict(columns)
        self._at = {path: at for at, path in enumerate(columns)}
        self._root = _Node()
        for path, kind in columns.items():
            self._root.add(path.split("."), kind)
        record = self._root.struct()
        self._decoder = msgspec.json.Decoder(
            msgspec.defstruct(
                "Page",
                [
                    ("records", list[record]),  # type: ignore[valid-type]  # the struct is made at run time
                    ("done", bool),
                    ("totalSize", int, 0),
                    ("nextRecordsUrl", str | None, None),
                ],
            )
        )

    def decode(self, body: bytes | msgspec.Raw) -> Any:
        """One page. Raises msgspec.DecodeError."""
        return self._decoder.decode(body)

    def column(self, records: Sequence[Any], path: str) -> list[Any]:
        """The values of one path; None where a parent is missing."""
        if records and isinstance(records[0], tuple):
            at = self._at[path]
            return [record[at] for record in records]
        values: list[Any] = list(records)
        node = self._root
        for step in path.split("."):
            slot, node = node.slots[step]
            values = [None if value is None else getattr(value, slot) for value in values]
        return values


class _Node:
    """One level of the tree of paths. Slots are numbered: a field's name need not be a Python name."""

    def __init__(self, kind: str = "") -> None:
        self.kind = kind
        self.slots: dict[str, tuple[str, _Node]] = {}

    def add(self, steps: list[str], kind: str) -> None:
        step, *rest = steps
        _, child = self.slots.setdefault(step, (f"f{len(self.slots)}", _Node()))
        if rest:
            child.add(rest, kind)
        else:
            child.kind = kind

    def struct(self) -> Any:
        # No defaults: Salesforce answers every column, a blank one with null. A column that is missing was spelled
        # otherwise than Salesforce spells it, and must not pass for blank.
        fields = [
            (slot, (child.struct() if child.slots else _python_type(child.kind)) | None)
            for slot, child in self.slots.values()
        ]
        names = {slot: step for step, (slot, _) in self.slots.items()}
        return msgspec.defstruct("Record", fields, rename=names)


def _python_type(kind: str) -> Any:
    if kind == "boolean":
        return bool
    if kind in NUMBERS:
        return Decimal  # read from the digits themselves, never by way of a float
    return str


def pages(client: Client, soql: str, shape: Shape, *, include_deleted: bool = False) -> Iterator[Page]:
    """The pages of one query. Raises LostPlace when it has to be read anew, else RemoteError by meaning."""
    reply, body = _first(client, soql, "queryAll" if include_deleted else "query")
    while True:
        try:
            page = shape.decode(body)
        except msgspec.DecodeError as error:  # its text names columns and types, never values
            raise unexpected(reply, str(error)) from None
        yield Page(page.records, page.totalSize, page.done, stamp_of(reply))
        if page.done or not page.nextRecordsUrl:
            return
        reply = next_page(client, page.nextRecordsUrl)
        body = reply.body


def pages_of_several(
    client: Client, queries: Mapping[str, str], shapes: Mapping[str, Shape]
) -> Iterator[tuple[str, Page]]:
    """The pages of a few queries whose first pages come in one composite call, each with its label.

    Raises the error of the first query that failed, and LostPlace when all have to be read anew.
    """
    parts = [SubRequest(label, uri(soql)) for label, soql in queries.items()]
    answers = client.composite(parts, template=f"composite {_TEMPLATE}")
    stamp = client.last_date
    for label, shape in shapes.items():
        if refusal := answers[label].error(f"composite {_TEMPLATE}"):
            raise refusal
        body: bytes | msgspec.Raw = answers[label].body
        while True:
            try:
                page = shape.decode(body)
            except msgspec.DecodeError as error:  # its text names columns and types, never values
                raise strange(f"composite {_TEMPLATE}", answers[label].status, str(error)) from None
            yield label, Page(page.records, page.totalSize, page.done, stamp)
            if page.done or not page.nextRecordsUrl:
                break
            body = next_page(client, page.nextRecordsUrl).body


def rows(
    client: Client, soql: str, columns: Mapping[str, str], *, include_deleted: bool = False
) -> list[dict[str, Any]]:
    """All records of a small query as flat dictionaries by path."""
    shape = Shape(columns)

    def read() -> list[Any]:
        found = pages(client, soql, shape, include_deleted=include_deleted)
        return [record for page in found for record in page.records]

    found = restarting(read)
    by_path = {path: shape.column(found, path) for path in columns}
    return [{path: by_path[path][i] for path in columns} for i in range(len(found))]


def restarting(read: Callable[[], T]) -> T:
    """Read, and read again from the start when the place was lost. `read` must discard what it had."""
    for _ in range(_RESTARTS - 1):
        try:
            return read()
        except LostPlace:
            continue
    return read()


def uri(soql: str, resource: str = "query") -> str:
    """The resource with the query in it, relative to the API version."""
    return f"{resource}/?q={quote(soql, safe='')}"


def is_long(client: Client, soql: str, resource: str = "query") -> bool:
    """Whether the query does not fit an address."""
    return len(client.session.instance_url) + len(client.root(uri(soql, resource))) > limits.SOQL_URI


def _first(client: Client, soql: str, resource: str) -> tuple[Reply, bytes | msgspec.Raw]:
    if not is_long(client, soql, resource):
        reply = client.send("GET", uri(soql, resource), template=_TEMPLATE, idempotent=True)
        return reply, reply.body
    return client.composite_one(SubRequest("q", uri(soql, resource)), template=f"composite {_TEMPLATE}")


def next_page(client: Client, url: str) -> Reply:
    """The page behind a `nextRecordsUrl`. Raises LostPlace when the locator has expired."""
    try:
        return client.send("GET", url, template=f"{_TEMPLATE}/{{locator}}", idempotent=True)
    except RemoteError as error:
        if error.code in errors.LOST_LOCATORS:
            raise LostPlace(error.id, error.summary, code=error.code, status=error.status, hint=error.hint) from error
        raise
