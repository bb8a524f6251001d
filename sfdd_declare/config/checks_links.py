"""Links: both ends exist, no pair twice, and what `new_leads` needs."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.config.checks_base import Context, error, unknown
from sfdd_declare.config.checks_names import ignored_keys
from sfdd_declare.config.positions import Path
from sfdd_declare.config.shape.things import Link, NewLeads
from sfdd_declare.config.suggest import did_you_mean, listed, quoted
from sfdd_declare.model.errors import ConfigError, Position
from sfdd_declare.model.mapping import RecordType

#: Lead fields without which no lead is created (NEW-3).
LEAD_NEEDS = ("FirstName", "LastName", "Company")


def check(context: Context) -> Iterator[ConfigError]:
    """Every link of the file, then what links of one book mean together."""
    seen: dict[tuple[str, str], Position] = {}
    for path, link in _links(context):
        where = context.places.value(*path, "campaign")
        if link.campaign not in context.campaigns:
            yield unknown("SFDD-E1202", "campaign", link.campaign, context.campaigns, where, section="campaigns")
        for book, at in _books(context, path, link):
            if book not in context.books:
                yield unknown("SFDD-E1203", "address book", book, context.books, at, section="address_books")
            first = seen.setdefault((link.campaign, book), at)
            if first is not at:
                summary = f"{quoted(link.campaign)} and {quoted(book)} are linked already."
                yield error("SFDD-E1210", summary, at, hint="remove one of the two", detail=f"first at {first}")
        at = context.places.key(*path, "lifecycle", "ignore_changes")
        yield from ignored_keys(link.lifecycle, "links", at)
        if link.new_leads:
            yield from _new_leads(context, path, link)
    yield from _primary(context)


def ends(context: Context) -> Iterator[tuple[str, str]]:
    """(campaign, address book) of every link."""
    for path, link in _links(context):
        for book, _ in _books(context, path, link):
            yield link.campaign, book


def _links(context: Context) -> Iterator[tuple[Path, Link]]:
    for position, link in enumerate(context.checked.root.links):
        yield ("links", context.checked.index("links", position)), link


def _books(context: Context, path: Path, link: Link) -> list[tuple[str, Position]]:
    places = context.places
    if isinstance(link.address_book, str):
        return [(link.address_book, places.value(*path, "address_book"))]
    return [(book, places.value(*path, "address_book", i)) for i, book in enumerate(link.address_book)]


def _new_leads(context: Context, path: Path, link: Link) -> Iterator[ConfigError]:
    where = context.places.key(*path, "new_leads")
    books = context.checked.root.address_books
    for key, _ in _books(context, path, link):
        book = books.get(key)
        if book is None:
            continue
        if book.removals == "mirror":
            summary = (
                f"`new_leads` and `removals: mirror` of {quoted(key)} exclude each other: newcomers would be removed."
            )
            yield error("SFDD-E1218", summary, where, hint="removals: managed")
        only = context.accounts[0] if len(context.accounts) == 1 else ""
        yield from _lead_fields(context, book.account or only, where)
    status = link.new_leads.member_status if isinstance(link.new_leads, NewLeads) else None
    if status and link.member_statuses and status not in link.member_statuses:
        at = context.places.value(*path, "new_leads", "member_status")
        summary = f"New leads would get the status {quoted(status)}, which this link leaves out."
        hint = did_you_mean(status, link.member_statuses, otherwise=f"member_statuses: […, {status}]")
        yield error("SFDD-E1205", summary, at, hint=hint)


def _lead_fields(context: Context, account: str, where: Position) -> Iterator[ConfigError]:
    filled = {
        row.field.casefold()
        for section in context.sections
        if section.account == account and section.record_type is RecordType.LEAD
        for row in section.rows
        if row.direction.writes_salesforce
    }
    missing = [field for field in LEAD_NEEDS if field.casefold() not in filled]
    if missing and account in context.accounts:
        summary = f"`new_leads` needs {listed(missing)} of leads mapped towards Salesforce in {quoted(account)}."
        hint = f"field_mappings: {{{account}: {{leads: {{{missing[0]}: {{data_field: …, direction: two_way}}}}}}}}"
        yield error("SFDD-E1217", summary, where, hint=hint)


def _primary(context: Context) -> Iterator[ConfigError]:
    by_book: dict[str, list[tuple[Path, Link]]] = {}
    for path, link in _links(context):
        if link.new_leads:
            for book, _ in _books(context, path, link):
                by_book.setdefault(book, []).append((path, link))
    for book, links in by_book.items():
        chosen = [path for path, link in links if isinstance(link.new_leads, NewLeads) and link.new_leads.primary]
        if len(links) > 1 and len(chosen) != 1:
            first, second = (context.places.key(*path, "new_leads") for path, _ in links[:2])
            summary = f"{len(links)} links of {quoted(book)} have `new_leads`; exactly one of them must be primary."
            yield error("SFDD-E1219", summary, second, hint="new_leads: {primary: true}", detail=f"first at {first}")
