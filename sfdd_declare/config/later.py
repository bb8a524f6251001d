"""Declared parts whose engine does not exist yet: listed in `Desired.not_applied`, and kept away from what runs today.

Attributes that describe a thing (`new_leads`) stay in the Desired: registry rows show them. What an engine
of today could mistake for work is taken out: person accounts among members and mapped record types. Guards are never
listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sfdd_declare.config.advice import advice
from sfdd_declare.config.positions import Places
from sfdd_declare.model import address
from sfdd_declare.model.declared import Campaign, Desired, MemberMode, NotApplied, OnDelete
from sfdd_declare.model.mapping import FieldMapping, RecordType


def mark(desired: Desired, places: Places) -> Desired:
    """The Desired with `not_applied`, `warnings` and without what must not run yet."""
    said = advice(desired, places)
    found = (
        *_members(desired),
        *_mappings(desired),
        *_rules(desired, places),
    )
    return replace(
        desired,
        not_applied=found,
        advice=said,
        warnings=tuple(str(each) for each in said),
        campaigns=tuple(_without_later_selections(campaign) for campaign in desired.campaigns),
        mapped=tuple(pair for pair in desired.mapped if pair[1] is not RecordType.PERSON_ACCOUNT),
    )


def moves_values(mapping: FieldMapping) -> bool:
    """Whether the engine of today carries this row's values."""
    return mapping.record_type is not RecordType.PERSON_ACCOUNT


def _without_later_selections(campaign: Campaign) -> Campaign:
    every = campaign.selections
    today = tuple(selection for selection in every if selection.record_type is not RecordType.PERSON_ACCOUNT)
    mode = campaign.mode if len(today) == len(every) else MemberMode.ADD  # nobody goes whom a selection may name
    return replace(campaign, selections=today, mode=mode)


def _members(desired: Desired) -> Iterator[NotApplied]:
    for campaign in desired.campaigns:
        where = str(address.campaign(campaign.key))
        for selection in campaign.selections:
            if selection.record_type is RecordType.PERSON_ACCOUNT:
                yield NotApplied("person accounts as members", where, selection.position)


def _mappings(desired: Desired) -> Iterator[NotApplied]:
    for mapping in desired.mappings:
        here = str(address.field_mapping(mapping.account, mapping.record_type.section, mapping.salesforce_field))
        if mapping.record_type is RecordType.PERSON_ACCOUNT:
            yield NotApplied("person accounts are not synchronised yet", here, mapping.where)


def _rules(desired: Desired, places: Places) -> Iterator[NotApplied]:
    if desired.matching.email_two_way:
        at = places.key("matching", "email")
        yield NotApplied("addresses changed in Dotdigital are not written back yet", "matching.email", at)
    if desired.matching.on_delete is OnDelete.DELETE_CONTACT:
        at = places.key("matching", "on_delete")
        what = "contacts of records deleted in Salesforce leave their address books, but are not deleted yet"
        yield NotApplied(what, "matching.on_delete", at)
