"""Errors as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfdd_declare.model.errors import DeclareError, RemoteError
from sfdd_declare.model.outcome import exit_code_of_error
from sfdd_declare.render.errors import in_order
from sfdd_declare.render.machine.document import FORMAT_VERSION, Place, Shape, place


@dataclass(frozen=True, slots=True)
class Failure(Shape):
    """One error."""

    id: str
    """Stable: `SFDD-E1101`."""
    summary: str
    where: Place | None
    hint: str
    """A command to type or a key to write; empty where there is none."""
    detail: str
    code: str
    """The vendor's own code, where a vendor refused."""
    status: int
    """The HTTP status, where a vendor refused; else 0."""


@dataclass(frozen=True, slots=True)
class ErrorDocument(Shape):
    """Why a command ended without its result: what `--json` prints instead."""

    format_version: str
    """`1.0`. Names may be added in 1.1; readers ignore those they do not know, and refuse 2.0."""
    kind: Literal["error"]
    exit_code: int
    errors: tuple[Failure, ...]
    """At least one; those in files come first, in the order of their places."""


def error_document(error: DeclareError) -> ErrorDocument:
    failures = tuple(_failure(each) for each in in_order(error))
    return ErrorDocument(FORMAT_VERSION, "error", int(exit_code_of_error(error)), failures)


def _failure(error: DeclareError) -> Failure:
    code, status = (error.code, error.status) if isinstance(error, RemoteError) else ("", 0)
    return Failure(error.id, error.summary, place(error.where), error.hint, error.detail, code, status)
