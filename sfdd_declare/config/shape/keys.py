"""Which keys are known at a place of the shape, for "did you mean", and what a value looks like there."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from sfdd_declare.config.shape.root import Root


def keys_at(loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the mapping that `loc`, a location as pydantic writes it, leads to."""
    found: list[Any] = [Root]
    for part in loc:
        found = [step for annotation in found for step in _step(annotation, part)]
    return tuple(dict.fromkeys(key for annotation in found for key in _keys(annotation)))


_VALUES: dict[Any, str] = {bool: "true", int: "1", float: "1"}


def example_at(loc: tuple[str | int, ...]) -> str | None:
    """What the shape itself gives as an example of the value at `loc`, as one would write it."""
    while loc and (isinstance(loc[-1], int) or loc[-1].startswith(("(", "["))):
        loc = loc[:-1]  # an item of a list, a form of a value: the key it belongs to
    found: list[Any] = [Root]
    for part in loc[:-1]:
        found = [step for annotation in found for step in _step(annotation, part)]
    models = [m for annotation in found for _, m in _members(annotation) if isinstance(m, type)]
    infos = [_info(model, str(loc[-1])) for model in models if issubclass(model, BaseModel)] if loc else []
    return next((text for info in infos if info and (text := _example(info, 2))), None)


def _example(info: FieldInfo, deep: int) -> str:
    """The example that is given, else the default, else any value of the type."""
    if info.examples:
        return _written(info.examples[0])
    if info.default is not None and not info.is_required():
        return _written(info.default) if info.default_factory is None else _of_type(info.annotation, deep)
    return _of_type(info.annotation, deep)


def _of_type(annotation: Any, deep: int) -> str:
    for _, member in _members(annotation):
        if get_origin(member) is Literal:
            return _written(get_args(member)[0])
        if member in _VALUES:
            return _VALUES[member]
        if isinstance(member, type) and issubclass(member, BaseModel) and deep:
            fields = sorted(member.model_fields.items(), key=lambda entry: not entry[1].is_required())
            name, info = fields[0]
            return "{" + f"{info.alias or name}: {_example(info, deep - 1)}" + "}"
    return ""


def _info(model: type[BaseModel], key: str) -> FieldInfo | None:
    return next((info for name, info in model.model_fields.items() if (info.alias or name) == key), None)


def _written(value: object) -> str:
    """In YAML, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(entry) for entry in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return f'"{text}"' if text.startswith(("{", "[", "$", "%")) or ": " in text or "'" in text else text


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
