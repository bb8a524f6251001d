"""Data fields: names that Dotdigital takes, no name twice, defaults that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sfdd_declare.config.checks_base import BUILT_IN, Context, error, unknown
from sfdd_declare.config.checks_names import ignored_keys
from sfdd_declare.config.resolve_rules import data_field_default
from sfdd_declare.config.shape.things import DataField
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.mapping import DataFieldType

MAX_NAME = 20
RESERVED = (
    "account",
    "campaign",
    "campaignid",
    "contact",
    "contact_api_id",
    "contactid",
    "email",
    "hcontactid",
    "hemail",
    "hemail256",
    "id",
    "messagecontent",
    "mobilenumberid",
    "notes",
    "unsubscribed",
    "uniquecontactid",
)


def check(context: Context) -> Iterator[ConfigError]:
    """All accounts' data fields."""
    for account, fields in context.checked.root.data_fields.items():
        if account not in context.accounts:
            where = context.places.key("data_fields", account)
            yield unknown("SFDD-E1201", "account", account, context.accounts, where, section="dotdigital.accounts")
        seen: dict[str, Position] = {}
        for name, field in fields.items():
            where = context.places.key("data_fields", account, name)
            first = seen.setdefault(name.casefold(), where)
            if first is not where:
                summary = f"{quoted(name)} is declared twice: Dotdigital does not tell upper from lower case."
                yield error("SFDD-E1212", summary, where, hint=f"remove `{name}:`", detail=f"first at {first}")
            if isinstance(field, DataField):
                yield from _new_field(context, account, name, field)


def _new_field(context: Context, account: str, name: str, field: DataField) -> Iterator[ConfigError]:
    where = context.places.key("data_fields", account, name)
    yield from _name(name, where)
    kind = DataFieldType(field.type.capitalize())
    try:
        data_field_default(kind, field.default)
    except ValueError:
        at = context.places.value("data_fields", account, name, "default")
        hint = {
            "string": 'default: "text"',
            "boolean": "default: true",
            "numeric": "default: 0",
            "date": "default: 2026-03-01",
        }[field.type]
        yield error("SFDD-E1214", f"The default does not fit the type {quoted(field.type)}.", at, hint=hint)
    at = context.places.key("data_fields", account, name, "lifecycle", "ignore_changes")
    yield from ignored_keys(field.lifecycle, "data_fields", at)


def _name(name: str, where: Position) -> Iterator[ConfigError]:
    if name.upper() in BUILT_IN:
        summary = f"{quoted(name)} is built into every account and has its type already."
        yield error("SFDD-E1213", summary, where, hint=f"{name.upper()}: existing")
    elif name.casefold() in RESERVED:
        summary = f"{quoted(name)} is a name that Dotdigital keeps for itself."
        yield error("SFDD-E1207", summary, where, hint=f"{name}_VALUE: …")
    elif len(name) > MAX_NAME:
        summary = f"{quoted(name)} has {len(name)} characters; a data field's name has at most {MAX_NAME}."
        yield error("SFDD-E1206", summary, where, hint=f"{name[:MAX_NAME]}: …")
    elif not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        proposed = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "NAME"
        summary = f"{quoted(name)} is not a data field's name: letters, digits, `_` and `-` only."
        yield error("SFDD-E1206", summary, where, hint=f"{proposed}: …")
