"""Data fields of an account and what becomes of a value that is written to one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from re import Pattern
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sfdd_declare.sandbox.dotdigital import answers
from sfdd_declare.sandbox.dotdigital.schema import TEXT_LIMIT
from sfdd_declare.sandbox.world import World

_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Field:
    """One data field; `key` is its upper-cased name."""

    key: str
    name: str
    type: str
    visibility: str
    default: Any
    is_built_in: bool


class UnfitError(Exception):
    """A value its field cannot hold. The text names the field, never the value."""


class UnknownFieldError(UnfitError):
    """There is no such field."""


class OverlongError(UnfitError):
    """A text longer than its field takes."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How values are stored at present: the account's fields and the switches that matter."""

    fields: Mapping[str, Field]
    text_limit: int
    cut_at: int
    cuts_overlong: bool
    refuses_unknown: bool
    keeps_blank: bool
    alters: bool
    zone: ZoneInfo  # of whose midnight a date is
    is_day: Pattern[str]  # the spellings that stand for a day of that zone

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is stored for each given field, None for a cleared one. Raises UnfitError."""
        stored: dict[str, Any] = {}
        for name, value in given.items():
            field = self.fields.get(name.upper())
            if field is not None:
                stored[field.key] = self._value(field, value)
            elif self.refuses_unknown:
                raise UnknownFieldError(f"There is no data field {name}")
        return stored

    def _value(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        if field.type == "String":
            return self._text(field, value)
        if isinstance(value, str) and not value.strip():
            return None
        if field.type == "Date" and isinstance(value, str) and self.is_day.fullmatch(value.strip()):
            return _date(field, f"{value.strip()[:10]}T00:00:00", self.zone)
        return typed(field, value)

    def _text(self, field: Field, value: Any) -> str | None:
        if not isinstance(value, str | int | float | Decimal):
            raise UnfitError(f"The value of {field.name} is not a text")
        text = str(value).strip() if self.alters else str(value)
        if len(text) > self.text_limit and not self.cuts_overlong:
            raise OverlongError(f"The value of {field.name} is too long")
        limit = min(self.cut_at, self.text_limit) if self.alters else self.text_limit
        text = text[:limit]
        return text if text or self.keeps_blank else None


def fields(world: World, account: int) -> dict[str, Field]:
    """The account's data fields by key, built-in ones first."""
    with world.lock:
        rows = world.db.execute(
            "SELECT * FROM dd_field WHERE account = ? ORDER BY builtin DESC, rowid", (account,)
        ).fetchall()
    return {
        row["key"]: Field(
            key=row["key"],
            name=row["name"],
            type=row["type"],
            visibility=row["visibility"],
            default=None if row["default_value"] is None else answers.decode(row["default_value"]),
            is_built_in=bool(row["builtin"]),
        )
        for row in rows
    }


def time_zone(world: World) -> str:
    """What the account tells as its time zone."""
    return world.switch("account_time_zone")


def _zone(world: World) -> ZoneInfo:
    try:
        return ZoneInfo(time_zone(world))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _is_day(world: World, *, by_hand: bool) -> Pattern[str]:
    """A day that somebody typed, or midnight UTC that a program sent; else nothing."""
    if by_hand and world.switch("date_holds_local_midnight") == "yes":
        return re.compile(r"\d{4}-\d\d-\d\d")
    if not by_hand and world.switch("date_written_as") == "local_midnight":
        return re.compile(r"\d{4}-\d\d-\d\d([T ]00:00:00(\.0+)?Z?)?")
    return re.compile(r"(?!)")


def writing(world: World, account: int, *, by_hand: bool = False) -> Writing:
    """The present rules for storing values in an account."""
    limit = int(world.setting("dotdigital.text_limit", TEXT_LIMIT))
    return Writing(
        fields=fields(world, account),
        text_limit=limit,
        cut_at=int(world.setting("dotdigital.cut_at", limit)),
        cuts_overlong=world.switch("overlong") == "cut",
        refuses_unknown=world.switch("unknown_field") == "fail",
        keeps_blank=world.switch("blank_string") == "blank",
        alters=world.switch("alters_on_write") == "trims_and_cuts",
        zone=_zone(world),
        is_day=_is_day(world, by_hand=by_hand),
    )


def v2_name(world: World, field: Field) -> str:
    """The name of a field as v2 tells it."""
    return field.name.upper() if world.switch("field_name_case") == "changed" else field.name


def v3_name(world: World, field: Field) -> str:
    """The name of a field as v3 tells it: not the case of v2, unless the switch says so."""
    return field.name.lower() if world.switch("field_name_case") == "changed" else field.name


def moment(text: str, zone: tzinfo = UTC) -> datetime:
    """A date or date-time as the vendor's API takes it, in UTC; without an offset it is of `zone`.

    Raises ValueError.
    """
    parsed = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", text.strip()))
    try:
        return (parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a year that does not exist in UTC") from error


def typed(field: Field, value: Any) -> Any:
    """A value of a field that is no text, as it is stored. Raises UnfitError."""
    return _TYPED[field.type](field, value)


def _number(field: Field, value: Any) -> int | Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UnfitError(f"The value of {field.name} is not a number")
    _, digits, exponent = number.normalize().as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + exponent > 18 or -exponent > 9:
        raise UnfitError(f"The value of {field.name} has too many digits")
    return int(number) if exponent >= 0 else number.normalize()


def _date(field: Field, value: Any, zone: tzinfo = UTC) -> str:
    try:
        return moment(value, zone).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, AttributeError, TypeError) as error:
        raise UnfitError(f"The value of {field.name} is not a date") from error


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise UnfitError(f"The value of {field.name} is neither true nor false")


_TYPED: Mapping[str, Callable[[Field, Any], Any]] = {"Numeric": _number, "Date": _date, "Boolean": _boolean}
