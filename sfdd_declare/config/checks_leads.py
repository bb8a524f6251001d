"""Live checks of new leads: every required field gets a value, defaults fit, their status passes the link's filter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sfdd_declare.config.suggest import did_you_mean, listed, quoted
from sfdd_declare.model import address
from sfdd_declare.model.declared import Desired, Link
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.model.live import FieldInfo, ObjectInfo, SalesforceLive
from sfdd_declare.model.mapping import FieldMapping, RecordType

#: Filled by the tool itself, or by Salesforce, whatever the describe says.
_FILLED = ("OwnerId", "Email")
_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")
_OWNERS = ("queue:", "user:")
_NOUNS = {"queue": "queue", "user": "active user"}


def lead_references(desired: Desired) -> tuple[tuple[str, str], ...]:
    """(field, words) of the defaults that stand for ids; none when nobody becomes a lead."""
    if not any(link.new_leads for link in desired.links):
        return ()
    return tuple(pair for pair in desired.leads.defaults if _is_reference(*pair))


def _is_reference(name: str, value: str) -> bool:
    if name == "OwnerId":
        return value.startswith(_OWNERS)
    return name == "RecordTypeId" and not _ID.fullmatch(value)


def check(desired: Desired, salesforce: SalesforceLive) -> Iterator[ConfigError]:
    """What is declared under `leads:`, and what links with `new_leads` need."""
    lead = salesforce.describes.get("Lead")
    if lead is None:
        return
    for name, value in desired.leads.defaults:
        yield from _default(name, value, lead)
    for name, words in lead_references(desired):
        yield from _reference(name, words, salesforce.references.get((name, words), ()))
    for link in {desired.book(link.address_book).account: link for link in desired.links if link.new_leads}.values():
        yield from _needs(desired, link, lead)


def status(link: Link, default: str) -> Iterator[ConfigError]:
    """Without a status of their own, new members get the campaign's default one, which the filter must let through."""
    if link.new_leads is None or link.new_leads.member_status or not link.member_statuses:
        return
    if default not in link.member_statuses:
        summary = f"New leads would get the status {quoted(default)}, which this link leaves out."
        hint = f"new_leads: {{member_status: {link.member_statuses[0]}}}"
        about = str(address.link(link.campaign, link.address_book))
        yield ConfigError("SFDD-E1314", summary, where=link.where, hint=hint, about=about)


def _needs(desired: Desired, link: Link, lead: ObjectInfo) -> Iterator[ConfigError]:
    account = desired.book(link.address_book).account
    rows = [m for m in desired.mappings if m.account == account and m.record_type is RecordType.LEAD]
    towards = [row for row in rows if row.direction.writes_salesforce]
    given = {*(row.salesforce_field for row in towards), *(name for name, _ in desired.leads.defaults), *_FILLED}
    for field in lead.fields.values():
        if _is_required(field) and field.name not in given:
            summary = f"A new lead needs a value for {quoted(field.name)}, which nothing gives it."
            hint = f"leads: {{defaults: {{{field.name}: …}}}}"
            yield ConfigError("SFDD-E1311", summary, where=link.where, hint=hint)
    for row in towards:
        yield from _createable(row, lead)


def _is_required(field: FieldInfo) -> bool:
    return field.createable and not field.nillable and not field.defaulted_on_create and field.type != "boolean"


def _createable(row: FieldMapping, lead: ObjectInfo) -> Iterator[ConfigError]:
    field = lead.fields.get(row.salesforce_field)
    if field is not None and field.updateable and not field.createable:
        summary = f"`Lead.{field.name}` cannot be set when a lead is created."
        hint = f"grant Edit on Lead.{field.name} (field-level security)"
        yield ConfigError("SFDD-E1312", summary, where=row.where, hint=hint)


def _default(name: str, value: str, lead: ObjectInfo) -> Iterator[ConfigError]:
    where = f"leads.defaults.{name}"
    field = lead.fields.get(name)
    if field is None or not field.createable:
        summary = f"Lead shows this user no field {quoted(name)} that can be set."
        grant = f"grant Edit on Lead.{name} (field-level security)"
        hint = grant if field else did_you_mean(name, lead.fields, otherwise=grant)
        yield ConfigError("SFDD-E1313", summary, where=where, hint=hint)
    elif field.choices and value not in field.choices:
        summary = f"{quoted(value)} is not a value of the picklist `Lead.{name}`."
        hint = did_you_mean(value, field.choices, otherwise=f"one of {listed(field.choices)}")
        yield ConfigError("SFDD-E1313", summary, where=where, hint=hint)
    elif name == "OwnerId" and not value.startswith(_OWNERS) and not _ID.fullmatch(value):
        summary = f"{quoted(value)} is not an owner: it is neither an id nor the name of a queue or user."
        yield ConfigError("SFDD-E1313", summary, where=where, hint='leads: {defaults: {OwnerId: "queue:…"}}')


def _reference(name: str, words: str, ids: tuple[str, ...]) -> Iterator[ConfigError]:
    """Exactly one record must have that name."""
    kind, _, rest = words.partition(":")
    noun, called = ("record type of leads", words) if name == "RecordTypeId" else (_NOUNS[kind], rest)
    if len(ids) != 1:
        summary = f"{'No' if not ids else 'More than one'} {noun} is called {quoted(called)}."
        hint = f"leads: {{defaults: {{{name}: …}}}}" + (f", for example {ids[0]}" if ids else "")
        yield ConfigError("SFDD-E1313", summary, where=f"leads.defaults.{name}", hint=hint)
