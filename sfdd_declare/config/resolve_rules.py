"""Resolving the rules that hold for everybody: consent, matching, leads, guards, imports, moves; words for amounts."""

from __future__ import annotations

import math
import re

from sfdd_declare.config.positions import Places
from sfdd_declare.config.shape import rules as shapes
from sfdd_declare.config.shape.things import CAMPAIGN_FIELDS, Link, Resource
from sfdd_declare.model import declared
from sfdd_declare.model.address import Address
from sfdd_declare.model.mapping import DataFieldType, RecordType

#: Keys that `ignore_changes` may name, and what a live thing calls them. Other Campaign fields go by their API names.
IGNORABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "campaigns": {key: (name,) for key, name in CAMPAIGN_FIELDS.items()},
    "address_books": {"name": ("name",), "visibility": ("visibility",), "removals": ("Removals__c",)},
    "data_fields": {"type": ("type",), "visibility": ("visibility",), "default": ("defaultValue",)},
    "links": {
        "member_statuses": ("Member_Statuses__c",),
        "new_leads": ("New_Leads__c", "New_Lead_Status__c"),
        "schedule": ("Schedule__c",),
    },
}

_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}


def consent(default: shapes.Consent, own: shapes.Consent | None) -> declared.Consent:
    """The account's switches; what it does not say comes from the top level, then from our defaults (CON-14)."""
    levels = [level for level in (own, default) if level is not None]
    opt_out = next((v.opt_out_to_dotdigital for v in levels if v.opt_out_to_dotdigital is not None), True)
    reasons = next((v.reasons for v in levels if v.reasons is not None), [])
    ticked = tuple(kind for kind in RecordType if _is_ticked(kind, levels))
    return declared.Consent(opt_out, ticked, tuple(reason.casefold() for reason in reasons))


def _is_ticked(kind: RecordType, levels: list[shapes.Consent]) -> bool:
    for level in levels:
        switches = level.unsubscribe_to_salesforce
        if switches is not None and kind.section in switches.model_fields_set:
            return bool(getattr(switches, kind.section))
    return True


def matching(shape: shapes.Matching) -> declared.Matching:
    """Record types that the precedence does not name come after those it names."""
    named = tuple(RecordType(word) for word in shape.precedence or ())
    rest = tuple(kind for kind in RecordType if kind not in named)
    return declared.Matching(named + rest, shape.email == "two_way", declared.OnDelete(shape.on_delete))


def leads(shape: shapes.Leads) -> declared.LeadRules:
    defaults = tuple((name, _word(value)) for name, value in shape.defaults.items())
    return declared.LeadRules(defaults, shape.assignment_rules, shape.duplicate_rules == "allow_save")


def guards(shape: shapes.Guards) -> declared.Guards:
    return declared.Guards(
        max_overwrites=limit(shape.max_overwrites),
        max_removals=limit(shape.max_removals),
        max_new_records=shape.max_new_records,
        plan_tolerance=limit(shape.plan_tolerance),
        protect=tuple(Address.parse(text) for text in shape.protect),
    )


def imports(shape: list[shapes.Import], places: Places) -> tuple[declared.Import, ...]:
    return tuple(
        declared.Import(Address.parse(item.to), item.id, places.key("import", index))
        for index, item in enumerate(shape)
    )


def moved(shape: list[shapes.Moved], places: Places) -> tuple[declared.Moved, ...]:
    return tuple(
        declared.Moved(Address.parse(item.source), Address.parse(item.to), places.key("moved", index))
        for index, item in enumerate(shape)
    )


def lifecycle(shape: Resource | Link, section: str) -> declared.Lifecycle:
    """With `ignore_changes` in the words of the live things."""
    names = IGNORABLE[section]
    return declared.Lifecycle(
        prevent_destroy=shape.lifecycle.prevent_destroy,
        ignore_changes=tuple(live for key in shape.lifecycle.ignore_changes for live in names.get(key, (key,))),
        on_destroy=declared.OnDestroy(shape.on_destroy),
    )


def limit(text: str) -> declared.Limit:
    """`10%` or an absolute number."""
    if text.endswith("%"):
        return declared.Limit(percent=float(text[:-1]))
    return declared.Limit(count=int(text))


def hours(text: str) -> float:
    """`90 minutes`, `24 hours`, `7 days` as hours."""
    found = re.fullmatch(r"(\d+) ?(minute|hour|day)s?", text)
    assert found, "the shape admits nothing else"
    return int(found[1]) * _HOURS[found[2]]


def data_field_default(kind: DataFieldType, value: str | bool | None) -> str | bool | float | None:
    """The default in the type of its data field; raises ValueError when it does not fit."""
    if value is None:
        return None
    if kind is DataFieldType.BOOLEAN:
        if isinstance(value, bool):
            return value
        if value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise ValueError(kind)
    if isinstance(value, bool):
        raise ValueError(kind)
    if kind is DataFieldType.NUMERIC:
        if not math.isfinite(float(value)):
            raise ValueError(kind)
        return float(value)
    if kind is DataFieldType.DATE and not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z?)?", value):
        raise ValueError(kind)
    return value


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
