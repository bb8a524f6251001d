"""What all shapes share: the strict base model, text of a certain form, and errors of our own ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, LiteralString

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sfdd_declare.config.positions import Number
from sfdd_declare.model.schedule import EVERY, MANUAL, wrong_with, zone_of
from sfdd_declare.wire.hosts import ADDRESS


class Shape(BaseModel):
    """Base of all shapes: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Formed:
    """Text that must match a pattern as a whole; `words` finish the sentence "this is not …"."""

    pattern: LiteralString
    words: LiteralString

    def check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value, re.DOTALL):
            raise wrong("SFDD-E1105", f"This is not {self.words}.")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": rf"^(?:{self.pattern})$"}


def wrong(id: LiteralString, summary: str, *, hint: str = "", at: str = "") -> PydanticCustomError:
    """An error with an id of ours. `at` names the key it stands at, when that is not the value being checked."""
    return PydanticCustomError(id, "{summary}", {"summary": summary, "hint": hint, "at": at})


Secret = Annotated[SecretStr, Field(min_length=1)]


def secret(text: str) -> SecretStr:
    """Wrap a secret that does not come from the YAML."""
    return SecretStr(text)


def as_number(value: Any) -> Any:
    """A plain number as a number; everything else as it is."""
    return value.number if isinstance(value, Number) else value


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise wrong("SFDD-E1105", "This is not a date such as 2026-03-01.") from None


def _schedule(value: str) -> str:
    if why := wrong_with(value):
        is_cron = len(value.split()) > 1 and not value.startswith("every ")
        detail = f" As a cron expression: {why}." if is_cron else ""
        raise wrong(
            "SFDD-E1105", f"This is not a schedule: `manual`, such as `every 15 minutes`, or a cron expression.{detail}"
        )
    return value


def _zone(value: str) -> str:
    try:
        zone_of(value)
    except (KeyError, ValueError, OSError):  # by its documentation; a folder of zones is an OSError
        raise wrong("SFDD-E1105", "This is not a time zone such as Europe/London.") from None
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise wrong("SFDD-E1105", "This is empty.")
    return value


Key = Annotated[str, Formed(r"[A-Za-z_][A-Za-z0-9_-]{0,79}", "a key: letters, digits, `_` and `-`, at most 80 of them")]
Text = Annotated[str, Field(min_length=1), AfterValidator(_filled)]
Url = Annotated[str, Formed(ADDRESS, "an address of scheme and host such as https://acme.my.salesforce.com")]
Share = Annotated[
    str,
    Formed(r"(100|\d{1,2})(\.\d+)?%|\d{1,9}", "a share of people such as `10%`, or a number of them"),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d+(\.\d+)?%?$|\$\{"}]}),
]
Duration = Annotated[
    str, Formed(r"[1-9]\d{0,4} ?(minute|hour|day)s?", "a time such as `15 minutes`, `24 hours` or `7 days`")
]
Schedule = Annotated[
    str,
    AfterValidator(_schedule),
    WithJsonSchema({"type": "string", "pattern": rf"^(?:{MANUAL}|{EVERY}|\S+( +\S+){{4,5}})$|\$\{{"}),
]
TimeZone = Annotated[str, AfterValidator(_zone)]
Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Id = Annotated[Text, WithJsonSchema({"type": ["string", "integer"]})]
Bytes = Annotated[str, Formed(r"[1-9]\d{0,6}(\.\d+)? ?[KMGT]i?B", "a size such as 1GB or 512MB")]
_ANY = WithJsonSchema({"type": ["string", "number", "boolean"]})
Free = Annotated[bool | int | float | str, BeforeValidator(as_number), _ANY]  # a number stays a number
Word = Annotated[bool | str, _ANY]  # a number stays as it was written


class Existing(Shape):
    """A live thing that is read and linked, never written: its exact name, or its id."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    name: Text | None = Field(default=None, description="The name it has live.", examples=["Newsletter"])
    id: Id | None = Field(default=None, description="The id it has live.", examples=["901"])
