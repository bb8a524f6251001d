"""Declared parts whose engine does not exist yet: listed in `Desired.not_applied`, and kept away from what runs today.

Attributes that describe a thing (a direction, `removals`, `new_leads`, `mode`) stay in the Desired: registry rows show
them. What an engine of today could mistake for work is taken out: selections by address or file, person accounts among
the mapped record types, every enabled account after the first (it comes out disabled). Guards are never listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sfdd_declare.config.advice import warnings
from sfdd_declare.config.positions import Places
from sfdd_declare.model import address
from sfdd_declare.model.declared import Account, Campaign, Desired, MemberMode, NotApplied, Removals
from sfdd_declare.model.mapping import Direction, FieldMapping, RecordType

_DIRECTIONS = {
    Direction.DOTDIGITAL_TO_SALESFORCE: "values are not written to Salesforce yet",
    Direction.TWO_WAY: "values of two-way fields do not move yet",
}


def mark(desired: Desired, places: Places) -> Desired:
    """The Desired with `not_applied`, `warnings` and without what must not run yet."""
    found = (
        *_accounts(desired, places),
        *_members(desired, places),
        *_books(desired, places),
        *_mappings(desired),
        *_links(desired),
        *_rules(desired, places),
    )
    running = [account.key for account in desired.accounts if account.enabled][:1]
    return replace(
        desired,
        not_applied=found,
        warnings=warnings(desired, places),
        accounts=tuple(_only(account, running) for account in desired.accounts),
        campaigns=tuple(_without_later_selections(campaign) for campaign in desired.campaigns),
        mapped=tuple(pair for pair in desired.mapped if pair[1] is not RecordType.PERSON_ACCOUNT),
    )


def moves_values(mapping: FieldMapping) -> bool:
    """Whether the engine of today carries this row's values."""
    return (
        mapping.direction is Direction.SALESFORCE_TO_DOTDIGITAL
        and mapping.record_type is not RecordType.PERSON_ACCOUNT
        and "." not in mapping.salesforce_field
    )


def _only(account: Account, running: list[str]) -> Account:
    return replace(account, enabled=account.key in running)


def _without_later_selections(campaign: Campaign) -> Campaign:
    every = campaign.selections
    today = tuple(selection for selection in every if selection.record_type is not RecordType.PERSON_ACCOUNT)
    return replace(campaign, selections=today)


def _accounts(desired: Desired, places: Places) -> Iterator[NotApplied]:
    enabled = [account for account in desired.accounts if account.enabled]
    for account in enabled[1:]:
        what = f"a second Dotdigital account; only {enabled[0].key} is synchronised"
        yield NotApplied(what, str(address.account(account.key)), account.where)
    for account in enabled[:1]:
        if account.consent.unsubscribe_to_salesforce:
            own = places.node("dotdigital", "accounts", account.key, "consent")
            path = ("dotdigital", "accounts", account.key, "consent") if own else ("consent",)
            written = account.where if own is None and places.node("consent") is None else places.key(*path)
            what = "unsubscribes in Dotdigital do not tick Email Opt Out in Salesforce yet (they do stop imports)"
            yield NotApplied(what, str(address.account(account.key)), written)


def _members(desired: Desired, places: Places) -> Iterator[NotApplied]:
    for campaign in desired.campaigns:
        where = str(address.campaign(campaign.key))
        for selection in campaign.selections:
            if selection.record_type is RecordType.PERSON_ACCOUNT:
                yield NotApplied("person accounts as members", where, selection.position)
        if campaign.mode is MemberMode.EXACT:
            at = places.key("campaigns", campaign.key, "members", "mode")
            yield NotApplied("mode exact: members who are not selected stay", where, at)


def _books(desired: Desired, places: Places) -> Iterator[NotApplied]:
    for book in desired.address_books:
        if book.removals is Removals.MIRROR:
            at = places.key("address_books", book.key, "removals")
            what = "removals mirror: people whom this tool did not add stay on the list"
            yield NotApplied(what, str(address.address_book(book.key)), at)


def _mappings(desired: Desired) -> Iterator[NotApplied]:
    for mapping in desired.mappings:
        here = str(address.field_mapping(mapping.account, mapping.record_type.section, mapping.salesforce_field))
        if mapping.record_type is RecordType.PERSON_ACCOUNT:
            yield NotApplied("person accounts are not synchronised yet", here, mapping.where)
        elif mapping.direction in _DIRECTIONS:
            yield NotApplied(_DIRECTIONS[mapping.direction], here, mapping.where)
        elif "." in mapping.salesforce_field:
            yield NotApplied("values of related records do not move yet", here, mapping.where)


def _links(desired: Desired) -> Iterator[NotApplied]:
    for link in desired.links:
        here = str(address.link(link.campaign, link.address_book))
        if link.new_leads is not None:
            yield NotApplied("new leads are not created yet", here, link.where)
        if link.schedule is not None:
            yield NotApplied("schedules are not followed yet; run `sfdd apply`", here, link.where)


def _rules(desired: Desired, places: Places) -> Iterator[NotApplied]:
    if desired.matching.email_two_way:
        at = places.key("matching", "email")
        yield NotApplied("addresses changed in Dotdigital are not written back yet", "matching.email", at)
    if places.node("matching", "on_delete") is not None:
        at = places.key("matching", "on_delete")
        yield NotApplied("records deleted in Salesforce change nothing in Dotdigital yet", "matching.on_delete", at)
