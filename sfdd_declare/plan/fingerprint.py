"""What makes two plans the same: what happens to things, and the rules that decide about people.

Not in it: connection, credentials, user, state, engine, schedules, notifications, paths, comments, lineage, clock. Two
people with two checkouts and two places of the state read the same fingerprint.

Limits are part of the rules. Of a proposal that was planned with `--base` they are those that judged it, the stricter
of both: where it loosens none, the fingerprint is the one of the merged configuration; where it does, it is another
one, and a token of that plan lets nothing through once the looser limits are merged. A plan file does: it holds what
was approved under the stricter ones, and its apply carries out no more than that.
"""

from __future__ import annotations

from collections.abc import Iterable

from sfdd_declare.model.canonical import digest
from sfdd_declare.model.declared import Account, AddressBook, Campaign, Desired, Link, Selection
from sfdd_declare.model.mapping import FieldMapping
from sfdd_declare.model.operation import Operation

Parts = tuple[object, ...]


def fingerprint(format_version: str, desired: Desired, operations: Iterable[Operation]) -> str:
    """Twelve hex digits; people are bound by their counts."""
    things = [
        (op.id, op.action, [(change.name, change.old, change.new) for change in op.fields], op.prior_id)
        for op in operations
        if op.rows is None
    ]
    return digest([format_version, things, _rules(desired)])[:12]


def _rules(desired: Desired) -> Parts:
    """In the order of the files only where the order decides: the first link that wants a person is the one."""
    return (
        sorted((_account(account) for account in desired.accounts), key=_key),
        sorted((_campaign(campaign) for campaign in desired.campaigns), key=_key),
        sorted((_book(book) for book in desired.address_books), key=_key),
        sorted(desired.mapped),
        sorted((_mapping(mapping) for mapping in desired.mappings), key=_key),
        [_link(link) for link in desired.links],
        desired.matching,
        (sorted(desired.leads.defaults), desired.leads.assignment_rules, desired.leads.allow_duplicates),
        (
            desired.guards.max_overwrites,
            desired.guards.max_removals,
            desired.guards.max_new_records,
            desired.guards.plan_tolerance,
            sorted(str(address) for address in desired.guards.protect),
        ),
    )


def _key(parts: Parts) -> str:
    return str(parts[0])


def _account(account: Account) -> Parts:
    return (account.key, account.enabled, account.double_opt_in, account.consent)


def _campaign(campaign: Campaign) -> Parts:
    return (campaign.key, campaign.existing, campaign.mode, [_selection(one) for one in campaign.selections])


def _selection(selection: Selection) -> Parts:
    """What a file names, not where it lies."""
    named = (sorted(selection.ids), sorted(selection.emails))
    return (selection.record_type, selection.where, *named, selection.status)


def _book(book: AddressBook) -> Parts:
    return (book.key, book.account, book.existing, book.removals, book.restore_left)


def _mapping(mapping: FieldMapping) -> Parts:
    name = f"{mapping.account}.{mapping.record_type}.{mapping.salesforce_field}.{mapping.data_field}"
    return (name, mapping.direction, mapping.conflict, mapping.on_blank, mapping.lossy)


def _link(link: Link) -> Parts:
    return (link.campaign, link.address_book, sorted(link.member_statuses), link.new_leads)
