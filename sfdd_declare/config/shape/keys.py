"""Which keys are known at a place of the shape, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Tag

from sfdd_declare.config.shape.root import Root


def keys_at(loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the mapping that `loc`, a location as pydantic writes it, leads to."""
    found: list[Any] = [Root]
    for part in loc:
        found = [step for annotation in found for step in _step(annotation, part)]
    return tuple(dict.fromkeys(key for annotation in found for key in _keys(annotation)))


def _members(annotation: Any) -> Iterator[tuple[str | None, Any]]:
    """(tag, type) of everything the annotation allows."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        tag = next((extra.tag for extra in arguments[1:] if isinstance(extra, Tag)), None)
        yield from ((inner_tag or tag, inner) for inner_tag, inner in _members(arguments[0]))
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _members(argument)
    else:
        yield None, annotation


def _step(annotation: Any, part: str | int) -> Iterator[Any]:
    for tag, member in _members(annotation):
        arguments = get_args(member)
        if tag is not None and tag == part:
            yield member
        elif get_origin(member) is dict:
            yield arguments[1]
        elif get_origin(member) is list and isinstance(part, int):
            yield arguments[0]
        elif isinstance(member, type) and issubclass(member, BaseModel):
            yield from _field(member, str(part))


def _field(model: type[BaseModel], key: str) -> Iterator[Any]:
    for name, info in model.model_fields.items():
        if (info.alias or name) == key:
            yield info.annotation
            return
    if model.model_config.get("extra") == "allow":
        yield get_args(get_type_hints(model, include_extras=True)["__pydantic_extra__"])[1]


def _keys(annotation: Any) -> Iterator[str]:
    for _, member in _members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            yield from ((info.alias or name) for name, info in member.model_fields.items())
