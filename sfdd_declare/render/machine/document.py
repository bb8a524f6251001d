"""What all documents share: their version, the way they become text, and the values that several of them hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar, cast

from sfdd_declare.model.declared import NotApplied
from sfdd_declare.model.errors import Position
from sfdd_declare.render.commands import COMMAND_INSIDE

#: Of the documents. A new name raises the second number; readers ignore names they do not know. A name that goes, or
#: means something else, raises the first: readers refuse what they were not written for.
FORMAT_VERSION = "1.0"

#: What could move a cursor or turn a line round where a document is printed, or command a runner of jobs. JSON itself
#: escapes only some of them.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    f"|{COMMAND_INSIDE}"
)


class Shape:
    """Base of all shapes. The texts below their fields are the descriptions in the schemas."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"use_attribute_docstrings": True}


S = TypeVar("S", bound=Shape)


@dataclass(frozen=True, slots=True)
class Place(Shape):
    """Where something is: in a file, or in words such as an address or a record id."""

    text: str
    """The place in words: `sfdd.yaml:41:5`, or an address."""
    file: str | None
    """The file, where it is in one."""
    line: int | None
    """Counts from 1."""
    col: int | None
    """Counts from 1."""


@dataclass(frozen=True, slots=True)
class LeftOut(Shape):
    """A declared part that this version does not carry out."""

    what: str
    """The key in the configuration."""
    address: str
    """The address of the thing that it belongs to."""
    where: Place | None
    """Where it is written."""


def place(where: Position | str | None) -> Place | None:
    """A place; never the line that stands there, which may hold anything."""
    if isinstance(where, Position):
        return Place(str(where), where.file, where.line, where.col)
    return Place(where, None, None, None) if where else None


def left_out(parts: Iterable[NotApplied]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(part.what, part.address, place(part.where)) for part in parts)


def filled(shape: type[S], value: object, **given: object) -> S:
    """A flat shape from a value whose fields have the same names; what is given goes before them."""
    names = [each.name for each in fields(cast(Any, shape))]
    return shape(**{name: given[name] if name in given else getattr(value, name) for name in names})


def to_json(document: Shape) -> str:
    """A document as text: the same one always gives the same text. It ends with one line break."""
    return to_text(asdict(cast(Any, document)))


def to_text(value: object) -> str:
    """Any value of JSON as text, for documents whose form somebody else made."""
    return f"{_UNSAFE.sub(_escape, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))}\n"


def to_line(message: Mapping[str, object]) -> str:
    """A message as one line of a stream."""
    return f"{_UNSAFE.sub(_escape, json.dumps(message, ensure_ascii=False, allow_nan=False))}\n"


def _escape(found: re.Match[str]) -> str:
    return "\\u0023" if found.group() == "#" else json.dumps(found.group())[1:-1]
