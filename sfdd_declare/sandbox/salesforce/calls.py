"""One API call and its answer, as the handlers see them.

The HTTP side makes a `Call` from a request; Composite makes one from each of its sub-requests. Handlers are plain
functions from `Call` to `Reply` and refuse by raising.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sfdd_declare.sandbox.salesforce.errors import Refusal, malformed_json, unsupported_media_type
from sfdd_declare.sandbox.salesforce.views import View
from sfdd_declare.sandbox.world import World

_JSON = re.compile(r"\s*application/json\s*(;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowFault:
    """Rows of this call that shall be refused: some positions, or all of them. Else said: their record is locked."""

    rows: frozenset[int] | None = None
    code: str = "UNABLE_TO_LOCK_ROW"
    message: str = "unable to obtain exclusive access to this record"

    @classmethod
    def read(cls, body: Any) -> RowFault:
        """From what a fault, or a job that remembers one, says: `rows`, `statusCode`, `message`."""
        given = body if isinstance(body, dict) else {}
        rows = given.get("rows")
        return cls(
            None if rows is None else frozenset(rows),
            str(given.get("statusCode", cls().code)),
            str(given.get("message", cls().message)),
        )

    def told(self) -> dict[str, Any]:
        """The inverse of `read`."""
        rows = None if self.rows is None else sorted(self.rows)
        return {"rows": rows, "statusCode": self.code, "message": self.message}

    def hits(self, at: int) -> bool:
        """Whether the row at that position is refused."""
        return self.rows is None or at in self.rows


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call. `path` holds the template's parameters, `headers` lower-case names."""

    world: World
    view: View
    method: str
    version: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    row_fault: RowFault | None = None
    job_failure: Mapping[str, Any] | None = None  # a fault says how the job that this call starts will fail

    @property
    def user(self) -> str:
        """The name of the user whose session it is."""
        return self.view.user

    @property
    def root(self) -> str:
        """The path that all resources of this version begin with."""
        return f"/services/data/{self.version}"

    def json(self) -> Any:
        """The body as JSON. Raises JSON_PARSER_ERROR, and UNSUPPORTED_MEDIA_TYPE for a body that says it is none."""
        kind = self.headers.get("content-type", "")
        if self.body and kind and not _JSON.match(kind):
            raise unsupported_media_type(kind)
        try:
            return msgspec.json.decode(self.body)
        except (ValueError, RecursionError):
            raise malformed_json("Unexpected character or end of input at [line:1, column:1]") from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises as `json` does."""
        return as_object(self.json())


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: a JSON body (None for an empty one) with status and headers, or pieces of bytes, sent as they come.
    `kind` is the media type of either.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes] | None = None
    kind: str = ""


def as_object(value: Any) -> dict[str, Any]:
    """The value, which must be a JSON object."""
    if not isinstance(value, dict):
        raise malformed_json("The HTTP entity body is required to be a JSON object at [line:1, column:1]")
    return value


def as_list(value: Any, name: str) -> list[Any]:
    """The value, which must be a JSON list."""
    if not isinstance(value, list):
        raise malformed_json(f"Cannot deserialize instance of list for {name} at [line:1, column:1]")
    return value


def locked(call: Call, at: int) -> None:
    """Refuse the row at that position if a fault says so: most often because its record is locked."""
    if call.row_fault is not None and call.row_fault.hits(at):
        raise Refusal(call.row_fault.code, call.row_fault.message, ())
